"""What a server for several people lets them do: DataAsk, and nothing else of Jupyter."""

from __future__ import annotations

from typing import Any

from jupyter_server.auth.authorizer import Authorizer


class DataAskAuthorizer(Authorizer):
    """Denies whatever isn't DataAsk's: kernels, terminals, files would run and read as the server's own user."""

    def is_authorized(self, handler: Any, user: Any, action: str, resource: str) -> bool:
        """True for DataAsk's own resources; its services ask the permission gate."""
        return resource.startswith("dataask:")
