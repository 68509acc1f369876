"""Nothing of a question is dropped quietly, and what was guessed is said, with the questions that settle it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from typing import Any

import pytest

from dataask_jupyter.ask.embedded import EmbeddedEngine
from dataask_jupyter.ask.engine import AskInput, Candidate, Candidates, Clarified
from dataask_jupyter.ask.suggest import suggest
from dataask_jupyter.schemas.conversations import Assumption, Clarification
from tests.ask.conftest import Place, World, make

NOW = datetime(2024, 5, 15, 12, tzinfo=UTC)
ENGINE = EmbeddedEngine()

# Two ends of a voyage in one table, two delays, clocks as numbers, harbours whose names share words, soundings that
# nothing but a place relates to voyages.
FERRIES: World = {
    "harbours": (
        ["*code TEXT", "name TEXT", "lat DOUBLE", "lon DOUBLE", "depth DOUBLE"],
        [
            ("AN", "Anholt North", 56.7, 11.5, 6.0),
            ("AS", "Anholt South", 56.6, 11.5, 4.0),
            ("AQ", "Anholt Quay of the Old Mill", 56.6, 11.6, 3.0),
            ("GR", "Grenaa Ferry Dock", 56.4, 10.9, 9.0),
            ("VA", "Varberg", 57.1, 12.2, 11.0),
        ],
    ),
    "voyages": (
        ["year INTEGER", "month INTEGER", "dep_time INTEGER", "dep_delay DOUBLE", "arr_delay DOUBLE", "line TEXT",
         "origin TEXT -> harbours.code", "dest TEXT -> harbours.code", "length_km DOUBLE"],
        [
            (2023, 1, 517, 5.0, 4.0, "Blue", "GR", "AN", 60.0),
            (2023, 1, 2359, 15.0, 10.0, "Blue", "AN", "GR", 60.0),
            (2023, 2, 1200, 0.0, -3.0, "Red", "GR", "AS", 62.0),
            (2024, 2, 800, 150.0, 140.0, "Red", "VA", "GR", 80.0),
            (2024, 3, 801, 30.0, 45.0, "Red", "GR", "VA", 80.0),
        ],
    ),
    "soundings": (
        ["place TEXT -> harbours.code", "month INTEGER", "waves DOUBLE"],
        [("GR", 1, 0.5), ("GR", 2, 1.5), ("AN", 1, 2.5), ("VA", 2, 0.1)],
    ),
}  # fmt: skip


@pytest.fixture(scope="module")
def ferries() -> Iterator[Place]:
    place = make(FERRIES)
    yield place
    place.duckdb.close()
    place.sqlite.close()


def ask(place: Any, question: str, dialect: str = "duckdb") -> Any:
    return ENGINE.read_now(AskInput(question, place.models[dialect], dialect, NOW))


def answered(place: Any, question: str, dialect: str = "duckdb") -> Candidate:
    reading = ask(place, question, dialect)
    assert isinstance(reading, Candidates), reading.clarification
    return reading.items[0]


def asked_back(place: Any, question: str) -> Clarification:
    reading = ask(place, question)
    assert isinstance(reading, Clarified), reading.items[0].sql
    return reading.clarification


def guess(candidate: Candidate, label: str) -> Assumption:
    return next(a for a in candidate.assumptions if a.guess and a.label == label)


@pytest.mark.parametrize(
    ("question", "lost"),
    [
        ("voyages with waves", "waves"),
        ("how many voyages with soundings", "soundings"),
        ("names of harbours with a delay", "delay"),
    ],
)
def test_a_known_word_without_effect_is_asked_back(ferries: Place, question: str, lost: str) -> None:
    reading = ask(ferries, question)
    if isinstance(reading, Candidates):  # then the word is in the SQL, or nobody is told that it is certain
        assert reading.items[0].confidence.level != "high", reading.items[0].sql
        return
    found = reading.clarification
    assert f"“{lost}”" in found.message
    assert {r.text: r.meaning for r in found.readings}[lost] is None
    assert any(r.meaning for r in found.readings)
    assert found.suggestions


@pytest.mark.parametrize("dialect", ["duckdb", "sqlite"])
@pytest.mark.parametrize(
    ("question", "sql"),
    [
        ("length by line", "SELECT line, avg(length_km) FROM voyages GROUP BY 1"),
        ("departure delay by line in 2024", "SELECT line, avg(dep_delay) FROM voyages WHERE year = 2024 GROUP BY 1"),
        ("departure delay per month", "SELECT month, avg(dep_delay) FROM voyages GROUP BY 1"),
        ("waves by month", "SELECT month, avg(waves) FROM soundings GROUP BY 1"),
    ],
)
def test_a_measure_by_a_dimension_is_averaged_and_says_so(
    ferries: Place, dialect: str, question: str, sql: str
) -> None:
    found = answered(ferries, question, dialect)
    assert sorted(ferries.rows(dialect, found.sql)) == sorted(ferries.rows(dialect, sql))
    assert found.confidence.level == "some"
    amber = next(a for a in found.assumptions if a.guess and a.value == "average")
    assert [c.label for c in amber.choices][:2] == ["Average", "Total"]
    total = answered(ferries, amber.choices[1].question, dialect)
    assert "SUM(" in total.sql
    assert not any(a.value == "average" and a.guess for a in total.assumptions)


@pytest.mark.parametrize(
    "question", ["delays by line in 2023", "average delay by line", "voyages delayed more than 20"]
)
def test_columns_that_fit_equally_are_choices(ferries: Place, question: str) -> None:
    found = answered(ferries, question)
    assert found.confidence.level != "high"
    amber = next(a for a in found.assumptions if {c.label for c in a.choices} == {"Arrival delay", "Departure delay"})
    for choice in amber.choices:
        settled = answered(ferries, choice.question)
        assert choice.detail.split(".")[1] in settled.sql
        ferries.rows("duckdb", settled.sql)


@pytest.mark.parametrize("dialect", ["duckdb", "sqlite"])
@pytest.mark.parametrize(
    ("question", "sql"),
    [
        ("number of voyages to Anholt", "SELECT count(*) FROM voyages WHERE dest IN ('AN', 'AS', 'AQ')"),
        ("number of voyages from Anholt", "SELECT count(*) FROM voyages WHERE origin IN ('AN', 'AS', 'AQ')"),
        ("number of voyages to Varberg", "SELECT count(*) FROM voyages WHERE dest = 'VA'"),
        ("number of voyages from Varberg", "SELECT count(*) FROM voyages WHERE origin = 'VA'"),
        ("number of voyages from GR to VA", "SELECT count(*) FROM voyages WHERE origin = 'GR' AND dest = 'VA'"),
    ],
)
def test_to_and_from_pick_the_end(ferries: Place, dialect: str, question: str, sql: str) -> None:
    assert ferries.rows(dialect, answered(ferries, question, dialect).sql) == ferries.rows(dialect, sql)


def one_end(*, known: bool) -> Place:
    """Only the origin is a declared key, as where some destinations are missing from the harbours."""
    columns, rows = FERRIES["voyages"]
    columns = [c.replace("dest TEXT -> harbours.code", "dest TEXT") for c in columns]
    if not known:
        columns = [c.replace("dest TEXT", "quay TEXT") for c in columns]
        rows = [(*row[:7], f"Q{i}", row[8]) for i, row in enumerate(rows)]
    return make({**FERRIES, "voyages": (columns, rows)})


def test_the_other_end_is_found_by_its_values() -> None:
    place = one_end(known=True)
    found = answered(place, "number of voyages to Varberg")
    assert place.rows("duckdb", found.sql) == [(1.0,)]
    assert "dest" in found.sql
    place.duckdb.close()
    place.sqlite.close()


def test_to_is_never_answered_by_the_origin() -> None:
    place = one_end(known=False)
    asked_back(place, "number of voyages to Varberg")
    assert place.rows("duckdb", answered(place, "number of voyages from Varberg").sql) == [(1.0,)]
    place.duckdb.close()
    place.sqlite.close()


def test_a_part_of_values_is_said_and_can_be_settled(ferries: Place) -> None:
    found = answered(ferries, "voyages to Anholt by month")
    assert found.confidence.level == "some"
    amber = next(a for a in found.assumptions if a.guess and "Anholt" in a.value)
    assert [c.label for c in amber.choices] == ["Anholt North", "Anholt South", "Anholt Quay of the Old Mill"]
    settled = answered(ferries, amber.choices[0].question)
    assert ferries.rows("duckdb", settled.sql) == [(1.0, 1.0)]


def test_two_ends_through_one_join_are_never_merged(ferries: Place) -> None:
    asked_back(ferries, "number of voyages from Varberg to Anholt")


def test_a_small_part_of_a_value_offers_the_values(ferries: Place) -> None:
    found = asked_back(ferries, "voyages to Grenaa")
    assert [c.label for c in found.choices] == ["Grenaa Ferry Dock"]
    settled = answered(ferries, found.choices[0].question)
    assert len(ferries.rows("duckdb", settled.sql)) == 2


def test_busiest_and_typos_are_asked_back(ferries: Place) -> None:
    found = asked_back(ferries, "busiest harbour")
    assert [c.label for c in found.choices] == ["Most voyages", "Most soundings"]
    answered(ferries, found.choices[0].question)
    found = asked_back(ferries, "lenght by line")
    assert found.choices[0].question == "length by line"


def test_rows_that_only_share_a_parent_are_not_counted_as_pairs(ferries: Place) -> None:
    asked_back(ferries, "number of voyages by waves")


def test_hours_are_not_compared_with_distances_or_clocks(ferries: Place) -> None:
    reading = ask(ferries, "voyages longer than 2 hours")
    if isinstance(reading, Candidates):
        assert "length_km" not in reading.items[0].sql
        assert "dep_time" not in reading.items[0].sql


@pytest.mark.parametrize("question", ["number of voyages by line", "average departure delay by line", "voyages"])
def test_certainty_has_a_reason(ferries: Place, question: str) -> None:
    found = answered(ferries, question)
    assert found.confidence.level == "high"
    assert found.confidence.reasons


def test_suggestions_average_only_what_is_measured(ferries: Place) -> None:
    offered = " | ".join(suggest(ferries.models["duckdb"], limit=40)).lower()
    for word in ("departure time", "latitude", "longitude", "average year", "average month", "code"):
        assert f"average {word}" not in offered
    assert "average departure delay by line" in offered


@pytest.mark.parametrize("question", ["SELECT * FROM voyages", "сколько рейсов в этом месяце"])
def test_only_what_exists_is_recommended(places: Callable[[str], Any], question: str) -> None:
    message = asked_back(places("shop"), question).message
    assert "editor" not in message
    assert "engine" not in message
