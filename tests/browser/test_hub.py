"""JupyterLab on users' own servers behind a real Hub, with DataAsk as the Hub's service."""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Error, Locator, Page, Response, expect

from tests.browser.chat import Chat, expect_chart
from tests.browser.conftest import OpenPage
from tests.browser.lab import fresh, open_sidebar, wait_for_lab
from tests.real.home import Home
from tests.real.hub import PASSWORD, Hub, Member, running_hub
from tests.real.servers import Server

pytestmark = pytest.mark.slow

TEAM = "Retail analytics"
# The first request of a day is refused, and then the page signs in.
NOT_YET = r"status of 401|status of 403|status of 404"
# The Hub's own login isn't shown in a frame, which the browser reports.
NOT_FRAMED = r"frame-ancestors 'none'"


@pytest.fixture(scope="module")
def hub(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Hub]:
    """A Hub with two people who have a workspace in common, and one who may come in but has nothing."""
    groups = {"analysts": ["alice"], "managers": ["boss"], "guests": ["bob", "dave"]}
    with running_hub(tmp_path_factory.mktemp("hub"), groups) as running:
        yield running


@pytest.fixture(scope="module")
def boss(hub: Hub, tmp_path_factory: pytest.TempPathFactory) -> Member:
    """The owner, who connected a database."""
    path = tmp_path_factory.mktemp("data") / "sales.sqlite"
    make_sales(path)
    boss = hub.enter("boss")
    team = boss.workspaces()[TEAM]["id"]
    connection = {"name": "Sales", "kind": "sqlite", "settings": {"path": str(path)}}
    boss.call("POST", f"workspaces/{team}/connections", connection).raise_for_status()
    return boss


def make_sales(path: Path) -> None:
    """A small database."""
    with sqlite3.connect(path) as connection:
        connection.execute("CREATE TABLE orders (id INTEGER PRIMARY KEY, country TEXT, revenue REAL)")
        rows = [("Norway", 10.0), ("Norway", 5.0), ("Chile", 7.0), ("Ghana", 3.0)]
        connection.executemany("INSERT INTO orders (country, revenue) VALUES (?, ?)", rows)
    connection.close()


@pytest.fixture
def open_at(open_page: OpenPage, hub: Hub, tmp_path: Path) -> OpenPage:
    """Opens an address of the Hub's origin as somebody who signs in at the Hub first."""
    at = Server(hub.url, "", Home(tmp_path / "nobody"), hub.process)

    def open_it(name: str, path: str, **options: object) -> Page:
        page = open_page(at, path, provoked=f"{NOT_YET}|{NOT_FRAMED}", **options)
        sign_in(page, name)
        return page

    return open_it


def sign_in(page: Page, name: str) -> None:
    """On the Hub's page."""
    page.fill("#username_input", name)
    page.fill("#password_input", PASSWORD)
    page.click("#login_submit")


def open_lab(open_at: OpenPage, hub: Hub, name: str, **options: object) -> Page:
    """JupyterLab on the user's own server."""
    hub.start_server(name)
    page = open_at(name, f"hub/login?next=/user/{name}/{fresh()}", **options)
    wait_for_lab(page)
    return page


def switcher(side: Locator) -> Locator:
    """The button that names the workspace."""
    return side.get_by_role("button", name=re.compile("^Workspace .*Switch")).first


def choose(side: Locator, name: str) -> None:
    """An entry of the workspace menu. While Lab starts it moves the focus, which closes menus."""
    page = side.page
    for _ in range(5):
        switcher(side).click()
        try:
            page.get_by_role("menuitem", name=name).click(timeout=5_000)
        except Error:
            page.keyboard.press("Escape")
        else:
            return
    raise AssertionError(f"the menu doesn't stay open for {name}")


def test_lab_shows_ones_own_workspaces_and_asks_the_service(open_at: OpenPage, hub: Hub, boss: Member) -> None:
    page = open_lab(open_at, hub, "alice")
    side = open_sidebar(page)
    expect(switcher(side)).to_contain_text(TEAM)
    switcher(side).click()
    names = page.locator(".da-menu").get_by_role("menuitem")
    # Also "New workspace …", and what may come to stand below it.
    expect(names.filter(has_text=TEAM)).to_have_count(1)
    expect(names.filter(has_text=re.compile("^Personal"))).to_have_count(1)
    page.keyboard.press("Escape")
    expect(side.get_by_role("tree", name="Connections").get_by_text("Sales")).to_be_visible()
    side.get_by_role("button", name="New conversation").first.click()
    chat = Chat(page, page.locator(".lm-DockPanel"))
    expect_chart(chat.ask("revenue by country"))
    # It was the service that answered, and knows whose question that was.
    alice = hub.enter("alice")
    team = alice.workspaces()[TEAM]["id"]
    assert [each["title"] for each in alice.call("GET", f"workspaces/{team}/conversations").json()["items"]] != []
    assert boss.call("GET", f"workspaces/{team}/conversations").json()["items"] == []


def test_who_signed_out_of_the_hub_is_led_to_a_page_and_comes_back(open_at: OpenPage, hub: Hub, boss: Member) -> None:
    page = open_lab(open_at, hub, "alice")
    open_sidebar(page)
    for cookie in ("service-dataask", "jupyterhub-hub-login", "jupyterhub-session-id"):
        page.context.clear_cookies(name=cookie)
    page.goto(f"{hub.url}user/alice/{fresh()}")
    wait_for_lab(page)
    page.locator(".jp-SideBar .lm-TabBar-tab[data-id*=dataask]").first.click()
    note = page.get_by_role("alert").filter(has_text="You aren’t signed in to DataAsk")
    expect(note).to_be_visible(timeout=25_000)
    with page.context.expect_page() as opened:
        note.get_by_role("link", name="Sign in").click()
    sign_in(opened.value, "alice")
    expect(opened.value.get_by_text("You are signed in")).to_be_visible()
    note.get_by_role("button", name="Try again").click()
    expect(page.get_by_role("navigation", name="DataAsk")).to_be_visible()


def answered(method: str) -> Callable[[Response], bool]:
    """Tells the answer to a change of a member."""
    return lambda response: response.request.method == method and "/members/" in response.url


def test_two_people_share_a_workspace_through_the_hub(open_at: OpenPage, hub: Hub, boss: Member) -> None:
    alice = open_lab(open_at, hub, "alice")
    side = open_sidebar(alice)
    choose(side, "New workspace")
    dialog = alice.get_by_role("dialog", name="New workspace")
    dialog.get_by_label("Name").fill("Fjord")
    dialog.get_by_role("button", name="Create workspace").click()
    expect(side.get_by_role("button", name="Workspace Fjord")).to_be_visible()
    choose(side, "Workspace settings")
    settings = alice.get_by_role("region", name="Settings of Fjord")
    settings.get_by_role("tab", name="Invitations").click()
    by_link = settings.get_by_role("region", name="Invite by link")
    by_link.get_by_label("Role").select_option(label="Admin")
    by_link.get_by_role("button", name="Make a link").click()
    link = by_link.get_by_label("The new link").input_value()
    assert link.startswith(f"{hub.service}dataask/invitation#")

    # bob has never been here: the link leads him through the Hub's sign-in and back.
    bob = open_at("bob", "hub/login?next=/hub/home")
    bob.goto(link)
    bob.get_by_role("link", name="Continue with JupyterHub").or_(bob.get_by_role("button", name="Join")).first.click()
    joined = re.compile(r"/services/dataask/dataask/(ask|workspaces)")
    expect(bob).to_have_url(joined)
    member = hub.enter("bob")
    fjord = member.workspaces()["Fjord"]
    assert fjord["role"] == "admin"
    hub.start_server("bob")
    bob.goto(f"{hub.url}user/bob/{fresh()}")
    wait_for_lab(bob)
    his = open_sidebar(bob)
    expect(his.get_by_role("button", name="Workspace Fjord")).to_be_visible()
    expect(his.get_by_role("button", name="Add connection").first).to_be_visible()

    # Made viewer: what would change something is gone, and refused.
    settings.get_by_role("tab", name="Members").click()
    settings.get_by_role("button", name="Admin, role of bob").click()
    # What is shown runs ahead of the service.
    with alice.expect_response(answered("PATCH")):
        alice.get_by_role("menuitem", name=re.compile("^Viewer")).click()
    expect(settings.get_by_role("button", name="Viewer, role of bob")).to_be_visible()
    bob.goto(f"{hub.url}user/bob/{fresh()}")
    wait_for_lab(bob)
    his = open_sidebar(bob)
    expect(his.get_by_role("button", name="Workspace Fjord")).to_be_visible()
    expect(his.get_by_role("heading", name="Connections").or_(his.get_by_text("Connections")).first).to_be_visible()
    expect(his.get_by_role("button", name="Add connection")).to_have_count(0)
    expect(his.get_by_role("button", name="New conversation")).to_have_count(0)
    refused = member.call(
        "POST",
        f"workspaces/{fjord['id']}/connections",
        {"name": "x", "kind": "sqlite", "settings": {"path": "/x.sqlite"}},
    )
    assert refused.status_code == 403
    assert member.call("POST", f"workspaces/{fjord['id']}/invitations", {"role": "viewer"}).status_code == 403

    # Removed: it isn't there.
    settings.get_by_role("button", name="Remove bob").click()
    with alice.expect_response(answered("DELETE")):
        alice.get_by_role("button", name="Remove from workspace").click()
    expect(settings.get_by_role("button", name="Remove bob")).to_have_count(0)
    assert member.call("GET", f"workspaces/{fjord['id']}").status_code == 404
    bob.goto(f"{hub.url}user/bob/{fresh()}")
    wait_for_lab(bob)
    expect(open_sidebar(bob).get_by_role("button", name="Workspace Personal")).to_be_visible()
