"""E-mail by SMTP: with a deadline, tried twice, and never a second time when the first may have arrived."""

from __future__ import annotations

import asyncio
import re
import socket
import ssl
from contextlib import suppress
from dataclasses import dataclass, field
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP as WIRE
from email.policy import SMTPUTF8 as WIRE_UTF8
from email.utils import format_datetime, make_msgid, parseaddr
from typing import TYPE_CHECKING, Final
from urllib.parse import SplitResult, unquote, urlsplit

from dataask_jupyter.errors import MailFailed, UnsafeSettings
from dataask_jupyter.store.models import now

from .letters import Letter, one_line

if TYPE_CHECKING:
    from aiosmtplib import SMTP

    from .settings import Settings

TRIES: Final = 2
_LOOPBACK = {"localhost", "127.0.0.1", "::1"}
# Stricter than RFC 5321: quoted parts, lists, groups and routes have no business in an address that a person typed.
_ADDRESS = re.compile(r"[^\s<>()\[\],;:\\\"@\x00-\x1f\x7f]+@[^\s<>()\[\],;:\\\"@\x00-\x1f\x7f]+")


@dataclass(frozen=True)
class MailServer:
    """Where to hand e-mail over."""

    host: str
    port: int
    user: str
    password: str = field(repr=False)
    encrypted: bool
    """From the first byte (`smtps`), not by STARTTLS."""

    @property
    def near(self) -> bool:
        """On this machine, where nobody listens on the wire."""
        return self.host in _LOOPBACK


class _Failed(Exception):
    """One try failed; `again` says whether another may help and can do no harm."""

    def __init__(self, reason: str, *, again: bool) -> None:
        super().__init__(reason)
        self.again = again


def parse(url: str) -> MailServer:
    """The mail server that an address names."""
    wrong = UnsafeSettings("DataAsk.smtp_url isn't an address such as smtp://user:password@host:587 or smtps://host.")
    try:
        parts: SplitResult = urlsplit(url)
        port = parts.port
    except ValueError:
        raise wrong from None
    if parts.scheme not in {"smtp", "smtps"} or not parts.hostname or parts.path not in {"", "/"} or parts.query:
        raise wrong
    encrypted = parts.scheme == "smtps"
    usual = 465 if encrypted else 587 if parts.username else 25
    return MailServer(
        parts.hostname, port or usual, unquote(parts.username or ""), unquote(parts.password or ""), encrypted
    )


def missing(settings: Settings) -> str | None:
    """The setting that e-mail still needs, or that can't work; None when e-mail can be sent."""
    try:
        parse(settings.smtp_url)
    except UnsafeSettings:
        return "DataAsk.smtp_url"
    if not deliverable(parseaddr(_sender(settings))[1]):
        return "DataAsk.mail_from"
    return None if settings.public_url else "DataAsk.public_url"


def deliverable(address: str) -> bool:
    """Whether one mailbox is meant, and no more than that."""
    return _ADDRESS.fullmatch(address) is not None


def _sender(settings: Settings) -> str:
    if settings.mail_from or not settings.smtp_url:
        return settings.mail_from
    user = parse(settings.smtp_url).user
    return user if deliverable(user) else ""


class Mail:
    """Hands letters to the mail server of the settings."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._encryption: ssl.SSLContext | None = None

    @property
    def missing(self) -> str | None:
        """The setting that e-mail still needs."""
        return missing(self._settings)

    @property
    def seconds(self) -> float:
        """How long sending takes at most."""
        return TRIES * self._settings.mail_seconds + self._settings.mail_pause_seconds

    async def send(self, letter: Letter) -> None:
        """Return when the mail server took it, else raise `MailFailed` with the reason in words."""
        server = parse(self._settings.smtp_url)
        message, sender, recipient = _written(letter, _sender(self._settings))
        for number in range(1, TRIES + 1):
            try:
                await self._try(server, message, sender, recipient)
            except _Failed as failure:
                if number == TRIES or not failure.again:
                    raise MailFailed(str(failure)) from None
                await asyncio.sleep(self._settings.mail_pause_seconds)
            else:
                return

    async def _try(self, server: MailServer, message: EmailMessage, sender: str, recipient: str) -> None:
        import aiosmtplib

        if self._encryption is None:
            # Reads the certificates of all authorities.
            self._encryption = await asyncio.to_thread(ssl.create_default_context)
        seconds = self._settings.mail_seconds
        client = aiosmtplib.SMTP(
            hostname=server.host,
            port=server.port,
            use_tls=server.encrypted,
            tls_context=self._encryption,
            # Asked for by name, because the library would look the name up in the DNS.
            local_hostname=_own_name(),
            timeout=seconds,
        )
        handed_over = False
        try:
            async with asyncio.timeout(seconds):
                await client.connect()
                await _sign_in(client, server)
                options = await _envelope(client, sender, recipient)
                content = message.as_bytes(policy=WIRE_UTF8 if options else WIRE)
                handed_over = True
                await client.data(content)
                handed_over = False
            with suppress(aiosmtplib.SMTPException, OSError, TimeoutError):
                await client.quit(timeout=min(2.0, seconds))
        except aiosmtplib.SMTPResponseException as error:
            # It said no, so it doesn't have the message.
            words = one_line(_without_secrets(error.message, server), 200)
            refused = f"The mail server answered: {error.code} {words}".rstrip()
            raise _Failed(refused, again=400 <= error.code < 500) from None
        except aiosmtplib.SMTPRecipientsRefused:
            raise _Failed("The mail server refused the address.", again=False) from None
        except ssl.SSLError:
            raise _Failed("The mail server's certificate or encryption can't be trusted.", again=False) from None
        except (aiosmtplib.SMTPException, OSError, TimeoutError) as error:
            if handed_over:
                raise _Failed(
                    "The connection to the mail server broke while it took the message. It may have arrived.",
                    again=False,
                ) from None
            raise _Failed(_unreachable(error, seconds), again=True) from None
        finally:
            client.close()


async def _sign_in(client: SMTP, server: MailServer) -> None:
    if not server.user:
        return
    if not server.near and client.get_transport_info("sslcontext") is None:
        raise _Failed(
            "The mail server offers no encryption, so the password wasn't sent to it. Use smtps:// or another server.",
            again=False,
        )
    await client.login(server.user, server.password)


async def _envelope(client: SMTP, sender: str, recipient: str) -> list[str]:
    """Say who sends to whom; the options that the addresses needed."""
    if sender.isascii() and recipient.isascii():
        await client.mail(sender)
        await client.rcpt(recipient)
        return []
    if not client.supports_extension("SMTPUTF8"):
        raise _Failed("The mail server takes no addresses with letters beyond ASCII.", again=False)
    await client.mail(sender, options=["SMTPUTF8"], encoding="utf-8")
    await client.rcpt(recipient, encoding="utf-8")
    return ["SMTPUTF8"]


def _written(letter: Letter, sender: str) -> tuple[EmailMessage, str, str]:
    name, address = parseaddr(sender)
    if not deliverable(address):
        raise MailFailed("DataAsk.mail_from isn't an e-mail address.")
    if not deliverable(letter.to):
        raise MailFailed("The address isn't one that e-mail can be sent to.")
    address, recipient = _with_ascii_domain(address), _with_ascii_domain(letter.to)
    message = EmailMessage(policy=WIRE)
    message["From"] = _mailbox(address, one_line(name))
    message["To"] = _mailbox(recipient)
    message["Subject"] = one_line(letter.subject, 300)
    message["Date"] = format_datetime(now())
    # The same in every try: a mail server that has it already can see that.
    message["Message-ID"] = make_msgid(domain=address.rpartition("@")[2])
    message["Auto-Submitted"] = "auto-generated"
    message.set_content(letter.text, cte="quoted-printable")
    message.add_alternative(letter.html, subtype="html", cte="quoted-printable")
    return message, address, recipient


def _mailbox(address: str, name: str = "") -> Address:
    local, _, domain = address.rpartition("@")
    return Address(display_name=name, username=local, domain=domain)


def _with_ascii_domain(address: str) -> str:
    local, _, domain = address.rpartition("@")
    try:
        return f"{local}@{domain.encode('idna').decode()}"
    except UnicodeError:
        raise MailFailed("The address isn't one that e-mail can be sent to.") from None


def _own_name() -> str:
    name = socket.gethostname()
    return name if re.fullmatch(r"[A-Za-z0-9.-]{1,253}", name) else "localhost"


def _without_secrets(text: str, server: MailServer) -> str:
    return text.replace(server.password, "…") if server.password else text


def _unreachable(error: Exception, seconds: float) -> str:
    import aiosmtplib

    # In this order: the library's timeouts and disconnections are kinds of OSError too.
    if isinstance(error, TimeoutError):
        return f"The mail server didn't answer within {seconds:g} seconds."
    if isinstance(error, aiosmtplib.SMTPServerDisconnected):
        return "The mail server closed the connection."
    if isinstance(error, OSError):
        return "The mail server can't be reached. Check DataAsk.smtp_url."
    return "The mail server doesn't speak SMTP as it should."
