"""The fixtures themselves: each server is real, answers, and lets nobody in without its token."""

from __future__ import annotations

import httpx
import pytest

from dataask_jupyter.client import connect
from tests.real import chromium
from tests.real.servers import API, Server

pytestmark = pytest.mark.slow


def test_lab_serves_the_api_and_the_front_end(lab: Server) -> None:
    with lab.http() as http:
        assert http.get(f"{API}health").json() == {"status": "ok"}
        assert (
            http.get("static/dataask/plotly.js").headers["content-type"].startswith(("text/java", "application/java"))
        )
        assert "@dataask/labextension" in http.get("lab").text
    for path in ("auth/me", "openapi.json", "workspaces"):
        assert httpx.get(f"{lab.url}{API}{path}", trust_env=False).status_code in (401, 403)


def test_the_demo_workspace_is_there(lab: Server) -> None:
    with connect(lab.url, lab.token) as client:
        assert len(client.connections()) == 2
        frame = client.sql("SELECT count(*) AS flights FROM flights")
        assert frame["flights"].tolist() == [336_776]


def test_both_demo_databases_give_the_same(lab: Server) -> None:
    sql = "SELECT month, count(*) AS flights FROM flights GROUP BY month ORDER BY month"
    with connect(lab.url, lab.token) as client:
        duckdb, sqlite = (client.sql(sql, connection.name) for connection in client.connections())
    assert duckdb["flights"].tolist() == sqlite["flights"].tolist()


def test_a_million_cells_arrive_as_arrow(lab: Server) -> None:
    with connect(lab.url, lab.token) as client:
        frame = client.sql("SELECT carrier, origin, dest, dep_delay FROM flights")
    assert len(frame) == 336_776
    assert abs(frame["dep_delay"].mean() - 12.639) < 0.01


def test_dataask_alone_answers(alone: Server) -> None:
    with connect(alone.url, alone.token) as client:
        assert len(client.ask("flights per month")) == 12


def test_a_missing_browser_fails_with_the_way_to_get_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(chromium.shutil, "which", lambda _: None)
    with pytest.raises(pytest.fail.Exception, match="apt-get install"):
        chromium.chromium()
