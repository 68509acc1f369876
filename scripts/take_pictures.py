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
from tests.handlers.conftest import make_shop
from tests.real import servers
from tests.real.chromium import ARGUMENTS, chromium
from tests.real.home import ROOT, Home, make_demo
from tests.real.servers import Server
from tests.real.team import PASSWORD, register, team

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


def take_audit(browser: Browser, lab: Server) -> None:
    """The audit log of the demo workspace, a changed setting opened."""
    with lab.http() as http:
        chosen = http.get("dataask/api/v1/auth/me").json()["workspace_id"]
        address = f"dataask/api/v1/workspaces/{chosen}"
        version = http.get(address).json()["version"]
        http.patch(address, json={"audit_days": 730}, headers={"If-Match": f'"{version}"'}).raise_for_status()
    page = open_lab(browser, lab, height=820)
    open_sidebar(page)
    palette(page, "DataAsk Audit Log")
    log = page.get_by_role("region", name="Audit log")
    expect(log.get_by_text("Chain intact")).to_be_visible(timeout=60_000)
    log.get_by_role("row").filter(has_text="Changed settings").get_by_role("button").click()
    expect(log.get_by_text("Fingerprint")).to_be_visible()
    save(page, "audit-log")
    page.close()


def take_members(browser: Browser, served: Server) -> None:
    """The members of a workspace on a team's server."""
    owner = register(served, "mara.lindqvist@aurora.example", "Mara Lindqvist")
    made = owner.post("workspaces", json={"name": "Retail analytics", "time_zone": "Europe/Berlin"}).json()
    for name, role in (("Jonas Weber", "admin"), ("Priya Raman", "editor"), ("Tom Okafor", "viewer")):
        link = owner.post(f"workspaces/{made['id']}/invitations", json={"role": role}).json()["link"]
        guest = register(served, f"{name.lower().replace(' ', '.')}@aurora.example", name)
        guest.post("invitations/accept", json={"token": link.split("#")[1]}).raise_for_status()
        guest.close()
    owner.close()
    page = browser.new_page(viewport={"width": 1000, "height": 620})
    page.goto(f"{served.url}dataask/login")
    page.get_by_label("E-mail").fill("mara.lindqvist@aurora.example")
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_role("heading", name="Workspaces")).to_be_visible()
    page.goto(f"{served.url}dataask/workspaces/{made['id']}")
    page.get_by_role("tab", name="Members").click()
    expect(page.get_by_text("Priya Raman")).to_be_visible()
    save(page, "members")
    page.close()


def take_login(browser: Browser, served: Server) -> None:
    """Signing in, with a password that isn't right."""
    page = browser.new_page(viewport={"width": 1440, "height": 860})
    page.goto(f"{served.url}dataask/account")
    page.get_by_label("E-mail").fill("tom.okafor@aurora.example")
    page.get_by_label("Password", exact=True).fill("winter-2024")
    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_role("alert")).to_be_visible()
    save(page, "login")
    page.close()


def take_home(browser: Browser, served: Server, folder: Path) -> None:
    """The home page of somebody who has worked for a while."""
    make_shop(folder / "shop.db")
    owner = register(served, "mara@aurora.example", "Mara Lindqvist")
    made = {}
    for name in ("Retail analytics", "Finance"):
        made[name] = owner.post("workspaces", json={"name": name, "time_zone": "Europe/Berlin"}).json()["id"]
    for name, place in (
        ("Jonas Weber", "Retail analytics"),
        ("Priya Raman", "Retail analytics"),
        ("Ida Berg", "Finance"),
    ):
        link = owner.post(f"workspaces/{made[place]}/invitations", json={"role": "editor"}).json()["link"]
        guest = register(served, f"{name.partition(' ')[0].lower()}@aurora.example", name)
        guest.post("invitations/accept", json={"token": link.partition("#")[2]}).raise_for_status()
        guest.close()
    retail = f"workspaces/{made['Retail analytics']}"
    settings = {"path": str(folder / "shop.db")}
    owner.post(
        f"{retail}/connections", json={"name": "shop", "kind": "sqlite", "settings": settings}
    ).raise_for_status()
    for question in ("how many orders per month", "customers by city"):
        conversation = owner.post(f"{retail}/conversations", json={}).json()["id"]
        owner.post(f"{retail}/conversations/{conversation}/ask", json={"question": question}).raise_for_status()
    owner.patch("auth/me", json={"workspace_id": made["Retail analytics"]}).raise_for_status()
    owner.close()
    page = browser.new_page(viewport={"width": 1440, "height": 860})
    page.goto(f"{served.url}dataask/login")
    page.get_by_label("E-mail").fill("mara@aurora.example")
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_role("link", name="customers by city")).to_be_visible()
    expect(page.get_by_role("group", name="Suggested questions").get_by_role("button").first).to_be_visible()
    page.evaluate("() => document.activeElement.blur()")
    save(page, "home")
    page.close()


def main() -> None:
    """All pictures, in a home of their own."""
    IMAGES.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="dataask-pictures-") as folder, sync_playwright() as playwright:
        demo = make_demo(Path(folder) / "demo")
        browser = playwright.chromium.launch(executable_path=chromium(), args=ARGUMENTS)
        with servers.lab(Home(Path(folder) / "lab", demo)) as lab:
            for take in (take_answer, take_clarification, take_sidebar, take_notebook, take_audit):
                take(browser, lab)
        home = Home(Path(folder) / "voila", demo)
        home.add_notebook("voila-chat.ipynb")
        with servers.voila(home) as voila:
            take_phone(browser, voila)
        with team(Home(Path(folder) / "team")) as served:
            take_members(browser, served)
            take_login(browser, served)
            take_home(browser, served, Path(folder))
        browser.close()
    sys.stdout.write(f"The pictures are in {IMAGES.relative_to(ROOT)}.\n")


if __name__ == "__main__":
    main()
