"""`jupyter dataask`: the server alone, and commands for the shell."""

from __future__ import annotations

import argparse
import asyncio
import getpass
import json
import os
import sys
from collections.abc import Awaitable, Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from dataask_jupyter.errors import DataAskError, InvalidInput
from dataask_jupyter.schemas.common import FieldProblem
from dataask_jupyter.schemas.conversations import MAX_QUESTION_CHARACTERS, Clarification

if TYPE_CHECKING:
    from dataask_jupyter.schemas.results import ResultPage
    from dataask_jupyter.services.container import Services
    from dataask_jupyter.services.oneshot import Answered
    from dataask_jupyter.services.settings import Settings

Result = TypeVar("Result")

FAILED = 1
UNCLEAR = 3
"""Exit codes. 2 is argparse's, for a command that isn't one."""

SHOWN_ROWS = 50
SHOWN_CHARACTERS = 60


def main(argv: Sequence[str] | None = None) -> None:
    """Entry point: a command, or without one the server."""
    arguments = list(sys.argv[1:] if argv is None else argv)
    if arguments and arguments[0] in _COMMANDS:
        sys.exit(_run(arguments))
    if arguments and not arguments[0].startswith("-"):
        # Jupyter would take the word for the name of a file to open.
        _parser().parse_args(arguments[:1])
    if arguments and arguments[0] in {"-h", "--help"}:
        _parser().print_help()
        print("\nWithout a command: run the server. Its options:\n")
    from dataask_jupyter.app import DataAsk

    DataAsk.launch_instance(arguments)  # type: ignore[no-untyped-call]


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="jupyter dataask",
        description="Ask databases in plain language, see charts, keep the SQL.",
        epilog="Settings such as --DataAsk.data_dir=FOLDER and --DataAsk.database_url=ADDRESS go with every command.",
    )
    commands = parser.add_subparsers(dest="command", metavar="COMMAND")
    ask = commands.add_parser("ask", help="answer a question: the table and the SQL")
    ask.add_argument("question")
    ask.add_argument("--json", action="store_true", help="print one JSON object")
    where = ask.add_mutually_exclusive_group()
    where.add_argument("--database", metavar="PATH", type=Path, help="ask this SQLite or DuckDB file")
    where.add_argument("--connection", metavar="NAME", default="", help="ask this connection, not the first one")
    commands.add_parser("demo", help="make the demo data and the workspace Demo")
    commands.add_parser("openapi", help="print the API's OpenAPI document")
    commands.add_parser("migrate", help="bring DataAsk's own database up to date")
    admin = commands.add_parser("create-admin", help="make an administrator's account (mode team)")
    admin.add_argument("email", metavar="EMAIL")
    admin.add_argument("--name", default="", help="how they are shown to others; else the address's first part")
    admin.add_argument("--password-stdin", action="store_true", help="read the password from standard input")
    reset = commands.add_parser("reset-link", help="make a link by which somebody sets a new password (mode team)")
    reset.add_argument("email", metavar="EMAIL")
    verify = commands.add_parser("verify-audit", help="check that no audit record was changed, removed or reordered")
    verify.add_argument("--workspace", metavar="ID", help="check this workspace only, or: server")
    verify.add_argument("--head", metavar="HASH", help="a newest record's hash that you kept; it must still be there")
    rotate = commands.add_parser("rotate-key", help="encrypt the connections' secrets with a new key")
    rotate.add_argument("--new-key-file", metavar="PATH", type=Path, help="take the new key from here; else make one")
    return parser


def _run(arguments: list[str]) -> int:
    parser = _parser()
    given, rest = parser.parse_known_args(arguments)
    unknown = [argument for argument in rest if not argument.startswith("--DataAsk.")]
    if unknown:
        parser.error(f"unrecognized arguments: {' '.join(unknown)}")
    try:
        code = _COMMANDS[given.command](given, rest)
        sys.stdout.flush()
    except DataAskError as error:
        print(_printable(error.detail), file=sys.stderr)
        return FAILED
    except BrokenPipeError:
        # Whoever read, e.g. `head`, has enough. Python would complain once more on its way out.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return FAILED
    except KeyboardInterrupt:
        return 130
    return code


# ---- Commands ----------------------------------------------------------------------------------------------------


def _ask(given: argparse.Namespace, rest: list[str]) -> int:
    question = " ".join(given.question.split())
    try:
        _check_question(question)
        answered = asyncio.run(_answer(given, question, rest))
    except Exception as error:
        if given.json:
            # One object in any case: a program reads this.
            found = error if isinstance(error, DataAskError) else DataAskError()
            _print_json({"question": question[:MAX_QUESTION_CHARACTERS], "problem": found.problem().model_dump()})
        raise
    if isinstance(answered, Clarification):
        if given.json:
            _print_json({"question": question, "clarification": answered.model_dump(mode="json")})
        print(_clarification(answered), file=sys.stderr)
        return UNCLEAR
    answer, page = answered.answer, answered.page
    if given.json:
        _print_json(
            {
                "question": question,
                "understood": answer.understood,
                "sentence": answer.sentence,
                "sql": answer.sql,
                "columns": [column.model_dump() for column in page.columns],
                "rows": page.rows,
                "total_rows": page.total_rows,
                "truncated": page.truncated or page.total_rows > len(page.rows),
                "chart": answer.chart.model_dump(mode="json"),
                "confidence": answer.confidence.model_dump(mode="json"),
                "assumptions": [assumption.model_dump(mode="json") for assumption in answer.assumptions],
            }
        )
        return 0
    print(_printable(answer.sentence), end="\n\n")
    print(_table(page), end="\n\n")
    print(_printable(answer.sql, keep="\n"))
    return 0


def _check_question(question: str) -> None:
    detail = ""
    if not question:
        detail = "The question is empty. Say what you want to know."
    elif len(question) > MAX_QUESTION_CHARACTERS:
        detail = f"The question has {len(question):,} characters; at most {MAX_QUESTION_CHARACTERS:,} are read."
    if detail:
        raise InvalidInput(detail, errors=[FieldProblem(field="question", detail=detail)])


async def _answer(given: argparse.Namespace, question: str, rest: list[str]) -> Answered | Clarification:
    from dataask_jupyter.access.identity import shell
    from dataask_jupyter.services import oneshot

    if given.database is not None:
        return await oneshot.ask_file(given.database, question)
    return await _with_services(
        _settings(rest), lambda services: oneshot.ask_connection(services, shell(), question, given.connection)
    )


def _demo(_: argparse.Namespace, rest: list[str]) -> int:
    from dataask_jupyter.access.identity import shell

    settings = _settings(rest)
    workspace, connections = asyncio.run(
        _with_services(settings, lambda services: services.demo.open_workspace(shell()))
    )
    print(f"Workspace {workspace.name} is your current workspace. Its connections:")
    for connection in connections.items:
        print(f"  {connection.name:16} {connection.settings['path']}")
    print('Try: jupyter dataask ask "flights per month"')
    return 0


def _openapi(_: argparse.Namespace, __: list[str]) -> int:
    from dataask_jupyter.handlers.openapi import document

    print(json.dumps(document(), indent=2, ensure_ascii=False))
    return 0


def _migrate(_: argparse.Namespace, rest: list[str]) -> int:
    from dataask_jupyter.store.database import Store

    settings = _settings(rest)
    store = Store(settings.url, threads=1)
    try:
        before, after = store.migrate()
    finally:
        store.close_now()
    print(f"{store.place} is up to date ({after})." if before == after else f"{store.place}: {before} → {after}")
    return 0


def _verify_audit(given: argparse.Namespace, rest: list[str]) -> int:
    intact = True

    async def check(services: Services) -> None:
        nonlocal intact
        for verified in services.audit.verify_all(only=given.workspace, head=given.head):
            found = verified.found
            intact = intact and found.intact
            state = "intact" if found.intact else f"NOT INTACT from record {found.first_bad}"
            where = verified.name if verified.chain == "server" else f"{verified.name} ({verified.chain})"
            print(_printable(f"{where}: {state}. {found.detail} Head: {found.head or 'none'}"))

    asyncio.run(_with_services(_settings(rest), check))
    return 0 if intact else FAILED


def _rotate_key(given: argparse.Namespace, rest: list[str]) -> int:
    from dataask_jupyter.services import keys

    settings = _settings(rest)
    new = None if given.new_key_file is None else keys.read_new(given.new_key_file)
    file = keys.file_of(settings)

    async def rotate(services: Services) -> int:
        found = await asyncio.to_thread(services.rotation.run, file, new)
        began = "A new key is in use" if found.new_key else "The newest key was in use already"
        print(f"{began} ({found.key_id}). Secrets that moved to it: {found.moved:,}.")
        if found.unreadable:
            names = ", ".join(found.unreadable)
            print(_printable(f"No key reads the secrets of: {names}. Enter them again there."), file=sys.stderr)
        if found.remaining:
            print(f"With an older key: {found.remaining:,}. Restart the servers, run this again.", file=sys.stderr)
        return FAILED if found.unreadable or found.remaining else 0

    return asyncio.run(_with_services(settings, rotate))


def _create_admin(given: argparse.Namespace, rest: list[str]) -> int:
    from pydantic import TypeAdapter, ValidationError

    from dataask_jupyter.schemas import users

    try:
        email: str = TypeAdapter(users.Email).validate_python(given.email)
    except ValidationError:
        raise InvalidInput(f"{given.email} isn't an e-mail address.") from None
    settings = _settings(rest)
    password = _new_password(from_input=given.password_stdin)
    fewest, most = users.PASSWORD_CHARACTERS
    if not fewest <= len(password) <= most:
        raise InvalidInput(f"A password has {fewest} to {most:,} characters.")
    name = " ".join(given.name.split())[:120] or email.partition("@")[0][:120]
    asyncio.run(_with_services(settings, lambda services: services.users.create_admin(email, name, password)))
    print(f"{_printable(email)} administers this server now.")
    return 0


def _new_password(*, from_input: bool) -> str:
    """From standard input, or typed twice. Never an argument: those are for everybody on the machine to see."""
    if from_input:
        return sys.stdin.readline().rstrip("\r\n")
    password = getpass.getpass("Password: ")
    if getpass.getpass("Once more: ") != password:
        raise InvalidInput("The two passwords differ. Nothing was made.")
    return password


def _reset_link(given: argparse.Namespace, rest: list[str]) -> int:
    from dataask_jupyter.options import base_url_of_shell

    settings, base_url = _settings(rest), base_url_of_shell()
    found = asyncio.run(
        _with_services(settings, lambda services: services.users.reset_link_for(given.email, base_url=base_url))
    )
    print(found.link)
    print(f"Good once, until {found.expires_at:%Y-%m-%d %H:%M} UTC.", file=sys.stderr)
    return 0


_COMMANDS: dict[str, Callable[[argparse.Namespace, list[str]], int]] = {
    "ask": _ask,
    "demo": _demo,
    "openapi": _openapi,
    "migrate": _migrate,
    "create-admin": _create_admin,
    "reset-link": _reset_link,
    "verify-audit": _verify_audit,
    "rotate-key": _rotate_key,
}


async def _with_services(settings: Settings, work: Callable[[Services], Awaitable[Result]]) -> Result:
    from dataask_jupyter.services.container import Services

    services = Services(settings)
    try:
        return await work(services)
    finally:
        await services.close()


def _settings(rest: list[str]) -> Settings:
    from dataask_jupyter.options import of_shell

    return of_shell(rest)


# ---- Output ------------------------------------------------------------------------------------------------------


def _print_json(value: dict[str, Any]) -> None:
    # Escaped, so that what stands in the data can't steer a terminal.
    print(json.dumps(value, ensure_ascii=True, default=str))


def _table(page: ResultPage) -> str:
    """Aligned columns, numbers to the right."""
    shown = [[_cell(value) for value in row] for row in page.rows[:SHOWN_ROWS]]
    names = [_printable(column.name) for column in page.columns]
    right = [column.kind in {"integer", "number"} for column in page.columns]
    widths = [max(map(len, column)) for column in zip(names, *shown, strict=True)]
    lines = [
        "  ".join(
            text.rjust(width) if to_right else text.ljust(width)
            for text, width, to_right in zip(row, widths, right, strict=True)
        ).rstrip()
        for row in [names, ["─" * width for width in widths], *shown]
    ]
    more = page.total_rows - len(shown)
    if more > 0:
        lines.append(f"… {more:,} more rows")
    return "\n".join(lines)


def _cell(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, float):
        return f"{value:.10g}"
    text = _printable(value if isinstance(value, str) else json.dumps(value))
    return text if len(text) <= SHOWN_CHARACTERS else text[: SHOWN_CHARACTERS - 1] + "…"


def _printable(text: str, keep: str = "") -> str:
    """Without characters that would steer a terminal."""
    return "".join(letter if letter.isprintable() or letter in keep else "�" for letter in text)


def _clarification(found: Clarification) -> str:
    lines = [found.message]
    for reading in found.readings:
        if reading.choices or reading.meaning is None:
            lines.append(f"  “{reading.text}”: {reading.meaning or 'not understood'}")
            lines += [f"    {choice.label}: {choice.question}" for choice in reading.choices]
    lines += [f"  {choice.label}: {choice.question}" for choice in found.choices]
    if found.suggestions:
        lines.append("Questions that work here:")
        lines += [f"  {suggestion}" for suggestion in found.suggestions]
    return _printable("\n".join(lines), keep="\n")


if __name__ == "__main__":
    main()
