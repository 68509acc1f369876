"""DataAsk's own pages on a team's server, as people use them."""

from __future__ import annotations

import re
import subprocess
from collections.abc import Iterator

import pytest
from playwright.sync_api import BrowserContext, Page, expect

from tests.browser.axe import findings
from tests.browser.chat import Chat, expect_chart
from tests.browser.conftest import OpenPage
from tests.handlers.conftest import make_shop
from tests.real.home import Home
from tests.real.servers import PYTHON, Server
from tests.real.team import PASSWORD, register, team

HOSTILE = "<img src=x onerror=window.hit=1>"
REFUSED = r"status of (401|403|404|429)"


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A server for a team."""
    with team(Home(tmp_path_factory.mktemp("team") / "home")) as server:
        yield server


@pytest.fixture
def mara(served: Server, request: pytest.FixtureRequest) -> str:
    """The e-mail address of an account of this test's own."""
    email = f"mara-{abs(hash(request.node.name))}@example.com"
    register(served, email, "Mara Lindt").close()
    return email


def sign_in(page: Page, email: str, password: str = PASSWORD) -> None:
    """Fills the form and sends it."""
    page.get_by_label("E-mail").fill(email)
    page.get_by_label("Password", exact=True).fill(password)
    page.get_by_role("button", name="Sign in").click()


def expect_home(page: Page) -> None:
    """The home page, with what is on it."""
    expect(page.get_by_role("heading", name=re.compile("^Good (morning|afternoon|evening)"))).to_be_visible()
    expect(page.get_by_role("heading", name="Workspaces")).to_be_visible()


def forget(context: BrowserContext, name: str) -> None:
    """Lets a cookie end, as time does."""
    context.clear_cookies(name=name)


def test_making_an_account_leads_home(served: Server, open_page: OpenPage) -> None:
    page = open_page(served, "dataask/signup")
    page.get_by_label("Name").fill("Jonas Weber")
    page.get_by_label("E-mail").fill("jonas@example.com")
    page.get_by_label("Password", exact=True).fill("short")
    expect(page.get_by_text("At least 10 characters")).to_be_visible()
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    expect(page.get_by_text("Strong.")).to_be_visible()
    page.get_by_role("button", name="Create account").click()
    expect_home(page)
    expect(page).to_have_title("Home – DataAsk")
    expect(page.get_by_role("button", name="You: Jonas Weber")).to_be_visible()


def test_one_comes_to_where_one_wanted(served: Server, mara: str, open_page: OpenPage) -> None:
    page = open_page(served, "dataask/account")
    expect(page).to_have_url(re.compile(r"/dataask/login\?next="))
    expect(page.get_by_text("to open “Account”")).to_be_visible()
    sign_in(page, mara)
    expect(page.get_by_role("heading", name="Account", exact=True)).to_be_focused()
    expect(page).to_have_url(f"{served.url}dataask/account")


def test_a_wrong_password_says_no_more_than_that(served: Server, mara: str, open_page: OpenPage) -> None:
    page = open_page(served, "dataask/login", provoked=REFUSED)
    for email in (mara, "nobody@example.com"):
        sign_in(page, email, "a wrong password")
        expect(page.get_by_role("alert")).to_have_text("E-mail and password don’t match. Check both and try again.")
        expect(page.get_by_label("Password", exact=True)).to_be_focused()
        expect(page.get_by_label("E-mail")).to_have_value(email)
    sign_in(page, mara)
    expect_home(page)


def test_the_keyboard_alone_is_enough(served: Server, mara: str, open_page: OpenPage) -> None:
    page = open_page(served, "dataask/login")
    expect(page.get_by_label("E-mail")).to_be_visible()
    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="DataAsk home")).to_be_focused()
    page.keyboard.press("Tab")
    expect(page.get_by_label("E-mail")).to_be_focused()
    page.keyboard.type(mara)
    page.keyboard.press("Tab")
    page.keyboard.type(PASSWORD)
    page.keyboard.press("Enter")
    expect_home(page)
    expect(page.get_by_role("heading", level=1)).to_be_focused()
    page.keyboard.press("Control+k")
    expect(page.get_by_role("combobox", name="Search workspaces and conversations")).to_be_focused()
    expect(page.get_by_role("option").first).to_be_visible()
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile(r"/dataask/ask\?workspace="))


def test_an_ended_access_token_is_renewed_without_a_word(served: Server, mara: str, open_page: OpenPage) -> None:
    page = open_page(served, "dataask/login", provoked=REFUSED)
    sign_in(page, mara)
    expect_home(page)
    # While the page is open …
    forget(page.context, "dataask-access")
    page.get_by_role("button", name="New workspace").click()
    page.get_by_label("Name").fill("Retail analytics")
    page.get_by_role("button", name="Create workspace").click()
    expect(page).to_have_url(re.compile(r"/dataask/ask\?workspace="))
    # … and when it is opened anew.
    forget(page.context, "dataask-access")
    page.goto(f"{served.url}dataask/account")
    expect(page.get_by_role("heading", name="Account", exact=True)).to_be_visible()
    expect(page).to_have_url(f"{served.url}dataask/account")


def test_without_a_session_a_page_leads_to_signing_in(served: Server, mara: str, open_page: OpenPage) -> None:
    page = open_page(served, "dataask/login", provoked=REFUSED)
    sign_in(page, mara)
    expect_home(page)
    page.context.clear_cookies()
    page.goto(f"{served.url}dataask/account")
    expect(page.get_by_role("button", name="Sign in")).to_be_visible()


def test_signing_out_ends_all_tabs(served: Server, mara: str, open_page: OpenPage) -> None:
    page = open_page(served, "dataask/login", provoked=REFUSED)
    sign_in(page, mara)
    expect_home(page)
    other = page.context.new_page()
    other.goto(f"{served.url}dataask/account")
    expect(other.get_by_role("heading", name="Account", exact=True)).to_be_visible()
    page.get_by_role("button", name="You: Mara Lindt").click()
    page.get_by_role("menuitem", name="Sign out", exact=True).click()
    expect(page.get_by_role("button", name="Sign in")).to_be_visible()
    expect(other).to_have_url(re.compile(r"/dataask/login\?next=%2Fdataask%2Faccount"))
    page.goto(f"{served.url}dataask/account")
    expect(page).to_have_url(re.compile(r"/dataask/login"))


def test_an_invitation_leads_a_new_person_into_the_workspace(served: Server, mara: str, open_page: OpenPage) -> None:
    owner = register(served, f"owner-of-{mara}", "Priya Raman")
    workspace = owner.post("workspaces", json={"name": "Finance", "time_zone": "UTC"}).json()
    link = owner.post(f"workspaces/{workspace['id']}/invitations", json={"role": "editor"}).json()["link"]
    page = open_page(served, "dataask/invitation#" + link.partition("#")[2])
    expect(page.get_by_role("heading", name="Join “Finance”")).to_be_visible()
    expect(page.get_by_text("Priya Raman invites you as Editor.")).to_be_visible()
    assert "#" not in page.url
    page.get_by_role("link", name="Create an account").click()
    page.get_by_label("Name").fill("Tom Okafor")
    page.get_by_label("E-mail").fill(f"tom-of-{mara}")
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    page.get_by_role("button", name="Create account").click()
    expect(page).to_have_url(f"{served.url}dataask/ask?workspace={workspace['id']}")
    expect(page.get_by_role("button", name="Workspace Finance. Switch workspace")).to_be_visible()
    names = [each["display_name"] for each in owner.get(f"workspaces/{workspace['id']}/members").json()["items"]]
    assert sorted(names) == ["Priya Raman", "Tom Okafor"]
    owner.close()


def test_an_api_token_shows_once(served: Server, mara: str, open_page: OpenPage) -> None:
    page = open_page(served, "dataask/login?next=/dataask/account")
    sign_in(page, mara)
    page.get_by_role("button", name="New token").click()
    page.get_by_label("Name").last.fill("Nightly report")
    page.get_by_role("button", name="Create token").click()
    expect(page.get_by_text("Token “Nightly report” is made")).to_be_visible()
    secret = page.locator(".da-secret code").inner_text()
    with served.http() as http:
        headers = {"Authorization": f"token {secret}"}
        assert http.get("dataask/api/v1/home", headers=headers).status_code == 200
        page.reload()
        expect(page.get_by_text(f"ends in …{secret[-4:]}")).to_be_visible()
        assert secret not in page.content()
        page.get_by_role("button", name="Revoke Nightly report").click()
        page.get_by_role("button", name="Revoke token").click()
        expect(page.get_by_text("You have no API token.")).to_be_visible()
        assert http.get("dataask/api/v1/home", headers=headers).status_code == 401


def test_names_are_text(served: Server, open_page: OpenPage) -> None:
    email = "hostile@example.com"
    owner = register(served, email, HOSTILE)
    workspace = owner.post("workspaces", json={"name": HOSTILE, "time_zone": "UTC"}).json()
    link = owner.post(f"workspaces/{workspace['id']}/invitations", json={"role": "editor"}).json()["link"]
    owner.close()
    page = open_page(served, "dataask/invitation#" + link.partition("#")[2])
    expect(page.get_by_role("heading", name=f"Join “{HOSTILE}”")).to_be_visible()
    page.goto(f"{served.url}dataask/login")
    sign_in(page, email)
    expect(page.get_by_role("link", name=HOSTILE, exact=True)).to_be_visible()
    page.keyboard.press("Control+k")
    expect(page.get_by_role("option").filter(has_text=HOSTILE).first).to_be_visible()
    page.keyboard.press("Escape")
    page.goto(f"{served.url}dataask/ask?workspace={workspace['id']}")
    expect(page.get_by_text(HOSTILE).first).to_be_visible()
    page.goto(f"{served.url}dataask/workspaces/{workspace['id']}")
    expect(page.get_by_role("heading", name=HOSTILE)).to_be_visible()
    assert page.evaluate("() => window.hit") is None


def test_a_page_that_doesnt_exist_says_so(served: Server, mara: str, open_page: OpenPage) -> None:
    page = open_page(served, "dataask/login", provoked=REFUSED)
    sign_in(page, mara)
    expect_home(page)
    page.goto(f"{served.url}dataask/nothing")
    expect(page.get_by_role("heading", name="This doesn’t exist, or you can’t see it")).to_be_visible()
    page.goto(f"{served.url}dataask/workspaces/{'a' * 32}")
    expect(page.get_by_text("This doesn’t exist, or you can’t see it")).to_be_visible()


WAYS = {
    "light": {"color_scheme": "light"},
    "dark": {"color_scheme": "dark"},
    "phone": {"color_scheme": "light", "width": 390, "height": 844, "has_touch": True, "is_mobile": True},
    "narrow": {"color_scheme": "dark", "width": 320, "height": 640},
}


@pytest.mark.parametrize("way", WAYS)
def test_axe_finds_nothing_and_nothing_is_wider_than_the_page(
    served: Server, mara: str, open_page: OpenPage, way: str
) -> None:
    page = open_page(served, "dataask/login", provoked=REFUSED, **WAYS[way])
    checked: dict[str, list[str]] = {}

    def check(name: str) -> None:
        wide = page.evaluate("() => document.documentElement.scrollWidth > innerWidth")
        checked[name] = [*findings(page), *(["wider than the page"] if wide else [])]

    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_text("Enter your password.")).to_be_visible()
    check("login with errors")
    for name in ("signup", "invitation", "reset"):
        page.goto(f"{served.url}dataask/{name}")
        expect(page.get_by_role("heading", level=1)).to_be_visible()
        check(name)
    page.goto(f"{served.url}dataask/login")
    sign_in(page, mara)
    expect_home(page)
    expect(page.get_by_role("list").first).to_be_visible()
    check("home")
    page.get_by_role("button", name="You: Mara Lindt").click()
    expect(page.get_by_role("menu")).to_be_visible()
    page.keyboard.press("Escape")
    page.keyboard.press("?")
    expect(page.get_by_role("dialog", name="Keys")).to_be_visible()
    check("keys")
    page.keyboard.press("Escape")
    page.goto(f"{served.url}dataask/account")
    expect(page.get_by_text("This device")).to_be_visible()
    check("account")
    page.goto(f"{served.url}dataask/ask")
    expect(page.get_by_role("log")).to_be_visible()
    check("ask")
    page.goto(f"{served.url}dataask/")
    page.get_by_role("link", name=re.compile("^Settings of")).first.click()
    expect(page.get_by_role("tab", name="General")).to_be_visible()
    check("workspace")
    page.goto(f"{page.url.partition('?')[0]}?tab=audit")
    expect(page.get_by_text(re.compile("Chain intact"))).to_be_visible()
    check("audit log")
    page.keyboard.press("Control+k")
    expect(page.get_by_role("dialog", name="Search")).to_be_visible()
    check("search")
    page.goto(f"{served.url}dataask/account")
    page.get_by_role("button", name="New token").click()
    expect(page.get_by_role("dialog")).to_be_visible()
    check("new token")
    assert {name: found for name, found in checked.items() if found} == {}


@pytest.mark.parametrize("way", WAYS)
def test_an_answer_is_drawn(served: Server, mara: str, open_page: OpenPage, way: str) -> None:
    """The page's policy lets the chart through: what it refuses stands in the console, which fails the test."""
    shop = served.home.root.parent / f"shop-{way}.db"
    make_shop(shop)
    email = f"{way}-{mara}"
    owner = register(served, email, "Mara Lindt")
    workspace = owner.post("workspaces", json={"name": "Retail", "time_zone": "UTC"}).json()["id"]
    connection = {"name": "shop", "kind": "sqlite", "settings": {"path": str(shop)}}
    owner.post(f"workspaces/{workspace}/connections", json=connection).raise_for_status()
    owner.close()
    page = open_page(served, f"dataask/login?next=/dataask/ask?workspace={workspace}", **WAYS[way])
    sign_in(page, email)
    expect_chart(Chat(page).ask("number of orders by city"))
    assert findings(page) == []
    assert not page.evaluate("() => document.documentElement.scrollWidth > innerWidth")


def test_a_link_from_the_shell_sets_a_new_password(served: Server, mara: str, open_page: OpenPage) -> None:
    told = subprocess.run(
        [PYTHON, "-m", "dataask_jupyter.cli", "reset-link", mara],
        env=served.home.env, cwd=served.home.root, capture_output=True, text=True, check=True, timeout=60,
    )  # fmt: skip
    secret = told.stdout.strip().partition("#")[2]
    page = open_page(served, f"dataask/reset#{secret}", provoked=REFUSED)
    page.get_by_label("New password", exact=True).fill("another long password")
    assert findings(page) == []
    page.get_by_role("button", name="Set password").click()
    expect(page.get_by_text("Your new password is set.")).to_be_visible()
    page.get_by_role("link", name="Sign in").click()
    sign_in(page, mara)
    expect(page.get_by_role("alert")).to_be_visible()
    sign_in(page, mara, "another long password")
    expect_home(page)


def make_admin(served: Server, email: str) -> str:
    """An administrator's address."""
    subprocess.run(
        [PYTHON, "-m", "dataask_jupyter.cli", "create-admin", email, "--password-stdin"],
        env=served.home.env, cwd=served.home.root, input=f"{PASSWORD}\n", text=True, check=True, timeout=60,
    )  # fmt: skip
    return email


def test_an_administrator_reads_the_servers_own_audit_log(served: Server, mara: str, open_page: OpenPage) -> None:
    page = open_page(served, "dataask/login")
    sign_in(page, make_admin(served, f"auditor-{mara}"))
    expect_home(page)
    page.get_by_role("button", name=re.compile("^You: ")).click()
    page.get_by_role("menuitem", name="Audit log of this server").click()
    expect(page.get_by_role("heading", name="Audit log of this server")).to_be_visible()
    expect(page.get_by_text(re.compile("Chain intact"))).to_be_visible()
    page.get_by_role("searchbox").fill("Mara")
    expect(page.get_by_role("row").filter(has_text="Mara Lindt").first).to_be_visible()
    expect(page.get_by_text("Kept for ever")).to_be_visible()
    assert findings(page) == []
    with page.expect_download() as download:
        page.get_by_role("button", name="Export").click()
        page.get_by_role("menuitem", name=re.compile("^CSV")).click()
    assert "Mara Lindt" in download.value.path().read_text()
    page.screenshot(path="test-results/server-audit.png")


def test_the_servers_own_audit_log_is_not_there_for_others(served: Server, mara: str, open_page: OpenPage) -> None:
    page = open_page(served, "dataask/login?next=/dataask/audit", provoked=REFUSED)
    expect(page.get_by_text("to open “Audit log of this server”")).to_be_visible()
    sign_in(page, mara)
    expect(page.get_by_role("region", name="Audit log")).to_be_visible()
    expect(page.get_by_role("table")).to_have_count(0)
    page.get_by_role("button", name="You: Mara Lindt").click()
    expect(page.get_by_role("menuitem", name="Account")).to_be_visible()
    expect(page.get_by_role("menuitem", name="Audit log of this server")).to_have_count(0)


def test_an_administrator_deactivates_somebody(served: Server, mara: str, open_page: OpenPage) -> None:
    root = make_admin(served, f"root-{mara}")
    theirs = open_page(served, "dataask/login", provoked=REFUSED)
    sign_in(theirs, mara)
    expect_home(theirs)
    page = open_page(served, "dataask/login?next=/dataask/account")
    sign_in(page, root)
    page.get_by_role("tab", name="Users").click()
    line = page.get_by_role("region", name="Users").get_by_role("listitem").filter(has_text=mara).first
    line.get_by_role("button", name="Actions for Mara Lindt").click()
    page.get_by_role("menuitem", name="Deactivate …").click()
    assert findings(page) == []
    page.get_by_role("button", name="Deactivate account").click()
    expect(line.get_by_text("Deactivated")).to_be_visible()
    assert findings(page) == []
    theirs.get_by_role("link", name=re.compile("^Settings of")).first.click()
    expect(theirs).to_have_url(re.compile("/dataask/login"))
    sign_in(theirs, mara)
    expect(theirs.get_by_role("alert")).to_be_visible()


def test_ones_own_account_ends(served: Server, mara: str, open_page: OpenPage) -> None:
    page = open_page(served, "dataask/login?next=/dataask/account", provoked=REFUSED)
    sign_in(page, mara)
    page.get_by_role("button", name="Deactivate my account …").click()
    dialog = page.get_by_role("dialog", name="Deactivate your account?")
    dialog.get_by_label(f"Type {mara} to confirm").fill(mara)
    dialog.get_by_label("Password", exact=True).fill(PASSWORD)
    assert findings(page) == []
    dialog.get_by_role("button", name="Deactivate account").click()
    expect(page).to_have_url(re.compile("/dataask/login"))
    sign_in(page, mara)
    expect(page.get_by_role("alert")).to_be_visible()


def test_an_invitation_for_somebody_else_lets_one_sign_in_as_them(
    served: Server, mara: str, open_page: OpenPage
) -> None:
    tom = f"tom-{mara}"
    owner = register(served, tom, "Tom Okafor")
    workspace = owner.post("workspaces", json={"name": "Finance", "time_zone": "UTC"}).json()
    link = owner.post(f"workspaces/{workspace['id']}/invitations", json={"role": "editor"}).json()["link"]
    owner.close()
    page = open_page(served, "dataask/login", provoked=REFUSED)
    sign_in(page, mara)
    expect_home(page)
    page.goto(f"{served.url}dataask/invitation#" + link.partition("#")[2])
    page.get_by_role("button", name="Sign in as someone else").click()
    sign_in(page, tom)
    expect(page.get_by_role("heading", name="Join “Finance”")).to_be_visible()
    expect(page.get_by_text(f"You are signed in as Tom Okafor ({tom}).")).to_be_visible()


def test_chunks_are_kept_by_browsers_and_the_entry_is_asked_for(served: Server) -> None:
    with served.http() as http:
        entry = http.get("static/dataask/pages/main.js")
        chunk = re.search(r"chunks/[\w.-]+\.js", entry.text)
        assert chunk is not None
        kept = http.get(f"static/dataask/pages/{chunk.group()}")
    assert "immutable" not in entry.headers["Cache-Control"]
    assert "immutable" in kept.headers["Cache-Control"]


def test_the_theme_is_remembered(served: Server, mara: str, open_page: OpenPage) -> None:
    page = open_page(served, "dataask/login", color_scheme="light")
    sign_in(page, mara)
    page.get_by_role("button", name="You: Mara Lindt").click()
    page.get_by_role("menuitem", name="Dark theme").click()
    background = "() => getComputedStyle(document.querySelector('.da-top')).backgroundColor"
    assert page.evaluate(background) == "rgb(25, 28, 33)"
    page.reload()
    expect_home(page)
    assert page.evaluate(background) == "rgb(25, 28, 33)"
