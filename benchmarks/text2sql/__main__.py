"""`python -m benchmarks.text2sql --data DIR --split NAME --engine embedded --out predictions.jsonl`.

Reads only what an engine may see: `questions.public.jsonl`, the databases and their `schema.json`. Judging the
predictions against gold answers is the business of the suites' own scorer.
"""

from __future__ import annotations

import argparse
import json
import statistics
import sys
import time
from collections import Counter
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from dataask_jupyter.ask.embedded import EmbeddedEngine
from dataask_jupyter.ask.engine import AskInput, Candidates, Turn
from dataask_jupyter.semantic.build import build
from dataask_jupyter.semantic.model import SemanticModel

from .database import load

DEFAULT_NOW = datetime(2025, 1, 1, tzinfo=UTC)


def questions(data: Path, split: str, suites: set[str]) -> list[dict[str, Any]]:
    """The public questions of the chosen suites."""
    root = data / split if (data / split).is_dir() else data
    found = []
    for file in sorted(root.glob("*/questions.public.jsonl")):
        if not suites or file.parent.name in suites:
            for line in file.read_text(encoding="utf-8").splitlines():
                question = json.loads(line)
                question["_path"] = root / question["db_path"]
                found.append(question)
    return found


def predict(engine: EmbeddedEngine, model: SemanticModel, question: dict[str, Any]) -> tuple[dict[str, Any], float]:
    """One prediction and how many milliseconds it took."""
    now = datetime.fromisoformat(question["as_of"]).replace(tzinfo=UTC) if question.get("as_of") else DEFAULT_NOW
    history = tuple(Turn(text) for text in question.get("context", ()))
    begun = time.perf_counter()
    reading = engine.read_now(AskInput(question["question"], model, "sqlite", now, "UTC", history))
    elapsed = (time.perf_counter() - begun) * 1000
    prediction: dict[str, Any] = {"id": question["id"], "sql": None, "confidence": 0.0}
    if isinstance(reading, Candidates):
        best = reading.items[0]
        prediction.update(sql=best.sql, confidence=best.confidence.score, chart=best.chart_hints.wanted)
    return prediction, elapsed


def main() -> int:
    """Run the engine over the suites and print coverage and latency as JSON."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--split", default="dev")
    parser.add_argument("--suite", default="")
    parser.add_argument("--engine", choices=["embedded"], default="embedded")
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--answer-from", type=float, default=None, help="least confidence of an answer")
    options = parser.parse_args()
    settings = {} if options.answer_from is None else {"answer_from": options.answer_from}
    # The suites want exactly the columns that were asked for.
    engine = EmbeddedEngine(show_ranking=False, **settings)
    suites = {s for s in options.suite.split(",") if s}
    models: dict[Path, SemanticModel] = {}
    times: list[float] = []
    asked: Counter[str] = Counter()
    answered: Counter[str] = Counter()
    with options.out.open("w", encoding="utf-8") as out:
        for question in questions(options.data, options.split, suites):
            path = question["_path"]
            if path not in models:
                models[path] = build(*load(path))
            prediction, elapsed = predict(engine, models[path], question)
            times.append(elapsed)
            asked[question["suite"]] += 1
            answered[question["suite"]] += prediction["sql"] is not None
            out.write(json.dumps(prediction) + "\n")
    if not times:
        print("No questions found.", file=sys.stderr)
        return 1
    ordered = sorted(times)
    report = {
        "questions": len(times),
        "coverage": {suite: round(answered[suite] / count, 3) for suite, count in sorted(asked.items())},
        "ms_p50": round(statistics.median(ordered), 2),
        "ms_p95": round(ordered[int(0.95 * (len(ordered) - 1))], 2),
        "ms_max": round(ordered[-1], 2),
    }
    print(json.dumps(report))
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
