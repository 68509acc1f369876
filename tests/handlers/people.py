"""Several people on one real server: a workspace W1 with a member of each role, and a stranger who has W2."""

from __future__ import annotations

import asyncio
import uuid
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
from jupyter_server.auth.identity import IdentityProvider, User
from jupyter_server.base.handlers import JupyterHandler
from sqlalchemy import select
from traitlets.config import Config

from dataask_jupyter.services.container import Services
from dataask_jupyter.store.models import Base
from tests.handlers.conftest import Api, make_shop, running

HEADER = "X-Person"
ROLES = ("owner", "admin", "editor", "viewer", "custom")
CUSTOM = ["workspace.read", "member.read", "audit.read", "connection.read", "connection.test", "query.read"]


class ByHeader(IdentityProvider):
    """Believes a header: a company's own identity provider, as far as DataAsk can see."""

    def get_user(self, handler: JupyterHandler) -> User | None:
        name = handler.request.headers.get(HEADER)
        return User(username=name, display_name=name.capitalize()) if name else None

    def is_token_authenticated(self, handler: JupyterHandler) -> bool:
        # As with a token: no cookie, so no forged request either.
        return True


@dataclass
class Person:
    """Somebody with a client of their own, and what is theirs in W1."""

    name: str
    http: httpx.AsyncClient
    id: str = ""
    ids: dict[str, str] = field(default_factory=dict)

    async def call(self, method: str, path: str, status: int = 200, **given: Any) -> Any:
        """The body of the answer, which must have this status."""
        response = await self.http.request(method, path, **given)
        assert response.status_code == status, f"{self.name} {method} {path}: {response.status_code} {response.text}"
        return response.json() if response.content else None


@dataclass
class World:
    """A server with people on it."""

    api: Api
    shop: Path
    people: dict[str, Person]
    ws: str = ""
    connection: str = ""

    @property
    def owner(self) -> Person:
        """Who made W1."""
        return self.people["owner"]

    @property
    def in_ws(self) -> str:
        """The path of W1."""
        return f"workspaces/{self.ws}"

    async def services(self) -> Services:
        """The services of the server."""
        found: Services = await self.api.app.web_app.settings["dataask_runtime"].services()
        return found

    async def version(self, kind: type[Base], key: Any) -> int:
        """The version of what is there."""
        found: int = await (await self.services()).store.read(lambda s: getattr(s.get(kind, key), "version", 1))
        return found

    async def dump(self) -> dict[str, list[tuple[Any, ...]]]:
        """Every row of every table."""
        services = await self.services()
        return await services.store.read(
            lambda s: {
                name: sorted((tuple(row) for row in s.execute(select(table))), key=repr)
                for name, table in Base.metadata.tables.items()
            }
        )

    async def invite(self, role: str) -> dict[str, Any]:
        """A new invitation by link."""
        made: dict[str, Any] = await self.owner.call(
            "POST", f"{self.in_ws}/invitations", 201, json={"role": role, "max_uses": 20}
        )
        return made

    async def admit(self, role: str, *names: str) -> None:
        """Let people in with a role."""
        link = (await self.invite(role))["link"]
        for name in names:
            await self.people[name].call("POST", "invitations/accept", json={"token": link.partition("#")[2]})

    async def give(self, name: str, role: str) -> None:
        """Another role for somebody."""
        from dataask_jupyter.store.models import Membership

        key = self.people[name].id
        version = await self.version(Membership, (self.ws, key))
        headers = {"If-Match": f'"{version}"'}
        await self.owner.call("PATCH", f"{self.in_ws}/members/{key}", json={"role": role}, headers=headers)

    async def connect(self, name: str = "") -> str:
        """A new connection in W1."""
        settings = {"path": str(self.shop)}
        body = {"name": name or uuid.uuid4().hex, "kind": "sqlite", "settings": settings}
        made = await self.owner.call("POST", f"{self.in_ws}/connections", 201, json=body)
        return str(made["id"])

    async def upload(self) -> str:
        """A new upload in W1."""
        path = f"{self.in_ws}/uploads"
        made = await self.owner.call("POST", path, 201, params={"name": "a.csv"}, content=b"a\n1\n")
        return str(made["id"])

    async def role(self) -> str:
        """A new role in W1 that nobody has."""
        body = {"name": uuid.uuid4().hex, "permissions": ["query.read"]}
        return str((await self.owner.call("POST", f"{self.in_ws}/roles", 201, json=body))["id"])

    async def converse(self, person: Person) -> str:
        """A new conversation of somebody who may have one."""
        body = {"connection_id": self.connection, "title": person.name}
        return str((await person.call("POST", f"{self.in_ws}/conversations", 201, json=body))["id"])


@asynccontextmanager
async def world(folder: Path, database_url: str = "") -> AsyncIterator[World]:
    """W1 with an owner, an admin, an editor, a viewer, somebody with an own role and a spare member; and a stranger."""
    shop = folder / "shop.db"
    make_shop(shop)
    config = Config()
    config.ServerApp.identity_provider_class = ByHeader
    if database_url:
        config.DataAsk.database_url = database_url
    async with running(folder / "dataask", config, token="") as api, AsyncExitStack() as stack:
        people: dict[str, Person] = {}
        for name in (*ROLES, "spare", "stranger", "nobody"):
            headers = {HEADER: name} if name != "nobody" else {}
            client = httpx.AsyncClient(base_url=api.http.base_url, headers=headers, timeout=60, trust_env=False)
            people[name] = Person(name, await stack.enter_async_context(client))
        made = World(api, shop, people)
        await _fill(made)
        yield made


async def _fill(made: World) -> None:
    for name, person in made.people.items():
        if name != "nobody":
            person.id = (await person.call("GET", "auth/me"))["user"]["id"]
    owner, stranger = made.owner, made.people["stranger"]
    made.ws = (await owner.call("POST", "workspaces", 201, json={"name": "W1"}))["id"]
    made.connection = await made.connect("shop")
    body = {"name": "Auditor", "permissions": CUSTOM}
    custom = (await owner.call("POST", f"{made.in_ws}/roles", 201, json=body))["id"]
    shared = {
        "workspace_id": made.ws,
        "connection_id": made.connection,
        "user_id": made.people["spare"].id,
        "role_id": await made.role(),
        "upload_id": await made.upload(),
        "invitation_id": (await made.invite("viewer"))["invitation"]["id"],
        "session_id": uuid.uuid4().hex,
        "token_id": uuid.uuid4().hex,
    }
    # All are editors at first, so that all have something of their own.
    await made.admit("editor", "admin", "editor", "viewer", "custom")
    await made.admit("viewer", "spare")
    await asyncio.gather(*(_work(made, made.people[name], shared) for name in ROLES))
    for name, role in (("admin", "admin"), ("viewer", "viewer"), ("custom", custom)):
        await made.give(name, role)
    for name in ("stranger", "nobody"):
        made.people[name].ids = made.people["editor"].ids
    await stranger.call("POST", "workspaces", 201, json={"name": "W2"})


async def _work(made: World, person: Person, shared: dict[str, str]) -> None:
    conversation = await made.converse(person)
    path = f"{made.in_ws}/conversations/{conversation}/ask"
    message = await person.call("POST", path, json={"question": "number of orders by customer"})
    assert message["state"] == "answered", message
    query = await person.call(
        "POST", "queries/execute", json={"connection_id": made.connection, "sql": "SELECT count(*) FROM orders"}
    )
    own = {"conversation_id": conversation, "message_id": message["id"], "query_id": query["id"]}
    person.ids = {**shared, **own}
