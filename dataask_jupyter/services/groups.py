"""Workspace roles that JupyterHub's groups give: made, changed and removed as the Hub says.

Such a workspace is made by the server and found by an id that follows from its name in the settings. A workspace that
somebody happens to give the same name is another one: nobody can make themselves the owner of what a group will use.
"""

from __future__ import annotations

import uuid
from collections.abc import Collection, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from dataask_jupyter.access.roles import BUILT_IN, Grant
from dataask_jupyter.schemas.roles import BuiltInRole
from dataask_jupyter.store.models import Membership, User, Workspace

from . import events

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

GroupRoles = Mapping[str, Mapping[str, BuiltInRole]]

_NAMESPACE = uuid.UUID("0b0f5d2c-6c52-4d0f-9d06-7f1f5f0c9b4e")
_ORDER: tuple[BuiltInRole, ...] = tuple(BUILT_IN)


def workspace_id(name: str) -> str:
    """The id of the workspace that the settings call so."""
    return uuid.uuid5(_NAMESPACE, name).hex


class Groups:
    """What the Hub's groups mean here: `{"analysts": {"Retail analytics": "editor"}}`."""

    def __init__(self, roles: GroupRoles, admins: Collection[str] = ()) -> None:
        self._roles = roles
        self._admins = frozenset(admins)
        self._names = {workspace_id(name): name for given in roles.values() for name in given}
        # Somebody has to own it: where no group does, the server's administrators.
        owned = {name for given in roles.values() for name, role in given.items() if role == "owner"}
        self._unowned = frozenset(self._names.values()) - owned

    def applied(
        self, session: Session, user: User, roles: Mapping[str, Grant], groups: Collection[str]
    ) -> dict[str, Grant] | None:
        """The user's roles as the groups have it; None when what is stored differs, so that `sync` has work.

        A membership that somebody gave by hand stays as it is; where a group gives more, the user may do both.
        """
        if self._admin(user, groups) != user.is_admin:
            return None
        wanted = self._wanted(user, groups)
        query = select(Membership.workspace_id, Membership.role, Membership.source).where(Membership.user_id == user.id)
        known = {key: (role, source) for key, role, source in session.execute(query)}
        given = {key: role for key, (role, source) in known.items() if source == "group"}
        if any(key not in known for key in wanted) or any(wanted.get(key) != role for key, role in given.items()):
            return None
        return {key: _both(grant, wanted.get(key)) for key, grant in roles.items()}

    def sync(self, session: Session, user: User, groups: Collection[str]) -> None:
        """Store what the groups say about the user. In a transaction that writes."""
        admin = self._admin(user, groups)
        if admin != user.is_admin:
            events.record(
                session,
                events.SYSTEM,
                "user.update",
                "user",
                user.id,
                object_name=user.display_name,
                payload={"changes": {"is_admin": [user.is_admin, admin]}, "source": "group"},
            )
            user.is_admin = admin
        wanted = self._wanted(user, groups)
        rows = session.scalars(select(Membership).where(Membership.user_id == user.id))
        known = {row.workspace_id: row for row in rows}
        for key, row in known.items():
            if row.source == "group" and key not in wanted:
                session.delete(row)
                _record(session, "member.remove", row.workspace_id, user, [row.role, None])
        for key, role in wanted.items():
            found = known.get(key)
            if found is None:
                self._make(session, key)
                session.add(Membership(workspace_id=key, user_id=user.id, role=role, source="group"))
                _record(session, "member.add", key, user, [None, role])
            elif found.source == "group" and found.role != role:
                _record(session, "member.update", key, user, [found.role, role])
                found.role = role
                found.version += 1
        session.flush()

    def _admin(self, user: User, groups: Collection[str]) -> bool:
        return not self._admins.isdisjoint(groups) if self._admins else user.is_admin

    def _wanted(self, user: User, groups: Collection[str]) -> dict[str, BuiltInRole]:
        wanted: dict[str, BuiltInRole] = {}
        for group in groups:
            for name, role in self._roles.get(group, {}).items():
                key = workspace_id(name)
                if key not in wanted or _ORDER.index(role) < _ORDER.index(wanted[key]):
                    wanted[key] = role
        if self._admin(user, groups):
            wanted |= {workspace_id(name): "owner" for name in self._unowned}
        return wanted

    def _make(self, session: Session, key: str) -> None:
        if session.get(Workspace, key) is not None:
            return
        name = self._names[key]
        try:
            with session.begin_nested():
                session.add(Workspace(id=key, name=name))
        except IntegrityError:
            # Another member of the group came in at the same moment.
            return
        payload = {"source": "group"}
        events.record(
            session,
            events.SYSTEM,
            "workspace.create",
            "workspace",
            key,
            object_name=name,
            workspace_id=key,
            payload=payload,
        )


def _both(grant: Grant, role: BuiltInRole | None) -> Grant:
    """What a membership and a group give together."""
    given = BUILT_IN[role] if role is not None else frozenset()
    if role is None or given <= grant.permissions:
        return grant
    if given >= grant.permissions:
        return Grant.built_in(role)
    return replace(grant, permissions=grant.permissions | given)


def _record(session: Session, action: str, key: str, user: User, change: list[str | None]) -> None:
    payload = {"changes": {"role": change}, "source": "group"}
    events.record(
        session,
        events.SYSTEM,
        action,
        "member",
        user.id,
        object_name=user.display_name,
        workspace_id=key,
        payload=payload,
    )
