"""Invitations on their way by e-mail: sent after the transaction, so that no request waits for a mail server."""

from __future__ import annotations

import asyncio
import logging
from datetime import timedelta
from typing import TYPE_CHECKING

from dataask_jupyter.errors import DataAskError, MailFailed
from dataask_jupyter.store import runner
from dataask_jupyter.store.database import Store
from dataask_jupyter.store.models import Invitation, now

from . import events
from .letters import Letter
from .mail import Mail

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

STOPPED = "The server stopped before the e-mail was sent. Send it again."
AT_ONCE = 4
QUEUE_SECONDS = 600.0
"""How long a letter waits for others at most."""

_log = logging.getLogger("dataask")


class InvitationMail:
    """Sends invitations and notes what became of them."""

    def __init__(self, store: Store, mail: Mail) -> None:
        self._store = store
        self._mail = mail
        self._slots = asyncio.Semaphore(AT_ONCE)
        self._under_way: dict[asyncio.Task[None], tuple[str, str]] = {}

    @property
    def missing(self) -> str | None:
        """The setting that e-mail still needs."""
        return self._mail.missing

    def mark(self, invitation: Invitation) -> None:
        """Note, in the transaction, that this process is about to send it."""
        invitation.mail = "sending"
        invitation.mail_problem = None
        invitation.mail_runner = runner.me()
        invitation.mail_deadline_at = now() + timedelta(seconds=QUEUE_SECONDS + self._mail.seconds)

    def post(self, invitation: Invitation, letter: Letter) -> None:
        """Send it, now that the transaction is committed; returns at once."""
        name = (invitation.id, invitation.hash)
        task = asyncio.create_task(self._post(*name, letter))
        self._under_way[task] = name
        task.add_done_callback(lambda done: self._under_way.pop(done, None))

    async def close(self) -> None:
        """End what is under way; it counts as failed, and people can send it again."""
        stopped = dict(self._under_way)
        for task in stopped:
            task.cancel()
        await asyncio.gather(*stopped, return_exceptions=True)
        # Not by the tasks themselves: one that had no turn yet would never know that it was cancelled.
        for name in stopped.values():
            await self._note(*name, STOPPED)

    async def _post(self, invitation_id: str, digest: str, letter: Letter) -> None:
        problem: str | None = None
        try:
            async with asyncio.timeout(QUEUE_SECONDS + self._mail.seconds), self._slots:
                await self._mail.send(letter)
        except MailFailed as error:
            problem = error.detail
        except TimeoutError:
            problem = "Too many e-mails were waiting for a slow mail server. Send it again."
        except Exception:
            _log.exception("The e-mail of invitation %s met an error that nobody knows", invitation_id)
            problem = "The server met an error that it doesn't know. Its log has the details."
        await self._note(invitation_id, digest, problem)

    async def _note(self, invitation_id: str, digest: str, problem: str | None) -> None:
        def work(session: Session) -> None:
            row = session.get(Invitation, invitation_id, with_for_update=True)
            # Gone with its workspace, or sent again meanwhile with another secret.
            if row is not None and row.hash == digest and row.mail == "sending":
                ended(session, row, problem)

        try:
            await self._store.write(work)
        except DataAskError as error:
            # The deadline in the row ends it later.
            _log.warning("What became of the e-mail of invitation %s can't be noted: %s", invitation_id, error.detail)


def ended(session: Session, row: Invitation, problem: str | None) -> None:
    """Note what became of an e-mail."""
    row.mail = "sent" if problem is None else "failed"
    row.mail_problem = None if problem is None else problem[:500]
    row.mail_runner = None
    row.mail_deadline_at = None
    events.record(
        session,
        events.SYSTEM,
        "invitation.mail",
        "invitation",
        row.id,
        object_name=row.email or "",
        workspace_id=row.workspace_id,
        payload={"mail": row.mail, "problem": row.mail_problem},
    )
