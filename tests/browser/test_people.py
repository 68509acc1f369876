"""Two people on a team's server, from signing up to being removed, as they see it."""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing
from pathlib import Path

import httpx
import pytest
from playwright.sync_api import Page, Response, expect

from tests.browser.conftest import OpenPage
from tests.handlers.conftest import make_shop
from tests.real.home import Home
from tests.real.servers import API, Server
from tests.real.team import PASSWORD, team

REFUSED = r"status of (401|403|404)"


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where the server and a database are."""
    folder = tmp_path_factory.mktemp("people")
    make_shop(folder / "shop.db")
    return folder


@pytest.fixture(scope="module")
def served(place: Path) -> Iterator[Server]:
    """A server for a team."""
    with team(Home(place / "home")) as server:
        yield server


def sign_up(page: Page, name: str, email: str) -> None:
    """Fills the form of a new account and sends it."""
    page.get_by_label("Name").fill(name)
    page.get_by_label("E-mail").fill(email)
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    page.get_by_role("button", name="Create account").click()


def answered(method: str) -> Callable[[Response], bool]:
    """Tells the answer to a change of a member."""
    return lambda response: response.request.method == method and "/members/" in response.url


@pytest.fixture
def programs() -> Iterator[ExitStack]:
    """Closes the clients of a test, however it ends."""
    with ExitStack() as stack:
        yield stack


def program(served: Server, email: str) -> httpx.Client:
    """The API as a program of this person."""
    http = httpx.Client(base_url=f"{served.url}{API}", timeout=60, trust_env=False)
    signed = http.post("auth/login", json={"email": email, "password": PASSWORD}).raise_for_status().json()
    http.headers["Authorization"] = f"Bearer {signed['access_token']}"
    return http


def test_from_signing_up_to_being_removed(
    served: Server, place: Path, open_page: OpenPage, programs: ExitStack
) -> None:
    # Mara signs up, makes a workspace, connects a database, and makes a link.
    mara = open_page(served, "dataask/signup", provoked=REFUSED)
    sign_up(mara, "Mara Lindqvist", "mara@aurora.example")
    mara.get_by_role("button", name="New workspace").click()
    mara.get_by_role("dialog").get_by_label("Name").fill("Retail analytics")
    mara.get_by_role("button", name="Create workspace").click()
    expect(mara).to_have_url(re.compile(r"/dataask/ask\?workspace=[0-9a-f]{32}"))
    workspace = mara.url.partition("workspace=")[2]
    mara.get_by_role("button", name="Add connection").first.click()
    dialog = mara.get_by_role("dialog")
    dialog.get_by_role("radio", name=re.compile("SQLite")).click()
    dialog.get_by_label("Name").fill("shop")
    dialog.get_by_label(re.compile("^(Path|File)")).fill(str(place / "shop.db"))
    dialog.get_by_role("button", name=re.compile("^(Save|Add connection)")).click()
    expect(dialog).to_have_count(0)
    mara.goto(f"{served.url}dataask/workspaces/{workspace}")
    mara.get_by_role("tab", name="Invitations").click()
    by_link = mara.get_by_role("region", name="Invite by link")
    by_link.get_by_label("Role").select_option(label="Editor")
    by_link.get_by_role("button", name="Make a link").click()
    link = by_link.get_by_label("The new link").input_value()

    # Tom opens it, signs up on the way, and is in.
    tom = open_page(served, link.removeprefix(served.url), provoked=REFUSED)
    tom.get_by_role("link", name="Create an account").click()
    sign_up(tom, "Tom Okafor", "tom@aurora.example")
    expect(tom).to_have_url(re.compile(rf"/dataask/ask\?workspace={workspace}"))
    composer = tom.get_by_role("textbox", name=re.compile("Ask"))
    expect(composer).to_be_enabled()
    composer.fill("number of orders by city")
    composer.press("Enter")
    expect(tom.locator(".js-plotly-plot").first).to_be_visible(timeout=60_000)

    # Made viewer: nothing to change things with, and the API says no.
    api = programs.enter_context(closing(program(served, "tom@aurora.example")))
    mara.get_by_role("tab", name="Members").click()
    mara.get_by_role("button", name="Editor, role of Tom Okafor").click()
    # What is shown runs ahead of the server.
    with mara.expect_response(answered("PATCH")):
        mara.get_by_role("menuitem", name=re.compile("^Viewer")).or_(
            mara.get_by_role("menuitemradio", name=re.compile("^Viewer"))
        ).click()
    expect(mara.get_by_role("button", name="Viewer, role of Tom Okafor")).to_be_visible()
    tom.reload()
    expect(tom.get_by_text(re.compile("Your role here is Viewer"))).to_be_visible()
    expect(tom.get_by_role("button", name="Add connection")).to_have_count(0)
    expect(tom.get_by_role("button", name="New conversation")).to_have_count(0)
    connection = {"name": "x", "kind": "sqlite", "settings": {"path": str(place / "shop.db")}}
    assert api.post(f"workspaces/{workspace}/connections", json=connection).status_code == 403
    assert api.post(f"workspaces/{workspace}/invitations", json={"role": "viewer"}).status_code == 403
    mine = api.get(f"workspaces/{workspace}/connections").json()["items"][0]["id"]
    assert api.post("queries/execute", json={"connection_id": mine, "sql": "SELECT 1"}).status_code == 403

    # Removed: it doesn't exist for him, in words and for programs.
    mara.get_by_role("button", name="Remove Tom Okafor").click()
    with mara.expect_response(answered("DELETE")):
        mara.get_by_role("button", name="Remove from workspace").click()
    expect(mara.get_by_role("button", name="Remove Tom Okafor")).to_have_count(0)
    gone = api.get(f"workspaces/{workspace}")
    never = api.get(f"workspaces/{'0' * 32}")
    assert (gone.status_code, gone.text) == (404, never.text)
    tom.goto(f"{served.url}dataask/workspaces/{workspace}")
    expect(tom.get_by_text("This doesn’t exist, or you can’t see it").first).to_be_visible()

    # And Mara can read all of it, in an unbroken chain.
    mara.get_by_role("link", name="Audit log").or_(mara.get_by_role("button", name="Audit log")).click()
    expect(mara.get_by_text(re.compile("Chain intact"))).to_be_visible()
    for words in ("Removed member", "Changed role", "Accepted an invitation", "Asked a question", "Invited"):
        expect(mara.get_by_text(re.compile(words)).first).to_be_visible()
    mara.get_by_role("button", name="Refused only").click()
    expect(mara.get_by_role("cell", name="Refused").or_(mara.get_by_text("Refused", exact=True)).first).to_be_visible()
    with sqlite3.connect(place / "shop.db") as connection_to_shop:
        assert connection_to_shop.execute("SELECT count(*) FROM orders").fetchone() == (60,)
    connection_to_shop.close()
