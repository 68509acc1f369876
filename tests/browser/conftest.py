"""Pages that are watched: a console error or a request to anywhere but the server fails the test that caused it."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import BrowserContext, ConsoleMessage, Page, Request

from tests.browser.lab import set_theme
from tests.real.home import ROOT
from tests.real.servers import Server

SHOTS = ROOT / "test-results" / "shots"
OWN = ("data:", "blob:", "about:")

OpenPage = Callable[..., Page]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Everything in this folder drives a browser."""
    for item in items:
        if Path(item.path).is_relative_to(Path(__file__).parent):
            item.add_marker(pytest.mark.browser)


class Watch:
    """What a page did that it must not do."""

    def __init__(self, page: Page, origin: str, provoked: str) -> None:
        self._provoked = re.compile(provoked)
        self.errors: list[str] = []
        self.outside: list[str] = []
        self._origins = (origin, origin.replace("http", "ws", 1), *OWN)
        page.on("console", self._console)
        page.on("pageerror", lambda error: self.errors.append(f"uncaught: {error}"))
        page.on("request", self._request)

    def _console(self, message: ConsoleMessage) -> None:
        if message.type == "error" and not self._provoked.search(message.text):
            self.errors.append(f"{message.text} ({message.location.get('url')})")

    def _request(self, request: Request) -> None:
        if not request.url.startswith(self._origins):
            self.outside.append(request.url)


@pytest.fixture(scope="session")
def base_url() -> None:
    """Each page names its server. (The plugin's own fixture of this name is of a kind that pytest 9 warns about.)"""


@pytest.fixture
def open_page(new_context: Callable[..., BrowserContext], request: pytest.FixtureRequest) -> Iterator[OpenPage]:
    """Opens an address of a server in a new, watched page: `open_page(server, "lab", width=1300)`.

    `provoked` is a pattern of console errors that the test itself brings about.
    """
    watched: list[tuple[Page, Watch]] = []

    def open_it(
        server: Server, path: str, *, width: int = 1300, height: int = 900, provoked: str = "(?!)", **options: Any
    ) -> Page:
        context = new_context(viewport={"width": width, "height": height}, **options)
        context.set_default_timeout(30_000)
        page = context.new_page()
        watched.append((page, Watch(page, server.url, provoked)))
        mark = "&" if "?" in path else "?"
        page.goto(f"{server.url}{path}{mark}token={server.token}" if server.token else f"{server.url}{path}")
        return page

    yield open_it
    failed = getattr(request.node, "rep_call", None) is None or request.node.rep_call.failed
    for number, (page, _) in enumerate(watched):
        if failed and not page.is_closed():
            SHOTS.mkdir(parents=True, exist_ok=True)
            page.screenshot(path=SHOTS / f"failed-{_slug(request.node.name)}-{number}.png")
    if not failed:
        assert [error for _, watch in watched for error in watch.errors] == [], "errors in the console"
        assert [url for _, watch in watched for url in watch.outside] == [], "requests to elsewhere"


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item, call: pytest.CallInfo[None]) -> Iterator[Any]:
    """Lets fixtures know how their test ended."""
    report = yield
    setattr(item, f"rep_{report.when}", report)
    return report


@pytest.fixture
def shot() -> Callable[[Page, str], None]:
    """Saves a picture of the page, for people to look at."""

    def save(page: Page, name: str) -> None:
        SHOTS.mkdir(parents=True, exist_ok=True)
        page.screenshot(path=SHOTS / f"{name}.png")

    return save


@pytest.fixture(params=["light", "dark"])
def theme(request: pytest.FixtureRequest, lab: Server) -> Iterator[str]:
    """Both of Lab's own themes, one after the other."""
    set_theme(lab, request.param)
    yield request.param
    set_theme(lab, "light")


def _slug(text: str) -> str:
    return re.sub(r"[^a-z0-9]+", "-", text.lower()).strip("-")[:80]
