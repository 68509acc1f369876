"""Files as tables: what is found in them, what they are refused for, and what a query can't reach."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from dataask_jupyter.errors import (
    InvalidInput,
    SourceUnavailable,
    SqlInvalid,
    SqlRefused,
    UploadUnreadable,
)
from dataask_jupyter.sources import Budget, ReadLimits, Session, get, source_version, validate
from dataask_jupyter.sources.base import SourceSpec
from dataask_jupyter.sources.files_settings import PLACES, Places

from .databases import rows
from .workbooks import DAY, MOMENT, workbook


@contextmanager
def opened(*tables: dict[str, Any], places: Places | None = None) -> Iterator[Session]:
    """A session over tables."""
    settings = validate("files", {"tables": list(tables)})
    if places is not None:
        settings[PLACES] = places.as_dict()
    with get("files").open(settings, ReadLimits()) as session:
        yield session


def read(path: Path, content: str | bytes = "", sql: str = "SELECT * FROM t", **how: Any) -> list[dict[str, Any]]:
    """The rows of one file."""
    if content:
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
    with opened({"name": "t", "path": str(path), **how}) as session:
        return rows(session, sql)


def types(path: Path, content: str | bytes = "", **how: Any) -> dict[str, str]:
    """The types of a file's columns."""
    if content:
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
    with opened({"name": "t", "path": str(path), **how}) as session:
        (table,) = session.catalog().tables
        return {column.name: column.type for column in table.columns}


class TestTypes:
    @pytest.mark.parametrize(
        ("values", "expected"),
        [
            (["1", "-20"], "BIGINT"),
            (["007", "12"], "VARCHAR"),
            (["0", "10"], "BIGINT"),
            (["+491701234567", "+49"], "VARCHAR"),
            (["12345678901234567890", "1"], "DECIMAL(38,0)"),
            (["1" * 45, "2"], "VARCHAR"),
            (["1.5", "2"], "DOUBLE"),
            (["1e3", ".5"], "DOUBLE"),
            (["1.5", "NaN"], "DOUBLE"),
            (["1.234,56", "2"], "VARCHAR"),
            (["true", "False"], "BOOLEAN"),
            (["yes", "no"], "VARCHAR"),
            (["2024-01-31", "2024-02-29"], "DATE"),
            (["2024-01-31", "2024-02-30"], "VARCHAR"),
            (["31.01.2024", "1.2.2024"], "DATE"),
            (["01/31/2024", "02/01/2024"], "DATE"),
            (["31/01/2024", "02/01/2024"], "DATE"),
            (["01/02/2024", "03/04/2024"], "VARCHAR"),
            (["2024-01-31 10:00:00", "2024-01-31T10:00:00.5"], "TIMESTAMP"),
            (["2024-01-31T10:00:00Z", "2024-01-31T10:00:00+02:00"], "TIMESTAMP WITH TIME ZONE"),
            (["10:00", "23:59:59"], "TIME"),
            (["", ""], "VARCHAR"),
            (["1", "n/a"], "VARCHAR"),
        ],
    )
    def test_what_all_values_are(self, tmp_path: Path, values: list[str], expected: str) -> None:
        lines = "".join(f'{number},"{value}"\n' for number, value in enumerate(values))
        assert types(tmp_path / "a.csv", f"n,v\n{lines}")["v"] == expected

    def test_a_value_far_below_the_sample_counts(self, tmp_path: Path) -> None:
        body = "".join(f"{number},\n" for number in range(30_000))
        found = types(tmp_path / "a.csv", f"a,b\n{body}x,2024-01-01\n")
        assert found == {"a": "VARCHAR", "b": "DATE"}

    def test_values_are_what_they_were(self, tmp_path: Path) -> None:
        content = "zip,big,day,total,none\n007,12345678901234567890,31.12.2024,1.5,\n012,1,01.02.2024,,\n"
        assert read(tmp_path / "a.csv", content) == [
            {"zip": "007", "big": Decimal(12345678901234567890), "day": date(2024, 12, 31), "total": 1.5, "none": None},
            {"zip": "012", "big": Decimal(1), "day": date(2024, 2, 1), "total": None, "none": None},
        ]

    def test_types_that_a_person_chose_count(self, tmp_path: Path) -> None:
        content = "a,b,c,d\n1,01/02/2024,yes,007\n2,,no,8\n"
        chosen = {"a": "text", "b": "date", "c": "boolean", "d": "integer"}
        assert read(tmp_path / "a.csv", content, columns=chosen) == [
            {"a": "1", "b": date(2024, 1, 2), "c": True, "d": 7}, {"a": "2", "b": None, "c": False, "d": 8},
        ]  # fmt: skip

    def test_a_value_that_is_not_of_the_chosen_type_is_named(self, tmp_path: Path) -> None:
        with pytest.raises(UploadUnreadable, match="column a can't be a whole number, because it holds “x1”"):
            read(tmp_path / "a.csv", "a,b\n1,2\nx1,3\n", columns={"a": "integer"})


class TestText:
    @pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "latin-1"])
    def test_encodings_are_found(self, tmp_path: Path, encoding: str) -> None:
        content = ("name,city\nJürgen Müller,Köln\n" + "Ann Example,Paris\n" * 5).encode(encoding)
        found = read(tmp_path / "a.csv", content)
        assert found[0] == {"name": "Jürgen Müller", "city": "Köln"}

    def test_windows_quotes_and_the_euro(self, tmp_path: Path) -> None:
        assert read(tmp_path / "a.csv", "name,price\n“Tea”,5 €\n".encode("cp1252")) == [
            {"name": "“Tea”", "price": "5 €"}
        ]

    @pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
    def test_delimiters_are_found(self, tmp_path: Path, delimiter: str) -> None:
        content = "\n".join(delimiter.join(row) for row in (["a", "b"], ["1", '"x;,|\ty"'], ["2", "z"]))
        assert read(tmp_path / "a.csv", content) == [{"a": 1, "b": "x;,|\ty"}, {"a": 2, "b": "z"}]

    def test_one_column_of_texts_with_commas(self, tmp_path: Path) -> None:
        assert read(tmp_path / "a.csv", "name\nAnn, Bob\nCid\n") == [{"name": "Ann, Bob"}, {"name": "Cid"}]

    def test_names_are_made_unique_and_none_is_empty(self, tmp_path: Path) -> None:
        found = types(tmp_path / "a.csv", "id,Name,name,,name\n1,x,y,z,w\n")
        assert list(found) == ["id", "Name", "name_2", "column_4", "name_3"]

    def test_a_header_alone_and_no_header(self, tmp_path: Path) -> None:
        assert read(tmp_path / "a.csv", "id,name\n") == []
        assert types(tmp_path / "a.csv") == {"id": "VARCHAR", "name": "VARCHAR"}
        assert read(tmp_path / "b.csv", "1,x\n2,y\n") == [
            {"column_1": 1, "column_2": "x"}, {"column_1": 2, "column_2": "y"},
        ]  # fmt: skip
        assert read(tmp_path / "b.csv", header=True) == [{"1": 2, "x": "y"}]

    def test_line_breaks_and_quotes_inside_of_quotes(self, tmp_path: Path) -> None:
        assert read(tmp_path / "a.csv", 'a,b\r\n1,"x\r\n""y"""\r\n2,z\r\n') == [
            {"a": 1, "b": 'x\r\n"y"'}, {"a": 2, "b": "z"},
        ]  # fmt: skip

    def test_formulas_stay_text(self, tmp_path: Path) -> None:
        assert read(tmp_path / "a.csv", "a,b\n=1+1,@x\n-2,+3\n")[0] == {"a": "=1+1", "b": "@x"}

    @pytest.mark.parametrize(
        ("content", "words"),
        [
            ("a,b\n1,2\n3,4,5\n", "There are 3 fields in line 3 of a.csv, where 2 are expected: 3,4,5"),
            ("a,b\n1,2\n3\n5,6\n", "There are 1 field in line 3"),
            ('a,b\n1,"x\n', "quote"),
        ],
    )
    def test_a_bad_line_is_named(self, tmp_path: Path, content: str, words: str) -> None:
        with pytest.raises(UploadUnreadable) as error:
            read(tmp_path / "a.csv", content)
        assert words in error.value.detail


class TestJson:
    def test_lists_and_lines(self, tmp_path: Path) -> None:
        expected = [{"id": 1, "zip": "007", "x": None}, {"id": 2, "zip": None, "x": 1.5}]
        assert read(tmp_path / "a.json", '[{"id": 1, "zip": "007"}, {"id": 2, "x": 1.5}]') == expected
        assert read(tmp_path / "b.jsonl", '{"id": 1, "zip": "007"}\n{"id": 2, "x": 1.5}\n') == expected

    def test_what_is_nested_and_what_is_large(self, tmp_path: Path) -> None:
        content = '[{"n": {"a": [1, 2]}, "big": 18446744073709551616, "d": "2024-01-02", "m": 1}, {"m": "x"}]'
        (first, second) = read(tmp_path / "a.json", content)
        assert first["n"] == {"a": [1, 2]}
        assert (first["big"], first["d"]) == (Decimal(2**64), date(2024, 1, 2))
        assert (first["m"], second["m"]) == ("1", '"x"')

    def test_a_bad_line_is_named(self, tmp_path: Path) -> None:
        with pytest.raises(UploadUnreadable, match=r"line 3 of a\.jsonl"):
            read(tmp_path / "a.jsonl", '{"a": 1}\n{"a": 2\n{"a": 3}\n')


class TestExcel:
    def test_sheets_types_and_dates(self, tmp_path: Path) -> None:
        first = [
            ["id", "zip", "total", "paid", "day", "at", "mixed", "note"],
            [1, "007", 1.5, True, (45292, DAY), (45292.5, MOMENT), 1, "=SUM(A1)"],
            [2, "012", 2, False, (45293, DAY), (45293.25, MOMENT), "x", None],
        ]
        path = workbook(tmp_path / "a.xlsx", {"Orders": first, "Other": [["a"], [1]]})
        assert read(path) == [
            {"id": 1, "zip": "007", "total": 1.5, "paid": True, "day": date(2024, 1, 1),
             "at": datetime.fromisoformat("2024-01-01T12:00"), "mixed": "1", "note": "=SUM(A1)"},
            {"id": 2, "zip": "012", "total": 2.0, "paid": False, "day": date(2024, 1, 2),
             "at": datetime.fromisoformat("2024-01-02T06:00"), "mixed": "x", "note": None},
        ]  # fmt: skip
        assert read(path, sheet="Other") == [{"a": 1}]
        with pytest.raises(UploadUnreadable, match="no sheet named Nope"):
            read(path, sheet="Nope")

    def test_titles_above_empty_names_and_merged_ones(self, tmp_path: Path) -> None:
        sheet = [["Sales 2024"], [None], ["Region", "Total", None, None], ["North", 1, 2, 3], ["South", 4, 5, 6]]
        path = workbook(tmp_path / "a.xlsx", {"S": sheet}, {"S": "B3:C3"})
        assert read(path)[0] == {"Region": "North", "Total": 1, "Total_2": 2, "column_4": 3}

    def test_an_empty_sheet_says_so(self, tmp_path: Path) -> None:
        with pytest.raises(UploadUnreadable, match="is empty"):
            read(workbook(tmp_path / "a.xlsx", {"S": []}))


class TestTables:
    def test_several_files_are_one_table_by_their_names(self, tmp_path: Path) -> None:
        (tmp_path / "o-1.csv").write_text("id,zip\n1,007\n")
        (tmp_path / "o-2.csv").write_text("zip,id,note\n12,2,x\n")
        (tmp_path / "other.csv").write_text("a\n1\n")
        found = read(tmp_path / "o-*.csv", sql="SELECT id, zip, note FROM t ORDER BY id")
        assert found == [{"id": 1, "zip": "007", "note": None}, {"id": 2, "zip": "12", "note": "x"}]

    def test_a_folder_of_parquet(self, tmp_path: Path) -> None:
        for year in (2023, 2024):
            pq.write_table(pa.table({"year": [year], "n": [1]}), tmp_path / f"{year}.parquet")
        assert read(tmp_path, sql="SELECT sum(year) AS s FROM t") == [{"s": 4047}]
        (tmp_path / "x.csv").write_text("a\n1\n")
        with pytest.raises(SourceUnavailable, match="several formats"):
            read(tmp_path)
        assert read(tmp_path, format="csv") == [{"a": 1}]

    def test_the_catalog_and_the_profile(self, tmp_path: Path) -> None:
        (tmp_path / "orders.csv").write_text("id,city\n1,Paris\n2,Oslo\n3,Paris\n")
        with opened({"name": "My orders", "path": str(tmp_path / "orders.csv")}) as session:
            catalog = session.catalog()
            profile = session.profile(catalog, Budget())
            assert session.check().table_count == 1
        (table,) = catalog.tables
        assert (catalog.dialect, table.name, table.type, table.row_estimate) == ("duckdb", "My orders", "table", 3)
        assert profile.tables[0].columns["city"].values == ["Paris", "Oslo"]

    def test_a_changed_file_is_another_version_and_is_read_anew(self, tmp_path: Path) -> None:
        path = tmp_path / "a.csv"
        path.write_text("a\n1\n")
        (tmp_path / "cache").mkdir()
        cache = Places(cache=str(tmp_path / "cache"))
        settings = validate("files", {"tables": [{"name": "t", "path": str(path)}]}) | {PLACES: cache.as_dict()}
        spec = SourceSpec("files", settings)
        table = {"name": "t", "path": str(path)}
        with opened(table, places=cache) as session:
            assert rows(session, "SELECT * FROM t") == [{"a": 1}]
        (made,) = (tmp_path / "cache").iterdir()
        before, written = source_version(spec), made.stat().st_ino
        with opened(table, places=cache) as session:
            assert rows(session, "SELECT * FROM t") == [{"a": 1}]
        assert [each.stat().st_ino for each in (tmp_path / "cache").iterdir()] == [written]
        path.write_text("a\n22\n")
        assert source_version(spec) != before
        with opened(table, places=cache) as session:
            assert rows(session, "SELECT * FROM t") == [{"a": 22}]


class TestReach:
    @pytest.mark.parametrize(
        "sql",
        [
            "SELECT * FROM read_text('/etc/passwd')",
            "SELECT * FROM '/etc/passwd'",
            "SELECT * FROM read_csv('/proc/self/environ')",
            "SELECT * FROM sniff_csv('/etc/passwd')",
            "SELECT * FROM glob('/etc/*')",
            "SELECT * FROM glob('{folder}/*')",
            "SELECT * FROM read_parquet('{folder}/*.parquet')",
            "COPY (SELECT 1 AS a) TO '{folder}/new.parquet'",
            "COPY (SELECT 1 AS a) TO '{folder}/a.parquet' (USE_TMP_FILE false)",
            "COPY t TO '{folder}/a.parquet' (FORMAT csv, USE_TMP_FILE false)",
            "ATTACH '{folder}/new.duckdb'",
            "INSTALL httpfs",
            "SET lock_configuration = false",
            "SET enable_external_access = true",
            "SELECT * FROM query('SELECT * FROM read_text(''/etc/passwd'')')",
            "SELECT * FROM secret_frame",
            "CREATE TABLE x (a INTEGER)",
            "INSERT INTO t VALUES (2)",
            "DROP VIEW t",
            "SELECT 1; DROP VIEW t",
        ],
    )
    def test_the_engine_by_itself_reads_only_its_files_and_writes_nothing(self, tmp_path: Path, sql: str) -> None:
        secret_frame = pa.table({"secret": [1]})
        pq.write_table(pa.table({"a": [1]}), tmp_path / "a.parquet")
        pq.write_table(pa.table({"a": [7]}), tmp_path / "b.parquet")
        with opened({"name": "t", "path": str(tmp_path / "a.parquet")}) as session:
            with pytest.raises((SqlRefused, SqlInvalid)):
                rows(session, sql.replace("{folder}", str(tmp_path)))
            assert rows(session, "SELECT * FROM t") == [{"a": 1}]
        assert sorted(each.name for each in tmp_path.iterdir()) == ["a.parquet", "b.parquet"]
        assert pq.read_table(tmp_path / "a.parquet").to_pylist() == [{"a": 1}]
        assert secret_frame.num_rows == 1

    def test_only_the_named_folders_wherever_links_lead(self, tmp_path: Path) -> None:
        inside, sibling = tmp_path / "data", tmp_path / "data-private"
        for folder in (inside, sibling):
            folder.mkdir()
            (folder / "a.csv").write_text("a\n1\n")
        (inside / "link.csv").symlink_to(sibling / "a.csv")
        (inside / "sub").symlink_to(sibling)
        places = Places(folders=(str(inside),), private=(str(tmp_path / "own"),))
        with opened({"name": "t", "path": str(inside / "a.csv")}, places=places) as session:
            assert rows(session, "SELECT * FROM t") == [{"a": 1}]
        answers = set()
        paths = [
            inside / "link.csv",
            inside / "*.csv",
            inside / "sub",
            inside / "sub" / "a.csv",
            inside / "*" / "a.csv",
        ]
        paths += [sibling / "a.csv", sibling / "nothing.csv", tmp_path / "data*" / "a.csv"]
        for path in paths:
            with pytest.raises(SourceUnavailable) as error, opened({"name": "t", "path": str(path)}, places=places):
                pass
            answers.add(error.value.detail)
        assert len(answers) == 1

    def test_never_dataasks_own_folder(self, tmp_path: Path) -> None:
        own = tmp_path / "own"
        own.mkdir()
        (own / "a.csv").write_text("a\n1\n")
        (tmp_path / "way").symlink_to(own)
        for path in (own / "a.csv", own, tmp_path / "way" / "a.csv", tmp_path / "w*" / "a.csv"):
            places = Places(private=(str(own),))
            with (
                pytest.raises(SourceUnavailable, match="own folder"),
                opened({"name": "t", "path": str(path)}, places=places),
            ):
                pass

    @pytest.mark.parametrize(
        "table",
        [
            {"name": "t"},
            {"name": "t", "path": "/a.csv", "uploads": ["0" * 32]},
            {"name": "t", "path": "/data/../etc/a.csv"},
            {"name": "t", "path": "/data/**/a.csv"},
            {"name": "t", "path": "/data/\0.csv"},
            {"name": "t", "path": "data/a.csv"},
            {"name": "t", "path": "https://example.com/a.csv"},
            {"name": "t", "path": "s3://bucket/a.csv"},
            {"name": "t", "uploads": ["../../etc"]},
            {"name": "t\n", "path": "/a\n.csv", "delimiter": "ab"},
            {"name": "t", "path": "/a.csv", "columns": {"a": "INTEGER); DROP TABLE x"}},
            {"name": "t", "path": "/a.csv", "places": {}},
        ],
    )
    def test_settings_that_fit_nothing_are_refused(self, table: dict[str, Any]) -> None:
        with pytest.raises(InvalidInput):
            validate("files", {"tables": [table]})

    def test_places_are_no_setting(self) -> None:
        with pytest.raises(InvalidInput):
            validate("files", {"tables": [{"name": "t", "path": "/a.csv"}], PLACES: {"uploads": "/"}})

    def test_two_tables_of_one_name(self) -> None:
        with pytest.raises(InvalidInput, match="Two tables"):
            validate("files", {"tables": [{"name": "T", "path": "/a.csv"}, {"name": "t", "path": "/b.csv"}]})

    def test_names_of_files_and_columns_are_never_sql(self, tmp_path: Path) -> None:
        path = tmp_path / "a'); DROP VIEW t; --.csv"
        content = '"x\', \'VARCHAR\'}) --","a""b"\n1,2\n'
        assert read(path, content) == [{"x', 'VARCHAR'}) --": 1, 'a"b': 2}]
