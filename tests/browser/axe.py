"""What axe-core finds on a page: WCAG 2.2, levels A and AA."""

from __future__ import annotations

from functools import cache
from typing import Any

from playwright.sync_api import Page

from tests.real.home import ROOT

_STILL = """async () => {
  const ending = document.getAnimations().filter(each => Number.isFinite(each.effect.getComputedTiming().endTime));
  await Promise.allSettled(ending.map(each => each.finished));
}"""
_RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]


@cache
def _script() -> str:
    return (ROOT / "labextension" / "node_modules" / "axe-core" / "axe.min.js").read_text()


def findings(page: Page) -> list[str]:
    """One line for each rule that is broken, with where. (Playwright's own evaluation passes the page's policy.)"""
    # A menu that fades in is pale for a moment, and that is no finding.
    page.evaluate(_STILL)
    if not page.evaluate("() => 'axe' in window"):
        page.evaluate(_script())
    found: list[dict[str, Any]] = page.evaluate(
        "async rules => (await axe.run(document, { runOnly: rules })).violations", _RULES
    )
    return [f"{each['id']}: {', '.join(str(node['target']) for node in each['nodes'])}" for each in found]
