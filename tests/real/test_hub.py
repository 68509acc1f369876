"""DataAsk as a service of a real JupyterHub: who gets in, and what they may do there."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.real.hub import Hub, eventually, run_in_kernel, running_hub
from tests.real.servers import API

pytestmark = pytest.mark.slow

TEAM = "Retail analytics"
GROUPS = {"analysts": ["alice", "carol"], "managers": ["bob", "boss"], "guests": ["carol", "dave"]}


@pytest.fixture(scope="module")
def hub(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Hub]:
    """A Hub with people in groups; eve is in none."""
    with running_hub(tmp_path_factory.mktemp("hub"), GROUPS) as running:
        yield running


@pytest.fixture(scope="module")
def bobs_server(hub: Hub) -> str:
    """The owner's own server."""
    return hub.start_server("bob")


@pytest.fixture(scope="module")
def sales(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A small database."""
    path = tmp_path_factory.mktemp("data") / "sales.sqlite"
    with sqlite3.connect(path) as connection:
        connection.execute("CREATE TABLE orders (id INTEGER PRIMARY KEY, country TEXT, revenue REAL)")
        connection.executemany(
            "INSERT INTO orders (country, revenue) VALUES (?, ?)", [("Norway", 10.0), ("Norway", 5.0), ("Chile", 7.0)]
        )
    connection.close()
    return path


def with_token(hub: Hub, token: str, path: str = "auth/me") -> httpx.Response:
    """A program's call."""
    headers = {"Authorization": f"token {token}"}
    return httpx.get(f"{hub.service}{API}{path}", headers=headers, timeout=30, trust_env=False)


# ---- Getting in --------------------------------------------------------------------------------------------------


def test_people_of_the_hub_see_their_own_workspaces_and_those_of_their_groups(hub: Hub) -> None:
    alice, bob = hub.enter("alice").workspaces(), hub.enter("bob").workspaces()
    assert set(alice) == set(bob) == {"Personal", TEAM}
    assert (alice[TEAM]["role"], bob[TEAM]["role"]) == ("editor", "owner")
    assert alice[TEAM]["id"] == bob[TEAM]["id"]
    assert alice["Personal"]["id"] != bob["Personal"]["id"]
    assert set(hub.enter("dave").workspaces()) == {"Personal"}


def test_what_is_somebody_elses_isnt_there(hub: Hub) -> None:
    alice, bob = hub.enter("alice"), hub.enter("bob")
    theirs = bob.workspaces()["Personal"]["id"]
    assert alice.call("GET", f"workspaces/{theirs}").status_code == 404
    made_up = alice.call("GET", f"workspaces/{'0' * 32}")
    assert alice.call("GET", f"workspaces/{theirs}").content == made_up.content


def test_who_lacks_the_scope_is_refused_by_page_and_by_token(hub: Hub) -> None:
    page = hub.sign_in("eve").get("dataask/signed-in")
    assert page.status_code == 403
    assert page.url.path == "/hub/api/oauth2/authorize"
    refused = with_token(hub, hub.token("eve"))
    assert refused.status_code == 403
    assert refused.json()["type"] == "/problems/forbidden"
    # A program of the Hub's own is nobody here.
    assert with_token(hub, hub.api_token).status_code == 403


def test_nobody_gets_an_answer_without_signing_in(hub: Hub) -> None:
    visitor = hub.visitor()
    assert visitor.get(f"{API}auth/me").status_code == 401
    assert visitor.get("dataask/signed-in").url.path == "/hub/login"
    assert with_token(hub, "made-up").status_code == 401


def test_a_sign_in_that_somebody_else_began_is_refused(hub: Hub) -> None:
    alice, dave = hub.sign_in("alice"), hub.sign_in("dave")
    # The address with alice's code and state, opened in the browser of another.
    begun = way_back(hub, alice)
    assert dave.get(begun).status_code == 403
    assert dave.get(f"{API}auth/me").status_code == 401
    # For alice it is good, once.
    assert alice.get(begun).status_code == 302
    assert alice.get(f"{API}auth/me").json()["user"]["name"] == "alice"
    bob = hub.sign_in("bob")
    assert bob.get(way_back(hub, bob).copy_set_param("state", "made-up")).status_code == 403
    assert bob.get(f"{API}auth/me").status_code == 401


def way_back(hub: Hub, http: httpx.Client) -> httpx.URL:
    """Begins to sign in: the address that the Hub sends this browser back to."""
    http.follow_redirects = False
    to_hub = http.get("dataask/signed-in").headers["Location"]
    there = httpx.URL(hub.url)
    return there.join(http.get(there.join(to_hub)).headers["Location"])


def test_a_token_in_an_address_lets_nobody_in(hub: Hub) -> None:
    token = hub.token("bob", "access:services!service=dataask")
    assert with_token(hub, token).status_code == 200
    visitor = hub.visitor()
    assert visitor.get(f"dataask/signed-in?token={token}").url.path == "/hub/login"
    assert visitor.get(f"{API}auth/me?token={token}").status_code == 401
    assert visitor.get(f"{API}auth/me").status_code == 401


def test_a_change_by_cookie_needs_the_token_against_forged_requests(hub: Hub) -> None:
    alice = hub.enter("alice")
    change = {"display_name": "Alice"}
    forged = alice.http.patch(f"{API}auth/me", json=change)
    assert forged.status_code == 403
    assert alice.http.get(f"{API}auth/me").json()["user"]["display_name"] == "alice"
    assert alice.call("PATCH", "auth/me", change).status_code == 200


# ---- What the service is not -------------------------------------------------------------------------------------


def test_kernels_files_and_terminals_are_denied_to_an_administrator_too(hub: Hub) -> None:
    boss = hub.enter("boss")
    for path in ("api/kernels", "api/sessions", "api/contents", "api/kernelspecs", "api/config/x", "files/x"):
        assert boss.http.get(path).status_code == 403, path
    for path in ("api/kernels", "api/sessions", "api/contents"):
        assert boss.http.post(path, json={}, headers=boss.headers).status_code == 403, path
    # Asked directly: the Hub's proxy passes no refusal of a socket on.
    upgrade = {
        "Connection": "Upgrade",
        "Upgrade": "websocket",
        "Sec-WebSocket-Version": "13",
        "Sec-WebSocket-Key": "dGhlIHNhbXBsZSBub25jZQ==",
    }
    assert boss.http.get(f"{hub.direct}api/kernels/{'0' * 8}/channels", headers=upgrade).status_code in {403, 404}
    # These are not even there.
    for path in ("api/terminals", "terminals/websocket/1", "lab", "tree", "lsp/ws/x", "voila/render/x.ipynb"):
        assert boss.http.get(path).status_code == 404, path


def test_only_the_page_that_says_signed_in_can_be_framed_and_only_from_here(hub: Hub) -> None:
    alice = hub.enter("alice")
    page = alice.http.get("dataask/signed-in")
    assert "frame-ancestors 'self'" in page.headers["Content-Security-Policy"]
    assert "script" not in page.text
    assert page.headers["Cache-Control"] == "no-store"


# ---- Groups ------------------------------------------------------------------------------------------------------


def test_a_role_goes_with_the_group_that_gave_it(hub: Hub) -> None:
    carol = hub.enter("carol")
    team = carol.workspaces()[TEAM]
    assert team["role"] == "editor"
    hub.api("POST", "groups/managers/users", {"users": ["carol"]})
    eventually(lambda: carol.workspaces()[TEAM]["role"] == "owner")
    hub.api("DELETE", "groups/managers/users", {"users": ["carol"]})
    eventually(lambda: carol.workspaces()[TEAM]["role"] == "editor")
    hub.api("DELETE", "groups/analysts/users", {"users": ["carol"]})
    eventually(lambda: TEAM not in carol.workspaces())
    assert carol.call("GET", f"workspaces/{team['id']}").status_code == 404
    # Out of the last group that lets people in, she isn't let in any more.
    hub.api("DELETE", "groups/guests/users", {"users": ["carol"]})
    eventually(lambda: carol.call("GET", "auth/me").status_code == 403)


# ---- Users' own servers ------------------------------------------------------------------------------------------


def test_a_users_own_server_has_no_dataask_and_says_where_it_is(hub: Hub, bobs_server: str) -> None:
    headers = {"Authorization": f"token {hub.token('bob', 'access:servers!user=bob')}"}
    answer = httpx.get(f"{bobs_server}{API}auth/me", headers=headers, timeout=30, trust_env=False)
    assert answer.status_code == 404
    problem = answer.json()
    assert problem["type"] == "/problems/served-elsewhere"
    assert problem["extra"] == {"service_url": "/services/dataask/"}
    assert "/services/dataask/" in problem["detail"]


WORK = """
import json, os, dataask_jupyter as da, httpx
client = da.connect(workspace={team!r})
frame = client.sql("SELECT country, sum(revenue) AS revenue FROM orders GROUP BY country ORDER BY country")
answer = client.ask("revenue by country")
server = client.server
http = httpx.Client(**server.options())
me = http.get("auth/me").json()
print(json.dumps({{
    "server": server.url,
    "rows": frame.values.tolist(),
    "asked": len(answer),
    "name": me["user"]["name"],
    "invite": http.post("workspaces/{team}/invitations", json={{"role": "viewer"}}).status_code,
    "members": http.patch("workspaces/{team}/members/{user}", json={{"role": "viewer"}},
                          headers={{"If-Match": '"1"'}}).status_code,
    "leave": http.post("workspaces/{team}/leave").status_code,
    "rename": http.patch("workspaces/{team}", json={{"name": "Mine"}}, headers={{"If-Match": '"1"'}}).status_code,
    "audit": http.get("workspaces/{team}/audit").status_code,
    "tokens": http.post("auth/tokens", json={{"name": "x", "scope": "full"}}).status_code,
    "environment": dict(os.environ),
}}))
"""


def test_a_notebook_uses_the_service_with_what_a_notebook_may_do(hub: Hub, bobs_server: str, sales: Path) -> None:
    bob = hub.enter("bob")
    alice = hub.enter("alice")
    team = bob.workspaces()[TEAM]["id"]
    connection = {"name": "Sales", "kind": "sqlite", "settings": {"path": str(sales)}}
    assert bob.call("POST", f"workspaces/{team}/connections", connection).status_code == 201
    user = alice.call("GET", "auth/me").json()["user"]["id"]
    printed = run_in_kernel(hub, "bob", WORK.format(team=team, user=user))
    found: dict[str, Any] = json.loads(printed.strip().splitlines()[-1])
    assert found["server"] == hub.service
    assert found["name"] == "bob"
    assert found["rows"] == [["Chile", 7.0], ["Norway", 15.0]]
    assert found["asked"] == 2
    # bob is the owner; his notebook isn't.
    refused = {key: found[key] for key in ("invite", "members", "leave", "rename", "audit")}
    assert refused == dict.fromkeys(refused, 403)
    # The Hub gives tokens here, not DataAsk.
    assert found["tokens"] == 404
    assert bob.call("POST", f"workspaces/{team}/invitations", {"role": "viewer"}).status_code == 201
    # Nothing of the service is in what the notebook can read.
    environment = found["environment"]
    assert hub.service_key not in json.dumps(environment)
    names = {name for name in environment if name.startswith("DATAASK_")}
    assert names == {"DATAASK_SERVICE_URL", "DATAASK_URL", "DATAASK_HUB_URL"}


def test_the_token_of_a_users_server_signs_no_browser_in(hub: Hub, bobs_server: str) -> None:
    printed = run_in_kernel(hub, "bob", "import os; print(os.environ['JUPYTERHUB_API_TOKEN'])")
    visitor = hub.visitor()
    page = visitor.get("dataask/signed-in", headers={"Authorization": f"token {printed.strip()}"})
    # Where the Hub's sign-in is begun with that token, the Hub asks for a person all the same.
    visitor.follow_redirects = False
    to_hub = httpx.URL(hub.url).join(visitor.get("dataask/signed-in").headers["Location"])
    begun = visitor.get(to_hub, headers={"Authorization": f"token {printed.strip()}"})
    assert page.status_code == 200
    assert "code=" not in begun.headers.get("Location", "").split("next=")[0]
    assert visitor.get(f"{API}auth/me").status_code == 401
