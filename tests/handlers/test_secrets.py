"""A canary goes through everything that can be done with a connection; afterwards it is looked for everywhere."""

from __future__ import annotations

import base64
import json
import logging
from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import quote

import httpx
import pytest
import pytest_asyncio
from sqlalchemy import text
from traitlets.config import Config

from tests.guarded import guarded, set_password
from tests.handlers.conftest import Api, running
from tests.servers import PostgreSQL

__all__ = ["guarded"]

CANARY = "k4n4ry/\"bird'&ünd\\"
OTHER = "second-k4n4ry-of-another-day"
pytestmark = pytest.mark.usefixtures("guarded")


def forms() -> Iterator[str]:
    """The canaries as anything might write them."""
    for secret in (CANARY, OTHER):
        yield from {
            secret, quote(secret), quote(secret, safe=""), repr(secret)[1:-1], json.dumps(secret)[1:-1],
            base64.b64encode(secret.encode()).decode().rstrip("="), secret.encode().hex(),
        }  # fmt: skip
    yield "k4n4ry"


def hits(content: str | bytes) -> list[str]:
    """The forms of a canary in this."""
    raw = content.encode("utf-8", "surrogatepass") if isinstance(content, str) else content
    return [form for form in forms() if form.encode() in raw or form.encode("utf-16-le") in raw]


class Recorder(logging.Handler):
    """Everything that is logged, at every level, with tracebacks."""

    def __init__(self) -> None:
        super().__init__(logging.NOTSET)
        self.setFormatter(logging.Formatter("%(name)s %(levelname)s %(message)s"))
        self.lines: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.lines.append(self.format(record))


@dataclass
class Seen:
    """A server, and all that it said."""

    api: Api
    log: Recorder
    answers: list[tuple[str, int, bytes]] = field(default_factory=list)

    async def call(self, method: str, path: str, status: int, **given: Any) -> Any:
        response = await self.api.http.request(method, path, **given)
        said = json.dumps(dict(response.headers)).encode() + response.content
        self.answers.append((f"{method} {path}", response.status_code, said))
        assert response.status_code == status, f"{response.status_code}: {response.text}"
        kind = response.headers.get("content-type", "").partition(";")[0]
        return response.json() if kind in {"application/json", "application/problem+json"} else response.content


@pytest_asyncio.fixture(params=["sqlite", "postgresql"])
async def seen(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Seen]:
    """A solo server that logs everything, on each database in turn."""
    config = Config()
    config.DataAsk.workers = 1
    if request.param == "postgresql":
        server: PostgreSQL = request.getfixturevalue("postgresql")
        config.DataAsk.database_url = server.create_database()
    log, root = Recorder(), logging.getLogger()
    before = root.level
    async with AsyncExitStack() as stack:
        api = await stack.enter_async_context(running(tmp_path / "dataask", config))
        loggers = (root, api.app.log, logging.getLogger("dataask"))
        levels = [logger.level for logger in loggers]
        for logger in loggers:
            logger.addHandler(log)
            logger.setLevel(logging.DEBUG)
        # An asyncio that debugs logs every callback with its arguments.
        yield Seen(api, log)
        for logger, level in zip(loggers, levels, strict=True):
            logger.removeHandler(log)
            logger.setLevel(level)
    root.setLevel(before)


async def finished(seen: Seen, ws: str, sql: str, connection_id: str, status: int = 200) -> dict[str, Any]:
    body = {"connection_id": connection_id, "sql": sql, "wait_seconds": 30}
    found: dict[str, Any] = await seen.call("POST", "queries/execute", status, json=body)
    return found


async def exercise(seen: Seen, safe: Path) -> None:
    """All that can be done with a secret, right and wrong."""
    call, ws = seen.call, await seen.api.workspace()
    place = f"workspaces/{ws}/connections"
    plain = {"path": str(safe), "user": "reader"}
    settings = {**plain, "password": CANARY}
    create = {"name": "safe", "kind": "guarded", "settings": settings}
    # Trying, saving, saving twice, the same request twice.
    assert (await call("POST", f"{place}/test", 200, json={"kind": "guarded", "settings": settings}))["state"] == "ok"
    wrong = {"kind": "guarded", "settings": {**plain, "password": OTHER}}
    assert (await call("POST", f"{place}/test", 200, json=wrong))["state"] == "failed"
    broken = {"kind": "guarded", "settings": {**settings, "user": "broken"}}
    assert (await call("POST", f"{place}/test", 200, json=broken))["state"] == "failed"
    once = {"Idempotency-Key": "the-same-key"}
    saved = await call("POST", place, 201, json=create, headers=once)
    assert await call("POST", place, 201, json=create, headers=once) == saved
    await call("POST", place, 409, json=create)
    # Requests that don't hold.
    for body in (
        {**create, "name": CANARY * 40},
        {**create, "kind": "unheard"},
        {**create, "settings": {**settings, "port": CANARY}},
        {**create, "settings": {**settings, "password": [CANARY]}},
        {**create, "settings": {**settings, "pass_word": CANARY}},
        {**create, "secret": CANARY},
        {**create, "settings": [CANARY]},
    ):
        await call("POST", place, 422, json=body)
    await call("POST", place, 400, content=b'{"settings": {"password": "' + CANARY.encode() + b'"')
    one = f"{place}/{saved['id']}"
    # Looking.
    await call("GET", place, 200)
    await call("GET", one, 200)
    await call("GET", f"{one}/schema?refresh=true", 200)
    await call("GET", f"{one}/sample?table=orders&limit=3", 200)
    await call("POST", f"{one}/test", 200)
    # Asking.
    query = await finished(seen, ws, "SELECT count(*) AS n FROM orders", saved["id"])
    await call("GET", f"queries/{query['id']}/rows", 200)
    await finished(seen, ws, "SELECT * FROM nowhere", saved["id"])
    await finished(seen, ws, "DROP TABLE orders", saved["id"], 400)
    talk = await call("POST", f"workspaces/{ws}/conversations", 201, json={"connection_id": saved["id"]})
    ask = f"workspaces/{ws}/conversations/{talk['id']}/ask"
    await call("POST", ask, 200, json={"question": "how many orders"})
    # Changing.
    patch = {"If-Match": '"1"'}
    await call("PATCH", one, 422, json={"settings": {**plain, "host": "elsewhere"}}, headers=patch)
    changed = {"settings": {**plain, "host": "elsewhere", "password": OTHER}}
    assert (await call("PATCH", one, 200, json=changed, headers=patch))["status"]["state"] == "failed"
    await call("PATCH", one, 412, json=changed, headers=patch)
    await call("POST", f"{one}/test", 200)
    # A source that refuses, and one whose driver has a defect.
    await call("GET", f"{one}/schema?refresh=true", 502)
    assert (await finished(seen, ws, "SELECT 5 AS five", saved["id"]))["state"] == "failed"
    defect = {"settings": {**plain, "user": "broken", "password": CANARY}}
    await call("PATCH", one, 200, json=defect, headers={"If-Match": '"2"'})
    await call("GET", f"{one}/schema?refresh=true", 500)
    assert (await finished(seen, ws, "SELECT 6 AS six", saved["id"]))["state"] == "failed"
    await call("POST", ask, 200, json={"question": "how many customers"})
    right = {"settings": {**plain, "password": CANARY, "token": OTHER}}
    await call("PATCH", one, 200, json=right, headers={"If-Match": '"3"'})
    # What is kept is damaged.
    services = await seen.api.app.web_app.settings["dataask_runtime"].services()
    damage = text("UPDATE connection_secrets SET key_id = 'gone' WHERE field = 'password'")
    await services.store.write(lambda session: session.execute(damage))
    shown = await call("GET", one, 200)
    assert (shown["secrets"], shown["status"]["state"]) == (["password", "token"], "failed")
    problem = await call("GET", f"{one}/schema?refresh=true", 409)
    assert problem["type"] == "/problems/secret-unreadable"
    await call("POST", f"{one}/test", 200)
    await call("PATCH", one, 200, json=right, headers={"If-Match": '"4"'})
    services.rotation.run(services.settings.data_dir / "secret.key", None)
    await call("POST", f"{one}/test", 200)
    # What tells of it all.
    for path in ("audit", "queries", "conversations", "suggestions", "audit/facets"):
        await call("GET", f"workspaces/{ws}/{path}", 200)
    await call("GET", "home", 200)
    for form in ("csv", "json"):
        await call("GET", f"workspaces/{ws}/audit/export?format={form}", 200)
    second = await call("POST", place, 201, json={**create, "name": "to delete"})
    await call("DELETE", f"{place}/{second['id']}", 204)


async def test_a_canary_is_nowhere(seen: Seen, shop: Path, tmp_path: Path) -> None:
    set_password(shop, CANARY)
    await exercise(seen, shop)
    # What the server said. The one who typed a canary into other fields may hear it again in none of them.
    assert [(what, hits(said)) for what, _, said in seen.answers if hits(said)] == []
    assert len({status for _, status, _ in seen.answers}) > 6
    # What it logged.
    assert any("DEBUG" in line for line in seen.log.lines)
    assert any("A job failed in a worker" in line and "[secret]" in line for line in seen.log.lines)
    assert [line for line in seen.log.lines if hits(line)] == []
    # What it keeps: every table, and every byte of every file.
    services = await seen.api.app.web_app.settings["dataask_runtime"].services()

    def tables(session: Any) -> dict[str, str]:
        from dataask_jupyter.store.models import Base

        return {name: repr(session.execute(table.select()).all()) for name, table in Base.metadata.tables.items()}

    kept = await services.store.read(tables)
    assert kept["connection_secrets"] != "[]"
    assert {name: hits(rows) for name, rows in kept.items() if hits(rows)} == {}
    files = [path for path in (tmp_path / "dataask").rglob("*") if path.is_file()]
    assert any(path.suffix == ".arrow" for path in files)
    assert [path for path in files if hits(path.read_bytes())] == []


async def test_a_notebook_shows_no_secret(seen: Seen, shop: Path) -> None:
    set_password(shop, CANARY)
    ws = await seen.api.workspace()
    services = await seen.api.app.web_app.settings["dataask_runtime"].services()
    body = {"name": "safe", "kind": "guarded", "settings": {"path": str(shop), "password": CANARY}}
    saved = await seen.call("POST", f"workspaces/{ws}/connections", 201, json=body)
    from dataask_jupyter.access.identity import local
    from dataask_jupyter.schemas.connections import Connection

    spec = await services.connections.spec(local(), ws, saved["id"])
    tried = spec.secrets.changed_by({}, frozenset())
    for thing in (
        spec,
        tried,
        spec.secrets,
        Connection.model_validate(saved),
        services.vault,
        services.keys,
        vars(spec),
    ):
        assert hits(repr(thing)) == []
    assert spec.secrets.reveal() == {"password": CANARY}


async def test_the_form_knows_which_settings_are_secret(seen: Seen) -> None:
    kinds = (await seen.call("GET", "connection-kinds", 200))["items"]
    schema = next(kind for kind in kinds if kind["kind"] == "guarded")["settings_schema"]
    marked = {name for name, each in schema["properties"].items() if each.get("writeOnly")}
    assert marked == {"password", "token"}


async def test_a_changed_server_needs_the_secret_again(seen: Seen, shop: Path) -> None:
    set_password(shop, CANARY)
    ws = await seen.api.workspace()
    place = f"workspaces/{ws}/connections"
    plain = {"path": str(shop)}
    body = {"name": "safe", "kind": "guarded", "settings": {**plain, "password": CANARY}}
    saved = await seen.call("POST", place, 201, json=body)
    elsewhere = {**plain, "host": "evil.example.com"}
    tried = {"kind": "guarded", "settings": elsewhere, "connection_id": saved["id"]}
    for problem in (
        await seen.call("POST", f"{place}/test", 422, json=tried),
        await seen.call(
            "PATCH", f"{place}/{saved['id']}", 422, json={"settings": elsewhere}, headers={"If-Match": '"1"'}
        ),
    ):
        [found] = problem["errors"]
        assert found["field"] == "settings.password"
        assert found["detail"].startswith("Enter the password again because the host changed")
    # Somebody else's connection lends its secret to nobody.
    strange = {**tried, "settings": plain, "connection_id": "0" * 32}
    await seen.call("POST", f"{place}/test", 404, json=strange)
    assert isinstance(seen.api.http, httpx.AsyncClient)
