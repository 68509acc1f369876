"""DataAsk's own pages: their headers, who sees them, and where they may lead."""

from __future__ import annotations

import json
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from urllib.parse import parse_qs, quote, urlsplit

import httpx
import pytest
import pytest_asyncio
from traitlets.config import Config

from dataask_jupyter.handlers.own_path import own_path
from dataask_jupyter.handlers.pages import document
from tests.handlers.conftest import PASSWORD, Api, Team, running, team

PUBLIC = ("login", "signup", "invitation", "reset")
PRIVATE = ("", "account", "ask", f"workspaces/{'a' * 32}")
EVIL = (
    "https://evil.example/",
    "https:evil.example",
    "//evil.example",
    "///evil.example/dataask/",
    "/\\evil.example",
    "\\\\evil.example",
    "/%2fevil.example",
    "/%5cevil.example",
    "/dataask/%2f%2fevil.example",
    "/dataask/%252f%252fevil.example",
    "/dataask/%25252f%25252fevil.example",
    "/dataask//evil.example",
    "/dataask/../../evil",
    "/dataask/%2e%2e/logout",
    "/dataask/\t//evil.example",
    "/dataask/\r\nSet-Cookie: a=b",
    "/dataask/%0d%0aSet-Cookie:a=b",
    " /dataask/account",
    "javascript:alert(1)",
    "data:text/html,x",
    "@evil.example",
    "/dataask@evil.example",
    "/dataaskevil",
    "/dataask/api/v1/auth/logout",
    "/dataask/%61pi/v1/auth/logout",
    "/logout",
    "/dataask/" + "a" * 3_000,
)


@pytest_asyncio.fixture
async def served(tmp_path: Path) -> AsyncIterator[Team]:
    """A server for a team."""
    async with team(tmp_path) as found:
        yield found


def pages_of(server: Team | Api, **more: str) -> httpx.AsyncClient:
    """A browser without a session that follows no redirect."""
    address = server.address if isinstance(server, Team) else str(server.http.base_url).removesuffix("dataask/api/v1/")
    return httpx.AsyncClient(base_url=address, headers=more, timeout=60, trust_env=False)


@asynccontextmanager
async def signed_in(served: Team, email: str = "mara@example.com") -> AsyncIterator[httpx.AsyncClient]:
    """The same with a session."""
    await served.register(email)
    async with pages_of(served) as pages:
        body = {"email": email, "password": PASSWORD, "client": "browser"}
        answer = await pages.post("dataask/api/v1/auth/login", json=body)
        assert answer.status_code == 200, answer.text
        yield pages


def config_of(html: str) -> dict[str, object]:
    """The settings in a page."""
    found = re.search(r'<script type="application/json" id="dataask-config">(.*?)</script>', html)
    assert found is not None
    settings: dict[str, object] = json.loads(found.group(1))
    return settings


def check_headers(answer: httpx.Response) -> None:
    """What every page and every redirect has."""
    policy = dict(part.strip().partition(" ")[::2] for part in answer.headers["Content-Security-Policy"].split(";"))
    assert policy["default-src"] == "'none'"
    assert policy["frame-ancestors"] == "'none'"
    assert policy["base-uri"] == "'none'"
    assert policy["form-action"] == "'none'"
    assert "unsafe" not in answer.headers["Content-Security-Policy"]
    assert answer.headers["Cache-Control"] == "no-store"
    assert answer.headers["Referrer-Policy"] == "no-referrer"
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["X-Frame-Options"] == "DENY"
    assert "Access-Control-Allow-Origin" not in answer.headers


async def test_pages_for_everybody(served: Team) -> None:
    async with pages_of(served) as pages:
        for name in PUBLIC:
            answer = await pages.get(f"dataask/{name}")
            assert answer.status_code == 200
            check_headers(answer)
            assert '<html lang="en"' in answer.text
            assert 'name="viewport"' in answer.text
            assert config_of(answer.text)["mode"] == "team"


async def test_a_page_has_no_inline_script_and_its_nonce_is_good_once(served: Team) -> None:
    async with pages_of(served) as pages:
        answers = [await pages.get("dataask/login") for _ in range(2)]
    nonces = [re.findall(r"'nonce-([^']+)'", answer.headers["Content-Security-Policy"])[0] for answer in answers]
    assert nonces[0] != nonces[1]
    scripts = re.findall(r"<script([^>]*)>", answers[0].text)
    assert [("src=" in script, "application/json" in script) for script in scripts] == [(False, True), (True, False)]
    assert not re.search(r"\son\w+=|\sstyle=|<style", answers[0].text)


async def test_the_scripts_and_styles_are_there_for_everybody(served: Team) -> None:
    async with pages_of(served) as pages:
        html = (await pages.get("dataask/login")).text
        for address in re.findall(r'(?:src|href)="(/[^"]+)"', html):
            assert (await pages.get(address)).status_code == 200


@pytest.mark.parametrize("name", PRIVATE)
async def test_others_lead_to_signing_in_and_back(served: Team, name: str) -> None:
    async with pages_of(served) as pages:
        answer = await pages.get(f"dataask/{name}?tab=members")
    assert answer.status_code == 302
    check_headers(answer)
    leads = urlsplit(answer.headers["Location"])
    assert (leads.scheme, leads.netloc, leads.path) == ("", "", "/dataask/login")
    assert parse_qs(leads.query)["next"] == [f"/dataask/{name}?tab=members"]


@pytest.mark.parametrize("name", PRIVATE)
async def test_signed_in_people_see_them(served: Team, name: str) -> None:
    async with signed_in(served) as pages:
        answer = await pages.get(f"dataask/{name}")
    assert answer.status_code == 200
    check_headers(answer)


async def test_signing_in_again_leads_on(served: Team) -> None:
    async with signed_in(served) as pages:
        answer = await pages.get("dataask/login", params={"next": "/dataask/account"})
        assert answer.status_code == 302
        assert answer.headers["Location"] == "/dataask/account"


@pytest.mark.parametrize("address", EVIL)
async def test_no_redirect_leads_away(served: Team, address: str) -> None:
    async with signed_in(served) as pages:
        answer = await pages.get(f"dataask/login?next={quote(address, safe='')}")
    assert answer.status_code == 302
    assert answer.headers["Location"] == "/dataask/"


@pytest.mark.parametrize("address", ["/dataask/", "/dataask/ask?workspace=1", "/dataask/account"])
def test_own_addresses_are_kept(address: str) -> None:
    assert own_path(address, "/") == address
    assert own_path(f"/base{address}", "/base/") == f"/base{address}"
    assert own_path(address, "/base/") is None


async def test_a_page_that_doesnt_exist_says_so(served: Team) -> None:
    async with signed_in(served) as pages:
        answer = await pages.get("dataask/nothing")
    assert answer.status_code == 404
    check_headers(answer)


async def test_the_host_that_a_request_names_is_nowhere_in_the_answer(served: Team) -> None:
    spoofed = {"X-Forwarded-Host": "evil.example", "X-Forwarded-Proto": "https", "Forwarded": "host=evil.example"}
    async with pages_of(served, **spoofed) as pages:
        for name in (*PUBLIC, "", "account"):
            answer = await pages.get(f"dataask/{name}")
            assert "evil.example" not in answer.text + str(answer.headers)
        # Jupyter itself refuses hosts that it doesn't serve; those that it takes show nowhere either.
        answer = await pages.get("dataask/", headers={"Host": "evil.example"})
        assert answer.status_code == 403 or "evil.example" not in answer.text + str(answer.headers)


async def test_no_other_site_may_read_a_page(served: Team) -> None:
    async with pages_of(served, Origin="https://evil.example") as pages:
        for name in (*PUBLIC, *PRIVATE):
            assert "Access-Control-Allow-Origin" not in (await pages.get(f"dataask/{name}")).headers


async def test_a_page_gives_the_cookie_that_changes_need(served: Team) -> None:
    async with pages_of(served) as pages:
        given = (await pages.get("dataask/login")).headers.get_list("set-cookie")
    assert len(given) == 1
    assert given[0].startswith("_xsrf=")
    assert "Path=/" in given[0]


async def test_the_session_is_in_cookies_that_no_script_reads(served: Team) -> None:
    await served.register("mara@example.com")
    async with pages_of(served) as pages:
        body = {"email": "mara@example.com", "password": PASSWORD, "client": "browser"}
        answer = await pages.post("dataask/api/v1/auth/login", json=body)
    cookies = {line.partition("=")[0]: line.lower() for line in answer.headers.get_list("set-cookie")}
    assert "httponly" in cookies["dataask-access"]
    assert "samesite=lax" in cookies["dataask-access"]
    assert "httponly" in cookies["dataask-refresh"]
    assert "samesite=strict" in cookies["dataask-refresh"]
    assert "path=/dataask/api/v1/auth" in cookies["dataask-refresh"]


async def test_below_a_base_url(tmp_path: Path) -> None:
    config = Config()
    config.ServerApp.base_url = "/team/"
    async with team(tmp_path, config) as served, pages_of(served) as pages:
        answer = await pages.get("dataask/account")
        assert answer.headers["Location"] == "/team/dataask/login?next=%2Fteam%2Fdataask%2Faccount"
        page = await pages.get("dataask/login")
        assert config_of(page.text)["baseUrl"] == "/team/"


async def test_a_persons_own_server_uses_jupyters_sign_in(tmp_path: Path) -> None:
    async with running(tmp_path / "dataask") as api:
        async with pages_of(api) as strangers:
            for name in ("", "login", "signup", "account"):
                answer = await strangers.get(f"dataask/{name}")
                assert answer.status_code == 302
                assert urlsplit(answer.headers["Location"]).path == "/login"
        async with pages_of(api, Authorization=api.http.headers["Authorization"]) as owner:
            answer = await owner.get("dataask/")
            assert answer.status_code == 200
            check_headers(answer)
            assert (await owner.get("dataask/login?next=/dataask/ask")).headers["Location"] == "/dataask/ask"


async def test_a_token_in_the_address_goes_no_further(tmp_path: Path) -> None:
    async with running(tmp_path / "dataask") as api, pages_of(api) as pages:
        answer = await pages.get("dataask/ask?token=wrong&workspace=1")
    assert answer.status_code == 302
    assert "wrong" not in answer.headers["Location"]


def test_settings_cant_end_their_block() -> None:
    html = document(
        title="<img>",
        script='/x"><script>',
        style="/y",
        nonce="n",
        config={"baseUrl": "</script><script>alert(1)</script><!--"},
    )
    assert html.count("<script") == 2
    assert "<img>" not in html
    assert config_of(html)["baseUrl"] == "</script><script>alert(1)</script><!--"
