"""Takes the pictures in docs/images from the real thing: JupyterLab, a notebook and Voilà on the demo data.

Run it after `make build`, from the project's folder: `.venv/bin/python -m scripts.take_pictures`
"""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

from playwright.sync_api import Browser, Page, expect, sync_playwright

from tests.browser.chat import Chat, expect_chart, sql_of
from tests.browser.lab import Notebook, fresh, open_sidebar, palette, wait_for_lab
from tests.real import servers
from tests.real.chromium import ARGUMENTS, chromium
from tests.real.home import ROOT, Home, make_demo
from tests.real.servers import Server

IMAGES = ROOT / "docs" / "images"
JOINED = "how many flights were cancelled in June by airline name"


def save(page: Page, name: str, **clip: float) -> None:
    """Writes the picture, when nothing is pointed at."""
    page.mouse.move(2, 2)
    page.wait_for_timeout(600)
    page.screenshot(path=IMAGES / f"{name}.png", clip=clip or None)  # type: ignore[arg-type]


def open_lab(browser: Browser, lab: Server, path: str = "", *, width: int = 1300, height: int = 900) -> Page:
    """JupyterLab with a fresh layout."""
    page = browser.new_page(viewport={"width": width, "height": height})
    page.goto(f"{lab.url}{fresh(path)}?token={lab.token}")
    wait_for_lab(page)
    return page


def open_chat(page: Page) -> Chat:
    """The chat in Lab's main area, the side panel beside it."""
    open_sidebar(page)
    palette(page, "New DataAsk Chat")
    chat = Chat(page, page.locator(".lm-DockPanel"))
    expect(chat.composer).to_be_enabled()
    return chat


def take_answer(browser: Browser, lab: Server) -> None:
    """An answer with everything that belongs to it."""
    page = open_lab(browser, lab, height=1160)
    chat = open_chat(page)
    answer = chat.ask(JOINED)
    expect_chart(answer)
    sql_of(answer)
    answer.locator(".da-sentence").scroll_into_view_if_needed()
    save(page, "chat-answer")
    page.close()


def take_clarification(browser: Browser, lab: Server) -> None:
    """A question that can't be read whole."""
    page = open_lab(browser, lab, height=760)
    chat = open_chat(page)
    chat.type("average departure delay by carier in sumer")
    chat.wait_for("clarify")
    save(page, "chat-clarify")
    page.close()


def take_sidebar(browser: Browser, lab: Server) -> None:
    """Connections, tables and columns."""
    page = open_lab(browser, lab, height=760)
    tree = open_sidebar(page).get_by_role("tree", name="Connections")
    first = tree.get_by_role("treeitem").first
    if first.get_attribute("aria-expanded") == "false":
        first.click()
    tree.get_by_role("treeitem").filter(has_text="336").first.locator(".da-tree-arrow").click()
    expect(tree.get_by_role("treeitem").filter(has_text="dep_delay")).to_be_visible()
    right = page.get_by_role("navigation", name="DataAsk").evaluate("side => side.getBoundingClientRect().right")
    save(page, "sidebar", x=0, y=0, width=right + 4, height=760)
    page.close()


def take_notebook(browser: Browser, lab: Server) -> None:
    """A chat in a cell, and a frame below it."""
    lab.home.write_notebook(
        "flights.ipynb", "import dataask_jupyter as da\nda.Chat()", 'da.ask("flights per month").head(3)'
    )
    page = open_lab(browser, lab, "/tree/flights.ipynb", height=1160)
    notebook = Notebook(page)
    chat = Chat(page, notebook.run(0))
    expect(chat.region).to_be_visible(timeout=60_000)
    expect_chart(chat.ask("top 10 destinations by number of flights"))
    expect(notebook.run(1).locator("table.dataframe tbody tr")).to_have_count(3, timeout=60_000)
    page.locator(".jp-WindowedPanel-outer").first.evaluate("panel => panel.scrollTo(0, 0)")
    save(page, "notebook-cell")
    page.close()


def take_phone(browser: Browser, voila: Server) -> None:
    """The same chat on a phone."""
    context = browser.new_context(
        viewport={"width": 390, "height": 844}, device_scale_factor=2, has_touch=True, is_mobile=True
    )
    page = context.new_page()
    page.goto(f"{voila.url}voila/render/voila-chat.ipynb?theme=light")
    chat = Chat(page)
    expect(chat.region).to_be_visible(timeout=90_000)
    expect_chart(chat.ask("top 10 destinations by number of flights"))
    save(page, "voila-phone")
    context.close()


def main() -> None:
    """All pictures, in a home of their own."""
    IMAGES.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="dataask-pictures-") as folder, sync_playwright() as playwright:
        demo = make_demo(Path(folder) / "demo")
        browser = playwright.chromium.launch(executable_path=chromium(), args=ARGUMENTS)
        with servers.lab(Home(Path(folder) / "lab", demo)) as lab:
            for take in (take_answer, take_clarification, take_sidebar, take_notebook):
                take(browser, lab)
        home = Home(Path(folder) / "voila", demo)
        home.add_notebook("voila-chat.ipynb")
        with servers.voila(home) as voila:
            take_phone(browser, voila)
        browser.close()
    sys.stdout.write(f"The pictures are in {IMAGES.relative_to(ROOT)}.\n")


if __name__ == "__main__":
    main()
