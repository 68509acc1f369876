"""The embedded engine: deterministic, offline, explains itself."""

from __future__ import annotations

from .engine import EmbeddedEngine

__all__ = ["EmbeddedEngine"]
