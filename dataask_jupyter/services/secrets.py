"""Secrets of connections: encrypted in a table of their own, under a key that isn't in the database.

Each ciphertext is bound to its connection and field, so one that is moved to another row can't be read there. Plain
text is made in one place: in the message to the worker that opens the source.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Final

from pydantic import SecretStr
from sqlalchemy import delete, select

from dataask_jupyter.errors import SecretUnreadable
from dataask_jupyter.sources import Secrets
from dataask_jupyter.store.models import ConnectionSecret, new_id

from .keys import Keys

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM
    from sqlalchemy.orm import Session

    from dataask_jupyter.store.database import Store

PURPOSE: Final = "connection-secrets"
_VAULT: Final = "dataask_vault"
_NONCE_BYTES: Final = 12


class Vault:
    """Encrypts and decrypts with the server's keys: the newest encrypts, all decrypt."""

    def __init__(self, keys: Keys) -> None:
        self._keys = keys
        self._ring: dict[str, AESGCM] = {}
        self._load()

    @property
    def newest(self) -> str:
        """The id of the key that encrypts now."""
        if self._keys.refresh():
            self._load()
        return next(iter(self._ring))

    def knows(self, key_id: str) -> bool:
        """Whether there is such a key; another process may just have brought it."""
        if key_id not in self._ring and self._keys.refresh():
            self._load()
        return key_id in self._ring

    def seal(self, connection_id: str, name: str, plain: SecretStr) -> tuple[str, bytes]:
        """The key's id, and the ciphertext for this field of this connection."""
        key_id = self.newest
        nonce = os.urandom(_NONCE_BYTES)
        text = plain.get_secret_value().encode("utf-8", "surrogatepass")
        return key_id, nonce + self._ring[key_id].encrypt(nonce, text, _bound_to(connection_id, name))

    def open(self, connection_id: str, name: str, key_id: str, ciphertext: bytes) -> SecretStr:
        """What was sealed; raises SecretUnreadable."""
        from cryptography.exceptions import InvalidTag

        if not self.knows(key_id):
            raise unreadable([name], lost=True)
        nonce, sealed = ciphertext[:_NONCE_BYTES], ciphertext[_NONCE_BYTES:]
        try:
            text = self._ring[key_id].decrypt(nonce, sealed, _bound_to(connection_id, name))
        except (InvalidTag, ValueError):
            raise unreadable([name], lost=False) from None
        return SecretStr(text.decode("utf-8", "surrogatepass"))

    def _load(self) -> None:
        from cryptography.hazmat.primitives.ciphers.aead import AESGCM

        # Replaced whole: another thread may be looking into the old one.
        self._ring = {_id(key): AESGCM(key) for key in self._keys.all_of(PURPOSE)}


@dataclass(frozen=True)
class Sealed(Secrets):
    """A connection's secrets, for the spec of its source: sealed ones as they are kept, and ones that were just given.

    Two are equal when they hold the same secrets, under whichever key.
    """

    connection_id: str
    kept: tuple[tuple[str, str], ...]
    """Field and version."""
    given: Mapping[str, SecretStr] = field(default_factory=dict)
    rows: Mapping[str, tuple[str, bytes]] = field(default_factory=dict, compare=False, repr=False)
    """Key's id and ciphertext, by field."""
    vault: Vault | None = field(default=None, compare=False, repr=False)

    @property
    def version(self) -> str:
        """As `Secrets.version`. Versions are random, so nothing of a secret can be told from it."""
        # Given ones are only ever tried, never read with: whatever they find must not be taken for another's.
        tried = [new_id()] if self.given else []
        text = "|".join([self.connection_id, *(f"{name}={version}" for name, version in self.kept), *tried])
        return hashlib.sha256(text.encode()).hexdigest() if self.kept or tried else ""

    @property
    def names(self) -> tuple[str, ...]:
        """The fields that are kept."""
        return tuple(name for name, _ in self.kept)

    def changed_by(self, given: Mapping[str, SecretStr], removed: frozenset[str]) -> Sealed:
        """With those that were just given in place of the kept ones, and without the removed ones."""
        gone = {*given, *removed}
        return replace(
            self,
            kept=tuple((name, version) for name, version in self.kept if name not in gone),
            given=given,
            rows={name: row for name, row in self.rows.items() if name not in gone},
        )

    def reveal(self) -> dict[str, str]:
        """As `Secrets.reveal`; raises SecretUnreadable."""
        plain = {name: secret.get_secret_value() for name, secret in self.given.items()}
        for name, (key_id, ciphertext) in self.rows.items():
            if self.vault is not None:
                plain[name] = self.vault.open(self.connection_id, name, key_id, ciphertext).get_secret_value()
        return plain


def use(store: Store, vault: Vault) -> None:
    """From now on, this store's sessions know how to read secrets."""
    store.info[_VAULT] = vault


def vault_of(session: Session) -> Vault:
    """The vault of the session's store."""
    found = session.info.get(_VAULT)
    if not isinstance(found, Vault):
        raise TypeError("This store was opened without keys.")
    return found


def rows_of(session: Session, connection_ids: Iterable[str]) -> dict[str, list[ConnectionSecret]]:
    """What is kept for these connections."""
    found: dict[str, list[ConnectionSecret]] = {id_: [] for id_ in connection_ids}
    if found:
        query = select(ConnectionSecret).where(ConnectionSecret.connection_id.in_(list(found)))
        # Read anew: the rows may have been encrypted anew since the session last looked.
        order = query.order_by(ConnectionSecret.field).execution_options(populate_existing=True)
        for row in session.scalars(order):
            found[row.connection_id].append(row)
    return found


def sealed(session: Session, connection_id: str) -> Sealed:
    """The connection's secrets as they are kept."""
    rows = rows_of(session, [connection_id])[connection_id]
    return Sealed(
        connection_id=connection_id,
        kept=tuple((row.field, row.version) for row in rows),
        rows={row.field: (row.key_id, row.ciphertext) for row in rows},
        vault=vault_of(session),
    )


def keep(session: Session, connection_id: str, given: Mapping[str, SecretStr], removed: frozenset[str]) -> None:
    """Keep what was given, forget what was removed. The connection's row has to be there already."""
    gone = {*given, *removed}
    if gone:
        session.execute(
            delete(ConnectionSecret).where(
                ConnectionSecret.connection_id == connection_id, ConnectionSecret.field.in_(gone)
            )
        )
    vault = vault_of(session)
    for name, plain in given.items():
        key_id, ciphertext = vault.seal(connection_id, name, plain)
        session.add(ConnectionSecret(connection_id=connection_id, field=name, key_id=key_id, ciphertext=ciphertext))
    session.flush()


def unreadable(names: list[str], *, lost: bool) -> SecretUnreadable:
    """The error for secrets that can't be decrypted."""
    what = " and ".join(words(name) for name in names)
    why = (
        "the server's key that it was encrypted with isn't there any more"
        if lost
        else "what is stored was changed, or moved here from another connection"
    )
    return SecretUnreadable(
        f"The {what} of this connection can't be read: {why}. Enter the {what} again in the connection's settings.",
        extra={"fields": names},
    )


def words(name: str) -> str:
    """A setting's name, as people say it."""
    return name.replace("_", " ")


def _bound_to(connection_id: str, name: str) -> bytes:
    return f"dataask/connection/{connection_id}/{name}".encode()


def _id(key: bytes) -> str:
    """Tells keys apart, and nothing about them."""
    return hashlib.sha256(b"dataask/key-id/" + key).hexdigest()[:16]
