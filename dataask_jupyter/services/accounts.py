"""Users: who they are, their personal workspace, and where they left off."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Hashable
from dataclasses import replace
from typing import TYPE_CHECKING

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from dataask_jupyter._version import __version__
from dataask_jupyter.access.identity import Identity, Principal
from dataask_jupyter.access.permissions import authorize, authorize_account
from dataask_jupyter.access.roles import Grant
from dataask_jupyter.errors import Forbidden, SessionEnded
from dataask_jupyter.schemas import users as schemas
from dataask_jupyter.store.changes import Changes
from dataask_jupyter.store.database import Store
from dataask_jupyter.store.models import Connection, Membership, Role, User, Workspace

from . import events, grants, idempotency
from .groups import Groups

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

PERSONAL = "Personal"
REMEMBERED = 10_000
"""People whose answer to "who am I" is remembered."""


class Accounts:
    """Users."""

    def __init__(
        self,
        store: Store,
        groups: Groups | None = None,
        *,
        server: schemas.ServerInfo | None = None,
        changes: Changes | None = None,
    ) -> None:
        self._store = store
        self._groups = groups or Groups({})
        self._server = server or schemas.ServerInfo(version=__version__, mode="solo", mail=False)
        self._changes = changes
        self._remembered: OrderedDict[Identity, tuple[Hashable, schemas.Me]] = OrderedDict()

    def principal(self, session: Session, identity: Identity) -> Principal | None:
        """The known user behind an identity, with their roles; None before their first request."""
        rows = session.execute(
            select(User, Membership.workspace_id, Membership.role, Role.name, Role.permissions)
            .outerjoin(Membership, Membership.user_id == User.id)
            .outerjoin(Role, Role.id == Membership.role)
            .where(User.subject == identity.subject)
        ).all()
        if not rows:
            return None
        user: User = rows[0][0]
        if not user.active:
            raise SessionEnded("This account was deactivated. Ask an administrator.")
        roles: dict[str, Grant] | None = {
            workspace_id: grants.of(role, name, permissions)
            for _, workspace_id, role, name, permissions in rows
            if workspace_id is not None
        }
        if roles is not None and identity.groups is not None:
            roles = self._groups.applied(session, user, roles, identity.groups)
        if roles is None:
            # The Hub's groups changed: `register` stores what they say now.
            return None
        return Principal(
            user_id=user.id,
            name=user.name,
            display_name=user.display_name,
            roles=roles,
            is_admin=user.is_admin,
            via=identity.via,
            scope=identity.scope,
            session_id=identity.session_id,
            client=identity.client,
        )

    async def register(self, identity: Identity) -> None:
        """Make the user and their personal workspace; harmless when somebody else just did."""
        if identity.subject.startswith("account:"):
            # Accounts are made by registering only.
            raise SessionEnded("This account is gone. Ask an administrator.")

        def make(session: Session) -> None:
            user = session.scalar(select(User).where(User.subject == identity.subject))
            if user is None:
                user = add(session)
            if identity.groups is not None:
                self._groups.sync(session, user, identity.groups)

        def add(session: Session) -> User:
            user = User(subject=identity.subject, name=identity.name, display_name=identity.display_name)
            session.add(user)
            session.flush()
            principal = Principal(
                user_id=user.id,
                name=user.name,
                display_name=user.display_name,
                via=identity.via,
                client=identity.client,
            )
            add_workspace(session, principal, PERSONAL, personal=True)
            events.record(session, principal, "user.create", "user", user.id)
            return user

        try:
            await self._store.write(make)
        except IntegrityError:
            # Two first requests at once: PostgreSQL lets both begin, and the unique subject lets one win.
            return

    async def me(self, identity: Identity) -> schemas.Me:
        """The user, and the workspace to open. Remembered for as long as the store has not changed."""
        version = self._changes.version() if self._changes is not None else None
        known = self._remembered.get(identity)
        if known is not None and version is not None and known[0] == version:
            return known[1]
        found = await self._with_registration(identity, None)
        if version is not None:
            self._remembered[identity] = (version, found)
            self._remembered.move_to_end(identity)
            if len(self._remembered) > REMEMBERED:
                self._remembered.popitem(last=False)
        return found

    async def update_me(self, identity: Identity, change: schemas.MeUpdate) -> schemas.Me:
        """Remember the workspace that the user switched to, or change their name."""
        return await self._with_registration(identity, change)

    async def _with_registration(self, identity: Identity, change: schemas.MeUpdate | None) -> schemas.Me:
        def work(session: Session) -> schemas.Me | None:
            principal = self.principal(session, identity)
            if principal is None:
                return None
            if change is not None:
                idempotency.mark_acted(session, identity.client.reservation)
                principal = self._changed(session, principal, change)
            return self._me(session, principal)

        act = self._store.read if change is None else self._store.write
        found = await act(work)
        if found is None:
            await self.register(identity)
            found = await act(work)
        if found is None:
            raise RuntimeError("A user who was just registered isn't there.")
        return found

    def _changed(self, session: Session, principal: Principal, change: schemas.MeUpdate) -> Principal:
        if principal.scope == "read":
            raise Forbidden("A token that only reads can't do this. Make one that may work, or sign in.")
        if change.workspace_id is not None:
            self.switch(session, principal, change.workspace_id)
        before, after = principal.display_name, change.display_name
        if after is None:
            return principal
        authorize_account(principal)
        if after == before:
            return principal
        session.get_one(User, principal.user_id).display_name = after
        payload = {"changes": {"display_name": [before, after]}}
        events.record(session, principal, "user.update", "user", principal.user_id, object_name=after, payload=payload)
        return replace(principal, display_name=after)

    def _me(self, session: Session, principal: Principal) -> schemas.Me:
        return schemas.Me(
            user=present(session.get_one(User, principal.user_id)),
            workspace_id=_workspace_to_open(session, principal),
            # As in `workspaces`: a token that only works makes none.
            server=self._server.model_copy(update={"workspace_creation": principal.scope == "full"}),
        )

    @staticmethod
    def switch(session: Session, principal: Principal, workspace_id: str) -> None:
        """Remember where the user is. Not an act worth an event: it changes nothing for anybody."""
        authorize(principal, "workspace.read", session.get(Workspace, workspace_id))
        session.get_one(User, principal.user_id).last_workspace_id = workspace_id


def add_workspace(session: Session, principal: Principal, name: str, *, personal: bool = False) -> Workspace:
    """A new workspace with its owner."""
    workspace = Workspace(name=name, personal_to=principal.user_id if personal else None)
    session.add(workspace)
    session.flush()
    session.add(Membership(workspace_id=workspace.id, user_id=principal.user_id, role="owner"))
    session.flush()
    events.record(
        session,
        principal,
        "workspace.create",
        "workspace",
        workspace.id,
        object_name=name,
        workspace_id=workspace.id,
    )
    return workspace


def present(user: User) -> schemas.User:
    """The user, as they see themselves."""
    return schemas.User(
        id=user.id, name=user.name, display_name=user.display_name, email=user.email, is_admin=user.is_admin
    )


def _workspace_to_open(session: Session, principal: Principal) -> str:
    """The one last chosen, else the first that has a connection, else the personal one."""
    last = session.scalar(select(User.last_workspace_id).where(User.id == principal.user_id))
    if last is not None and last in principal.roles:
        return last
    rows = session.execute(
        select(Workspace.id, Workspace.personal_to, Connection.id)
        .outerjoin(Connection, Connection.workspace_id == Workspace.id)
        .where(Workspace.id.in_(list(principal.roles)))
        .order_by(Workspace.created_at, Workspace.id)
    ).all()
    for workspace_id, _, connection_id in rows:
        if connection_id is not None:
            return str(workspace_id)
    for workspace_id, personal_to, _ in rows:
        if personal_to == principal.user_id:
            return str(workspace_id)
    return str(rows[0][0])
