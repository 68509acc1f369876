"""Users and workspaces: made once, seen by their own people only."""

from __future__ import annotations

import asyncio

import pytest
from sqlalchemy import func, select

from dataask_jupyter.errors import NotFound
from dataask_jupyter.schemas.users import MeUpdate
from dataask_jupyter.services.container import Services
from dataask_jupyter.store.models import Event, Membership, User, Workspace
from tests.services.conftest import ANN, BOB, ME, MakeServices, connect, home


async def test_many_first_requests_at_once_make_one_user(both: Services) -> None:
    services = both
    found = await asyncio.gather(*(services.accounts.me(ME) for _ in range(20)))
    assert len({me.user.id for me in found}) == 1
    assert len({me.workspace_id for me in found}) == 1
    for table in (User, Workspace, Membership):
        count = await services.store.read(lambda s, t=table: s.scalar(select(func.count()).select_from(t)))
        assert count == 1
    actions = await services.store.read(lambda s: s.scalars(select(Event.action).order_by(Event.sequence)).all())
    assert list(actions) == ["workspace.create", "user.create"]


async def test_first_requests_of_several_processes(settings, make_services: MakeServices) -> None:
    processes = [make_services(settings) for _ in range(3)]
    found = await asyncio.gather(*(each.accounts.me(ME) for each in processes for _ in range(5)))
    assert len({me.user.id for me in found}) == 1


async def test_everybody_has_a_workspace_of_their_own(services: Services) -> None:
    ann, bob = await services.accounts.me(ANN), await services.accounts.me(BOB)
    assert ann.workspace_id != bob.workspace_id
    with pytest.raises(NotFound) as foreign:
        await services.workspaces.get(ANN, bob.workspace_id)
    with pytest.raises(NotFound) as absent:
        await services.workspaces.get(ANN, "0" * 32)
    assert foreign.value.problem() == absent.value.problem()
    assert [w.id for w in (await services.workspaces.list(ANN, None, 50)).items] == [ann.workspace_id]


async def test_the_workspace_to_open(both: Services, shop) -> None:
    services = both
    personal = await home(services)
    demo = await services.workspaces.open(ME, "Demo")
    assert await home(services) == demo.id
    assert (await services.workspaces.open(ME, "Demo")).id == demo.id
    assert (await services.accounts.update_me(ME, MeUpdate(workspace_id=personal))).workspace_id == personal
    with pytest.raises(NotFound):
        await services.accounts.update_me(ME, MeUpdate(workspace_id=await home(services, ANN)))
    # Nothing chosen: the first with a connection.
    await connect(services, shop)
    assert await home(services) == personal


async def test_lists_are_paged_by_name(both: Services) -> None:
    services = both
    await home(services)
    for name in ("b", "a", "a", "d", "c"):
        await services.workspaces.open(ME, f"{name} {await _count(services)}")
    names: list[str] = []
    cursor: str | None = None
    for _ in range(10):
        page = await services.workspaces.list(ME, cursor, 2)
        assert len(page.items) <= 2
        names += [workspace.name for workspace in page.items]
        cursor = page.next_cursor
        if cursor is None:
            break
    assert names == sorted(names)
    assert len(names) == 6


async def _count(services: Services) -> int:
    return await services.store.read(lambda s: s.scalar(select(func.count()).select_from(Workspace))) or 0
