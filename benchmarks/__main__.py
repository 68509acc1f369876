"""`python -m benchmarks`: every measurement, one after the other, and one table of figures and goals."""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
from pathlib import Path
from typing import Any

from . import accounts, pages, startup
from .figures import Figure, table

ROOT = Path(__file__).resolve().parent.parent


def _json_of(*command: str) -> Any:
    """What a measurement in a process of its own prints as JSON; nothing else stands in its output."""
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    try:
        return json.loads(done.stdout)
    except ValueError:
        raise RuntimeError(f"{' '.join(command)} printed no JSON:\n{done.stdout}\n{done.stderr}") from None


def engine() -> list[Figure]:
    """The embedded engine: question to SQL."""
    found = _json_of(sys.executable, "-m", "benchmarks.engine")
    note = f"{found['tables']} tables, {found['columns']:,} columns; median {found['ms_p50']:.1f} ms"
    return [Figure("embedded engine: question to SQL, p95", found["ms_p95"], 100, "ms", note)]


def results() -> list[Figure]:
    """Pages of a large cached result, without HTTP around them."""
    found = _json_of(sys.executable, "-m", "benchmarks.results_page")
    return [
        Figure("cached page of 1,000,000 rows, p95", found["p95_ms"], 20, "ms", f"{found['page_rows']} rows a page"),
        Figure("cached pages of 1,000,000 rows: memory growth", found["rss_growth_mb"], 20, "MB"),
    ]


def sizes() -> list[Figure]:
    """What a browser loads, gzipped."""
    found = _json_of("node", "labextension/scripts/sizes.mjs")
    return [Figure(f"{one['name']}, gzipped", one["bytes"] / 1000, one["limit"] / 1000, "kB") for one in found]


MEASUREMENTS = {
    "sizes": sizes,
    "results": results,
    "pages": pages.measure,
    "engine": engine,
    "startup": startup.measure,
    "accounts": accounts.measure,
}


def main() -> int:
    """Measure, print, and say by the exit code whether every goal was reached."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("names", nargs="*", choices=[[], *MEASUREMENTS], help="measure these only")
    parser.add_argument("--json", action="store_true", help="print JSON instead of a table")
    chosen = parser.parse_args()
    figures = [figure for name in chosen.names or MEASUREMENTS for figure in MEASUREMENTS[name]()]
    if chosen.json:
        print(json.dumps([{**vars(figure), "reached": figure.reached} for figure in figures], indent=2))
    else:
        print(table(figures))
    return 0 if all(figure.reached for figure in figures) else 1


if __name__ == "__main__":
    sys.exit(main())
