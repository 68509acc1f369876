"""What a client gives as a connection's settings, taken apart: what may be seen, and what is secret."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from pydantic import SecretStr

from dataask_jupyter.errors import InvalidInput
from dataask_jupyter.schemas.common import FieldProblem
from dataask_jupyter.sources import NO_SECRETS, Secrets, get, parse, secret_fields

from .secrets import Sealed, words


@dataclass(frozen=True)
class Given:
    """Settings that fit their kind."""

    settings: dict[str, Any]
    """Those that may be seen, complete."""
    secrets: dict[str, SecretStr]
    removed: frozenset[str]
    """Secrets that were given as null: they are to be forgotten."""

    def tried(self, connection_id: str) -> Secrets:
        """Secrets that aren't kept yet, for a worker."""
        return Sealed(connection_id, kept=(), given=self.secrets) if self.secrets else NO_SECRETS

    def facts(self) -> dict[str, Any]:
        """For the record: which secrets were given or removed, by name."""
        found = {"secrets_set": sorted(self.secrets), "secrets_removed": sorted(self.removed)}
        return {name: fields for name, fields in found.items() if fields}


def take_apart(kind: str, settings: Mapping[str, Any], *, kept: Iterable[str] = ()) -> Given:
    """Raises InvalidInput that names each wrong field. A secret that is `kept` needn't be given again."""
    secret = secret_fields(kind)
    given = {name: value for name, value in settings.items() if not (name in secret and value is None)}
    removed = secret & (settings.keys() - given.keys())
    model = parse(kind, given, kept=frozenset(name for name in kept if name in secret and name not in settings))
    normal = model.model_dump(mode="json", exclude=set(secret))
    found = {name: _plain(getattr(model, name)) for name in sorted(secret & given.keys())}
    # An empty secret is none.
    secrets = {name: SecretStr(text) for name, text in found.items() if text}
    return Given(normal, secrets, frozenset(removed | (found.keys() - secrets.keys())))


def require_again(kind: str, before: Mapping[str, Any], given: Given, kept: Iterable[str]) -> None:
    """Raise unless all kept secrets were given again, or dropped, where any other setting changed.

    Or whoever may change a connection, but never knew its password, could have it sent to a server of their own.
    """
    changed = _changed(kind, before, given.settings)
    missing = sorted(name for name in kept if name not in given.secrets and name not in given.removed)
    if not changed or not missing:
        return
    which = ", ".join(words(name) for name in changed)
    problems = [
        FieldProblem(
            field=f"settings.{name}",
            detail=f"Enter the {words(name)} again because the {which} changed: it is kept for the old settings only.",
        )
        for name in missing
    ]
    raise InvalidInput(problems[0].detail, errors=problems)


def _changed(kind: str, before: Mapping[str, Any], after: Mapping[str, Any]) -> list[str]:
    fields = get(kind).settings_model.model_fields
    found = []
    for name in sorted({*before, *after}):
        # A setting that a newer DataAsk brought has its default in what an older one saved.
        default = fields[name].get_default(call_default_factory=True) if name in fields else None
        if before.get(name, default) != after.get(name, default):
            found.append(name)
    return found


def _plain(value: Any) -> str:
    if isinstance(value, SecretStr):
        return value.get_secret_value()
    return "" if value is None else str(value)
