"""Connections to BigQuery and Snowflake through the API: what is refused on create, edit and test, and what works."""

from __future__ import annotations

from typing import Any

import pytest

from tests.guarded import guarded
from tests.handlers.conftest import Api
from tests.sources.databases import shop
from tests.sources.emulators import BigQueryDataset, Emulator, SnowflakeDatabase, service_account

__all__ = ["guarded"]

KEY = "service_account_json"


def dataset(emulator: Emulator) -> BigQueryDataset:
    found = BigQueryDataset(emulator)
    found.run(shop("bigquery"))
    return found


def bad() -> list[tuple[str, dict[str, Any], str]]:
    """Kinds, settings that are refused, and the field that says so."""
    return [
        ("bigquery", {KEY: service_account(type="external_account")}, KEY),
        ("bigquery", {KEY: service_account(credential_source={"executable": {"command": "id"}})}, KEY),
        ("bigquery", {KEY: service_account(credential_source={"url": "http://169.254.169.254"})}, KEY),
        ("bigquery", {KEY: service_account(token_uri="http://169.254.169.254/token")}, KEY),
        ("bigquery", {KEY: service_account(universe_domain="evil.example")}, KEY),
        ("bigquery", {"api_endpoint": "http://127.0.0.1:1"}, "api_endpoint"),
        ("snowflake", {"authenticator": "externalbrowser"}, "authenticator"),
        ("snowflake", {"host": "127.0.0.1"}, "host"),
        ("snowflake", {"account": "127.0.0.1:80/x"}, "account"),
        ("snowflake", {"private_key_file": "/etc/passwd"}, "private_key_file"),
    ]


@pytest.mark.usefixtures("guarded")
async def test_what_could_reach_elsewhere_is_refused_on_create_edit_and_test(
    api: Api, bigquery_emulator: Emulator, snowflake_emulator: Emulator
) -> None:
    ws = await api.workspace()
    good = {
        "bigquery": dataset(bigquery_emulator).settings(),
        "snowflake": SnowflakeDatabase(snowflake_emulator).settings(),
    }
    made = {}
    for kind, settings in good.items():
        body = {"name": kind, "kind": kind, "settings": settings}
        made[kind] = await api.call("POST", f"workspaces/{ws}/connections", 201, json=body)
    for kind, change, field in bad():
        settings = good[kind] | change
        body = {"kind": kind, "settings": settings}
        one = f"workspaces/{ws}/connections/{made[kind]['id']}"
        version = {"If-Match": f'"{made[kind]["version"]}"'}
        for found in (
            await api.call("POST", f"workspaces/{ws}/connections", 422, json=body | {"name": "x"}),
            await api.call("POST", f"workspaces/{ws}/connections/test", 422, json=body),
            await api.call("PATCH", one, 422, json={"settings": settings}, headers=version),
        ):
            assert [each["field"] for each in found["errors"]] == [f"settings.{field}"]
            assert "PRIVATE KEY" not in str(found)


@pytest.mark.usefixtures("guarded")
async def test_a_query_comes_back_and_the_secret_doesnt(api: Api, bigquery_emulator: Emulator) -> None:
    ws = await api.workspace()
    body = {"name": "sales", "kind": "bigquery", "settings": dataset(bigquery_emulator).settings()}
    trial = {"kind": "bigquery", "settings": body["settings"]}
    tested = await api.call("POST", f"workspaces/{ws}/connections/test", json=trial)
    assert (tested["state"], tested["table_count"]) == ("ok", 4)
    made = await api.call("POST", f"workspaces/{ws}/connections", 201, json=body)
    assert made["secrets"] == [KEY]
    assert "PRIVATE KEY" not in str(made)
    asked = {"connection_id": made["id"], "sql": "SELECT name FROM customers ORDER BY id", "wait_seconds": 30}
    found = await api.call("POST", "queries/execute", json=asked)
    assert found["row_count"] == 3
    refused = {**asked, "sql": "SELECT * FROM EXTERNAL_QUERY('us.c', 'DELETE FROM t')"}
    problem = await api.call("POST", "queries/execute", 400, json=refused)
    assert problem["type"] == "/problems/sql-refused"
