"""`python -m benchmarks`: every measurement, one after the other, and one table of figures and goals."""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
from pathlib import Path
from typing import Any

from . import startup
from .figures import Figure, table

ROOT = Path(__file__).resolve().parent.parent


def _json_of(*command: str) -> dict[str, Any]:
    """What a measurement that runs in a process of its own prints as JSON on its last line."""
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    if not done.stdout.strip():
        raise RuntimeError(f"{' '.join(command)} printed nothing:\n{done.stderr}")
    found: dict[str, Any] = json.loads(done.stdout[done.stdout.index("{") :])
    return found


def engine() -> list[Figure]:
    """The embedded engine: question to SQL."""
    found = _json_of(sys.executable, "-m", "benchmarks.engine")
    return [
        Figure("embedded engine: question to SQL, p95", found["p95_ms"], 100, "ms", "200 tables of 20 columns"),
    ]


def results() -> list[Figure]:
    """Pages of a large cached result."""
    found = _json_of(sys.executable, "-m", "benchmarks.results_page")
    return [
        Figure("cached page of 1,000,000 rows, p95", found["p95_ms"], 20, "ms"),
        Figure("cached page of 1,000,000 rows: server memory growth", found["rss_growth_mb"], 20, "MB"),
    ]


def sizes() -> list[Figure]:
    """What a browser loads first."""
    found = _json_of("node", "labextension/scripts/sizes.mjs")
    return [
        Figure("initial labextension script, gzipped", found["labextension_kb"], 150, "kB"),
        Figure("chat widget bundle without Plotly, gzipped", found["chat_kb"], 250, "kB"),
    ]


MEASUREMENTS = {"sizes": sizes, "results": results, "engine": engine, "startup": startup.measure}


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
