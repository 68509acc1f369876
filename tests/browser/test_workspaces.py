"""Workspaces in JupyterLab: the switcher, the settings, and the audit log with what was done."""

from __future__ import annotations

import csv
import io
import json
import re
import uuid
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Error, Locator, Page, expect

from tests.browser.conftest import OpenPage
from tests.browser.lab import fresh, open_sidebar, palette, wait_for_lab, wait_until_layout_holds
from tests.real.home import ROOT
from tests.real.servers import Server

Shot = Callable[[Page, str], None]

AXE = ROOT / "labextension" / "node_modules" / "axe-core" / "axe.min.js"


def open_lab(open_page: OpenPage, lab: Server, **options: object) -> Page:
    page = open_page(lab, fresh(), **options)
    wait_for_lab(page)
    return page


def switch(side: Locator) -> Locator:
    return side.get_by_role("button", name=re.compile("Switch workspace"))


def choose(page: Page, side: Locator, words: str) -> None:
    """Chooses an item of the workspace menu. Lab takes the focus when its layout is up, and that closes a menu."""
    item = page.get_by_role("menuitem").filter(has_text=words)
    for _ in range(3):
        switch(side).click()
        try:
            item.click(timeout=5_000)
        except Error:
            continue
        return
    raise AssertionError(f"The menu has no {words}, or doesn't stay open.")


def make_workspace(page: Page, side: Locator) -> str:
    """Makes a workspace in the sidebar's menu; its name."""
    name = f"Pricing {uuid.uuid4().hex[:6]}"
    choose(page, side, "New workspace")
    dialog = page.get_by_role("dialog", name="New workspace")
    dialog.get_by_label("Name").fill(name)
    dialog.get_by_label("Time zone").select_option("Europe/Berlin")
    dialog.get_by_role("button", name="Create workspace").click()
    expect(dialog).to_have_count(0)
    expect(switch(side)).to_contain_text(name)
    return name


def back_home(page: Page, side: Locator, name: str) -> None:
    """To the workspace that the other tests use."""
    choose(page, side, name)
    expect(switch(side)).to_contain_text(name)


def open_audit(page: Page, side: Locator) -> Locator:
    choose(page, side, "Audit log")
    log = page.get_by_role("region", name="Audit log")
    expect(log.get_by_role("table", name="Records")).to_be_visible()
    return log


def violations(page: Page, selector: str) -> list[str]:
    """What axe-core finds against WCAG 2.2 A and AA in a part of the page."""
    page.add_script_tag(path=AXE)
    found = page.evaluate(
        """async selector => (await axe.run(selector, {
             runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa']
           })).violations.map(each => each.id + ': ' + each.nodes.map(node => node.html).join(' | '))""",
        selector,
    )
    return [str(each)[:600] for each in found]


@pytest.fixture
def home(lab: Server) -> str:
    """The name of the workspace that the others use."""
    with lab.http() as http:
        chosen = http.get("dataask/api/v1/auth/me").json()["workspace_id"]
        return str(http.get(f"dataask/api/v1/workspaces/{chosen}").json()["name"])


def test_a_workspace_is_made_switched_to_and_found_again(open_page: OpenPage, lab: Server, home: str) -> None:
    page = open_lab(open_page, lab)
    side = open_sidebar(page)
    name = make_workspace(page, side)
    # The menu's button has the focus back, so that the keyboard goes on where it was.
    expect(switch(side)).to_be_focused()
    expect(side.get_by_text("Connect your first data")).to_be_visible()
    page.reload()
    wait_for_lab(page)
    side = open_sidebar(page)
    expect(switch(side)).to_contain_text(name)
    back_home(page, side, home)


def test_the_audit_log_shows_filters_checks_and_exports(
    open_page: OpenPage, lab: Server, home: str, tmp_path: Path
) -> None:
    page = open_lab(open_page, lab, accept_downloads=True)
    side = open_sidebar(page)
    name = make_workspace(page, side)
    log = open_audit(page, side)
    made = log.get_by_role("row").filter(has_text="Made the workspace")
    expect(made).to_contain_text(name)
    expect(log.get_by_text(re.compile(r"Chain intact, \d+ records? checked \d\d:\d\d"))).to_be_visible()
    made.get_by_role("button").click()
    expect(log.get_by_text("Fingerprint")).to_be_visible()

    # The check itself is an act: it appears by itself.
    expect(log.get_by_role("row").filter(has_text="Checked the audit log").first).to_be_visible(timeout=20_000)

    log.get_by_role("button", name="Action").click()
    page.get_by_role("menuitem", name="Made the workspace").click()
    expect(log.get_by_text("1 record matches")).to_be_visible()
    expect(log.get_by_role("row").filter(has_text="Checked the audit log")).to_have_count(0)

    for kind, read in (("CSV", _csv_actions), ("JSON", _json_actions)):
        log.get_by_role("button", name="Export").click()
        with page.expect_download() as download:
            page.get_by_role("menuitem", name=re.compile(kind)).click()
        file = tmp_path / download.value.suggested_filename
        download.value.save_as(file)
        assert read(file.read_text("utf-8-sig")) == ["workspace.create"]

    log.get_by_role("button", name="Refused only").click()
    expect(log.get_by_text("No records match")).to_be_visible()
    log.get_by_role("button", name="Clear filters").click()
    expect(made).to_be_visible()
    back_home(page, side, home)


def _csv_actions(text: str) -> list[str]:
    return [row["action"] for row in csv.DictReader(io.StringIO(text))]


def _json_actions(text: str) -> list[str]:
    return [json.loads(line)["action"] for line in text.splitlines()]


def test_settings_are_changed_come_back_after_a_reload_and_end_with_the_workspace(
    open_page: OpenPage, lab: Server, home: str
) -> None:
    page = open_lab(open_page, lab)
    side = open_sidebar(page)
    name = make_workspace(page, side)
    palette(page, "DataAsk Workspace Settings")
    settings = page.get_by_role("region", name=f"Settings of {name}")
    settings.get_by_label("Keep audit records").select_option(label="1 year")
    settings.get_by_label("Name").fill(f"{name} EU")
    settings.get_by_role("button", name="Save changes").click()
    settings = page.get_by_role("region", name=f"Settings of {name} EU")
    expect(settings.get_by_text("All changes saved")).to_be_visible()
    expect(switch(side)).to_contain_text(f"{name} EU")
    settings.get_by_role("tab", name="Roles").click()
    settings.get_by_role("button", name="New role").click()
    dialog = page.get_by_role("dialog", name="New role")
    dialog.get_by_label("Name", exact=True).fill("Curator")
    dialog.get_by_role("checkbox", name="Test connections").check()
    dialog.get_by_role("button", name="Create role").click()
    expect(settings.get_by_role("columnheader", name="Curator")).to_be_visible()

    wait_until_layout_holds(page, lab, "dataask-settings")
    page.reload()
    wait_for_lab(page)
    settings = page.get_by_role("region", name=f"Settings of {name} EU")
    expect(settings.get_by_role("tab", name="Roles", selected=True)).to_be_visible()

    settings.get_by_role("tab", name="General").click()
    expect(settings.get_by_label("Keep audit records")).to_have_value("365")
    settings.get_by_role("button", name="Delete workspace").click()
    dialog = page.get_by_role("dialog", name=re.compile("^Delete"))
    expect(dialog.get_by_role("button", name="Delete workspace")).to_be_disabled()
    dialog.get_by_label(re.compile("^Type")).fill(f"{name} EU")
    dialog.get_by_role("button", name="Delete workspace").click()
    expect(settings).to_have_count(0)
    side = open_sidebar(page)
    expect(switch(side)).not_to_contain_text(name)
    back_home(page, side, home)


@pytest.mark.parametrize("width", [1300, 760])
def test_nothing_is_in_the_way_of_anybody(
    open_page: OpenPage, lab: Server, home: str, theme: str, width: int, shot: Shot
) -> None:
    page = open_lab(open_page, lab, width=width)
    side = open_sidebar(page)
    make_workspace(page, side)
    log = open_audit(page, side)
    log.get_by_role("button", name=re.compile("^Details of")).first.click()
    expect(log.get_by_text(re.compile("Chain intact"))).to_be_visible()
    shot(page, f"audit-{theme}-{width}")
    assert violations(page, ".da-audit") == []
    palette(page, "DataAsk Workspace Settings")
    settings = page.locator(".da-settings")
    for tab in ("General", "Members", "Invitations", "Roles"):
        settings.get_by_role("tab", name=re.compile(tab)).click()
        expect(settings.get_by_role("tab", name=re.compile(tab), selected=True)).to_be_visible()
        shot(page, f"settings-{tab.lower()}-{theme}-{width}")
        assert violations(page, ".da-settings") == [], tab
    settings.get_by_role("button", name="New role").click()
    expect(page.get_by_role("dialog", name="New role")).to_be_visible()
    assert violations(page, ".da-dialog") == []
    page.keyboard.press("Escape")
    assert violations(page, ".da-side") == []
    back_home(page, side, home)
