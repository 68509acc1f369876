"""The key of a service account, as Google gives it: a JSON file.

Such files can also tell a client library to run a program, to read a file or to ask an address for a token. So only one
form passes, its address is compared with Google's own, and what goes on is made anew from the parts that are needed.
"""

from __future__ import annotations

import json
import re
from typing import Any, Final

TOKEN_URI: Final = "https://oauth2.googleapis.com/token"  # noqa: S105 - an address
UNIVERSE: Final = "googleapis.com"
MAX_CHARACTERS: Final = 20_000

_NEEDED = ("type", "project_id", "private_key_id", "private_key", "client_email", "client_id", "token_uri")
_KNOWN = frozenset(
    {*_NEEDED, "auth_uri", "auth_provider_x509_cert_url", "client_x509_cert_url", "universe_domain"}
)  # fmt: skip
_PEM = re.compile(r"-----BEGIN PRIVATE KEY-----\s[A-Za-z0-9+/=\s]+-----END PRIVATE KEY-----\s*")
_EMAIL = re.compile(r"[A-Za-z0-9._-]{1,200}@[A-Za-z0-9.-]{1,200}")


def normal(text: str) -> str:
    """The parts of a key file that are needed; raises ValueError with words for the user."""
    try:
        found: Any = json.loads(text)
    except (ValueError, RecursionError):
        found = None
    if not isinstance(found, dict):
        raise ValueError("This must be the whole JSON file of a service account's key.")  # noqa: TRY004 - pydantic's
    if found.get("type") != "service_account":
        raise ValueError(
            "Only the key of a service account can be used: its “type” is “service_account”. Make one in Google Cloud"
            " under IAM, Service accounts, Keys."
        )
    unknown = sorted(str(name) for name in found.keys() - _KNOWN)
    if unknown:
        raise ValueError(f"The key file holds “{unknown[0][:40]}”, which no key of a service account has. Remove it.")
    if any(not isinstance(value, str) for value in found.values()):
        raise ValueError("The key file isn't whole: each of its parts is a text. Make a new key.")
    if found.get("token_uri", TOKEN_URI) != TOKEN_URI:
        raise ValueError(f"The “token_uri” of the key file must be {TOKEN_URI}: the key is sent nowhere else.")
    if found.get("universe_domain", UNIVERSE) != UNIVERSE:
        raise ValueError(f"The “universe_domain” of the key file must be {UNIVERSE}.")
    if not _EMAIL.fullmatch(found.get("client_email", "")):
        raise ValueError("The key file has no “client_email”. Make a new key.")
    if not _PEM.fullmatch(found.get("private_key", "")):
        raise ValueError("The key file has no “private_key” as PEM text. Make a new key.")
    kept = {name: found[name] for name in _NEEDED if name in found}
    return json.dumps({**kept, "token_uri": TOKEN_URI, "universe_domain": UNIVERSE}, indent=1)
