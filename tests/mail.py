"""A real mail server on a free port of the loopback interface, in the test's own event loop."""

from __future__ import annotations

import asyncio
import re
import warnings
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default as modern
from typing import Any

import pytest_asyncio
from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session


@dataclass
class Mailbox:
    """What the server took, and how it behaves."""

    port: int = 0
    raw: list[bytes] = field(default_factory=list)
    recipients: list[list[str]] = field(default_factory=list)
    tries: int = 0
    """How often somebody named a recipient."""
    refusals: list[str] = field(default_factory=list)
    """Answers to the next recipients, e.g. `450 Later`; after them it accepts."""
    gate: asyncio.Event = field(default_factory=asyncio.Event)
    """Messages are taken while it is set."""
    asked: asyncio.Event = field(default_factory=asyncio.Event)
    """Set when somebody handed a message over, taken or not."""
    logins: list[tuple[str, str]] = field(default_factory=list)
    arrived: asyncio.Event = field(default_factory=asyncio.Event)

    @property
    def url(self) -> str:
        """The address for `DataAsk.smtp_url`."""
        return f"smtp://127.0.0.1:{self.port}"

    @property
    def messages(self) -> list[EmailMessage]:
        """What arrived, parsed."""
        return [message_from_bytes(raw, policy=modern) for raw in self.raw]  # type: ignore[misc]

    async def next(self) -> EmailMessage:
        """The newest message, once there is one more."""
        async with asyncio.timeout(20):
            await self.arrived.wait()
        self.arrived.clear()
        return self.messages[-1]

    # ---- aiosmtpd calls these ---------------------------------------------------------------------------------

    async def handle_RCPT(  # noqa: N802
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        self.tries += 1
        if self.refusals:
            return self.refusals.pop(0)
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802
        self.asked.set()
        await self.gate.wait()
        assert isinstance(envelope.content, bytes)
        self.raw.append(envelope.content)
        self.recipients.append(list(envelope.rcpt_tos))
        self.arrived.set()
        return "250 OK"

    def authenticate(self, server: SMTP, session: Session, envelope: Envelope, mechanism: str, data: Any) -> AuthResult:
        """Let in who has this password."""
        assert isinstance(data, LoginPassword)
        self.logins.append((data.login.decode(), data.password.decode()))
        if data.password == b"open sesame":
            return AuthResult(success=True)
        return AuthResult(success=False, handled=False, message=f"535 {data.password.decode()} is wrong")


@asynccontextmanager
async def serving(host: str = "127.0.0.1", **options: Any) -> AsyncIterator[Mailbox]:
    """A mail server from start to end."""
    box = Mailbox()
    box.gate.set()
    loop = asyncio.get_running_loop()
    connections: list[SMTP] = []

    def connect() -> SMTP:
        with warnings.catch_warnings():
            # It warns of passwords without encryption, which don't leave this machine.
            warnings.simplefilter("ignore")
            made = SMTP(
                box, loop=loop, enable_SMTPUTF8=True, hostname="mail.test", authenticator=box.authenticate, **options
            )
        connections.append(made)
        return made

    server = await loop.create_server(connect, host, 0)
    box.port = server.sockets[0].getsockname()[1]
    try:
        yield box
    finally:
        box.gate.set()
        server.close()
        for each in connections:
            if each.transport is not None:
                each.transport.close()
        await server.wait_closed()


@asynccontextmanager
async def silent() -> AsyncIterator[str]:
    """The address of a server that takes connections and never says a word."""
    open_ones: list[asyncio.StreamWriter] = []

    async def keep(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        open_ones.append(writer)

    server = await asyncio.start_server(keep, "127.0.0.1", 0)
    try:
        yield f"smtp://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    finally:
        server.close()
        for writer in open_ones:
            writer.close()
        await server.wait_closed()


@pytest_asyncio.fixture
async def mailbox() -> AsyncIterator[Mailbox]:
    """A mail server that takes everything."""
    async with serving() as box:
        yield box


def link_in(message: EmailMessage) -> str:
    """The invitation's link in a message's plain text."""
    plain = message.get_body(("plain",))
    assert plain is not None
    found = re.search(r"\S+/dataask/invitation#\S+", plain.get_content())
    assert found is not None
    return found.group()


def secret_in(message: EmailMessage) -> str:
    """The secret of that link."""
    return link_in(message).partition("#")[2]
