"""JupyterLab as a person uses it."""

from __future__ import annotations

import json
import uuid
from contextlib import suppress

from playwright.sync_api import Locator, Page, expect
from playwright.sync_api import TimeoutError as TookTooLong

from tests.real.servers import Server

THEMES = {"light": "JupyterLab Light", "dark": "JupyterLab Dark"}


def fresh(path: str = "") -> str:
    """Lab's address with a layout that nobody used before."""
    return f"lab/workspaces/{uuid.uuid4().hex}{path}"


def set_theme(server: Server, theme: str) -> None:
    """Chooses Lab's theme in the user's settings."""
    raw = json.dumps({"theme": THEMES[theme]})
    with server.http() as http:
        http.put("lab/api/settings/@jupyterlab/apputils-extension:themes", json={"raw": raw}).raise_for_status()


def wait_for_lab(page: Page) -> None:
    """Until Lab has put its layout up."""
    expect(page.locator("#jupyterlab-splash")).to_have_count(0, timeout=60_000)
    expect(page.locator("#jp-main-dock-panel")).to_be_visible(timeout=60_000)


def palette(page: Page, words: str) -> None:
    """Runs a command by its words in the palette."""
    box = page.locator(".lm-CommandPalette-input")
    item = page.locator(".lm-CommandPalette-item").filter(has_text=words).first
    # The palette shuts when it loses the focus, which Lab's start may take from it at any moment.
    for patience in (5_000, 5_000, 30_000):
        page.get_by_role("menuitem", name="View", exact=True).click()
        page.get_by_role("menuitem", name="Activate Command Palette").click()
        with suppress(AssertionError, TookTooLong):
            expect(box).to_be_visible()
            box.fill(words, timeout=patience)
            item.click(timeout=patience)
            return
    raise AssertionError(f"The palette has no command {words}")


def open_sidebar(page: Page) -> Locator:
    """DataAsk's side panel."""
    side = page.get_by_role("navigation", name="DataAsk")
    tab = page.locator(".jp-SideBar .lm-TabBar-tab[data-id*=dataask]").first
    # While Lab starts, it restores its layout: that can shut the panel which was just opened, or open it between the
    # look and the click, which then shuts it. Nothing in the page tells when that is over.
    for _ in range(5):
        if not side.is_visible():
            tab.click()
        with suppress(AssertionError):
            expect(side).to_be_visible(timeout=2_000)
            break
    expect(side).to_be_visible()
    return side


def wait_until_layout_holds(page: Page, server: Server, words: str) -> None:
    """Until Lab has saved its layout with that in it; a page reloaded before comes back without."""
    name = page.url.split("/lab/workspaces/")[1].split("?")[0].split("/")[0]
    with server.http() as http:
        for _ in range(100):
            layout = http.get(f"lab/api/workspaces/{name}").json().get("data", {}).get("layout-restorer:data", {})
            if words in json.dumps(layout):
                return
            page.wait_for_timeout(100)
    raise AssertionError(f"Lab's layout doesn't hold {words}: {layout}")


class Notebook:
    """An open notebook."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.panel = page.locator(".jp-NotebookPanel:visible")
        expect(self.panel).to_be_visible(timeout=60_000)
        # The indicator in the toolbar is idle from the start; only the status bar waits for the kernel.
        expect(page.get_by_text("Python 3 (ipykernel) | Idle")).to_be_visible(timeout=60_000)

    @property
    def cells(self) -> Locator:
        return self.panel.locator(".jp-CodeCell")

    def run_all(self) -> None:
        """Runs every cell."""
        self.page.get_by_role("menuitem", name="Run", exact=True).click()
        self.page.get_by_text("Run All Cells", exact=True).click()

    def run(self, index: int) -> Locator:
        """Runs one cell; its output."""
        cell = self.cells.nth(index)
        cell.locator(".cm-content").click()
        self.page.keyboard.press("Control+Enter")
        return self.output(index)

    def output(self, index: int) -> Locator:
        return self.cells.nth(index).locator(".jp-Cell-outputArea")

    def save(self) -> None:
        """Saves the notebook, and waits until it is."""
        self.page.get_by_role("button", name="Save and create checkpoint").click()
        expect(self.page.locator(".lm-DockPanel-tabBar .lm-mod-current.jp-mod-dirty")).to_have_count(0)
