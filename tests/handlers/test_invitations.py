"""Invitations over HTTP, between several people on one real server."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest
import pytest_asyncio
from jupyter_server.auth.identity import IdentityProvider, User
from traitlets.config import Config

from dataask_jupyter.access.identity import named
from tests.mail import Mailbox, link_in, secret_in

from .conftest import Api, running


class ByHeader(IdentityProvider):  # type: ignore[misc]
    """Believes the request: for tests of what people may do, not of how they sign in."""

    def get_user(self, handler: Any) -> User | None:
        name = handler.request.headers.get("X-Test-User")
        return User(username=name, name=name.title(), display_name=name.title()) if name else None


@dataclass
class Team:
    """One server, and its API as anybody."""

    api: Api

    async def send(self, who: str | None, method: str, path: str, **given: Any) -> httpx.Response:
        """One request; only the name says who it is from."""
        headers = {"X-Test-User": who, "Authorization": "none"} if who else {"Authorization": "none"}
        xsrf = {"X-XSRFToken": "t", "Cookie": "_xsrf=t"}
        return await self.api.http.request(method, path, headers={**headers, **xsrf}, **given)

    async def call(self, who: str | None, method: str, path: str, status: int = 200, **given: Any) -> Any:
        """The answer's body."""
        found = await self.send(who, method, path, **given)
        assert found.status_code == status, f"{found.status_code}: {found.text}"
        return found.json() if found.content else None

    async def workspace(self, who: str, name: str = "Sales") -> str:
        """A workspace that somebody owns."""
        services = await self.api.extension.settings["dataask_runtime"].services()
        found: str = (await services.workspaces.open(named(who, who.title()), name)).id
        return found


@pytest_asyncio.fixture
async def people(tmp_path: Path) -> AsyncIterator[Team]:
    """A server without e-mail."""
    async with running(tmp_path / "dataask", Config({"ServerApp": {"identity_provider_class": ByHeader}})) as api:
        yield Team(api)


async def test_from_the_link_to_the_workspace(people: Team) -> None:
    ws = await people.workspace("ann")
    made = await people.call("ann", "POST", f"workspaces/{ws}/invitations", 201, json={"role": "viewer"})
    assert made["link"].startswith("/dataask/invitation#")
    token = {"token": made["link"].partition("#")[2]}

    # Before signing in, the page shows what the link is for.
    preview = await people.call(None, "POST", "invitations/preview", json=token)
    assert (preview["workspace_name"], preview["role_name"], preview["invited_by"]) == ("Sales", "Viewer", "Ann")
    await people.call(None, "POST", "invitations/accept", 401, json=token)

    await people.call("bob", "GET", f"workspaces/{ws}", 404)
    joined = await people.call("bob", "POST", "invitations/accept", json=token)
    assert (joined["id"], joined["role"]) == (ws, "viewer")
    assert (await people.call("bob", "GET", f"workspaces/{ws}"))["members"] == 2
    assert (await people.call("bob", "GET", "auth/me"))["workspace_id"] == ws

    listed = await people.call("ann", "GET", f"workspaces/{ws}/invitations")
    assert [(each["state"], each["uses"]) for each in listed["items"]] == [("used", 1)]
    await people.call("bob", "GET", f"workspaces/{ws}/invitations", 403)
    await people.call("bob", "POST", f"workspaces/{ws}/invitations", 403, json={"role": "viewer"})


async def test_links_that_do_not_work_answer_byte_for_byte_the_same(people: Team) -> None:
    ws = await people.workspace("ann")
    tokens = ["x" * 43]
    for ending in ("revoked", "used"):
        made = await people.call("ann", "POST", f"workspaces/{ws}/invitations", 201, json={"role": "viewer"})
        tokens.append(made["link"].partition("#")[2])
        if ending == "revoked":
            await people.call("ann", "DELETE", f"workspaces/{ws}/invitations/{made['invitation']['id']}", 204)
        else:
            await people.call("cid", "POST", "invitations/accept", json={"token": tokens[-1]})

    for path in ("invitations/preview", "invitations/accept"):
        answers = [await people.send("bob", "POST", path, json={"token": each}) for each in tokens]
        assert {each.status_code for each in answers} == {404}
        assert len({each.content for each in answers}) == 1
        assert answers[0].json()["type"] == "/problems/link-ended"


async def test_the_secret_reaches_no_log(people: Team, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    people.api.app.log.setLevel(logging.DEBUG)
    ws = await people.workspace("ann")
    made = await people.call("ann", "POST", f"workspaces/{ws}/invitations", 201, json={"role": "viewer"})
    token = made["link"].partition("#")[2]
    await people.call(None, "POST", "invitations/preview", json={"token": token})
    await people.call("bob", "POST", "invitations/accept", json={"token": token})
    # Refused for its form: the answer about it must not repeat it either.
    refused = await people.send("bob", "POST", "invitations/accept", json={"token": token * 9})
    assert refused.status_code == 422
    assert token not in refused.text
    assert token not in caplog.text
    assert token not in (await people.send("ann", "GET", f"workspaces/{ws}/invitations")).text


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"role": "king"}, "role"),
        ({"role": "0" * 32}, "role"),
        ({"role": "viewer", "max_uses": 0}, "max_uses"),
        ({"role": "viewer", "days": 91}, "days"),
        ({"role": "viewer", "email": "not an address"}, "email"),
        ({"role": "viewer", "email": "a@b.example,c@d.example"}, "email"),
        ({"role": "viewer", "uses": -5}, "uses"),
        ({"role": "viewer", "workspace_id": "0" * 32}, "workspace_id"),
    ],
)
async def test_what_an_invitation_may_not_say(people: Team, body: dict[str, Any], field: str) -> None:
    ws = await people.workspace("ann")
    problem = await people.call("ann", "POST", f"workspaces/{ws}/invitations", 422, json=body)
    assert [each["field"] for each in problem["errors"]] == [field]
    assert (await people.call("ann", "GET", f"workspaces/{ws}/invitations"))["items"] == []


async def test_e_mail_needs_settings_and_the_answer_names_them(people: Team) -> None:
    ws = await people.workspace("ann")
    body = {"role": "viewer", "email": "bob@example.com"}
    problem = await people.call("ann", "POST", f"workspaces/{ws}/invitations", 409, json=body)
    assert problem["extra"] == {"setting": "DataAsk.smtp_url"}


async def test_by_e_mail_and_sent_again(tmp_path: Path, mailbox: Mailbox) -> None:
    config = Config({"ServerApp": {"identity_provider_class": ByHeader}})
    config.DataAsk.smtp_url = mailbox.url
    config.DataAsk.mail_from = "dataask@example.com"
    config.DataAsk.public_url = "https://data.example.com"
    async with running(tmp_path / "dataask", config) as api:
        people = Team(api)
        ws = await people.workspace("ann")
        body = {"role": "editor", "email": "bob@example.com"}
        made = await people.call("ann", "POST", f"workspaces/{ws}/invitations", 201, json=body)
        first = await mailbox.next()
        assert link_in(first) == made["link"]
        assert made["link"].startswith("https://data.example.com/dataask/invitation#")

        path = f"workspaces/{ws}/invitations/{made['invitation']['id']}"
        async with asyncio.timeout(20):
            while (await people.call("ann", "GET", f"workspaces/{ws}/invitations"))["items"][0]["mail"] == "sending":
                await asyncio.sleep(0.01)
        again = await people.call("ann", "POST", f"{path}/send")
        assert "link" not in again
        second = await mailbox.next()
        await people.call("bob@example.com", "POST", "invitations/accept", 404, json={"token": secret_in(first)})
        await people.call("bob", "POST", "invitations/accept", 403, json={"token": secret_in(second)})
        await people.call("bob@example.com", "POST", "invitations/accept", json={"token": secret_in(second)})


async def test_behind_a_prefix_links_have_it(tmp_path: Path) -> None:
    config = Config({"ServerApp": {"identity_provider_class": ByHeader, "base_url": "/team/"}})
    async with running(tmp_path / "dataask", config) as api:
        people = Team(api)
        ws = await people.workspace("ann")
        made = await people.call("ann", "POST", f"workspaces/{ws}/invitations", 201, json={"role": "viewer"})
        assert made["link"].startswith("/team/dataask/invitation#")
