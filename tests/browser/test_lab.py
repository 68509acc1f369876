"""Flows 1, 2 and 4: the sidebar, the chat panel and "Insert as cell", in JupyterLab."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from pathlib import Path

import duckdb
import pytest
from playwright.sync_api import Page, expect

from dataask_jupyter.client import connect
from tests.browser.chat import Chat, expect_chart, expect_table, show_as, sql_of
from tests.browser.conftest import OpenPage
from tests.browser.lab import Notebook, fresh, open_sidebar, palette, wait_for_lab, wait_until_layout_holds
from tests.real.servers import Server

Shot = Callable[[Page, str], None]

QUESTIONS = [
    ("average departure delay by carrier", 16),
    ("flights per month", 12),
    ("top 10 destinations by number of flights", 10),
]
JOINED = "how many flights were cancelled in June by airline name"


def open_lab(open_page: OpenPage, lab: Server, path: str = "", **options: object) -> Page:
    page = open_page(lab, fresh(path), **options)
    wait_for_lab(page)
    return page


def open_chat(page: Page) -> Chat:
    palette(page, "New DataAsk Chat")
    chat = Chat(page, page.locator(".lm-DockPanel"))
    expect(chat.region).to_be_visible()
    return chat


def test_the_sidebar_shows_workspace_connections_tables_and_columns(
    open_page: OpenPage, lab: Server, theme: str, shot: Shot
) -> None:
    page = open_lab(open_page, lab)
    side = open_sidebar(page)
    expect(side.get_by_text("Demo", exact=True).first).to_be_visible()
    tree = side.get_by_role("tree", name="Connections")
    connections = tree.locator('[role=treeitem][aria-level="1"]')
    expect(connections).to_have_count(2)
    if connections.first.get_attribute("aria-expanded") == "false":
        connections.first.click()
    flights = tree.get_by_role("treeitem").filter(has_text=re.compile(r"^flights")).first
    expect(flights).to_contain_text(re.compile(r"336.776"))
    flights.locator(".da-tree-arrow").click()
    column = tree.get_by_role("treeitem").filter(has_text="dep_delay")
    expect(column).to_be_visible()
    expect(column).to_contain_text(re.compile("double|int|float|bigint", re.IGNORECASE))
    for name in ("airlines", "airports", "planes", "weather"):
        expect(tree.get_by_role("treeitem").filter(has_text=re.compile(f"^{name}"))).to_be_visible()
    shot(page, f"lab-sidebar-{theme}")


def test_the_sidebars_tree_by_keyboard(open_page: OpenPage, lab: Server) -> None:
    page = open_lab(open_page, lab)
    tree = open_sidebar(page).get_by_role("tree", name="Connections")
    items = tree.get_by_role("treeitem")
    items.first.focus()
    if items.first.get_attribute("aria-expanded") == "false":
        page.keyboard.press("ArrowRight")
    expect(items.first).to_have_attribute("aria-expanded", "true")
    expect(items.filter(has_text=re.compile("^airlines"))).to_be_visible()
    page.keyboard.press("ArrowDown")
    expect(items.nth(1)).to_be_focused()


def test_the_four_questions_are_answered(open_page: OpenPage, lab: Server, theme: str, shot: Shot) -> None:
    page = open_lab(open_page, lab)
    chat = open_chat(page)
    for number, (question, rows) in enumerate(QUESTIONS):
        answer = chat.ask(question)
        expect_chart(answer)
        expect(answer.locator(".da-sentence")).not_to_be_empty()
        shot(page, f"lab-answer-{number + 1}-{theme}")
        expect_table(answer, rows)
    answer = chat.ask(JOINED)
    expect_chart(answer)
    shot(page, f"lab-answer-4-{theme}")
    sql = sql_of(answer)
    assert re.search(r"\bjoin\b", sql, re.IGNORECASE)
    assert "airlines" in sql
    shot(page, f"lab-sql-{theme}")


def test_the_joined_answer_is_right(lab: Server) -> None:
    with connect(lab.url, lab.token) as client:
        frame = client.ask(JOINED)
        whole = client.sql("SELECT count(*) AS n FROM flights WHERE month = 6 AND dep_time IS NULL")
    counts = frame.select_dtypes("number").iloc[:, 0]
    assert counts.sum() == whole["n"][0] == 1009


@pytest.mark.parametrize("way", ["launcher", "palette", "sidebar"])
def test_the_chat_opens_from(way: str, open_page: OpenPage, lab: Server) -> None:
    page = open_lab(open_page, lab)
    if way == "launcher":
        page.locator(".jp-LauncherCard").filter(has_text="DataAsk Chat").click()
    elif way == "palette":
        palette(page, "New DataAsk Chat")
    else:
        open_sidebar(page).get_by_role("button", name=re.compile("^New conversation|^New chat|^New$")).click()
    chat = Chat(page, page.locator(".lm-DockPanel"))
    expect(chat.composer).to_be_enabled()


@pytest.fixture
def endless(lab: Server, tmp_path: Path) -> Iterator[str]:
    """A connection with a view that takes minutes to count."""
    path = tmp_path / "endless.duckdb"
    with duckdb.connect(str(path)) as database:
        database.execute(
            "CREATE VIEW endless AS SELECT a.range % 7 AS kind FROM range(200000) a, range(200000) b "
            "WHERE a.range <> b.range"
        )
    with connect(lab.url, lab.token) as client:
        connections = f"workspaces/{client.workspace_id}/connections"
        body = {"name": "Endless", "kind": "duckdb", "settings": {"path": str(path)}}
        made = client.transport.request("POST", connections, body=body).json()
        yield made["name"]
        client.transport.request("DELETE", f"{connections}/{made['id']}")


def test_steps_show_while_it_works_and_stop_works(open_page: OpenPage, lab: Server, endless: str, shot: Shot) -> None:
    page = open_lab(open_page, lab)
    chat = open_chat(page)
    chat.region.locator(".da-toolbar .da-chip").first.click()
    page.get_by_role("menuitemradio", name=re.compile(endless)).or_(
        page.get_by_role("menuitem", name=re.compile(endless))
    ).first.click()
    chat.type("how many endless")
    progress = chat.last.get_by_role("article", name="Answer in progress")
    expect(progress.locator(".da-steps")).to_contain_text(f"Running on {endless}", timeout=40_000)
    shot(page, "lab-steps-light")
    chat.region.get_by_role("button", name="Stop").click()
    expect(chat.last).to_have_attribute("data-state", "cancelled", timeout=10_000)
    expect(chat.last.get_by_text("Cancelled", exact=False).first).to_be_visible()
    shot(page, "lab-cancelled-light")


def test_a_question_that_cant_be_read_is_asked_back(open_page: OpenPage, lab: Server, shot: Shot) -> None:
    page = open_lab(open_page, lab)
    chat = open_chat(page)
    chat.type("who ate the last biscuit")
    chat.wait_for("clarify")
    expect(chat.last.get_by_role("article", name="A question back")).not_to_be_empty()
    shot(page, "lab-clarify-light")


def test_the_chosen_chart_stays(open_page: OpenPage, lab: Server) -> None:
    page = open_lab(open_page, lab)
    chat = open_chat(page)
    answer = chat.ask("flights per month")
    kinds = answer.get_by_role("radio")
    expect(kinds.first).to_be_visible()
    names = [kinds.nth(index).get_attribute("aria-label") or "" for index in range(kinds.count())]
    other = next(name for name in names if name != "Table" and not answer.get_by_role("radio", name=name).is_checked())
    show_as(answer, other)
    expect(answer.get_by_role("radio", name=other)).to_be_checked()
    expect_chart(answer)
    wait_until_layout_holds(page, lab, "dataask-chat")
    page.reload()
    wait_for_lab(page)
    again = Chat(page, page.locator(".lm-DockPanel"))
    expect(again.last.get_by_role("radio", name=other)).to_be_checked()


def test_insert_as_cell_into_the_open_notebook(open_page: OpenPage, lab: Server, shot: Shot) -> None:
    lab.home.write_notebook("insert.ipynb", "1 + 1")
    page = open_lab(open_page, lab, "/tree/insert.ipynb")
    notebook = Notebook(page)
    palette(page, "New DataAsk Chat")
    chat = Chat(page, page.locator(".lm-DockPanel"))
    answer = chat.ask("flights per month")
    answer.get_by_role("button", name="Insert as cell").click()
    expect(answer.get_by_role("button", name="Inserted")).to_be_visible()
    page.locator(".lm-DockPanel-tabBar .lm-TabBar-tab").filter(has_text="insert.ipynb").click()
    notebook = Notebook(page)
    expect(notebook.cells).to_have_count(2)
    expect(notebook.cells.nth(1)).to_contain_text("import dataask_jupyter as da")
    output = notebook.run(1)
    expect(output.locator("table.dataframe tbody tr")).to_have_count(12, timeout=45_000)
    shot(page, "lab-inserted-light")
