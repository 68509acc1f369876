"""Taking secrets out of what drivers say: some put the password, or the whole address with it, into their errors."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from typing import Any, Final
from urllib.parse import quote, quote_plus

SHOWN: Final = "[secret]"
_ANYWHERE: Final = 5
"""Shorter secrets are taken out only where they stand alone: as a part of words they are everywhere."""


class Redactor:
    """Replaces secrets, as they are and as addresses, JSON and Python write them."""

    def __init__(self, secrets: Iterable[str]) -> None:
        written = {form for secret in secrets if secret for form in _forms(secret)}
        patterns = [_pattern(form) for form in sorted(written, key=len, reverse=True)]
        self._pattern = re.compile("|".join(patterns)) if patterns else None

    def text(self, text: str) -> str:
        """The text without them."""
        return text if self._pattern is None else self._pattern.sub(SHOWN, text)

    def clean(self, value: Any) -> Any:
        """The same for all texts in a JSON value."""
        if self._pattern is None:
            return value
        match value:
            case str():
                return self.text(value)
            case dict():
                return {name: self.clean(inner) for name, inner in value.items()}
            case list():
                return [self.clean(inner) for inner in value]
        return value


def _forms(secret: str) -> set[str]:
    sound = secret.encode("utf-8", "replace").decode()
    forms = {secret, quote(sound, safe=""), quote(sound), quote_plus(sound), json.dumps(secret)[1:-1]}
    forms |= {repr(secret)[1:-1], json.dumps(secret, ensure_ascii=False)[1:-1], secret.replace("'", "''")}
    # A secret of several lines, such as a private key, may be told line by line.
    return forms | {line for line in secret.splitlines() if len(line) >= 2 * _ANYWHERE and not line.startswith("-----")}


def _pattern(form: str) -> str:
    found = re.escape(form)
    return found if len(form) >= _ANYWHERE else rf"(?<!\w){found}(?!\w)"
