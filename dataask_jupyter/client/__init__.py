"""The client that notebooks and the kernel's widgets use: it finds its server, asks, and gives DataFrames."""

from __future__ import annotations

from .errors import NeedsClarification, ServerUnavailable
from .session import Client, ResultTruncated, connect

__all__ = ["Client", "NeedsClarification", "ResultTruncated", "ServerUnavailable", "connect"]
