"""What a process that died left behind: rows that say "running" with nobody at work on them."""

from __future__ import annotations

import time
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from sqlalchemy import select

from dataask_jupyter.errors import WorkerLost
from dataask_jupyter.store import runner
from dataask_jupyter.store.database import Store
from dataask_jupyter.store.models import Invitation, Message, Query, now

from . import invitation_mail

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from .upload_files import UploadFiles

EVERY_SECONDS = 30.0
GRACE = timedelta(seconds=30)
"""How long after its deadline a row of another machine counts as abandoned: clocks differ."""

_LOST = WorkerLost("The server stopped while this was running. Run it again.").problem().model_dump(mode="json")


class Recovery:
    """Ends abandoned messages, queries and e-mails, on the first request and now and then after that."""

    def __init__(self, store: Store, files: UploadFiles | None = None) -> None:
        self._store = store
        self._files = files
        self._due = 0.0

    async def run_when_due(self) -> None:
        """Look, unless that was done a moment ago."""
        if time.monotonic() < self._due:
            return
        # Set first: requests that come meanwhile don't look as well. Unset when it fails: the next one tries again.
        self._due = time.monotonic() + EVERY_SECONDS
        try:
            if await self._store.read(_any_abandoned):
                await self._store.write(_end_abandoned)
            if self._files is not None:
                await self._files.sweep()
                await self._files.sweep_copies()
        except BaseException:
            self._due = 0.0
            raise


def _is_abandoned(row: Message | Query, moment: datetime) -> bool:
    overdue = row.deadline_at is not None and row.deadline_at + GRACE < moment
    return overdue or runner.is_gone(row.runner)


def _unsent(session: Session, moment: datetime) -> list[Invitation]:
    """Invitations whose e-mail nobody is sending any more."""
    sending = session.scalars(select(Invitation).where(Invitation.mail == "sending"))
    return [
        row
        for row in sending
        if runner.is_gone(row.mail_runner)
        or (row.mail_deadline_at is not None and row.mail_deadline_at + GRACE < moment)
    ]


def _open_rows(session: Session) -> list[Message | Query]:
    messages = session.scalars(select(Message).where(Message.state == "running"))
    queries = session.scalars(select(Query).where(Query.state.in_(("queued", "running"))))
    return [*messages, *queries]


def _any_abandoned(session: Session) -> bool:
    moment = now()
    return any(_is_abandoned(row, moment) for row in _open_rows(session)) or bool(_unsent(session, moment))


def _end_abandoned(session: Session) -> None:
    moment = now()
    for unsent in _unsent(session, moment):
        invitation_mail.ended(session, unsent, invitation_mail.STOPPED)
    for row in _open_rows(session):
        if not _is_abandoned(row, moment):
            continue
        row.state = "failed"
        row.problem = _LOST
        row.finished_at = moment
        if isinstance(row, Message):
            row.steps = [{**step, "state": "failed"} if step["state"] == "running" else step for step in row.steps]
