"""What a hostile database, a vanished file or a flood of text does to the page: nothing, or a clear message."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from pathlib import Path

import duckdb
import pytest
from playwright.sync_api import Page, expect

from dataask_jupyter.client import connect
from tests.browser.chat import Chat, expect_chart, show_as
from tests.browser.conftest import OpenPage
from tests.browser.lab import Notebook, fresh, open_sidebar, palette, wait_for_lab
from tests.real.servers import Server

Shot = Callable[[Page, str], None]
AddConnection = Callable[..., str]

IMAGE = "<img src=x onerror=\"window.dataaskHit='image'\">"
LINK = "<a href=\"javascript:window.dataaskHit='link'\">Oslo</a>"
MATH = "$\\href{javascript:window.dataaskHit='math'}{x}$"
SCRIPT = "</script><script>window.dataaskHit='script'</script>"
VALUES = (IMAGE, LINK, MATH, SCRIPT, "**bold** [x](javascript:alert(1))")


@pytest.fixture
def add_connection(lab: Server) -> Iterator[AddConnection]:
    """Adds a DuckDB file to the workspace for one test."""
    made: list[str] = []
    with connect(lab.url, lab.token) as client:
        connections = f"workspaces/{client.workspace_id}/connections"

        def add(name: str, path: Path) -> str:
            body = {"name": name, "kind": "duckdb", "settings": {"path": str(path)}}
            made.append(client.transport.request("POST", connections, body=body).json()["id"])
            return made[-1]

        yield add
        for connection in made:
            client.transport.request("DELETE", f"{connections}/{connection}")


def hostile_database(path: Path) -> Path:
    """Names and values that would run, were they ever taken for markup."""
    with duckdb.connect(str(path)) as database:
        database.execute(f"CREATE TABLE people (id INTEGER PRIMARY KEY, city VARCHAR, {quoted(IMAGE)} INTEGER)")
        database.execute(f"CREATE TABLE {quoted(SCRIPT)} (x INTEGER)")
        rows = [(number, VALUES[number % len(VALUES)], number) for number in range(40)]
        database.executemany("INSERT INTO people VALUES (?, ?, ?)", rows)
    return path


def quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


def expect_inert(page: Page) -> None:
    """Nothing ran, and nothing waits for a click to run."""
    assert page.evaluate("window.dataaskHit") is None
    assert page.locator('a[href^="javascript:"], [*|href^="javascript:"], img[src=x]').count() == 0


def choose_connection(page: Page, chat: Chat, name: str) -> None:
    chat.region.locator(".da-toolbar .da-chip").first.click()
    page.locator("[role^=menuitem]").filter(has_text=name).first.click()


def open_chat(open_page: OpenPage, lab: Server, **options: str) -> tuple[Page, Chat]:
    page = open_page(lab, fresh(), **options)
    wait_for_lab(page)
    palette(page, "New DataAsk Chat")
    chat = Chat(page, page.locator(".lm-DockPanel"))
    expect(chat.composer).to_be_enabled()
    return page, chat


def test_markup_in_names_and_values_is_only_text(
    open_page: OpenPage, lab: Server, add_connection: AddConnection, tmp_path: Path, shot: Shot
) -> None:
    add_connection(f"evil {IMAGE}", hostile_database(tmp_path / "evil.duckdb"))
    page, chat = open_chat(open_page, lab)

    tree = open_sidebar(page).get_by_role("tree", name="Connections")
    source = tree.get_by_role("treeitem").filter(has_text="evil")
    expect(source).to_contain_text(IMAGE)
    source.click()
    expect(tree.get_by_role("treeitem").filter(has_text=SCRIPT)).to_be_visible()
    expect_inert(page)

    choose_connection(page, chat, "evil")
    answer = chat.ask("number of people by city")
    expect_chart(answer)
    expect_inert(page)
    shot(page, "hostile-chart-light")
    # Marks answer to the pointer too: what they then show is text as well.
    answer.locator(".main-svg .drag").first.hover()
    expect_inert(page)
    show_as(answer, "Table")
    expect(answer.get_by_role("grid")).to_contain_text("window.dataaskHit='image'")
    expect_inert(page)
    shot(page, "hostile-table-light")

    chat.type(f"{IMAGE} {SCRIPT} by month")
    chat.wait_for("clarify")
    expect(chat.last).to_contain_text(IMAGE)
    expect_inert(page)


def test_markup_in_a_notebooks_frames_is_only_text(
    open_page: OpenPage, lab: Server, add_connection: AddConnection, tmp_path: Path
) -> None:
    add_connection("evil frames", hostile_database(tmp_path / "evil.duckdb"))
    lab.home.write_notebook(
        "evil.ipynb",
        'import dataask_jupyter as da\nda.sql("SELECT * FROM people LIMIT 5", "evil frames")',
        'da.ask("number of people by city", "evil frames")',
    )
    page = open_page(lab, fresh("/tree/evil.ipynb"))
    wait_for_lab(page)
    notebook = Notebook(page)
    notebook.run_all()
    for index in (0, 1):
        expect(notebook.output(index).locator("table.dataframe tbody tr")).to_have_count(5, timeout=45_000)
    expect(notebook.output(1)).to_contain_text("<img")
    expect_inert(page)


def test_a_database_file_that_vanished_is_said(
    open_page: OpenPage, lab: Server, add_connection: AddConnection, tmp_path: Path, shot: Shot
) -> None:
    path = hostile_database(tmp_path / "vanishing.duckdb")
    add_connection("Vanishing", path)
    page, chat = open_chat(open_page, lab)
    choose_connection(page, chat, "Vanishing")
    chat.ask("number of people by city")
    path.unlink()
    chat.type("how many people")
    chat.wait_for("failed")
    expect(chat.last.get_by_role("alert").or_(chat.last.locator(".da-note"))).to_contain_text(
        re.compile("vanishing.duckdb.* not found", re.IGNORECASE)
    )
    shot(page, "lab-missing-file-light")
    # Nothing is lost: the earlier answer still stands, and other connections can still be asked.
    expect(chat.region.locator('.da-turn[data-state="answered"]')).to_have_count(1)


def test_a_flood_of_text_and_nothing_at_all(open_page: OpenPage, lab: Server) -> None:
    _, chat = open_chat(open_page, lab)
    ask = chat.region.get_by_role("button", name="Ask", exact=True)
    expect(ask).to_be_disabled()
    chat.composer.fill("   ")
    chat.composer.press("Enter")
    chat.composer.fill("flights " * 131_072)
    expect(ask).to_be_disabled()
    expect(chat.region).to_contain_text(re.compile(r"2.?000"))
    chat.composer.press("Enter")
    expect(chat.region.locator(".da-turn")).to_have_count(0)
    chat.composer.fill("")
    chat.ask("flights per month")


def test_a_server_that_goes_away_and_comes_back(open_page: OpenPage, lab: Server, shot: Shot) -> None:
    page, chat = open_chat(open_page, lab, provoked="ERR_CONNECTION_REFUSED")
    chat.ask("flights per month")
    api = re.compile(r"/dataask/api/v1/")
    page.route(api, lambda route: route.abort("connectionrefused"))
    chat.type("average departure delay by carrier")
    problem = chat.last.locator(".da-note")
    expect(problem).to_be_visible(timeout=20_000)
    shot(page, "lab-unreachable-light")
    page.unroute(api)
    chat.last.get_by_role("button", name="Try again").click()
    chat.wait_for("answered")
