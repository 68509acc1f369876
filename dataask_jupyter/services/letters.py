"""The words of the e-mails that DataAsk sends. Names in them come from people, so they are cleaned and escaped."""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass, field
from datetime import UTC, datetime
from html import escape

_NAME_CHARACTERS = 80


@dataclass(frozen=True)
class Letter:
    """An e-mail to one person. What stands in it may hold a secret, so it isn't shown when the letter is logged."""

    to: str
    subject: str = field(repr=False)
    text: str = field(repr=False)
    html: str = field(repr=False)


def invitation(*, to: str, inviter: str, workspace: str, role: str, link: str, expires_at: datetime) -> Letter:
    """The e-mail that invites somebody into a workspace."""
    inviter, workspace, role = one_line(inviter), one_line(workspace), one_line(role)
    moment = expires_at.astimezone(UTC)
    until = f"{moment.day} {moment:%B %Y, %H:%M} UTC"
    what = f"{inviter} invited you to the workspace “{workspace}” in DataAsk. Your role there: {role}."
    terms = f"The link works once, until {until}, for the address {to}."
    stranger = "If you didn't expect this, do nothing: nobody joins without opening the link."
    text = f"{what}\n\nOpen this link to join:\n\n{link}\n\n{terms}\n{stranger}\n"
    html = (
        '<!DOCTYPE html>\n<html lang="en">\n<body style="font-family: sans-serif; line-height: 1.5">\n'
        f"<p>{escape(what)}</p>\n"
        f'<p><a href="{escape(link)}">Join the workspace</a></p>\n'
        f"<p>{escape(terms)}<br>\n{escape(stranger)}</p>\n"
        "</body>\n</html>\n"
    )
    return Letter(to=to, subject=f"{inviter} invited you to {workspace} in DataAsk", text=text, html=html)


def one_line(text: str, most: int = _NAME_CHARACTERS) -> str:
    """The text without line breaks, terminal sequences and marks that turn the direction of writing."""
    shown = "".join(
        " " if unicodedata.category(letter) in {"Cc", "Cf", "Cs", "Zl", "Zp"} else letter for letter in text
    )
    line = " ".join(shown.split())
    return line if len(line) <= most else f"{line[: most - 1]}…"
