"""Questions over several schemas give what hand-written SQL gives, on DuckDB and on SQLite."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest

from dataask_jupyter.ask.embedded import EmbeddedEngine
from dataask_jupyter.ask.engine import AskInput, Candidate, Candidates

NOW = datetime(2024, 5, 15, 12, tzinfo=UTC)
ENGINE = EmbeddedEngine()

QUESTIONS: dict[str, list[tuple[str, str]]] = {
    "shop": [
        ("How many customers are there?", "SELECT count(*) FROM customers"),
        ("Show the names and cities of all customers", "SELECT name, city FROM customers"),
        ("List the names of customers from Norway", "SELECT name FROM customers WHERE country = 'Norway'"),
        ("How many French customers do we have?", "SELECT count(*) FROM customers WHERE country = 'France'"),
        ("average price of products by category", "SELECT category, avg(price) FROM products GROUP BY 1"),
        ("number of products per supplier", """SELECT s.supplier_name, count(*) FROM products p
            JOIN suppliers s USING (supplier_id) GROUP BY 1"""),
        ("What is the most expensive product?", "SELECT product_name FROM products ORDER BY price DESC LIMIT 1"),
        ("names of the 2 cheapest products", "SELECT product_name FROM products ORDER BY price LIMIT 2"),
        ("top 3 products by price", "SELECT product_name FROM products ORDER BY price DESC LIMIT 3"),
        ("Which products cost more than 100?", "SELECT product_name FROM products WHERE price > 100"),
        ("products with price between 20 and 50", "SELECT product_name FROM products WHERE price BETWEEN 20 AND 50"),
        ("customers older than 40", "SELECT name FROM customers WHERE age > 40"),
        ("customers older than the average age",
         "SELECT name FROM customers WHERE age > (SELECT avg(age) FROM customers)"),
        ("Which customers have no orders?",
         "SELECT name FROM customers WHERE customer_id NOT IN (SELECT customer_id FROM orders)"),
        ("Which customer has the most orders?", """SELECT c.name, count(*) FROM orders o JOIN customers c
            USING (customer_id) GROUP BY c.customer_id, c.name ORDER BY 2 DESC LIMIT 1"""),
        ("names of customers with at least 2 orders", """SELECT c.name FROM orders JOIN customers c USING (customer_id)
            GROUP BY c.customer_id, c.name HAVING count(*) >= 2"""),
        ("orders in February 2024",
         "SELECT * FROM orders WHERE order_date >= '2024-02-01' AND order_date < '2024-03-01'"),
        ("How many orders were placed last month?",
         "SELECT count(*) FROM orders WHERE order_date >= '2024-04-01' AND order_date < '2024-05-01'"),
        ("how many orders before 2024", "SELECT count(*) FROM orders WHERE order_date < '2024-01-01'"),
        ("total quantity by product", """SELECT p.product_name, sum(quantity) FROM order_items JOIN products p
            USING (product_id) GROUP BY p.product_id, p.product_name"""),
        ("How many different categories are there?", "SELECT count(DISTINCT category) FROM products"),
        ("What are the different countries of customers?", "SELECT DISTINCT country FROM customers"),
        ("customer names sorted by age from oldest to youngest", "SELECT name FROM customers ORDER BY age DESC"),
        ("List product names in alphabetical order", "SELECT product_name FROM products ORDER BY product_name"),
        ("Which products have a name containing 'a'?",
         "SELECT product_name FROM products WHERE product_name LIKE '%a%'"),
        ("maximum and minimum price of products", "SELECT max(price), min(price) FROM products"),
        ("number of orders by status", "SELECT status, count(*) FROM orders GROUP BY 1"),
        ("what is the most common status of orders",
         "SELECT status, count(*) FROM orders GROUP BY 1 ORDER BY 2 DESC LIMIT 1"),
        ("products from Maison Bleue", """SELECT product_name FROM products JOIN suppliers USING (supplier_id)
            WHERE supplier_name = 'Maison Bleue'"""),
        ("orders that are not delivered", "SELECT * FROM orders WHERE status <> 'delivered'"),
        ("customers in Oslo or Paris", "SELECT name FROM customers WHERE city IN ('Oslo', 'Paris')"),
        ("average shipping cost of orders from customers in Norway", """SELECT avg(shipping_cost) FROM orders
            JOIN customers USING (customer_id) WHERE country = 'Norway'"""),
        ("share of orders by status",
         "SELECT status, 100.0 * count(*) / (SELECT count(*) FROM orders) FROM orders GROUP BY 1"),
        ("Number of customers for each country", "SELECT country, count(*) FROM customers GROUP BY 1"),
    ],
    "hospital": [
        ("What are the first and last names of all physicians?", "SELECT first_name, last_name FROM physician"),
        ("names of physicians", "SELECT first_name, last_name FROM physician"),
        ("How many physicians work in the Surgery department?",
         "SELECT count(*) FROM physician p JOIN department d ON p.dept_no = d.DeptNo WHERE d.DeptName = 'Surgery'"),
        ("average salary by department", """SELECT d.DeptName, avg(p.salary) FROM physician p
            JOIN department d ON p.dept_no = d.DeptNo GROUP BY 1"""),
        ("Which department has the highest budget?",
         "SELECT DeptName FROM department ORDER BY budget_in_millions DESC LIMIT 1"),
        ("How many male patients are there?", "SELECT count(*) FROM patient WHERE gender = 'male'"),
        ("total fee by patient", """SELECT p.name, sum(a.fee) FROM appointment a JOIN patient p USING (patient_id)
            GROUP BY p.patient_id, p.name"""),
        ("average weight of patients who had an appointment in April 2024",
         """SELECT avg(weight) FROM patient WHERE patient_id IN (SELECT patient_id FROM appointment
            WHERE visit_date >= '2024-04-01' AND visit_date < '2024-05-01')"""),
        ("average weight of patients with appointments",
         "SELECT avg(weight) FROM patient WHERE patient_id IN (SELECT patient_id FROM appointment)"),
        ("patients without appointments",
         "SELECT name FROM patient WHERE patient_id NOT IN (SELECT patient_id FROM appointment)"),
        ("physicians earning more than 10000", "SELECT first_name, last_name FROM physician WHERE salary > 10000"),
        ("What is the name of the heaviest patient?", "SELECT name FROM patient ORDER BY weight DESC LIMIT 1"),
        ("How many appointments does each physician have?", """SELECT p.first_name, p.last_name, count(*)
            FROM appointment JOIN physician p USING (physician_id) GROUP BY p.physician_id, 1, 2"""),
        ("patients who saw both Kuhn and Said", """SELECT name FROM patient JOIN appointment USING (patient_id)
            JOIN physician USING (physician_id) WHERE last_name = 'Kuhn' INTERSECT SELECT name FROM patient
            JOIN appointment USING (patient_id) JOIN physician USING (physician_id) WHERE last_name = 'Said'"""),
    ],
    "trains": [
        ("trips per month", "SELECT month, count(*) FROM trips GROUP BY 1 ORDER BY 1"),
        ("average departure delay by operator", "SELECT operator, avg(dep_delay) FROM trips GROUP BY 1"),
        ("how many trips were cancelled in June by operator name", """SELECT o.name, count(*) FROM trips t
            JOIN operators o USING (operator) WHERE t.month = 6 AND t.dep_time IS NULL GROUP BY 1"""),
        ("which operator has the longest average departure delay", """SELECT o.name, avg(dep_delay) FROM trips
            JOIN operators o USING (operator) GROUP BY 1 ORDER BY 2 DESC LIMIT 1"""),
        ("top 2 destinations by number of trips",
         "SELECT dest, count(*) FROM trips GROUP BY 1 ORDER BY 2 DESC, 1 LIMIT 2"),
        ("trips from ABC to DEF in June", "SELECT * FROM trips WHERE orig = 'ABC' AND dest = 'DEF' AND month = 6"),
        ("how many trips had a departure delay of more than 2 hours",
         "SELECT count(*) FROM trips WHERE dep_delay > 120"),
        ("total distance by origin per month", "SELECT orig, month, sum(dist) FROM trips GROUP BY 1, 2 ORDER BY 2"),
        ("number of trips by operator, top 2",
         "SELECT operator, count(*) FROM trips GROUP BY 1 ORDER BY 2 DESC, 1 LIMIT 2"),
        ("how many trips went to Deford", """SELECT count(*) FROM trips JOIN stops ON dest = code
            WHERE name = 'Deford'"""),
        ("how many trips from Abbey", "SELECT count(*) FROM trips JOIN stops ON orig = code WHERE name = 'Abbey'"),
        ("What is the stop with the highest altitude?", "SELECT name FROM stops ORDER BY alt DESC LIMIT 1"),
    ],
}  # fmt: skip

CASES = [(world, *case) for world, cases in QUESTIONS.items() for case in cases]


def read(place: Any, question: str, dialect: str = "duckdb") -> Candidate:
    """The best reading; fails with what was asked back."""
    reading = ENGINE.read_now(AskInput(question, place.models[dialect], dialect, NOW))
    assert isinstance(reading, Candidates), reading.clarification
    return reading.items[0]


@pytest.mark.parametrize("dialect", ["duckdb", "sqlite"])
@pytest.mark.parametrize(("world", "question", "expected"), CASES, ids=[c[1] for c in CASES])
def test_answers_what_was_asked(
    places: Callable[[str], Any], world: str, question: str, expected: str, dialect: str
) -> None:
    place = places(world)
    candidate = read(place, question, dialect)
    got, wanted = place.rows(dialect, candidate.sql), place.rows(dialect, expected)
    assert Counter(got) == Counter(wanted), candidate.sql
    if "ORDER BY" in expected and len(wanted) > 1:
        assert got == wanted, candidate.sql


def test_a_sum_is_not_inflated_by_a_join(places: Callable[[str], Any]) -> None:
    """Each patient weighs once, however many appointments they had."""
    place = places("hospital")
    candidate = read(place, "total weight of patients with appointments")
    assert place.rows("duckdb", candidate.sql) == [(171.0,)]


@pytest.mark.parametrize(
    ("question", "label"),
    [
        ("how many trips were cancelled", "number of cancelled trips"),
        ("how many trips were not cancelled", "number of trips"),
    ],
)
def test_what_was_counted_is_named(places: Callable[[str], Any], question: str, label: str) -> None:
    assert list(read(places("trains"), question).chart_hints.measure_labels.values()) == [label]


def test_the_absence_of_an_event_is_an_assumption_to_check(places: Callable[[str], Any]) -> None:
    candidate = read(places("trains"), "how many trips were cancelled")
    found = [a for a in candidate.assumptions if a.label == "Cancelled"]
    assert found
    assert found[0].guess
    assert found[0].value == "no departure time"


def test_a_unit_that_the_schema_does_not_state_is_an_assumption(places: Callable[[str], Any]) -> None:
    candidate = read(places("trains"), "how many trips had a departure delay of more than 2 hours")
    guesses = [a for a in candidate.assumptions if a.guess]
    assert guesses[0].value == "is in minutes"
    assert guesses[0].choices[0].question == "how many trips had a departure delay of more than 2"


def test_says_what_it_understood_and_where_it_looked(places: Callable[[str], Any]) -> None:
    candidate = read(places("trains"), "which operator has the longest average departure delay")
    assert candidate.understood == "Operator name, the highest by average departure delay"
    assert candidate.found == "Found trips and operators, joined on trips.operator"
    assert candidate.tables == ("trips", "operators")
    assert candidate.chart_hints.measure_labels == {"average_departure_delay": "average departure delay"}


def test_two_relationships_between_the_same_tables_are_asked_about(places: Callable[[str], Any]) -> None:
    place = places("trains")
    candidate = read(place, "number of trips by stop name")
    guess = next(a for a in candidate.assumptions if a.guess)
    assert guess.label == "Stop"
    assert {c.label for c in guess.choices} == {"Origin", "Destination"}
    assert candidate.confidence.level == "some"
    for choice in guess.choices:
        chosen = read(place, choice.question)
        assert f"trips.{'orig' if choice.label == 'Origin' else 'dest'} = stops.code" in chosen.sql


def test_without_the_ranking_measure_only_what_was_asked_for_is_shown(places: Callable[[str], Any]) -> None:
    place = places("shop")
    asked = AskInput("Which customer has the most orders?", place.models["duckdb"], "duckdb", NOW)
    reading = EmbeddedEngine(show_ranking=False).read_now(asked)
    assert isinstance(reading, Candidates)
    assert place.rows("duckdb", reading.items[0].sql) == [("Cleo Roux",)]


@pytest.mark.parametrize("question", [case[1] for case in CASES[::7]])
def test_the_same_question_is_always_read_the_same_way(places: Callable[[str], Any], question: str) -> None:
    world = next(c[0] for c in CASES if c[1] == question)
    first = read(places(world), question)
    fresh = EmbeddedEngine().read_now(AskInput(question, places(world).models["duckdb"], "duckdb", NOW))
    assert isinstance(fresh, Candidates)
    assert fresh.items[0] == first


def test_suggestions_can_all_be_answered(places: Callable[[str], Any]) -> None:
    from dataask_jupyter.ask.suggest import suggest

    for world in ("shop", "hospital", "trains"):
        place = places(world)
        questions = suggest(place.models["duckdb"], limit=12)
        assert len(questions) >= 6
        for question in questions:
            candidate = read(place, question)
            assert candidate.confidence.level == "high", question
            place.rows("duckdb", candidate.sql)


@pytest.mark.parametrize(("world", "question"), [(c[0], c[1]) for c in CASES[::3]], ids=[c[1] for c in CASES[::3]])
def test_what_is_offered_next_can_be_answered(places: Callable[[str], Any], world: str, question: str) -> None:
    place = places(world)
    for following in read(place, question).suggestions:
        place.rows("duckdb", read(place, following).sql)


def test_suggestions_complete_what_was_typed(places: Callable[[str], Any]) -> None:
    from dataask_jupyter.ask.suggest import suggest

    found = suggest(places("shop").models["duckdb"], prefix="number of ord")
    assert found
    assert all(q.lower().startswith("number of ord") for q in found)
