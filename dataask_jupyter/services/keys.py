"""The server's key: from the environment or a file, and one key of its own for each purpose.

While a key is being replaced there are several, newest first: the newest encrypts, all decrypt. A file then begins with
`HEADER` and has a key a line; in the environment the older ones stand in a variable of their own.
"""

from __future__ import annotations

import base64
import binascii
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
OLDER: Final = "DATAASK_OLD_SECRET_KEYS"
FILE: Final = "DataAsk.secret_key_file"
FEWEST_BYTES: Final = 32
HEADER: Final = b"# Keys of DataAsk, newest first"
_ENCODED: Final = b"base64:"
_FEWEST_DIFFERENT: Final = 8
_HOW = 'Make one with: python -c "import secrets; print(secrets.token_urlsafe(48))"'


class Keys:
    """Keys of purposes, made from the one secret: none of them tells another."""

    def __init__(self, newest: bytes, *older: bytes, file: Path | None = None) -> None:
        self._secrets = (newest, *older)
        self._file = file
        self._seen = _stamp(file)

    def of(self, purpose: str) -> bytes:
        """The purpose's newest key: 32 bytes, the same in every process that has the secret."""
        return _derived(self._secrets[0], purpose)

    def oldest(self, purpose: str) -> bytes:
        """The purpose's key that stays when newer ones come, for what must be checked years later."""
        return _derived(self._secrets[-1], purpose)

    def all_of(self, purpose: str) -> tuple[bytes, ...]:
        """The purpose's keys, newest first."""
        return tuple(_derived(secret, purpose) for secret in self._secrets)

    def refresh(self) -> bool:
        """Read the file again if another process has changed it; whether there is something new."""
        seen = _stamp(self._file)
        if self._file is None or seen is None or seen == self._seen:
            return False
        try:
            found = parse(self._file.read_bytes())
        except (OSError, UnsafeSettings):
            return False
        self._seen, before, self._secrets = seen, self._secrets, found
        return before != found


def load(settings: Settings) -> Keys:
    """The server's keys. A server for several people has to be given one; a solo one makes its own file."""
    given = os.environ.get("DATAASK_SECRET_KEY", "")
    if given:
        older = os.environ.get("DATAASK_OLD_SECRET_KEYS", "").encode("utf-8", "surrogateescape").split()
        newest = _checked(given.encode("utf-8", "surrogateescape"), VARIABLE)
        return Keys(newest, *(_checked(secret, OLDER) for secret in older))
    path = file_of(settings)
    if settings.secret_key_file is not None:
        return Keys(*(_checked(secret, FILE) for secret in parse(_read(settings.secret_key_file))), file=path)
    if settings.mode != "solo":
        raise UnsafeSettings(
            f"{VARIABLE} isn't set, and neither is {FILE}: a server for several people needs a key of its own. {_HOW}"
        )
    own = settings.data_dir / "secret.key"
    return Keys(*parse(_own(own)), file=own)


def file_of(settings: Settings) -> Path | None:
    """The file that the keys come from; None where they come from the environment."""
    if os.environ.get("DATAASK_SECRET_KEY", ""):
        return None
    return settings.secret_key_file or settings.data_dir / "secret.key"


# ---- Files with several keys -------------------------------------------------------------------------------------


def parse(content: bytes) -> tuple[bytes, ...]:
    """The keys in a file, newest first. A file without the header is one key, whatever is in it."""
    header, _, rest = content.partition(b"\n")
    if header.strip() != HEADER:
        return (content,)
    lines = [line.strip() for line in rest.splitlines() if line.strip()]
    try:
        found = tuple(
            base64.b64decode(line.removeprefix(_ENCODED), validate=True) if line.startswith(_ENCODED) else line
            for line in lines
        )
    except binascii.Error:
        raise UnsafeSettings("The file with the server's keys has a line that isn't a key. Restore it.") from None
    if not found:
        raise UnsafeSettings("The file with the server's keys has none. Restore it.")
    return found


def put_first(path: Path, newest: bytes) -> bool:
    """Make this the newest key of the file, at once or not at all; whether it wasn't yet."""
    before = parse(_read(path))
    if before[0] == newest:
        return False
    # Others ask the file for its keys while this happens, so it is replaced whole.
    content = b"\n".join([HEADER, *(_line(key) for key in (newest, *(key for key in before if key != newest))), b""])
    draft = path.with_name(f".{path.name}.{os.getpid()}.{secrets.token_hex(4)}")
    owner = path.stat()
    try:
        with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
            if os.geteuid() == 0:
                os.fchown(file.fileno(), owner.st_uid, owner.st_gid)
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        draft.replace(path)
        folder = os.open(path.parent, os.O_RDONLY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)
    except OSError as error:
        raise StoreUnavailable(f"The key file {path} can't be written: {error.strerror}.") from error
    finally:
        draft.unlink(missing_ok=True)
    return True


def make() -> bytes:
    """A new key."""
    return secrets.token_bytes(FEWEST_BYTES).hex().encode()


def read_new(path: Path) -> bytes:
    """A key that somebody made, from a file of its own."""
    return _checked(_read(path, "--new-key-file"), "--new-key-file")


def _line(key: bytes) -> bytes:
    plain = key.isascii() and key.decode("ascii", "replace").isprintable() and b" " not in key
    return key if plain and not key.startswith((_ENCODED, b"#")) else _ENCODED + base64.b64encode(key)


def _stamp(path: Path | None) -> tuple[int, int, int] | None:
    try:
        found = path.stat() if path is not None else None
    except OSError:
        return None
    return None if found is None else (found.st_ino, found.st_size, found.st_mtime_ns)


def _derived(secret: bytes, purpose: str) -> bytes:
    info = b"dataask/1/" + purpose.encode()
    return HKDF(algorithm=hashes.SHA256(), length=32, salt=None, info=info).derive(secret)


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


def _read(path: Path, setting: str = FILE) -> bytes:
    try:
        if stat.S_IMODE(path.stat().st_mode) & 0o077:
            raise UnsafeSettings(f"The file of {setting} can be read by others. Make it yours alone: chmod 600.")
        return path.read_bytes()
    except OSError as error:
        raise UnsafeSettings(f"The file of {setting} can't be read: {error.strerror}.") from None


def _own(path: Path) -> bytes:
    """The solo server's key file, made at need. It appears whole or not at all, so two processes end with one."""
    try:
        if not path.exists():
            path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            draft = path.with_name(f".{path.name}.{os.getpid()}.{secrets.token_hex(4)}")
            try:
                with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
                    file.write(make())
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
