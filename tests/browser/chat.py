"""The chat as a person meets it, wherever it stands: in a panel, in a cell, on a page."""

from __future__ import annotations

import re

from playwright.sync_api import Locator, Page, expect

ANSWER_MS = 45_000
ENDED = re.compile("^(answered|clarify|failed|cancelled)$")


class Chat:
    """One chat surface of a page."""

    def __init__(self, page: Page, within: Locator | None = None) -> None:
        self.page = page
        self.region = (within or page.locator("body")).get_by_role("region", name="DataAsk chat")

    @property
    def composer(self) -> Locator:
        return self.region.get_by_role("textbox")

    @property
    def last(self) -> Locator:
        """The last question with what came of it."""
        return self.region.locator(".da-turn").last

    def type(self, question: str) -> None:
        expect(self.composer).to_be_enabled()
        self.composer.fill(question)
        self.composer.press("Enter")

    def wait_for(self, state: str) -> None:
        """Until the last question has come to its end, which is this one."""
        expect(self.last).to_have_attribute("data-state", ENDED, timeout=ANSWER_MS)
        assert self.last.get_attribute("data-state") == state, self.last.inner_text()

    def ask(self, question: str) -> Locator:
        """Asks and waits for the answer."""
        before = self.region.locator(".da-turn").count()
        self.type(question)
        expect(self.region.locator(".da-turn")).to_have_count(before + 1)
        self.wait_for("answered")
        answer = self.last.get_by_role("article", name="Answer", exact=True)
        expect(answer).to_be_visible()
        return answer


def expect_chart(answer: Locator) -> None:
    """A Plotly drawing with marks, described for people who can't see it."""
    picture = answer.get_by_role("img").filter(has=answer.page.locator(".main-svg"))
    expect(picture.first).to_be_visible()
    assert len(picture.first.get_attribute("aria-label") or "") > 20
    expect(answer.locator(".main-svg .trace, .main-svg .slice, .main-svg .point").first).to_be_attached()


def show_as(answer: Locator, kind: str) -> None:
    """Chooses another picture of the same rows."""
    answer.get_by_role("radio", name=kind, exact=True).click()


def expect_table(answer: Locator, rows: int) -> None:
    """The rows behind the picture, all of them counted."""
    show_as(answer, "Table")
    grid = answer.get_by_role("grid")
    expect(grid).to_be_visible()
    expect(grid).to_have_attribute("aria-rowcount", re.compile(rf"^{rows}$|^{rows + 1}$"))


def sql_of(answer: Locator) -> str:
    """The SQL, which opens on demand."""
    answer.get_by_role("button", name=re.compile(r"^SQL")).first.click()
    text = answer.locator("pre[aria-label=SQL]")
    expect(text).to_be_visible()
    return text.inner_text()
