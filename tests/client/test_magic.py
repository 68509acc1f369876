"""`%%dataask`, in a real IPython shell."""

from __future__ import annotations

from collections.abc import Iterator

import pandas as pd
import pytest
from IPython.core.error import UsageError
from IPython.core.interactiveshell import InteractiveShell

from dataask_jupyter.magic import is_sql
from tests.client.fake_api import TOKEN, FakeApi, an_id, problem


@pytest.fixture
def shell(api: FakeApi, monkeypatch: pytest.MonkeyPatch) -> Iterator[InteractiveShell]:
    monkeypatch.setenv("DATAASK_URL", api.url)
    monkeypatch.setenv("DATAASK_TOKEN", TOKEN)
    monkeypatch.setenv("IPYTHONDIR", "/nonexistent")
    shell = InteractiveShell()
    shell.history_manager.enabled = False
    shell.extension_manager.load_extension("dataask_jupyter")
    yield shell
    shell.history_manager.end_session()
    InteractiveShell.clear_instance()


@pytest.mark.parametrize(
    "text",
    [
        "SELECT 1",
        "select * from flights",
        "-- how many\nSELECT count(*) FROM flights",
        "/* a */ (SELECT 1) UNION (SELECT 2)",
        "WITH late AS (SELECT 1) SELECT * FROM late",
        "with recursive t(n) as (select 1) select n from t",
        'WITH "my late" AS MATERIALIZED (SELECT 1) SELECT 1',
        "FROM flights",
        "from flights limit 3",
        'FROM main."flights" SELECT carrier',
        "VALUES (1), (2)",
    ],
)
def test_a_cell_that_is_sql(text: str) -> None:
    assert is_sql(text)


@pytest.mark.parametrize(
    "text",
    [
        "flights per month",
        "With which airlines do most people fly?",
        "with delay over 30, flights by carrier",
        "From which airports do flights leave",
        "from JFK how many flights were cancelled",
        "Selected carriers by month",
        "select the carriers with the longest delay?",
        "values of carrier",
        "",
    ],
)
def test_a_cell_that_is_a_question(text: str) -> None:
    assert not is_sql(text)


def test_a_question_gives_the_frame(shell: InteractiveShell, api: FakeApi) -> None:
    frame = shell.run_cell_magic("dataask", "", "flights per month\n")
    assert isinstance(frame, pd.DataFrame)
    assert api.asked(f"POST workspaces/{an_id(10)}/conversations/{an_id(30)}/ask")[0].body == {
        "question": "flights per month"
    }


def test_sql_on_a_named_connection_into_a_variable(shell: InteractiveShell, api: FakeApi) -> None:
    assert shell.run_cell_magic("dataask", '"Shop" --into months', "SELECT month FROM flights\n") is None
    assert len(shell.user_ns["months"]) == 3
    assert api.asked("POST queries/execute")[0].body["connection_id"] == an_id(21)


def test_flags_decide_over_the_looks(shell: InteractiveShell, api: FakeApi) -> None:
    shell.run_cell_magic("dataask", "--ask", "SELECT the best carrier")
    assert not api.asked("POST queries/execute")
    shell.run_cell_magic("dataask", "--sql", "PIVOT flights ON month")
    assert api.asked("POST queries/execute")


@pytest.mark.parametrize(
    ("line", "cell", "said"),
    [
        ("--sql --ask", "SELECT 1", "not allowed"),
        ("--into 1x", "SELECT 1", "name of a variable"),
        ("--nope", "SELECT 1", "--nope"),
        ('"unclosed', "SELECT 1", "can't be read"),
        ("", "  \n", "The cell is empty"),
    ],
)
def test_what_is_wrong_with_the_first_line_is_said(shell: InteractiveShell, line: str, cell: str, said: str) -> None:
    with pytest.raises(UsageError, match=said):
        shell.run_cell_magic("dataask", line, cell)


def test_an_error_is_shown_without_the_way_through_the_code(
    shell: InteractiveShell, api: FakeApi, capsys: pytest.CaptureFixture[str]
) -> None:
    api.routes["POST queries/execute"] = problem("sql-refused", 400, "Only a single SELECT runs here.")
    result = shell.run_cell("%%dataask\nSELECT 1", store_history=False)
    assert not result.success
    shown = "".join(capsys.readouterr())
    assert "Only a single SELECT runs here." in shown
    assert "Traceback" not in shown
    assert "session.py" not in shown


def test_help_is_there(shell: InteractiveShell) -> None:
    assert "--into NAME" in (shell.find_cell_magic("dataask").__doc__ or "")
