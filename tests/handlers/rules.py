"""One rule for every operation: who may, with what request, and what they then get.

A new route without a rule here fails `test_matrix`.
"""

from __future__ import annotations

import uuid
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any

from dataask_jupyter.handlers.endpoint import Endpoint, declared
from dataask_jupyter.handlers.routes import METHODS, ROUTES, Route
from dataask_jupyter.store.models import Base, Connection, Conversation, Membership, Role, Workspace

from .people import Person, World

Fresh = Callable[[World, Person], Awaitable[dict[str, str]]]
ALL = frozenset({"owner", "admin", "editor", "viewer", "custom"})
ADMINS = frozenset({"owner", "admin"})
WRITERS = ADMINS | {"editor"}
TALKERS = WRITERS | {"viewer"}
AUDITORS = ADMINS | {"custom"}
SECRET = "s" * 43
PASSWORD = "correct horse battery"
ACCOUNT = {"email": "ann@example.org", "password": PASSWORD}


@dataclass(frozen=True)
class Rule:
    """Who may do it, and how one asks for it."""

    may: frozenset[str] = ALL
    """The roles in W1 that may. Who else is a member gets 403, a stranger 404."""
    ok: tuple[int, ...] = (200,)
    """What those get who may."""
    personal: bool = False
    """Not about a workspace: for everybody who is signed in."""
    public: bool = False
    """For everybody."""
    body: Any = None
    """JSON, or a function of the world that makes it."""
    params: dict[str, Any] = field(default_factory=dict)
    content: bytes | None = None
    """A body that isn't JSON."""
    changes: type[Base] | None = None
    """What `If-Match` is about."""
    stale: bool = False
    """Ask with an old version, so that it passes the gate and changes nothing."""
    fresh: Fresh | None = None
    """Makes what this request will use up."""


def _connected(**more: Any) -> Callable[[World], dict[str, Any]]:
    return lambda world: {"connection_id": world.connection, **more}


def _source(**more: Any) -> Callable[[World], dict[str, Any]]:
    return lambda world: {"kind": "sqlite", "settings": {"path": str(world.shop)}, **more}


def _named(**more: Any) -> Callable[[World], dict[str, Any]]:
    return lambda _: {"name": uuid.uuid4().hex, **more}


async def _connection(world: World, _: Person) -> dict[str, str]:
    return {"connection_id": await world.connect()}


async def _upload(world: World, _: Person) -> dict[str, str]:
    return {"upload_id": await world.upload()}


async def _conversation(world: World, person: Person) -> dict[str, str]:
    return {"conversation_id": await world.converse(person)}


async def _invitation(world: World, _: Person) -> dict[str, str]:
    return {"invitation_id": (await world.invite("viewer"))["invitation"]["id"]}


async def _role(world: World, _: Person) -> dict[str, str]:
    return {"role_id": await world.role()}


async def _spare(world: World, _: Person) -> dict[str, str]:
    await world.admit("viewer", "spare")
    return {}


def _personal(*ok: int, body: Any = None) -> Rule:
    return Rule(personal=True, ok=ok or (200,), body=body)


def _public(*ok: int, body: Any = None) -> Rule:
    return Rule(public=True, ok=ok or (200,), body=body)


# On a server with one user there are no accounts to manage: these answer 404 to everybody.
RULES: dict[str, Rule] = {
    "getMe": _personal(),
    "updateMe": _personal(body={}),
    "register": _public(404, body={**ACCOUNT, "display_name": "Ann"}),
    "login": _public(404, body=ACCOUNT),
    "refresh": _public(404, body={"refresh_token": SECRET}),
    "logout": _personal(404, body={}),
    "changePassword": _personal(404, body={"current_password": PASSWORD, "new_password": PASSWORD + "!"}),
    "resetPassword": _public(404, body={"token": SECRET, "password": PASSWORD}),
    "deactivate": _personal(404, body={"password": PASSWORD}),
    "listSessions": _personal(404),
    "endSession": _personal(404),
    "listTokens": _personal(404),
    "createToken": _personal(404, body={"name": "script"}),
    "revokeToken": _personal(404),
    "getXsrf": _personal(),
    "listUsers": _personal(404),
    "updateUser": _personal(404, body={"is_admin": True}),
    "createResetLink": _personal(404),
    "listServerAudit": _personal(404),
    "getServerAuditFacets": _personal(404),
    "exportServerAudit": _personal(404),
    "verifyServerAudit": _personal(404),
    "getHome": _personal(),
    "listWorkspaces": _personal(),
    "createWorkspace": _personal(201, body=_named()),
    "getWorkspace": Rule(),
    "updateWorkspace": Rule(ADMINS, body={"name": "W1"}, changes=Workspace),
    "deleteWorkspace": Rule(frozenset({"owner"}), (412,), params={"name": "W1"}, changes=Workspace, stale=True),
    "listMembers": Rule(),
    "updateMember": Rule(ADMINS, body={"role": "viewer"}, changes=Membership),
    "removeMember": Rule(ADMINS, (204,), fresh=_spare),
    # 409 for the last owner.
    "leaveWorkspace": Rule(ALL, (204, 409)),
    "listInvitations": Rule(ADMINS),
    "createInvitation": Rule(ADMINS, (201,), body={"role": "viewer"}),
    "revokeInvitation": Rule(ADMINS, (204,), fresh=_invitation),
    # It is a link, which can't be sent.
    "sendInvitation": Rule(ADMINS, (409,)),
    "previewInvitation": _public(404, body={"token": SECRET}),
    "acceptInvitation": _personal(404, body={"token": SECRET}),
    "listRoles": Rule(),
    "createRole": Rule(ADMINS, (201,), body=_named(permissions=["query.read"])),
    "updateRole": Rule(ADMINS, body=_named(), changes=Role),
    "deleteRole": Rule(ADMINS, (204,), changes=Role, fresh=_role),
    "listAudit": Rule(AUDITORS),
    "getAuditFacets": Rule(AUDITORS),
    "exportAudit": Rule(AUDITORS),
    "verifyAudit": Rule(AUDITORS),
    # Where there is no room for its files, as in the tests.
    "loadDemo": Rule(ADMINS, (503, 507)),
    "listConnectionKinds": _personal(),
    "listConnections": Rule(),
    "createConnection": Rule(ADMINS, (201,), body=lambda world: _source(name=uuid.uuid4().hex)(world)),
    "testSettings": Rule(ADMINS, body=_source()),
    "getConnection": Rule(),
    "updateConnection": Rule(ADMINS, body={"name": "shop"}, changes=Connection),
    "deleteConnection": Rule(ADMINS, (204,), fresh=_connection),
    "testConnection": Rule(AUDITORS),
    "getSchema": Rule(),
    "getSample": Rule(WRITERS, params={"table": "orders"}),
    "listUploads": Rule(),
    "createUpload": Rule(ADMINS, (201,), content=b"a\n1\n", params={"name": "a.csv"}),
    "getUpload": Rule(),
    "deleteUpload": Rule(ADMINS, (204,), fresh=_upload),
    "previewUpload": Rule(ADMINS, body={}),
    "executeQuery": Rule(WRITERS, (200, 202), body=_connected(sql="SELECT 1")),
    "getQuery": Rule(),
    "cancelQuery": Rule(WRITERS),
    "getRows": Rule(),
    "listQueries": Rule(),
    "listConversations": Rule(TALKERS),
    "createConversation": Rule(WRITERS, (201,), body=_connected()),
    "getConversation": Rule(TALKERS),
    "updateConversation": Rule(WRITERS, body={"title": "Orders"}, changes=Conversation),
    "deleteConversation": Rule(WRITERS, (204,), fresh=_conversation),
    "ask": Rule(WRITERS, body={"question": "number of orders"}),
    "getMessage": Rule(TALKERS),
    "stopMessage": Rule(WRITERS),
    "chooseChart": Rule(WRITERS, body={"type": "table"}),
    "giveFeedback": Rule(WRITERS, body={"rating": "up"}),
    "listSuggestions": Rule(TALKERS),
    "getHealth": _public(),
    "getReady": _public(),
    "getOpenApi": _personal(),
}

OPERATIONS: dict[str, tuple[Route, str, Endpoint]] = {
    found.operation: (route, method, found)
    for route in ROUTES
    for method in METHODS
    if (found := declared(route.handler, method)) is not None
}
"""What there is, from the route table."""

_KEYS: dict[type[Base], str] = {Role: "role_id", Connection: "connection_id", Conversation: "conversation_id"}


def body_of(rule: Rule, world: World) -> Any:
    """The JSON that the request sends."""
    return rule.body(world) if callable(rule.body) else rule.body


async def request(name: str, world: World, person: Person, ids: dict[str, str]) -> tuple[str, str, dict[str, Any]]:
    """Method, path and the rest of a request for these ids."""
    rule, (route, method, _) = RULES[name], OPERATIONS[name]
    given: dict[str, Any] = {"params": rule.params, "headers": {}}
    body = body_of(rule, world)
    if body is not None:
        given["json"] = body
    if rule.content is not None:
        given["content"] = rule.content
    if rule.changes is not None:
        version = 10**6 if rule.stale else await _version(rule.changes, world, ids)
        given["headers"]["If-Match"] = f'"{version}"'
    return method.upper(), route.path.format(**ids), given


async def _version(kind: type[Base], world: World, ids: dict[str, str]) -> int:
    if kind is Workspace:
        return await world.version(kind, ids["workspace_id"])
    if kind is Membership:
        return await world.version(kind, (ids["workspace_id"], ids["user_id"]))
    return await world.version(kind, ids[_KEYS[kind]])
