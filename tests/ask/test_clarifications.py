"""What can't be read with certainty is asked back: quickly, politely bounded, never guessed."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from dataask_jupyter.ask.embedded import EmbeddedEngine
from dataask_jupyter.ask.engine import AskInput, Candidates, Clarified
from dataask_jupyter.schemas.conversations import Clarification

NOW = datetime(2024, 5, 15, 12, tzinfo=UTC)
ENGINE = EmbeddedEngine()


def ask(place: Any, question: str) -> Any:
    return ENGINE.read_now(AskInput(question, place.models["duckdb"], "duckdb", NOW))


def clarification(place: Any, question: str) -> Clarification:
    reading = ask(place, question)
    assert isinstance(reading, Clarified), reading.items[0].sql
    return reading.clarification


def test_a_typo_is_corrected_and_confirmed(places: Callable[[str], Any]) -> None:
    found = clarification(places("shop"), "number of products per suplier")
    assert found.reason == "unknown_words"
    assert [(r.text, r.meaning) for r in found.readings] == [("suplier", "Supplier")]
    assert found.message == "One word doesn’t match anything exactly. Did you mean this?"
    corrected = found.choices[0].question
    assert corrected == "number of products per supplier"
    assert isinstance(ask(places("shop"), corrected), Candidates)


def test_a_word_that_nothing_knows_is_named(places: Callable[[str], Any]) -> None:
    found = clarification(places("shop"), "refunds by country of customers")
    assert found.reason == "unknown_words"
    assert "“refunds”" in found.message
    readings = {r.text: r.meaning for r in found.readings}
    assert readings["refunds"] is None
    assert readings["customers"] == "Customers"
    assert found.suggestions


def test_an_unknown_word_is_never_dropped(places: Callable[[str], Any]) -> None:
    for question in (
        "average price of vegan products",
        "how many orders were gift wrapped",
        "customers who churned",
        "top 5 products by profitability",
    ):
        assert isinstance(ask(places("shop"), question), Clarified), question


def test_best_has_several_meanings(places: Callable[[str], Any]) -> None:
    place = places("shop")
    found = clarification(place, "Who are our best customers?")
    assert found.reason == "ambiguous"
    assert found.message == "“Best” can mean different things in this data. Which one do you mean?"
    labels = [c.label for c in found.choices]
    assert "Most orders" in labels
    for choice in found.choices:  # every choice is a question that works
        reading = ask(place, choice.question)
        assert isinstance(reading, Candidates), choice.question
        place.rows("duckdb", reading.items[0].sql)


def test_what_the_schema_has_no_place_for(places: Callable[[str], Any]) -> None:
    found = clarification(places("shop"), "how many products were cancelled")
    assert found.suggestions


HOSTILE = [
    "",
    "   \n\t ",
    "???",
    "SELECT * FROM customers",
    "drop table customers",
    "'; DROP TABLE orders; --",
    "list customers; DELETE FROM orders",
    "1 UNION SELECT password FROM users --",
    "<script>alert(1)</script> customers",
    "<img src=x onerror=alert(1)>",
    "{{ config.items() }}",
    "${7*7}",
    "Wie viele Kunden haben letzte Woche bestellt?",
    "今月の注文数は?",
    "сколько заказов в этом месяце",
    "a" * 2_000,
    "orders " * 285,
    "how many " * 220,
    "((((((((((" * 200,
    "average of the average of the average of the",
    "and or not and or not by by by per per top top most most than than",
    "\x00\x01\x02",
    "🤖 🤖 🤖",
    "%%%% ___ \\\\ '' \"\" `` $$",
    "between between 5 and",
    "customers older than -1e308",
    "0/0 0000-00-00 9999-99-99 31/02/2024",
]


@pytest.mark.parametrize("question", HOSTILE, ids=range(len(HOSTILE)))
def test_hostile_questions_are_asked_back_quickly(places: Callable[[str], Any], question: str) -> None:
    begun = time.perf_counter()
    reading = ask(places("shop"), question)
    assert time.perf_counter() - begun < 2
    if isinstance(reading, Candidates):  # then it is honest SQL that runs
        places("shop").rows("duckdb", reading.items[0].sql)
        assert reading.items[0].confidence.level != "high"
    else:
        assert reading.clarification.message
        assert len(reading.clarification.message) < 500


WORDS = """customers orders products names price country city quantity average total number of how many the top 3 5 most
least highest by per each for with without no not and or both between more than less 10 2024 Norway 'x' "Lamp" who which
what where is are have sorted descending order at least older never Lamp Ada before after June last month share
percentage same every different , ? . ; 's supplier category status (""".split()


@settings(max_examples=250, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(words=st.lists(st.sampled_from(WORDS), min_size=1, max_size=14))
def test_any_mixture_of_known_words_ends_in_sql_that_runs_or_in_a_question(
    places: Callable[[str], Any], words: list[str]
) -> None:
    place = places("shop")
    reading = ask(place, " ".join(words))
    if isinstance(reading, Candidates):
        for candidate in reading.items:
            place.rows("duckdb", candidate.sql)


def test_absurd_numbers_are_taken_as_they_are(places: Callable[[str], Any]) -> None:
    reading = ask(places("shop"), "customers older than 99999999999999999999999999999")
    assert isinstance(reading, Candidates)
    assert places("shop").rows("duckdb", reading.items[0].sql) == []


def test_without_tables_there_is_nothing_to_ask() -> None:
    from dataask_jupyter.schemas.catalog import Catalog
    from dataask_jupyter.semantic.build import build

    model = build(Catalog(dialect="duckdb", tables=[], fetched_at=NOW))
    reading = ENGINE.read_now(AskInput("how many orders", model, "duckdb", NOW))
    assert isinstance(reading, Clarified)
    assert reading.clarification.reason == "no_data"
