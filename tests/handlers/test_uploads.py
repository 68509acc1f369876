"""Uploads on a running server, from the file to the rows of a query."""

from __future__ import annotations

import asyncio
import gzip
import io
import zipfile
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from traitlets.config import Config

from tests.handlers.conftest import TOKEN, Api, running, team
from tests.sources.workbooks import workbook

BINARY = {"Content-Type": "application/octet-stream"}
ORDERS = b"id,zip,placed,total\n1,007,2024-03-01,10.5\n2,012,2024-03-02,20\n"


async def upload(api: Api, name: str, content: bytes, status: int = 201, **headers: str) -> Any:
    """The answer to an upload into the current workspace."""
    ws = await api.workspace()
    given = {"params": {"name": name}, "content": content, "headers": {**BINARY, **headers}}
    return await api.call("POST", f"workspaces/{ws}/uploads", status, **given)


async def connect(api: Api, *tables: dict[str, Any], status: int = 201, name: str = "Files") -> Any:
    """The answer to a new connection to files."""
    ws = await api.workspace()
    body = {"name": name, "kind": "files", "settings": {"tables": list(tables)}}
    return await api.call("POST", f"workspaces/{ws}/connections", status, json=body)


async def rows(api: Api, connection: dict[str, Any], sql: str) -> list[list[Any]]:
    """What a query gives."""
    body = {"connection_id": connection["id"], "sql": sql, "wait_seconds": 30}
    query = await api.call("POST", "queries/execute", json=body)
    assert query["state"] == "succeeded", query
    accept = {"Accept": "application/vnd.apache.arrow.stream"}
    answer = await api.http.get(f"queries/{query['id']}/rows", headers=accept)
    with pa.ipc.open_stream(answer.content) as reader:
        return [list(row.values()) for row in reader.read_all().to_pylist()]


def kept(api: Api) -> list[Path]:
    """All files of uploads on the server's disk."""
    return sorted(each for each in (api.data_dir / "uploads").rglob("*") if each.is_file())


class TestLife:
    async def test_from_a_file_to_an_answer(self, api: Api) -> None:
        found = await upload(api, "Orders 2024.csv", ORDERS)
        assert (found["state"], found["format"], found["byte_count"]) == ("ready", "csv", len(ORDERS))
        table = found["table"]
        assert table["name"] == "orders_2024"
        assert [(column["name"], column["kind"]) for column in table["columns"]] == [
            ("id", "integer"), ("zip", "text"), ("placed", "date"), ("total", "number"),
        ]  # fmt: skip
        assert table["rows"][0] == [1, "007", "2024-03-01", 10.5]
        assert table["row_count"] == 2
        assert (table["options"]["delimiter"], table["options"]["header"]) == (",", True)
        connection = await connect(api, {"name": "orders", "uploads": [found["id"]]})
        assert (connection["status"]["state"], connection["status"]["table_count"]) == ("ok", 1)
        assert "places" not in connection["settings"]
        assert await rows(api, connection, "SELECT zip, total FROM orders ORDER BY id") == [
            ["007", 10.5],
            ["012", 20.0],
        ]
        ws = await api.workspace()
        (listed,) = (await api.call("GET", f"workspaces/{ws}/connections/{connection['id']}/schema"))["tables"]
        assert (listed["name"], listed["type"], listed["row_estimate"]) == ("orders", "table", 2)
        sample = await api.call(
            "GET", f"workspaces/{ws}/connections/{connection['id']}/sample", params={"table": "orders"}
        )
        assert len(sample["rows"]) == 2

    async def test_an_upload_in_use_stays_until_its_connection_is_gone(self, api: Api) -> None:
        ws = await api.workspace()
        found = await upload(api, "orders.csv", ORDERS)
        connection = await connect(api, {"name": "orders", "uploads": [found["id"]]}, name="Shop files")
        path = f"workspaces/{ws}/uploads/{found['id']}"
        refused = await api.call("DELETE", path, 409)
        assert "Shop files" in refused["detail"]
        await api.call("DELETE", f"workspaces/{ws}/connections/{connection['id']}", 204)
        assert kept(api)
        await api.call("DELETE", path, 204)
        assert kept(api) == []
        await api.call("GET", path, 404)
        actions = {each["action"] for each in (await api.call("GET", f"workspaces/{ws}/audit"))["items"]}
        assert {"upload.create", "upload.delete", "connection.create"} <= actions

    async def test_it_can_be_read_in_another_way(self, api: Api) -> None:
        ws = await api.workspace()
        found = await upload(api, "codes.csv", b"1~2\n3~4\n")
        path = f"workspaces/{ws}/uploads/{found['id']}"
        assert len(found["table"]["columns"]) == 1
        body = {"options": {"delimiter": "~", "header": False}, "columns": {"column_1": "text"}}
        again = await api.call("POST", f"{path}/preview", json=body)
        assert [(each["name"], each["kind"]) for each in again["table"]["columns"]] == [
            ("column_1", "text"), ("column_2", "integer"),
        ]  # fmt: skip
        assert again["columns"] == {"column_1": "text"}
        assert (await api.call("GET", path))["table"] == again["table"]
        # The connection reads it as the preview showed.
        connection = await connect(api, {"name": "codes", "uploads": [found["id"]]})
        assert await rows(api, connection, "SELECT column_1, column_2 FROM codes ORDER BY 2") == [["1", 2], ["3", 4]]
        # And goes on so when somebody looks at it in another way.
        await api.call("POST", f"{path}/preview", json={"options": {"delimiter": "~"}})
        assert await rows(api, connection, "SELECT column_2 FROM codes ORDER BY 1") == [[2], [4]]

    async def test_what_is_wrong_says_where_and_can_be_mended(self, api: Api) -> None:
        ws = await api.workspace()
        found = await upload(api, "bad.csv", b"id,name\n1,x\n2,y,z\n3,q\n")
        assert (found["state"], found["table"]) == ("failed", None)
        assert "line 3 of bad.csv" in found["problem"]["detail"]
        assert found["problem"]["extra"] == {"line": 3}
        path = f"workspaces/{ws}/uploads/{found['id']}/preview"
        wrong = await api.call("POST", path, 422, json={"options": {"sheet": None}, "columns": {"nope": "text"}})
        assert "line 3" in wrong["detail"]
        mended = await api.call("POST", path, json={"options": {"delimiter": ";"}})
        assert (mended["state"], mended["problem"]) == ("ready", None)

    async def test_several_files_are_one_table(self, api: Api) -> None:
        first = await upload(api, "january.csv", b"id,total\n1,5\n")
        second = await upload(api, "february.csv", b"id,note,total\n2,gift,6.5\n")
        connection = await connect(api, {"name": "orders", "uploads": [first["id"], second["id"]]})
        assert await rows(api, connection, "SELECT id, total, note FROM orders ORDER BY id") == [
            [1, 5.0, None], [2, 6.5, "gift"],
        ]  # fmt: skip

    async def test_lists_come_in_pages_newest_first(self, api: Api) -> None:
        ws = await api.workspace()
        for number in range(3):
            await upload(api, f"{number}.csv", b"a\n1\n")
        page = await api.call("GET", f"workspaces/{ws}/uploads", params={"limit": 2})
        assert [each["name"] for each in page["items"]] == ["2.csv", "1.csv"]
        rest = await api.call("GET", f"workspaces/{ws}/uploads", params={"cursor": page["next_cursor"]})
        assert ([each["name"] for each in rest["items"]], rest["next_cursor"]) == (["0.csv"], None)

    async def test_the_same_request_again_is_one_upload(self, api: Api) -> None:
        ws = await api.workspace()
        first = await upload(api, "a.csv", b"a\n1\n", **{"Idempotency-Key": "k1"})
        again = await upload(api, "a.csv", b"a\n1\n", **{"Idempotency-Key": "k1"})
        assert first["id"] == again["id"]
        await upload(api, "a.csv", b"a\n2\n", 422, **{"Idempotency-Key": "k1"})
        # What came in vain is removed behind the answer.
        for _ in range(200):
            items = (await api.call("GET", f"workspaces/{ws}/uploads"))["items"]
            if len(items) == 1 and len({file.parent for file in kept(api)}) == 1:
                break
            await asyncio.sleep(0.05)
        assert [each["id"] for each in items] == [first["id"]]


class TestHostile:
    @pytest.mark.parametrize(
        ("name", "content", "words"),
        [
            ("page.html", b"<!doctype html><script>alert(1)</script>", "DataAsk reads CSV"),
            ("picture.svg", b"<svg onload=alert(1)>", "DataAsk reads CSV"),
            ("page.csv", b"<html><script>alert(1)</script>", "web page"),
            ("orders.csv", b"PAR1" + b"\0" * 40 + b"PAR1", "holds Parquet"),
            ("orders.parquet", b"a,b\n1,2\n", "plain text"),
            ("orders.parquet", b"PAR1" + b"\0" * 40 + b"PAR1", "damaged"),
            ("orders.json", b"id,name\n1,x\n", "doesn't begin with an object or a list"),
            ("orders.csv", b'{"id": 1}\n{"id": 2}\n', "holds JSON"),
            ("orders.xlsx", b"a,b\n1,2\n", "plain text"),
            ("old.xls", b"\xd0\xcf\x11\xe0" + b"\0" * 600, "Save it as .xlsx"),
            ("shop.db", b"SQLite format 3\0" + b"\0" * 100, "SQLite connection"),
            ("blob.csv", b"\x00\x01\x02\x03" * 100, "isn't text"),
            ("empty.csv", b"", "empty"),
            ("orders.csv.gz", gzip.compress(b"a,b\n1,2\n")[:-6], "damaged"),
        ],
    )
    async def test_what_is_no_table_is_refused_and_not_kept(
        self, api: Api, name: str, content: bytes, words: str
    ) -> None:
        refused = await upload(api, name, content, 422)
        assert words in refused["detail"]
        ws = await api.workspace()
        assert (await api.call("GET", f"workspaces/{ws}/uploads"))["items"] == []
        assert kept(api) == []

    @pytest.mark.parametrize(
        ("name", "shown"),
        [
            ("../../../etc/cron.d/x.csv", "x.csv"),
            ("/etc/passwd.csv", "passwd.csv"),
            ("..\\..\\x.csv", "x.csv"),
            ("<img src=x onerror=alert(1)>.csv", "<img src=x onerror=alert(1)>.csv"),
        ],
    )
    async def test_a_name_is_a_label_and_no_path(self, api: Api, name: str, shown: str) -> None:
        found = await upload(api, name, b"a\n1\n")
        assert found["name"] == shown
        ws = await api.workspace()
        folder = api.data_dir / "uploads" / ws / found["id"]
        assert {each.parent for each in kept(api)} == {folder}
        assert {each.name for each in kept(api) if each.suffix != ".parquet"} == {"raw"}

    async def test_a_name_with_nul_or_without_length_is_refused(self, api: Api) -> None:
        ws = await api.workspace()
        for name in ("a\0.csv", ""):
            answer = await api.http.post(f"workspaces/{ws}/uploads", params={"name": name}, content=b"a\n1\n")
            assert answer.status_code == 422
        await api.call("POST", f"workspaces/{ws}/uploads", 422, content=b"a\n1\n")

        async def parts() -> Any:
            yield b"a\n1\n"

        chunked = await api.http.post(f"workspaces/{ws}/uploads", params={"name": "a.csv"}, content=parts())
        assert (chunked.status_code, chunked.json()["type"]) == (411, "/problems/length-required")
        assert kept(api) == []

    async def test_bombs_end_with_words(self, api: Api) -> None:
        packed = io.BytesIO()
        with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
            archive.writestr("xl/workbook.xml", "<workbook/>")
            archive.writestr("xl/worksheets/sheet1.xml", b"0" * 100_000_000)
        answer = await upload(api, "bomb.xlsx", packed.getvalue(), 413)
        assert "too much for its size" in answer["detail"]
        answer = await upload(api, "bomb.csv.gz", gzip.compress(b"1,2\n" * 30_000_000), 413)
        assert "too much for its size" in answer["detail"]
        table = pa.table({"a": pa.array([7]).take(pa.array([0] * 1_000_000))})
        sink = pa.BufferOutputStream()
        with pq.ParquetWriter(sink, table.schema, compression="zstd") as writer:
            for _ in range(60):
                writer.write_table(table)
        answer = await upload(api, "bomb.parquet", sink.getvalue().to_pybytes(), 413)
        assert "60,000,000 rows" in answer["detail"]
        assert kept(api) == []
        # The server goes on.
        await upload(api, "orders.csv", ORDERS)

    async def test_json_that_is_nested_without_end_is_refused(self, api: Api) -> None:
        deep = b'[{"a":' + b"[" * 100_000 + b"]" * 100_000 + b"}]"
        assert "nested deeper" in (await upload(api, "deep.json", deep, 422))["detail"]
        brackets = b'[{"a": "' + b"[" * 100_000 + b'\\"[", "b": 1}]'
        found = await upload(api, "fine.json", brackets)
        assert [column["name"] for column in found["table"]["columns"]] == ["a", "b"]

    async def test_entries_of_an_archive_are_written_nowhere(self, api: Api) -> None:
        packed = io.BytesIO()
        with zipfile.ZipFile(packed, "w") as archive:
            archive.writestr("xl/workbook.xml", "<workbook/>")
            archive.writestr("../../../escaped.txt", "x")
        await upload(api, "odd.xlsx", packed.getvalue(), 422)
        assert not list(api.data_dir.parent.rglob("escaped.txt"))

    async def test_a_sheet_that_is_nearly_all_emptiness_ends_in_its_worker(self, api: Api, tmp_path: Path) -> None:
        path = workbook(tmp_path / "a.xlsx", {"S": [["a"]]})
        with zipfile.ZipFile(path) as archive:
            parts = {each.filename: archive.read(each) for each in archive.infolist()}
        far = b'<row r="1048576"><c r="XFD1048576"><v>1</v></c></row></sheetData>'
        parts["xl/worksheets/sheet1.xml"] = parts["xl/worksheets/sheet1.xml"].replace(b"</sheetData>", far)
        with zipfile.ZipFile(path, "w") as archive:
            for name, content in parts.items():
                archive.writestr(name, content)
        answer = await upload(api, "a.xlsx", path.read_bytes(), 422)
        assert "memory" in answer["detail"]
        assert kept(api) == []
        await upload(api, "orders.csv", ORDERS)


class TestLimits:
    async def test_too_large_is_said_before_the_file_is_read(self, tmp_path: Path) -> None:
        config = Config()
        config.DataAsk.max_upload_bytes = 2000
        config.DataAsk.uploads_budget_bytes = 3000
        async with running(tmp_path / "dataask", config) as api:
            answer = await upload(api, "a.csv", b"a\n" + b"1\n" * 2000, 413)
            assert answer["extra"] == {"limit_bytes": 2000}
            ws = await api.workspace()
            # Only the head of the request is sent: the answer doesn't wait for the rest.
            host, port = api.http.base_url.host, api.http.base_url.port
            reader, writer = await asyncio.open_connection(host, port)
            path = f"{api.http.base_url.path}workspaces/{ws}/uploads?name=a.csv"
            head = f"POST {path} HTTP/1.1\r\nHost: {host}\r\nAuthorization: token {TOKEN}\r\n"
            head += "Content-Length: 900000000\r\n\r\n"
            writer.write(head.encode())
            assert b" 413 " in await asyncio.wait_for(reader.readline(), 20)
            writer.close()
            await writer.wait_closed()
            await upload(api, "b.csv", b"a\n" + b"1\n" * 900)
            full = await upload(api, "c.csv", b"a\n" + b"1\n" * 900, 413)
            assert "Delete some" in full["detail"]

    async def test_more_than_jupyters_own_limit_of_a_request(self, api: Api) -> None:
        # Tornado's server in these tests takes bodies of 100 MB.
        line = b"1234567,abcdefghij,2024-01-01\n"
        content = b"id,name,day\n" + line * (110 * 1024**2 // len(line))
        found = await upload(api, "large.csv", content)
        assert (found["state"], found["table"]["row_count"]) == ("ready", 110 * 1024**2 // len(line))

    async def test_an_interrupted_upload_leaves_nothing(self, api: Api) -> None:
        ws = await api.workspace()
        host, port = api.http.base_url.host, api.http.base_url.port
        _, writer = await asyncio.open_connection(host, port)
        path = f"{api.http.base_url.path}workspaces/{ws}/uploads?name=a.csv"
        head = (
            f"POST {path} HTTP/1.1\r\nHost: {host}\r\nAuthorization: token {TOKEN}\r\nContent-Length: 9000000\r\n\r\n"
        )
        writer.write(head.encode() + b"a\n" * 2_000_000)
        await writer.drain()
        for _ in range(200):
            items = (await api.call("GET", f"workspaces/{ws}/uploads"))["items"]
            if items and kept(api):
                break
            await asyncio.sleep(0.05)
        assert [each["state"] for each in items] == ["receiving"]
        writer.close()
        await writer.wait_closed()
        for _ in range(200):
            if not (await api.call("GET", f"workspaces/{ws}/uploads"))["items"] and not kept(api):
                break
            await asyncio.sleep(0.05)
        assert (await api.call("GET", f"workspaces/{ws}/uploads"))["items"] == []
        assert kept(api) == []


class TestTenancy:
    async def test_uploads_of_others_are_ids_of_nothing(self, tmp_path: Path) -> None:
        async with team(tmp_path) as server:
            ann, bob = await server.register("ann@example.com"), await server.register("bob@example.com")
            found = await upload(ann, "salaries.csv", b"name,salary\nAnn,1\n")
            theirs, mine = await ann.workspace(), await bob.workspace()
            for ws in (theirs, mine):
                path = f"workspaces/{ws}/uploads/{found['id']}"
                await bob.call("GET", path, 404)
                await bob.call("DELETE", path, 404)
                await bob.call("POST", f"{path}/preview", 404, json={})
            unknown = await connect(bob, {"name": "t", "uploads": [found["id"]]}, status=422)
            nothing = await connect(bob, {"name": "t", "uploads": ["0" * 32]}, status=422)
            assert unknown["errors"] == nothing["errors"]
            assert unknown["errors"][0]["field"] == "settings.tables.0.uploads.0"
            answer = await bob.http.post(f"workspaces/{theirs}/uploads", params={"name": "a.csv"}, content=b"a\n1\n")
            assert answer.status_code == 404
            nobody = await server.stranger.http.post(
                f"workspaces/{theirs}/uploads", params={"name": "a.csv"}, content=b"a\n1\n"
            )
            assert nobody.status_code == 401

    async def test_paths_only_from_named_folders(self, tmp_path: Path) -> None:
        inside, sibling = tmp_path / "data", tmp_path / "data-private"
        for folder in (inside, sibling):
            folder.mkdir()
            (folder / "a.csv").write_text("id\n1\n")
        (inside / "link.csv").symlink_to(sibling / "a.csv")
        (inside / "own").symlink_to(tmp_path / "dataask")
        config = Config()
        config.DataAsk.file_folders = [str(inside)]
        async with team(tmp_path, config) as server:
            ann = await server.register("ann@example.com")
            allowed = await connect(ann, {"name": "a", "path": str(inside / "a.csv")})
            assert allowed["status"]["state"] == "ok"
            for path in (
                sibling / "a.csv", sibling / "*.csv", inside / "link.csv", inside / "*.csv", "/etc/passwd",
                f"{tmp_path}/dat*/a.csv", f"{inside}/../data-private/a.csv", f"{inside}/**/a.csv",
                tmp_path / "dataask" / "uploads", inside / "own" / "dataask.db", inside / "own" / "*",
            ):  # fmt: skip
                await connect(ann, {"name": "a", "path": str(path)}, status=422, name="other")

    async def test_a_workspace_that_goes_takes_its_files_along(self, api: Api, tmp_path: Path) -> None:
        ws = (await api.call("POST", "workspaces", 201, json={"name": "W"}))["id"]
        await api.call("POST", f"workspaces/{ws}/uploads", 201, params={"name": "a.csv"}, content=b"a\n1\n")
        source = tmp_path / "here.csv"
        source.write_text("a\n1\n")
        body = {"name": "F", "kind": "files", "settings": {"tables": [{"name": "t", "path": str(source)}]}}
        await api.call("POST", f"workspaces/{ws}/connections", 201, json=body)
        assert kept(api)
        assert list((api.data_dir / "files" / ws).iterdir())
        await api.call("DELETE", f"workspaces/{ws}", 204, params={"name": "W"}, headers={"If-Match": '"1"'})
        assert kept(api) == []
        assert not (api.data_dir / "files" / ws).exists()
        assert source.exists()


async def test_what_a_server_that_died_left_is_removed_by_the_next(tmp_path: Path) -> None:
    async with running(tmp_path / "dataask") as api:
        ws = await api.workspace()
        whole = await upload(api, "a.csv", b"a\n1\n")
        cut = await upload(api, "b.csv", b"a\n1\n")
        services = await api.app.web_app.settings["dataask_runtime"].services()

        def leave(session: Any) -> None:
            from dataask_jupyter.store.models import Upload

            row = session.get(Upload, cut["id"])
            row.state, row.runner = "receiving", None

        await services.store.write(leave)
        stray = tmp_path / "dataask" / "uploads" / ws / ("f" * 32)
        stray.mkdir()
        (stray / "raw").write_text("x")
    async with running(tmp_path / "dataask") as api:
        items = (await api.call("GET", f"workspaces/{ws}/uploads"))["items"]
        assert [each["id"] for each in items] == [whole["id"]]
        assert {each.parent.name for each in kept(api)} == {whole["id"]}
