"""The semantic model: words for names, roles of columns, keys and relationships that nobody declared, known values."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from dataask_jupyter.schemas.catalog import (
    Catalog,
    CatalogProfile,
    Column,
    ColumnKind,
    ColumnProfile,
    Reference,
    Table,
    TableProfile,
)
from dataask_jupyter.semantic.build import build
from dataask_jupyter.semantic.model import SemanticModel
from dataask_jupyter.semantic.names import label_of
from dataask_jupyter.semantic.words import close, lemma, plural, stem


def column(name: str, kind: ColumnKind = "text", **extra: Any) -> Column:
    return Column(name=name, type=kind, kind=kind, **extra)


def model(
    tables: dict[str, list[Column]], profiles: dict[str, dict[str, ColumnProfile]] | None = None
) -> SemanticModel:
    catalog = Catalog(
        dialect="sqlite",
        fetched_at=datetime(2026, 1, 1, tzinfo=UTC),
        tables=[Table(name=n, columns=c, row_estimate=100) for n, c in tables.items()],
    )
    known = [TableProfile(table=n, row_count=100, columns=c) for n, c in (profiles or {}).items()]
    return build(catalog, CatalogProfile(tables=known) if profiles else None)


@pytest.mark.parametrize(
    ("identifier", "label"),
    [
        ("dep_delay", "departure delay"), ("sched_arr_time", "scheduled arrival time"), ("dest", "destination"),
        ("birthDate", "birth date"), ("birthdate", "birth date"), ("CustomerID", "customer id"),
        ("emp_fname", "employee first name"),
        ("precip", "precipitation"), ("tailnum", "tail number"), ("qty", "quantity"), ("deptname", "department name"),
    ],
)  # fmt: skip
def test_names_become_words(identifier: str, label: str) -> None:
    assert label_of(identifier) == label


@pytest.mark.parametrize(
    ("word", "base"),
    [("countries", "country"), ("people", "person"), ("addresses", "address"), ("status", "status"), ("boxes", "box"),
     ("prices", "price"), ("series", "series"), ("children", "child"), ("buses", "bus"), ("gas", "gas")],
)  # fmt: skip
def test_base_forms(word: str, base: str) -> None:
    assert lemma(word) == base


def test_stems_join_verbs_and_nouns() -> None:
    assert stem("delayed") == stem("delays") == stem("delay")
    assert stem("departed") == stem("departure")
    assert stem("manufacturers") == stem("manufacturing")


def test_typos_are_close_and_other_words_are_not() -> None:
    assert close("suplier", "supplier") > 0.8
    assert close("cusotmer", "customer") > 0.8
    assert close("cat", "car") == 0
    assert close("price", "prize") > 0
    assert close("order", "border") == 0


def test_plurals_for_sentences() -> None:
    assert [plural(w) for w in ("flight", "city", "class", "aircraft", "sales rep")] == [
        "flights", "cities", "classes", "aircraft", "sales reps",
    ]  # fmt: skip


def test_roles_come_from_names_types_and_values() -> None:
    made = model(
        {"trips": [column("id", "integer"), column("year", "integer"), column("month", "integer"),
                   column("price", "number"),
                   column("started", "text"), column("is_paid", "integer"), column("zip_code", "integer"),
                   column("sold_yn")]},
        {"trips": {
            "id": ColumnProfile(distinct=100, nulls=0), "year": ColumnProfile(minimum="2001", maximum="2024"),
            "month": ColumnProfile(minimum="1", maximum="12"),
            "started": ColumnProfile(minimum="2024-01-01", maximum="2024-12-31 10:00"),
            "is_paid": ColumnProfile(distinct=2, minimum="0", maximum="1"), "sold_yn": ColumnProfile(values=["Y", "N"]),
        }},
    )  # fmt: skip
    roles = {c.name: c.role for c in made.tables["trips"].columns}
    assert roles == {
        "id": "key", "year": "part", "month": "part", "price": "measure", "started": "time", "is_paid": "flag",
        "zip_code": "key", "sold_yn": "flag",
    }  # fmt: skip
    assert made.tables["trips"].key == ("id",)
    assert made.tables["trips"].time == "started"


def test_a_quantity_called_month_is_no_month() -> None:
    made = model(
        {"loans": [column("month", "integer")]}, {"loans": {"month": ColumnProfile(minimum="1", maximum="360")}}
    )
    assert made.tables["loans"].columns[0].part is None


def test_relationships_are_found_by_name_and_by_values() -> None:
    codes = [f"C{i}" for i in range(40)]
    made = model(
        {
            "trips": [column("carrier"), column("dest"), column("vehicle_id", "integer")],
            "carriers": [column("carrier"), column("name")],
            "stops": [column("code"), column("name")],
            "vehicles": [column("id", "integer"), column("model")],
        },
        {
            "trips": {"carrier": ColumnProfile(distinct=2, values=["A", "B"]),
                      "dest": ColumnProfile(distinct=30, values=codes[:30]),
                      "vehicle_id": ColumnProfile(distinct=50, minimum="1", maximum="90")},
            "carriers": {"carrier": ColumnProfile(distinct=100, nulls=0, values=["A", "B", "C"])},
            "stops": {"code": ColumnProfile(distinct=100, nulls=0, values=codes)},
            "vehicles": {"id": ColumnProfile(distinct=100, nulls=0, minimum="1", maximum="100")},
        },
    )  # fmt: skip
    found = {(r.table, r.columns, r.target, r.target_columns) for r in made.relationships}
    assert found == {
        ("trips", ("carrier",), "carriers", ("carrier",)),
        ("trips", ("dest",), "stops", ("code",)),
        ("trips", ("vehicle_id",), "vehicles", ("id",)),
    }
    assert all(not r.declared and 0 < r.confidence < 1 for r in made.relationships)


def test_a_shared_plain_name_is_no_relationship() -> None:
    made = model(
        {"cities": [column("name"), column("population", "integer")],
         "people": [column("name"), column("age", "integer")]},
        {"cities": {"name": ColumnProfile(distinct=100, nulls=0, values=["York", "Oslo", "Rome"])},
         "people": {"name": ColumnProfile(distinct=100, nulls=0, values=["Ann", "Bob", "Cid"])}},
    )  # fmt: skip
    assert made.relationships == ()


def test_declared_keys_may_lie() -> None:
    made = model({"a": [column("b_id", references=Reference(table="b", column="missing"))], "b": [column("id")]})
    assert all(r.confidence < 1 for r in made.relationships)


def test_two_keys_to_one_table_are_roles() -> None:
    to_team = Reference(table="teams", column="id")
    made = model(
        {"games": [column("home_team_id", "integer", references=to_team),
                   column("away_team_id", "integer", references=to_team)],
         "teams": [column("id", "integer", primary_key=True), column("name")]},
    )  # fmt: skip
    assert [r.role for r in made.relationships] == ["home", "away"]


def test_values_are_found_by_case_number_and_part() -> None:
    made = model(
        {"t": [column("kind")]}, {"t": {"kind": ColumnProfile(distinct=2, values=["Republics", "Blue Whale"])}}
    )
    assert made.values["republic"][0].value == "Republics"
    assert made.values["blue whale"][0].value == "Blue Whale"
    assert made.value_words["whale"][0].value == "Blue Whale"


def test_without_a_profile_there_is_a_model_still() -> None:
    made = model({"orders": [column("order_id", "integer"), column("total_amount", "number")]})
    assert made.tables["orders"].key == ("order_id",)
    assert made.values == {}
