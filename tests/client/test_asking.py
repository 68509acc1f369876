"""Questions and SQL as frames, over a real socket."""

from __future__ import annotations

import asyncio
import threading
import time
import warnings
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest

import dataask_jupyter as da
from dataask_jupyter.client import Client, NeedsClarification, ResultTruncated, connect
from dataask_jupyter.errors import DriverMissing, InvalidInput, NoConnection, NotFound, QueryCancelled, SqlRefused
from tests.client.fake_api import FakeApi, an_id, answer, arrow_stream, lines, message, problem, query

ASK = f"POST workspaces/{an_id(10)}/conversations/{an_id(30)}/ask"


def test_a_question_gives_a_frame_and_says_how_it_was_read(client: Client, api: FakeApi) -> None:
    frame = client.ask("flights per month")
    assert list(frame["flights"]) == [27004, 24951, 3]
    facts = frame.attrs["dataask"]
    assert facts["question"] == "flights per month"
    assert facts["sql"].startswith("SELECT month")
    assert facts["sentence"] == "July had the most flights: 29,425."
    assert facts["confidence"]["level"] == "high"
    assert "result" not in facts
    assert api.asked(ASK)[0].headers["Accept"] == "application/x-ndjson"


def test_asking_prints_nothing(client: Client, capfd: pytest.CaptureFixture[str]) -> None:
    client.ask("flights per month")
    assert capfd.readouterr() == ("", "")


def test_attributes_survive_pandas_own_ways(client: Client, tmp_path: Any) -> None:
    frame = client.ask("flights per month").sort_values("flights")
    frame.to_parquet(tmp_path / "kept.parquet")
    assert pd.read_parquet(tmp_path / "kept.parquet").attrs["dataask"]["sql"].startswith("SELECT month")


def test_integers_with_gaps_stay_integers(client: Client) -> None:
    frame = client.ask("flights per month")
    assert str(frame["month"].dtype) == "Int64"
    assert str(frame["flights"].dtype) == "int64"


def test_other_kinds_of_frames(client: Client) -> None:
    table = client.ask("flights per month", as_="arrow")
    assert isinstance(table, pa.Table)
    assert table.num_rows == 3
    assert b"July" in table.schema.metadata[b"dataask"]


def test_a_kind_that_is_missing_or_unknown_is_said_before_anything_runs(client: Client, api: FakeApi) -> None:
    asked = len(api.seen)
    with pytest.raises(DriverMissing, match="pip install polars"):
        client.sql("SELECT 1", as_="polars")
    with pytest.raises(InvalidInput, match="spark"):
        client.ask("flights per month", as_="spark")
    assert len(api.seen) == asked


def test_the_same_question_takes_the_same_conversation(client: Client, api: FakeApi) -> None:
    client.ask("flights per month")
    client.ask("flights  per month")
    made = api.asked(f"POST workspaces/{an_id(10)}/conversations")
    assert [seen.body for seen in made] == [{"connection_id": None}]
    client.ask("flights per day")
    assert len(api.asked(f"POST workspaces/{an_id(10)}/conversations")) == 2


def test_a_deleted_conversation_is_made_anew(client: Client, api: FakeApi) -> None:
    client.ask("flights per month")
    del api.routes[f"GET workspaces/{an_id(10)}/conversations/{an_id(30)}"]
    client.ask("flights per month")
    assert len(api.asked(f"POST workspaces/{an_id(10)}/conversations")) == 2


def test_an_ambiguous_question_says_what_it_could_mean(client: Client, api: FakeApi) -> None:
    clarification = {
        "reason": "ambiguous",
        "message": '"delay" can mean two things.',
        "readings": [
            {"text": "delay", "choices": [{"label": "Departure", "question": "average dep_delay by carrier"}]}
        ],
        "suggestions": ["flights per month"],
    }
    api.routes[ASK] = lines({"type": "message", "message": message("clarify", clarification=clarification)})
    with pytest.raises(NeedsClarification) as raised:
        client.ask("delay by carrier")
    assert raised.value.clarification.reason == "ambiguous"
    shown = "\n".join(raised.value._render_traceback_())
    assert "average dep_delay by carrier" in shown
    assert "flights per month" in shown
    assert "Traceback" not in shown


def test_a_failed_answer_raises_the_servers_own_error(client: Client, api: FakeApi) -> None:
    api.routes[ASK] = lines(
        {"type": "message", "message": message("failed", problem=problem("sql-refused", 400, "Only SELECT runs."))}
    )
    with pytest.raises(SqlRefused, match=r"Only SELECT runs\."):
        client.ask("drop the flights")


def test_an_answer_that_someone_stopped(client: Client, api: FakeApi) -> None:
    api.routes[ASK] = lines({"type": "message", "message": message("cancelled")})
    with pytest.raises(QueryCancelled):
        client.ask("flights per month")


def test_a_stream_that_breaks_off_is_followed_up(client: Client, api: FakeApi) -> None:
    api.routes[ASK] = lines({"type": "message", "message": message("running")})
    states = iter([message("running"), message("answered", answer=answer(an_id(50)))])
    api.routes[f"GET messages/{an_id(40)}"] = lambda *_: next(states)
    assert len(client.ask("flights per month")) == 3


def test_only_a_line_feed_ends_a_line(client: Client, api: FakeApi) -> None:
    sentence = "one\u2028two\u0085three\x0b\x0c\x1efour\u2029"
    api.routes[ASK] = lines(
        {"type": "message", "message": message("answered", answer=answer(an_id(50), sentence=sentence))}
    )
    assert client.answer("flights per month").sentence == sentence


def test_a_result_that_made_room_runs_again(client: Client, api: FakeApi) -> None:
    served = iter([problem("result-gone", 410, "Gone."), arrow_stream(pa.table({"n": [1]}))])
    api.routes[f"GET queries/{an_id(50)}/rows"] = lambda *_: next(served)
    assert list(client.ask("flights per month").columns) == ["n"]
    assert api.asked("POST queries/execute")[0].body["sql"].startswith("SELECT month")


def test_a_cut_result_warns(client: Client, api: FakeApi) -> None:
    api.routes["POST queries/execute"] = query(50, "SELECT 1", truncated=True)
    with pytest.warns(ResultTruncated, match="3 rows"):
        client.sql("SELECT 1")


def test_interrupting_stops_the_question_on_the_server(
    client: Client, api: FakeApi, monkeypatch: pytest.MonkeyPatch
) -> None:
    api.routes[ASK] = lines({"type": "message", "message": message("running")})
    api.routes[f"POST messages/{an_id(40)}/stop"] = message("cancelled")

    def interrupted(_: float) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(time, "sleep", interrupted)
    with pytest.raises(KeyboardInterrupt):
        client.ask("flights per month")
    assert api.asked(f"POST messages/{an_id(40)}/stop")


def test_sql_runs_on_a_connection_by_name(client: Client, api: FakeApi) -> None:
    frame = client.sql("SELECT month FROM flights", "shop")
    assert len(frame) == 3
    assert frame.attrs["dataask"]["connection_name"] == "Shop"
    assert api.asked("POST queries/execute")[0].body["connection_id"] == an_id(21)
    client.sql("SELECT 1", an_id(21))
    client.sql("SELECT 1")
    assert api.asked("POST queries/execute")[2].body["connection_id"] == an_id(20)


def test_values_of_python_become_typed_parameters(client: Client, api: FakeApi) -> None:
    values = {
        "since": date(2026, 7, 1),
        "at": datetime(2026, 7, 1, 9, 30, tzinfo=UTC),
        "least": Decimal("0.10"),
        "share": 0.5,
        "n": np.int64(2**60),
        "yes": True,
        "name": "O'Hara",
        "nothing": None,
        "ids": pd.Series([1, 2]),
        "either": [1, 1.5],
    }
    client.sql("SELECT 1", parameters=values, refresh=True)
    sent = api.asked("POST queries/execute")[0].body
    assert sent["refresh"] is True
    assert {name: (each["type"], each["value"]) for name, each in sent["parameters"].items()} == {
        "since": ("date", "2026-07-01"),
        "at": ("timestamp", "2026-07-01T09:30:00+00:00"),
        "least": ("number", "0.10"),
        "share": ("number", "0.5"),
        "n": ("integer", str(2**60)),
        "yes": ("boolean", True),
        "name": ("text", "O'Hara"),
        "nothing": ("text", None),
        "ids": ("integer", ["1", "2"]),
        "either": ("number", ["1", "1.5"]),
    }


@pytest.mark.parametrize("value", [object(), [], ["a", 1], b"bytes", {"a": 1}])
def test_a_value_that_no_parameter_can_have_is_named(client: Client, api: FakeApi, value: object) -> None:
    with pytest.raises(InvalidInput, match="Parameter x"):
        client.sql("SELECT :x", parameters={"x": value})
    assert not api.asked("POST queries/execute")


def test_a_slow_query_is_waited_for(client: Client, api: FakeApi) -> None:
    api.routes["POST queries/execute"] = query(50, "SELECT 1", "running")
    states = iter([query(50, "SELECT 1", "running"), query(50, "SELECT 1")])
    api.routes[f"GET queries/{an_id(50)}"] = lambda *_: next(states)
    assert len(client.sql("SELECT 1")) == 3


def test_interrupting_cancels_the_query_on_the_server(
    client: Client, api: FakeApi, monkeypatch: pytest.MonkeyPatch
) -> None:
    api.routes["POST queries/execute"] = query(50, "SELECT 1", "running")
    api.routes[f"DELETE queries/{an_id(50)}"] = query(50, "SELECT 1", "cancelled")

    def interrupted(_: float) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(time, "sleep", interrupted)
    with pytest.raises(KeyboardInterrupt):
        client.sql("SELECT 1")
    assert api.asked(f"DELETE queries/{an_id(50)}")


def test_a_failed_query_raises_the_servers_own_error(client: Client, api: FakeApi) -> None:
    failed = {"problem": problem("sql-refused", 400, "Only SELECT runs.")}
    api.routes["POST queries/execute"] = query(50, "DROP TABLE x", "failed", **failed)
    with pytest.raises(SqlRefused):
        client.sql("DROP TABLE x")
    api.routes["POST queries/execute"] = problem("sql-refused", 400, "Only SELECT runs.")
    with pytest.raises(SqlRefused):
        client.sql("DROP TABLE x")


def test_an_unknown_connection_names_what_there_is(client: Client) -> None:
    with pytest.raises(NotFound, match=r'There is no connection "x" here.*"flights", "Shop"'):
        client.sql("SELECT 1", "x")


def test_two_of_one_name_ask_for_the_id(client: Client, api: FakeApi) -> None:
    listing = f"GET workspaces/{an_id(10)}/connections"
    both = [
        {**page["items"][0], "name": "flights"}
        for page in (api.routes[listing](None, type("S", (), {"query": q})) for q in ({}, {"cursor": ["more"]}))
    ]
    api.routes[listing] = {"items": both, "next_cursor": None}
    with pytest.raises(NotFound, match=f"{an_id(20)}, {an_id(21)}"):
        client.sql("SELECT 1", "flights")


def test_a_workspace_without_connections_says_what_to_do(client: Client, api: FakeApi) -> None:
    api.routes[f"GET workspaces/{an_id(10)}/connections"] = {"items": [], "next_cursor": None}
    with pytest.raises(NoConnection, match="jupyter dataask demo"):
        client.sql("SELECT 1")


def test_a_workspace_by_name(api: FakeApi) -> None:
    with connect(api.url, api.token, "team") as client:
        assert client.workspace_id == an_id(11)
    with pytest.raises(NotFound, match='"Personal", "Team"'):
        connect(api.url, api.token, "nobody's")


async def test_it_works_where_an_event_loop_runs(client: Client) -> None:
    assert len(client.ask("flights per month")) == 3
    both = await asyncio.gather(*(asyncio.to_thread(client.sql, "SELECT 1") for _ in range(2)))
    assert [len(frame) for frame in both] == [3, 3]


def test_many_threads_share_one_client(client: Client) -> None:
    found: list[int] = []
    threads = [threading.Thread(target=lambda: found.append(len(client.ask("flights per month")))) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(20)
    assert found == [3] * 8


def test_the_packages_shortcuts_use_one_client(api: FakeApi, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATAASK_URL", api.url)
    monkeypatch.setenv("DATAASK_TOKEN", api.token)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert len(da.ask("flights per month")) == 3
        assert len(da.sql("SELECT 1")) == 3
    assert len(api.asked("GET auth/me")) == 1
