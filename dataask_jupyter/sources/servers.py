"""What the kinds that are database servers share: settings, how old a result may be, and how to say what went wrong."""

from __future__ import annotations

import atexit
import os
import re
import ssl
import tempfile
import time
from functools import cache
from ipaddress import IPv6Address
from pathlib import Path
from typing import Annotated, Any, Literal, TypeVar

from pydantic import AfterValidator, Field, StringConstraints

from dataask_jupyter.errors import SourceUnavailable

from .base import SourceKind
from .settings import SourceSettings

CONNECT_SECONDS = 6
"""How long a server may take to answer a connection: less than the deadline of a check."""
RESULT_SECONDS = 60
"""For so long a result of a server counts as current.

A server has no version of its data that is cheap to ask for, so its version is the minute. Whoever needs rows of this
moment asks for a refresh.
"""
SCHEMA_SECONDS = 3600
"""The same for tables, columns and typical values. A refresh of the schema reads them at once."""
TIMEOUT_GRACE_SECONDS = 2.0
"""The server stops a query by itself so much after the deadline that the worker's own server keeps."""

Model = TypeVar("Model", bound="ServerSettings")

SslMode = Literal["disable", "prefer", "require", "verify-full"]

_HOST = re.compile(r"[A-Za-z0-9_](?:[A-Za-z0-9_.-]{0,251}[A-Za-z0-9_.])?")
_PEM = re.compile(r"-----BEGIN CERTIFICATE-----\s[A-Za-z0-9+/=\s]+-----END CERTIFICATE-----")


def _host(text: str) -> str:
    bare = text[1:-1] if text.startswith("[") and text.endswith("]") else text
    if _HOST.fullmatch(bare):
        return bare
    try:
        return str(IPv6Address(bare))
    except ValueError:
        raise ValueError("This must be one host name or address, without a port, a path or a scheme.") from None


def _printable(text: str) -> str:
    if any(ord(character) < 32 or ord(character) == 127 for character in text):
        raise ValueError("This can't hold control characters.")
    return text


def _no_nul(text: str | None) -> str | None:
    if text and "\0" in text:
        raise ValueError("This can't hold a NUL character.")
    return text


def _certificates(text: str | None) -> str | None:
    if not text or not text.strip():
        return None
    if not _PEM.search(text):
        raise ValueError("This must be a certificate as PEM text: it begins with -----BEGIN CERTIFICATE-----.")
    return text.strip() + "\n"


Word = Annotated[
    str, StringConstraints(strip_whitespace=True, min_length=1, max_length=255), AfterValidator(_printable)
]


class ServerSettings(SourceSettings):
    """Where a server is and who asks. Options of drivers aren't here: some run programs or read files."""

    host: Annotated[Word, AfterValidator(_host)] = Field(
        title="Host", description="The name or the address of the server."
    )
    port: int = Field(title="Port", ge=1, le=65535)
    database: Word = Field(title="Database")
    user: Word = Field(title="User", description="A role that may only read is best.")
    password: Annotated[str | None, AfterValidator(_no_nul)] = Field(
        default=None,
        title="Password",
        max_length=4096,
        repr=False,
        json_schema_extra={"writeOnly": True, "format": "password"},
    )
    ssl_mode: SslMode = Field(
        default="prefer",
        title="Encryption",
        description="verify-full also checks that the server is the one that its certificate names.",
    )
    ssl_root_cert: Annotated[str | None, AfterValidator(_certificates)] = Field(
        default=None,
        title="Root certificate",
        description="PEM text of the authority that signed the server's certificate. Empty: those of the system.",
        max_length=200_000,
        json_schema_extra={"format": "textarea"},
    )


class ServerKind(SourceKind[Model]):
    """A kind of source that is a database server."""

    def fingerprint(self, settings: dict[str, Any]) -> str:
        """The current minute: see `RESULT_SECONDS`."""
        return _within(settings, RESULT_SECONDS)

    def schema_version(self, settings: dict[str, Any]) -> str:
        """The current hour: see `SCHEMA_SECONDS`."""
        return _within(settings, SCHEMA_SECONDS)


def _within(settings: dict[str, Any], seconds: int) -> str:
    where = "|".join(str(settings.get(name)) for name in ("host", "port", "database", "user"))
    return f"{where}|{seconds}:{int(time.time()) // seconds}"


@cache
def _certificate_file(text: str) -> str:
    """A file with this text for as long as this process lives: drivers take certificates from files only."""
    if hasattr(os, "memfd_create"):
        # In memory: a worker that is killed leaves nothing behind.
        handle = os.memfd_create("certificate")
        os.write(handle, text.encode("ascii", "replace"))
        return f"/proc/{os.getpid()}/fd/{handle}"
    with tempfile.NamedTemporaryFile("w", suffix=".pem", delete=False) as file:
        file.write(text)
    atexit.register(os.unlink, file.name)
    return file.name


class Place:
    """A server's address, the words of what may go wrong on the way to it, and whom to trust there."""

    def __init__(self, label: str, settings: ServerSettings) -> None:
        self.label = label
        self.host, self.port = settings.host, settings.port
        self.database, self.user = settings.database, settings.user
        self.ssl_mode = settings.ssl_mode
        certificate = settings.ssl_root_cert if settings.ssl_mode != "disable" else None
        self.own_certificate = None if certificate is None else _certificate_file(certificate)
        """The file of the authority that the settings name."""

    @property
    def certificates(self) -> str | None:
        """The file of the authorities that are trusted; None where the system has none."""
        if self.own_certificate is not None:
            return self.own_certificate
        paths = ssl.get_default_verify_paths()
        found = paths.cafile or "/etc/ssl/certs/ca-certificates.crt"
        return found if Path(found).is_file() else None

    def __str__(self) -> str:
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"{host}:{self.port}"

    # ---- What may go wrong on the way to a server ---------------------------------------------------------------

    def unknown_host(self) -> SourceUnavailable:
        """The name has no address."""
        return SourceUnavailable(f"No server named {self.host} was found. Check the host, and the network.")

    def refused(self) -> SourceUnavailable:
        """Nobody listens."""
        return SourceUnavailable(
            f"{self} refused the connection. Check host and port, and that {self.label} runs and takes connections"
            " from other machines."
        )

    def silent(self) -> SourceUnavailable:
        """Nobody answers."""
        return SourceUnavailable(
            f"{self} didn't answer within {CONNECT_SECONDS} s. Check host and port, and that no firewall is between."
        )

    def wrong_password(self, *, given: bool = True) -> SourceUnavailable:
        """User and password don't belong together."""
        if not given:
            return SourceUnavailable(f"{self} asks for a password for user {self.user}. Enter it in the connection.")
        return SourceUnavailable(
            f"{self} refused user {self.user}: the password is wrong, or there is no such user. Enter both again."
        )

    def unknown_database(self) -> SourceUnavailable:
        """There is no such database."""
        return SourceUnavailable(f"There is no database {self.database} on {self}. Check its name.")

    def not_permitted(self) -> SourceUnavailable:
        """The user may not come in."""
        return SourceUnavailable(
            f"{self} doesn't let user {self.user} into database {self.database} from this machine. Have its"
            " administrator allow it."
        )

    def needs_encryption(self) -> SourceUnavailable:
        """The server wants TLS."""
        return SourceUnavailable(f"{self} only takes encrypted connections. Set encryption to require.")

    def lacks_encryption(self) -> SourceUnavailable:
        """The server has no TLS."""
        return SourceUnavailable(
            f"{self} doesn't offer encryption. Have its administrator set it up, or set encryption to prefer."
        )

    def untrusted(self) -> SourceUnavailable:
        """The certificate doesn't fit."""
        return SourceUnavailable(
            f"The certificate of {self} can't be trusted: another authority signed it, it is for another host, or it"
            " ran out. Give the right root certificate, or check the host."
        )

    def full(self) -> SourceUnavailable:
        """The server has no free connection."""
        return SourceUnavailable(f"{self} has no free connection. Try again when fewer programs use it.")

    def starting(self) -> SourceUnavailable:
        """The server starts or stops."""
        return SourceUnavailable(f"{self} is starting, stopping or recovering. Try again in a moment.")

    def lost(self) -> SourceUnavailable:
        """The connection broke."""
        return SourceUnavailable(
            f"The connection to {self} broke while it worked: the server stopped, or ended it. Run the query again."
        )

    def unreachable(self, words: str) -> SourceUnavailable:
        """Anything else, in the driver's words."""
        return SourceUnavailable(f"{self} can't be connected to: {sentence(words)}")


def sentence(words: str, limit: int = 1000) -> str:
    """A driver's message as one line that begins large and ends with a full stop."""
    line = " ".join(words.split())[:limit].rstrip()
    return line[:1].upper() + line[1:] + ("" if line.endswith((".", "?", "!", "…")) else ".") if line else ""


def position(sql: str, offset: int) -> dict[str, int]:
    """Line and column, from one, of a character counted from zero."""
    before = sql[: max(0, offset)]
    return {"line": before.count("\n") + 1, "column": len(before) - (before.rfind("\n") + 1) + 1}
