"""Figures drawn by the real Plotly in a real browser: they look as they should, and what data says stays words."""

from __future__ import annotations

import datetime as dt
import json
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from playwright.sync_api import Page, Route

from dataask_jupyter.charts.choose import ChartHints, choose
from tests.real.home import ROOT

pytestmark = pytest.mark.browser

PLOTLY = ROOT / "dataask_jupyter" / "static" / "plotly.js"
ADDRESS = "http://charts.invalid/"  # answered by the test itself; nothing leaves the browser
PAGE = """<!doctype html><meta charset=utf-8><body style="font-family:sans-serif"><div id=box style="width:640px"></div>
<script>window.tex = 0; window.MathJax = {version: '3', startup: {}, tex2svg: () => window.tex++,
  typeset: () => window.tex++, typesetPromise: () => (window.tex++, Promise.resolve())};</script>
<script type=module>
import Plotly from './plotly.js';
const tokens = TOKENS;
const plain = value => typeof value === 'string' && value.startsWith('--da-') ? tokens[value]
  : Array.isArray(value) ? value.map(plain)
  : value && typeof value === 'object'
    ? Object.fromEntries(Object.entries(value).map(([key, item]) => [key, plain(item)])) : value;
window.draw = async figure => {
  const {data, layout} = plain(figure);
  await Plotly.newPlot('box', data, {...layout, width: 640, height: layout.height ?? 320}, {displayModeBar: false});
};
window.ready = true;
</script>"""
TOKENS = {
    **{f"--da-c-{number}": colour for number, colour in enumerate(
        ("#2a6fdb", "#d17c06", "#1f9f9c", "#7c2046", "#82590b", "#5f3eab", "#6b9a66", "#60646a"), 1
    )},
    "--da-c-grid": "#e9ebee", "--da-c-axis": "#a5aab1", "--da-text": "#1c232d", "--da-text-2": "#545b64",
    "--da-bg": "#ffffff", "--da-bg-raised": "#ffffff", "--da-border": "#e1e5ea", "--da-accent-bg": "#e8f0fb",
}  # fmt: skip

HOSTILE = [
    '<a href="javascript:window.hit=1">link</a>',
    "<img src=x onerror=window.hit=1>",
    r"$\href{javascript:window.hit=1}{x}$",
    "%{y}%{x}%{customdata}<extra>gone</extra>",
    "&lt;b&gt;bold&lt;/b&gt;",
    "<b>bold</b><br>below",
    "__proto__",
]
MARKS = {
    "area": ".points path",
    "bar": ".bars .point path",
    "line": ".points path",
    "scatter": ".points path",
    "pie": ".slice path.surface",
}
DAYS = [dt.date(2026, 1, day) for day in range(1, 6)]


@pytest.fixture(scope="session")
def base_url() -> None:
    """There is no server. (The plugin's own fixture of this name is of a kind that pytest 9 warns about.)"""


@pytest.fixture
def plot(page: Page) -> Page:
    """A page that can draw."""

    def answer(route: Route) -> None:
        if route.request.url.endswith("plotly.js"):
            route.fulfill(body=PLOTLY.read_text("utf-8"), content_type="text/javascript")
        elif route.request.url == ADDRESS:
            route.fulfill(body=PAGE.replace("TOKENS", json.dumps(TOKENS)), content_type="text/html")
        else:
            route.abort()

    page.route("**/*", answer)
    page.goto(ADDRESS)
    page.wait_for_function("window.ready")
    return page


def draw(page: Page, columns: dict[str, Any], hints: ChartHints | None = None, locked: Any = None) -> dict[str, Any]:
    """Draws the chart of a result as the browser gets it: through JSON."""
    chart = choose(pa.table(columns), hints or ChartHints(), locked=locked)
    assert chart.figure is not None, chart.reason
    figure: dict[str, Any] = json.loads(json.dumps(chart.figure, allow_nan=False))
    page.evaluate("figure => draw(figure)", figure)
    return figure


def texts(page: Page) -> list[str]:
    """All texts that the chart shows."""
    # A text of several lines or runs is one text all the same.
    found: list[str] = page.eval_on_selector_all("#box text", "all => all.map(text => text.textContent)")
    return [text.replace("\xa0", " ").strip() for text in found if text.strip()]


def hover(page: Page, mark: str) -> None:
    """Points at the first mark of this kind, where it has paint."""
    page.mouse.move(5, 5)
    x, y = page.eval_on_selector(
        f"#box {mark}",
        """mark => {
          const {x, y, width, height} = mark.getBoundingClientRect();
          for (const [across, down] of [[0.5, 0.5], [0.9, 0.5], [0.1, 0.5], [0.5, 0.1], [0.5, 0.9], [0.85, 0.15]]) {
            const at = [x + width * across, y + height * down];
            const point = new DOMPoint(...at).matrixTransform(mark.getScreenCTM().inverse());
            if (mark.isPointInFill(point)) return at;
          }
          return [x, y];
        }""",
    )
    page.mouse.move(x - 2, y, steps=3)
    page.wait_for_timeout(100)  # Plotly takes no more than one move of a burst
    page.mouse.move(x, y)
    page.wait_for_selector("#box .hoverlayer text", state="attached", timeout=5_000)


def ticks(page: Page, axis: str) -> list[str]:
    """The labels of an axis."""
    return page.locator(f"#box .{axis}tick text").all_text_contents()


def results(name: str) -> dict[str, tuple[dict[str, Any], Any]]:
    """Results of every drawn kind that carry the name wherever data can."""
    return {
        "bars": ({name: [name, "b"], "n": [1, 2]}, "bar"),
        "lying bars": ({name: [name, *map(str, range(9))], "n": list(range(1, 11))}, "bar"),
        "groups of bars": ({name: [name, name, "b", "b"], "k": [name, "x", name, "x"], "n": [1, 2, 3, 4]}, "bar"),
        "lines": ({"day": DAYS * 2, name: [name] * 5 + ["b"] * 5, "n": [1, 2, 3, 4, 5, 9, 9, 9, 9, 9]}, "line"),
        "measures": ({"day": DAYS, name: [1, 2, 3, 4, 5], "n": [5, 4, 3, 2, 1]}, "line"),
        "slices": ({name: [name, "b"], "n": [1, 2]}, "pie"),
        "dots": ({name: [1.5, 2.5, 4.5], "n": [1.5, 2.5, 9.5]}, "scatter"),
    }


def shown(text: str) -> str:
    """What of a text every kind of chart shows: measures' names have spaces for underscores, slices' are cut."""
    return text.replace("_", " ").strip().lower()[:15]


@pytest.mark.parametrize("name", HOSTILE)
def test_what_data_says_stays_words(plot: Page, name: str) -> None:
    for kind, (columns, locked) in results(name).items():
        draw(plot, columns, locked=locked)
        hover(plot, MARKS[locked])
        said = texts(plot)
        assert any(shown(name) in shown(text) for text in said), (kind, said)
        inside = plot.evaluate("document.querySelectorAll('#box a, #box img, #box foreignObject').length")
        styled = plot.evaluate("document.querySelectorAll('#box tspan[style*=\"font-weight\"]').length")
        assert (inside, styled) == (0, 0), kind
    assert plot.evaluate("[window.hit, window.tex, ({}).polluted]") == [None, 0, None]


def test_numbers_have_units_and_hover_says_them_in_full(plot: Page) -> None:
    months = [f"2026-{month:02}" for month in range(1, 13)]
    draw(plot, {"month": months, "sold": [27004 + 100 * n for n in range(12)]})
    assert ticks(plot, "x") == ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]
    assert "20k" in ticks(plot, "y")
    assert "0" in ticks(plot, "y")
    hover(plot, MARKS["line"])
    assert any("27,004" in text for text in texts(plot))
    assert any("Jan 2026" in text for text in texts(plot))


def test_axes_read_small_large_and_negative_numbers(plot: Page) -> None:
    for values, expected in (
        ([1500.0, 6200.0], "6,000"),
        ([2.5e9, 7.5e9], "6B"),
        ([0.1, 0.35], "0.3"),
        ([-3.5, 8.0], "−5"),
    ):
        draw(plot, {"city": ["Rome", "Oslo"], "sold": values})
        assert expected in ticks(plot, "y"), ticks(plot, "y")


def test_lying_bars_carry_their_values_and_names(plot: Page) -> None:
    names = [f"An airline with a long name, number {n}" for n in range(12)]
    draw(plot, {"name": names, "delay": [20.2 - n for n in range(12)]})
    assert ticks(plot, "y") == names
    assert {"20.2", "9.2"} <= set(texts(plot))
    assert ticks(plot, "x") == []
    hover(plot, MARKS["bar"])
    assert f"{names[0]}: 20.2" in texts(plot)


def test_lines_end_in_their_names(plot: Page) -> None:
    draw(plot, {"day": DAYS * 2, "city": ["Rome"] * 5 + ["Oslo"] * 5, "sold": [1, 2, 3, 4, 5, 9, 9, 9, 9, 9]})
    assert {"Rome", "Oslo"} <= set(texts(plot))
    assert plot.locator("#box .legend").count() == 0
    hover(plot, MARKS["line"])
    assert any(text.startswith("Rome") and text.endswith("1") for text in texts(plot))


def test_months_without_rows_keep_their_place(plot: Page) -> None:
    draw(plot, {"month": [1, 2, 4], "sold": [3, 4, 5]})
    assert ticks(plot, "x") == ["Jan", "Feb", "Mar", "Apr"]


def test_slices_of_equal_names_stay_two(plot: Page) -> None:
    draw(plot, {"city": ["", None, "Rome"], "sold": [1, 1, 2]}, locked="pie")
    assert plot.locator("#box .slice").count() == 3
    assert sum(text.startswith("(empty), 25%") for text in texts(plot)) == 2


def test_nothing_moves(plot: Page) -> None:
    figure = draw(plot, {"city": ["Rome", "Oslo"], "sold": [1, 2]})
    assert "transition" not in figure["layout"]
    assert figure["layout"]["xaxis"]["fixedrange"]
    assert figure["layout"]["yaxis"]["fixedrange"]


def test_the_browser_has_the_project_s_own_plotly() -> None:
    assert Path(PLOTLY).is_file(), "Run `make build` first."
