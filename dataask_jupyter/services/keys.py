"""The server's key: from the environment or a file, and one key of its own for each purpose."""

from __future__ import annotations

import os
import secrets
import stat
from pathlib import Path
from typing import TYPE_CHECKING, Final

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from dataask_jupyter.errors import StoreUnavailable, UnsafeSettings

if TYPE_CHECKING:
    from .settings import Settings

VARIABLE: Final = "DATAASK_SECRET_KEY"
FILE: Final = "DataAsk.secret_key_file"
FEWEST_BYTES: Final = 32
_FEWEST_DIFFERENT: Final = 8
_HOW = 'Make one with: python -c "import secrets; print(secrets.token_urlsafe(48))"'


class Keys:
    """Keys of purposes, made from the one secret: none of them tells another."""

    def __init__(self, secret: bytes) -> None:
        self._secret = secret

    def of(self, purpose: str) -> bytes:
        """The purpose's key: 32 bytes, the same in every process that has the secret."""
        info = b"dataask/1/" + purpose.encode()
        return HKDF(algorithm=hashes.SHA256(), length=32, salt=None, info=info).derive(self._secret)


def load(settings: Settings) -> Keys:
    """The server's keys. A server for several people has to be given one; a solo one makes its own file."""
    given = os.environ.get("DATAASK_SECRET_KEY", "")
    if given:
        return Keys(_checked(given.encode("utf-8", "surrogateescape"), VARIABLE))
    if settings.secret_key_file is not None:
        return Keys(_checked(_read(settings.secret_key_file), FILE))
    if settings.mode != "solo":
        raise UnsafeSettings(
            f"{VARIABLE} isn't set, and neither is {FILE}: a server for several people needs a key of its own. {_HOW}"
        )
    return Keys(_own(settings.data_dir / "secret.key"))


def _checked(secret: bytes, setting: str) -> bytes:
    secret = secret.strip()
    fault = ""
    if b"changeme" in secret.lower():
        fault = "is still the placeholder"
    elif len(secret) < FEWEST_BYTES:
        fault = f"is shorter than {FEWEST_BYTES} bytes"
    elif len(set(secret)) < _FEWEST_DIFFERENT:
        fault = "isn't random"
    if fault:
        raise UnsafeSettings(f"{setting} {fault}. {_HOW}")
    return secret


def _read(path: Path) -> bytes:
    try:
        if stat.S_IMODE(path.stat().st_mode) & 0o077:
            raise UnsafeSettings(f"The file of {FILE} can be read by others. Make it yours alone: chmod 600.")
        return path.read_bytes()
    except OSError as error:
        raise UnsafeSettings(f"The file of {FILE} can't be read: {error.strerror}.") from None


def _own(path: Path) -> bytes:
    """The solo server's key file, made at need. It appears whole or not at all, so two processes end with one."""
    try:
        if not path.exists():
            path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            draft = path.with_name(f".{path.name}.{os.getpid()}.{secrets.token_hex(4)}")
            try:
                with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
                    file.write(secrets.token_bytes(FEWEST_BYTES).hex().encode())
                    file.flush()
                    os.fsync(file.fileno())
                os.link(draft, path)
            except FileExistsError:
                pass
            finally:
                draft.unlink(missing_ok=True)
        return path.read_bytes()
    except OSError as error:
        raise StoreUnavailable(f"The key file {path} can't be made or read: {error.strerror}.") from error
