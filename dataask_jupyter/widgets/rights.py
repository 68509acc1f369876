"""What a widget may ask for where its reader isn't the owner of its kernel.

In a notebook both are one person. On a Voilà page they aren't: whoever opens the page talks to a kernel that runs as
the publisher, with the publisher's token. A reader may ask questions and look at answers, not run SQL of their own,
connect other files, change the workspace or list what other readers asked.
"""

from __future__ import annotations

import os
import re
from typing import Any

READER_ROUTES = (
    "GET auth/me",
    "GET workspaces",
    "GET workspaces/*",
    "GET connection-kinds",
    "GET workspaces/*/connections",
    "GET workspaces/*/connections/*",
    "GET workspaces/*/connections/*/schema",
    "GET workspaces/*/connections/*/sample",
    "GET workspaces/*/suggestions",
    "POST workspaces/*/conversations",
    "GET workspaces/*/conversations/*",
    "PATCH workspaces/*/conversations/*",
    "POST workspaces/*/conversations/*/ask",
    "GET messages/*",
    "POST messages/*/stop",
    "PUT messages/*/chart",
    "POST messages/*/feedback",
    "GET queries/*",
    "GET queries/*/rows",
)
_READS = re.compile("|".join(re.escape(route).replace(r"\*", "[^/]+") for route in READER_ROUTES))


def on_a_page() -> bool:
    """True where Voilà started this kernel for somebody who looks at a page."""
    return "VOILA_PREHEAT" in os.environ or "VOILA_BASE_URL" in os.environ


def reader_may(method: str, path: str) -> bool:
    """True for what asking and looking need."""
    return _READS.fullmatch(f"{method} {path}") is not None


def for_reader(path: str, body: Any) -> Any:
    """The response without what is the publisher's alone: where on their machine the databases are."""
    if re.fullmatch(r"workspaces/[^/]+/connections", path) and isinstance(body, dict) and "items" in body:
        return {**body, "items": [_without_place(item) for item in body["items"]]}
    if re.fullmatch(r"workspaces/[^/]+/connections/[^/]+", path) and isinstance(body, dict):
        return _without_place(body)
    return body


def _without_place(connection: dict[str, Any]) -> dict[str, Any]:
    status = connection.get("status")
    kept = {**status, "detail": None} if isinstance(status, dict) else status
    return {**connection, "settings": {}, "status": kept}
