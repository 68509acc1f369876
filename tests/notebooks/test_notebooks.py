"""The notebooks that people get run from top to bottom, on the demo data, as they are."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import nbformat
import pytest
from nbclient import NotebookClient

from tests.real.home import NOTEBOOKS, Home

NAMES = sorted(path.name for path in NOTEBOOKS.glob("*.ipynb"))


@pytest.fixture
def home(demo_data: Path, tmp_path: Path) -> Iterator[Home]:
    made = Home(tmp_path / "home", demo_data)
    yield made
    made.end_shared_servers()


@pytest.mark.parametrize("name", NAMES)
def test_it_is_kept_without_outputs(name: str) -> None:
    notebook = nbformat.read(NOTEBOOKS / name, as_version=4)
    nbformat.validate(notebook)
    for cell in notebook.cells:
        if cell.cell_type == "code":
            assert cell.outputs == []
            assert cell.execution_count is None


@pytest.mark.slow
@pytest.mark.parametrize("name", NAMES)
def test_it_runs_from_top_to_bottom(name: str, home: Home) -> None:
    notebook = nbformat.read(home.add_notebook(name), as_version=4)
    client = NotebookClient(notebook, timeout=90, resources={"metadata": {"path": str(home.notebooks)}})
    client.execute(env=home.env)
    outputs = [output for cell in notebook.cells if cell.cell_type == "code" for output in cell.outputs]
    assert [output for output in outputs if output.output_type == "error"] == []
    assert [output.text for output in outputs if output.get("name") == "stderr"] == []
    assert outputs
