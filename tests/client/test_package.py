"""What `import dataask_jupyter` gives, and what it leaves for later."""

from __future__ import annotations

import importlib
import subprocess
import sys

import pytest

import dataask_jupyter as da
from tests.client.fake_api import TOKEN, FakeApi

HEAVY = ("pandas", "pyarrow", "duckdb", "sqlglot", "sqlalchemy", "httpx", "anywidget", "IPython", "tornado")


def test_importing_the_package_imports_nothing_heavy() -> None:
    code = f"import dataask_jupyter, sys; print([name for name in {HEAVY!r} if name in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_what_a_notebook_uses_is_there() -> None:
    for name in ("ask", "sql", "connect", "Chat", "SchemaBrowser", "load_ipython_extension"):
        assert callable(getattr(da, name))
        assert name in dir(da)
    assert da.__version__


def test_what_isnt_there_is_an_attribute_error() -> None:
    with pytest.raises(AttributeError, match="nothing_like_this"):
        _ = da.nothing_like_this


def test_the_subpackages_of_the_same_names_dont_hide_the_functions(
    api: FakeApi, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DATAASK_URL", api.url)
    monkeypatch.setenv("DATAASK_TOKEN", TOKEN)
    for name in ("ask", "sql"):
        importlib.import_module(f"dataask_jupyter.{name}")
    assert len(da.ask("flights per month")) == 3
    assert len(da.sql("SELECT 1")) == 3
