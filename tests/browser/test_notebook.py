"""Flows 3 and 4 in a notebook's cells: frames, the magic, the chat, and a cell made from an answer."""

from __future__ import annotations

import json
from collections.abc import Callable

from playwright.sync_api import Page, expect

from tests.browser.chat import Chat, expect_chart, expect_table
from tests.browser.conftest import OpenPage
from tests.browser.lab import Notebook, fresh, wait_for_lab
from tests.real.servers import Server

Shot = Callable[[Page, str], None]


def open_notebook(open_page: OpenPage, lab: Server, name: str, *cells: str, **options: object) -> tuple[Page, Notebook]:
    lab.home.write_notebook(name, *cells)
    page = open_page(lab, fresh(f"/tree/{name}"), **options)
    wait_for_lab(page)
    return page, Notebook(page)


def test_questions_sql_and_magic_give_frames(open_page: OpenPage, lab: Server, shot: Shot) -> None:
    page, notebook = open_notebook(
        open_page,
        lab,
        "frames.ipynb",
        'import dataask_jupyter as da\nda.ask("flights per month")',
        'da.sql("SELECT carrier, name FROM airlines ORDER BY carrier")',
        "%load_ext dataask_jupyter",
        "%%dataask\ntop 10 destinations by number of flights",
        'da.ask("who ate the last biscuit")',
    )
    notebook.run_all()
    for index, rows in ((0, 12), (1, 16), (3, 10)):
        expect(notebook.output(index).locator("table.dataframe tbody tr")).to_have_count(rows, timeout=60_000)
    unclear = notebook.output(4)
    expect(unclear).not_to_be_empty()
    expect(unclear).not_to_contain_text("Traceback")
    expect(unclear).not_to_contain_text("session.py")
    shot(page, "notebook-frames-light")


def test_a_chat_in_a_cell(open_page: OpenPage, lab: Server, theme: str, shot: Shot) -> None:
    page, notebook = open_notebook(
        open_page, lab, f"chat-{theme}.ipynb", "import dataask_jupyter as da\nda.Chat()", "import time; time.sleep(20)"
    )
    output = notebook.run(0)
    chat = Chat(page, output)
    expect(chat.region).to_be_visible(timeout=60_000)
    answer = chat.ask("average departure delay by carrier")
    expect_chart(answer)
    shot(page, f"notebook-chat-{theme}")
    expect_table(answer, 16)

    # A running cell doesn't hold the chat up, and the notebook's own keys don't take what is typed.
    notebook.run(1)
    expect_chart(chat.ask("flights per month"))
    expect(notebook.cells).to_have_count(2)

    # What is saved holds the widget, not the data.
    notebook.save()
    path = lab.home.notebooks / f"chat-{theme}.ipynb"
    saved = path.read_text()
    assert "DataAsk chat" in saved
    assert "dep_delay" not in saved
    assert lab.token not in saved
    assert len(saved) < 20_000
    json.loads(saved)


def test_insert_as_cell_from_a_chat_in_a_cell(open_page: OpenPage, lab: Server) -> None:
    page, notebook = open_notebook(open_page, lab, "insert-below.ipynb", "import dataask_jupyter as da\nda.Chat()", "2")
    chat = Chat(page, notebook.run(0))
    expect(chat.region).to_be_visible(timeout=60_000)
    answer = chat.ask("flights per month")
    answer.get_by_role("button", name="Insert as cell").click()
    expect(notebook.cells).to_have_count(3)
    expect(notebook.cells.nth(1)).to_contain_text("da.sql")
    output = notebook.run(1)
    expect(output.locator("table.dataframe tbody tr")).to_have_count(12, timeout=45_000)


def test_the_schema_browser_in_a_cell(open_page: OpenPage, lab: Server, shot: Shot) -> None:
    page, notebook = open_notebook(open_page, lab, "schema.ipynb", "import dataask_jupyter as da\nda.SchemaBrowser()")
    output = notebook.run(0)
    browser = output.get_by_role("region", name="Tables and columns")
    expect(browser).to_be_visible(timeout=60_000)
    browser.get_by_role("treeitem").filter(has_text="airlines").first.click()
    expect(browser.get_by_role("grid")).to_contain_text("Endeavor Air Inc.")
    shot(page, "notebook-schema-light")
