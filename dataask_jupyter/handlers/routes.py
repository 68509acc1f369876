"""The one route table. The server's handlers, the OpenAPI document and the tests' walk all come from it."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

from . import (
    audit,
    auth,
    connections,
    conversations,
    invitations,
    members,
    operation,
    pages,
    queries,
    roles,
    uploads,
    users,
    workspaces,
)
from .base import BaseHandler

BASE = "/dataask/api/v1/"

METHODS = ("get", "post", "put", "patch", "delete")


@dataclass(frozen=True)
class Route:
    """A path below the base, `{name}` for an id, and the handler that serves it."""

    path: str
    handler: type[BaseHandler]

    @property
    def parameters(self) -> list[str]:
        """Names of the ids in the path."""
        return re.findall(r"\{(\w+)\}", self.path)

    @property
    def pattern(self) -> str:
        """The path as tornado wants it, without the server's base URL."""
        return BASE + re.sub(r"\{(\w+)\}", r"(?P<\1>[^/]+)", self.path.replace(".", r"\."))


_WORKSPACE = "workspaces/{workspace_id}"
_CONNECTION = _WORKSPACE + "/connections/{connection_id}"
_CONVERSATION = _WORKSPACE + "/conversations/{conversation_id}"

ROUTES: tuple[Route, ...] = (
    Route("auth/me", auth.MeHandler),
    Route("auth/register", auth.RegisterHandler),
    Route("auth/login", auth.LoginHandler),
    Route("auth/refresh", auth.RefreshHandler),
    Route("auth/logout", auth.LogoutHandler),
    Route("auth/password", auth.PasswordHandler),
    Route("auth/reset", auth.ResetHandler),
    Route("auth/deactivate", auth.DeactivateHandler),
    Route("auth/sessions", auth.SessionsHandler),
    Route("auth/sessions/{session_id}", auth.SessionHandler),
    Route("auth/tokens", auth.TokensHandler),
    Route("auth/tokens/{token_id}", auth.TokenHandler),
    Route("auth/xsrf", auth.XsrfHandler),
    Route("users", users.UsersHandler),
    Route("users/{user_id}", users.UserHandler),
    Route("users/{user_id}/reset-link", users.UserResetLinkHandler),
    Route("audit", audit.ServerAuditHandler),
    Route("audit/facets", audit.ServerAuditFacetsHandler),
    Route("audit/export", audit.ServerAuditExportHandler),
    Route("audit/verify", audit.ServerAuditVerifyHandler),
    Route("home", workspaces.HomeHandler),
    Route("workspaces", workspaces.WorkspacesHandler),
    Route(_WORKSPACE, workspaces.WorkspaceHandler),
    Route(_WORKSPACE + "/members", members.MembersHandler),
    Route(_WORKSPACE + "/members/{user_id}", members.MemberHandler),
    Route(_WORKSPACE + "/leave", members.LeaveHandler),
    Route(_WORKSPACE + "/invitations", invitations.InvitationsHandler),
    Route(_WORKSPACE + "/invitations/{invitation_id}", invitations.InvitationHandler),
    Route(_WORKSPACE + "/invitations/{invitation_id}/send", invitations.InvitationSendHandler),
    Route("invitations/preview", invitations.InvitationPreviewHandler),
    Route("invitations/accept", invitations.InvitationAcceptHandler),
    Route(_WORKSPACE + "/roles", roles.RolesHandler),
    Route(_WORKSPACE + "/roles/{role_id}", roles.RoleHandler),
    Route(_WORKSPACE + "/audit", audit.AuditHandler),
    Route(_WORKSPACE + "/audit/facets", audit.AuditFacetsHandler),
    Route(_WORKSPACE + "/audit/export", audit.AuditExportHandler),
    Route(_WORKSPACE + "/audit/verify", audit.AuditVerifyHandler),
    Route(_WORKSPACE + "/demo", workspaces.DemoHandler),
    Route("connection-kinds", connections.ConnectionKindsHandler),
    Route(_WORKSPACE + "/connections", connections.ConnectionsHandler),
    # Before the one with an id, which "test" would match.
    Route(_WORKSPACE + "/connections/test", connections.ConnectionTestHandler),
    Route(_CONNECTION, connections.ConnectionHandler),
    Route(_CONNECTION + "/test", connections.ConnectionCheckHandler),
    Route(_CONNECTION + "/schema", connections.ConnectionSchemaHandler),
    Route(_CONNECTION + "/sample", connections.ConnectionSampleHandler),
    Route(_WORKSPACE + "/uploads", uploads.UploadsHandler),
    Route(_WORKSPACE + "/uploads/{upload_id}", uploads.UploadHandler),
    Route(_WORKSPACE + "/uploads/{upload_id}/preview", uploads.UploadPreviewHandler),
    Route("queries/execute", queries.QueryExecuteHandler),
    Route("queries/{query_id}", queries.QueryHandler),
    Route("queries/{query_id}/rows", queries.QueryRowsHandler),
    Route(_WORKSPACE + "/queries", queries.QueriesHandler),
    Route(_WORKSPACE + "/conversations", conversations.ConversationsHandler),
    Route(_CONVERSATION, conversations.ConversationHandler),
    Route(_CONVERSATION + "/ask", conversations.AskHandler),
    Route("messages/{message_id}", conversations.MessageHandler),
    Route("messages/{message_id}/stop", conversations.MessageStopHandler),
    Route("messages/{message_id}/chart", conversations.MessageChartHandler),
    Route("messages/{message_id}/feedback", conversations.MessageFeedbackHandler),
    Route(_WORKSPACE + "/suggestions", conversations.SuggestionsHandler),
    Route("health", operation.HealthHandler),
    Route("ready", operation.ReadyHandler),
    Route("openapi.json", operation.OpenApiHandler),
)


def tornado_handlers() -> list[tuple[str, Any]]:
    """The table as an ExtensionApp wants it; addresses that are not in it answer with a problem too."""
    return [
        *((route.pattern, route.handler) for route in ROUTES),
        (r"/dataask/api(?:/.*)?", operation.UnknownHandler),
        *pages.handlers(),
    ]
