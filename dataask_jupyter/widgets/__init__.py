"""DataAsk in a notebook cell or a Voilà page: one widget a surface."""

from __future__ import annotations

from .surfaces import Chat, SchemaBrowser

__all__ = ["Chat", "SchemaBrowser"]
