"""Services on a real store, real workers and a small real database; only the reading of questions is scripted."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field, replace
from pathlib import Path

import pytest
import pytest_asyncio

from dataask_jupyter.access.identity import Identity, local, named
from dataask_jupyter.ask.engine import AskInput, Candidate, Candidates, Clarified, Reading
from dataask_jupyter.errors import DataAskError
from dataask_jupyter.execution.pool import WorkerPool
from dataask_jupyter.schemas.catalog import CatalogProfile
from dataask_jupyter.schemas.connections import Connection, ConnectionCreate
from dataask_jupyter.schemas.conversations import Clarification, Confidence, ConversationCreate, Message
from dataask_jupyter.services import container
from dataask_jupyter.services.container import Services
from dataask_jupyter.services.models import Models
from dataask_jupyter.services.settings import Settings
from tests.handlers.conftest import make_shop
from tests.servers import PostgreSQL

ME = local()
ANN = named("ann", "Ann")
BOB = named("bob", "Bob")


@dataclass
class ScriptedEngine:
    """Reads `sql: …` as that SQL, `wait` as a long thought, `what?` as unclear; anything else breaks it."""

    name: str = "scripted"
    read_with: list[AskInput] = field(default_factory=list)

    async def read(self, question: AskInput) -> Reading:
        self.read_with.append(question)
        word, _, rest = question.question.partition(":")
        if word == "what?":
            return Clarified(Clarification(reason="unreadable", message="Say it in other words."))
        if word == "wait":
            await asyncio.sleep(60)
        if word != "sql":
            raise RuntimeError("secret=hunter2")
        sure = Confidence(level="high", score=1.0)
        return Candidates((Candidate(sql=rest.strip(), understood="What was asked", confidence=sure),))

    async def repair(self, candidate: Candidate, error: DataAskError) -> Candidate | None:
        return None


@pytest.fixture
def engine(monkeypatch: pytest.MonkeyPatch) -> ScriptedEngine:
    """The engine that the services ask. It needs no profiles, whose workers would take half of the time."""
    made = ScriptedEngine()
    monkeypatch.setattr(Models, "prepare", lambda *_: None)
    monkeypatch.setattr(WorkerPool, "profile", _no_profile)
    monkeypatch.setattr(container, "_engine", lambda: made)
    return made


async def _no_profile(*_: object, **__: object) -> CatalogProfile:
    return CatalogProfile(tables=[])


@pytest.fixture(params=["sqlite", "postgresql"])
def settings(request: pytest.FixtureRequest, tmp_path: Path) -> Settings:
    """Settings for an empty store, on each database in turn."""
    if request.param == "sqlite":
        return Settings(data_dir=tmp_path / "dataask", workers=1)
    server: PostgreSQL = request.getfixturevalue("postgresql")
    return Settings(data_dir=tmp_path / "dataask", database_url=server.create_database(), workers=1)


@pytest.fixture
def on_sqlite(tmp_path: Path) -> Settings:
    """Settings for tests in which the store plays no part."""
    return Settings(data_dir=tmp_path / "dataask", workers=1)


MakeServices = Callable[..., Services]


@pytest_asyncio.fixture
async def make_services(engine: ScriptedEngine) -> AsyncIterator[MakeServices]:
    """Makes services; several on one store behave like several processes, but for their process id."""
    made: list[Services] = []

    def make(settings: Settings, **changes: object) -> Services:
        services = Services(replace(settings, **changes))  # type: ignore[arg-type]
        made.append(services)
        return services

    yield make
    for services in made:
        await services.close()


@pytest_asyncio.fixture
async def services(on_sqlite: Settings, make_services: MakeServices) -> Services:
    """Services on SQLite: for what doesn't depend on the database."""
    return make_services(on_sqlite)


@pytest_asyncio.fixture
async def both(settings: Settings, make_services: MakeServices) -> Services:
    """Services on each database in turn."""
    return make_services(settings)


@pytest.fixture
def shop(tmp_path: Path) -> Path:
    """A small SQLite database."""
    path = tmp_path / "shop.db"
    make_shop(path)
    return path


async def home(services: Services, identity: Identity = ME) -> str:
    """The id of the workspace that somebody is in."""
    return (await services.accounts.me(identity)).workspace_id


async def connect(
    services: Services, path: Path, identity: Identity = ME, *, name: str = "shop", kind: str = "sqlite"
) -> Connection:
    """A connection in somebody's workspace."""
    given = ConnectionCreate(name=name, kind=kind, settings={"path": str(path)})
    return await services.connections.create(identity, await home(services, identity), given)


async def converse(services: Services, connection: Connection, identity: Identity = ME) -> str:
    """The id of a new conversation."""
    given = ConversationCreate(connection_id=connection.id)
    return (await services.conversations.create(identity, connection.workspace_id, given)).id


async def ask(
    services: Services, connection: Connection, conversation: str, question: str, identity: Identity = ME
) -> Message:
    """Ask, and wait for the end."""
    events = await services.asking.ask(identity, connection.workspace_id, conversation, question)
    last = [event async for event in events][-1]
    assert last.message is not None
    return last.message
