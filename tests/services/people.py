"""People in one workspace, who came in as people do: by an invitation's link."""

from __future__ import annotations

from dataask_jupyter.access.identity import Identity, named
from dataask_jupyter.schemas.members import InvitationCreate, Member
from dataask_jupyter.schemas.workspaces import Workspace, WorkspaceCreate
from dataask_jupyter.services.container import Services


async def workspace(services: Services, owner: Identity, name: str = "Retail") -> str:
    """The id of a new workspace."""
    return (await services.workspaces.create(owner, WorkspaceCreate(name=name))).id


async def seen(services: Services, identity: Identity, workspace_id: str) -> Workspace:
    """The workspace as somebody sees it."""
    return await services.workspaces.get(identity, workspace_id)


async def join(
    services: Services, workspace_id: str, owner: Identity, *names: str, role: str = "editor"
) -> list[Identity]:
    """New members with this role."""
    given = InvitationCreate(role=role, max_uses=max(1, len(names)))
    link = (await services.invitations.create(owner, workspace_id, given)).link
    people = [named(name, name.capitalize()) for name in names]
    for each in people:
        await services.invitations.accept(each, link.partition("#")[2])
    return people


async def user_id(services: Services, identity: Identity) -> str:
    """The id by which others know somebody."""
    return (await services.accounts.me(identity)).user.id


async def member(services: Services, viewer: Identity, workspace_id: str, who: Identity) -> Member:
    """Somebody as a member."""
    page = await services.members.list(viewer, workspace_id, None, 200)
    found = await user_id(services, who)
    return next(each for each in page.items if each.user_id == found)
