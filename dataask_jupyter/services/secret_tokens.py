"""Secrets that DataAsk makes: random, shown once, kept as a hash."""

from __future__ import annotations

import hashlib
import secrets
import unicodedata
from typing import Final

BYTES: Final = 32
"""256 random bits; so many that one plain hash of them is enough."""

API_PREFIX: Final = "dataask_"
"""What API tokens begin with, so that people and secret scanners know them."""


def make(prefix: str = "") -> str:
    """A new secret."""
    return prefix + secrets.token_urlsafe(BYTES)


def digest(secret: str) -> str:
    """What the store keeps of it."""
    return hashlib.sha256(secret.encode("utf-8", "replace")).hexdigest()


def fold_email(address: str) -> str:
    """An e-mail address for comparing: two that look the same are the same account."""
    return unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", address).strip().casefold())
