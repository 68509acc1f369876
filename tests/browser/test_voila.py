"""Flow 5: a notebook with `da.Chat()` under Voilà by itself, wide and on a phone, light and dark."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.browser.chat import Chat, expect_chart, expect_table
from tests.browser.conftest import OpenPage
from tests.real.servers import Server

Shot = Callable[[Page, str], None]


def open_chat(open_page: OpenPage, voila: Server, theme: str, **options: object) -> tuple[Page, Chat]:
    page = open_page(voila, f"voila/render/voila-chat.ipynb?theme={theme}", **options)
    chat = Chat(page)
    expect(chat.region).to_be_visible(timeout=90_000)
    return page, chat


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_a_page_answers(theme: str, open_page: OpenPage, voila: Server, shot: Shot) -> None:
    page, chat = open_chat(open_page, voila, theme)
    answer = chat.ask("average departure delay by carrier")
    expect_chart(answer)
    shot(page, f"voila-{theme}")
    expect_table(answer, 16)
    expect(answer.get_by_role("button", name="Copy code")).to_be_visible()
    assert page.locator(".jp-SideBar, #jp-main-dock-panel").count() == 0


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_a_phone_answers(theme: str, open_page: OpenPage, voila: Server, shot: Shot) -> None:
    page, chat = open_chat(
        open_page, voila, theme, width=390, height=844, device_scale_factor=2, has_touch=True, is_mobile=True
    )
    answer = chat.ask("top 10 destinations by number of flights")
    expect_chart(answer)
    shot(page, f"voila-phone-{theme}")
    # Nothing sticks out of the screen, and what is touched is large enough.
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    ask = chat.region.get_by_role("button", name="Ask").bounding_box()
    assert ask is not None
    assert min(ask["width"], ask["height"]) >= 44
    expect_table(answer, 10)


def test_two_readers_at_once(open_page: OpenPage, voila: Server) -> None:
    first, one = open_chat(open_page, voila, "light")
    second, two = open_chat(open_page, voila, "light")
    one.type("flights per month")
    two.type("average departure delay by carrier")
    for chat in (one, two):
        chat.wait_for("answered")
        expect(chat.region.locator(".da-turn")).to_have_count(1)
    assert first.url == second.url
