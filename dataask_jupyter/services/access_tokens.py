"""Access tokens: JWTs that are good for minutes and name a session. Whether that lives is for the store to say."""

from __future__ import annotations

import secrets
import time
from dataclasses import dataclass
from typing import Any, Final

import jwt

from .keys import Keys

ALGORITHM: Final = "HS256"
ISSUER: Final = "dataask"
AUDIENCE: Final = "dataask-api"
LEEWAY_SECONDS: Final = 60
_CLAIMS: Final = ["exp", "iat", "jti", "sub", "aud", "iss", "sid", "typ"]


@dataclass(frozen=True)
class Claims:
    """What a token that holds says."""

    user_id: str
    session_id: str
    expires_at: float
    """Seconds since 1970; the leeway is not in it."""


class AccessTokens:
    """Makes and reads them with one key and one algorithm, whatever a token's header says."""

    def __init__(self, keys: Keys, minutes: int) -> None:
        self._key = keys.of("access-token")
        self.seconds: Final = minutes * 60

    def make(self, user_id: str, session_id: str) -> str:
        """A token for a session."""
        moment = int(time.time())
        claims: dict[str, Any] = {
            "iss": ISSUER,
            "aud": AUDIENCE,
            "sub": user_id,
            "sid": session_id,
            "jti": secrets.token_hex(16),
            "typ": "access",
            "iat": moment,
            "nbf": moment,
            "exp": moment + self.seconds,
        }
        return jwt.encode(claims, self._key, algorithm=ALGORITHM)

    def read(self, token: str) -> Claims | None:
        """What the token says, if this server made it for this use and it isn't over."""
        try:
            found = jwt.decode(
                token,
                self._key,
                algorithms=[ALGORITHM],
                audience=AUDIENCE,
                issuer=ISSUER,
                leeway=LEEWAY_SECONDS,
                options={"require": _CLAIMS},
            )
            claims = Claims(found["sub"], found["sid"], float(found["exp"]))
        except (jwt.PyJWTError, ValueError, TypeError, KeyError):
            return None
        if found["typ"] != "access" or not isinstance(claims.session_id, str) or not isinstance(found["jti"], str):
            return None
        return claims


def looks_like_one(token: str) -> bool:
    """Whether it has a JWT's form. Nothing is decided by it but where to look."""
    return token.count(".") == 2
