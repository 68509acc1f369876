"""A user's home for one server: the folders that Jupyter and DataAsk write to, none of them the developer's."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.real.processes import clean_environment, end_tree

ROOT = Path(__file__).resolve().parents[2]
NOTEBOOKS = ROOT / "notebooks"

# Lab asks the network for news; a test's server asks nobody.
PAGE_CONFIG = {"disabledExtensions": {"@jupyterlab/apputils-extension:announcements": True}}


class Home:
    """Folders below one root, and the environment that leads there."""

    def __init__(self, root: Path, demo: Path | None = None) -> None:
        self.root = root
        self.notebooks = root / "notebooks"
        self.data = root / "dataask"
        self.runtime = root / "runtime"
        self.log = root / "server.log"
        self.notebooks.mkdir(parents=True)
        self.runtime.mkdir(mode=0o700)
        (root / "config" / "labconfig").mkdir(parents=True)
        (root / "config" / "labconfig" / "page_config.json").write_text(json.dumps(PAGE_CONFIG))
        if demo is not None:
            # The demo's connections name the files where they were made; the copy only has its own metadata.
            shutil.copytree(demo, self.data, ignore=shutil.ignore_patterns("demo", "results"))
        self.env = {
            **clean_environment(),
            "PYTHONPATH": str(ROOT),
            "PATH": f"{Path(sys.executable).parent}:{clean_environment()['PATH']}",
            "JUPYTER_CONFIG_DIR": str(root / "config"),
            "JUPYTER_DATA_DIR": str(root / "jupyter"),
            "JUPYTER_RUNTIME_DIR": str(self.runtime),
            "JUPYTERLAB_SETTINGS_DIR": str(root / "settings"),
            "JUPYTERLAB_WORKSPACES_DIR": str(root / "workspaces"),
            "IPYTHONDIR": str(root / "ipython"),
            "DATAASK_DATA_DIR": str(self.data),
        }

    def add_notebook(self, name: str) -> Path:
        """A copy of one of the project's notebooks."""
        return Path(shutil.copy(NOTEBOOKS / name, self.notebooks / name))

    def write_notebook(self, name: str, *cells: str, **metadata: object) -> Path:
        """A notebook of these code cells."""
        import nbformat

        notebook = nbformat.v4.new_notebook(
            cells=[nbformat.v4.new_code_cell(cell) for cell in cells],
            metadata={"kernelspec": {"name": "python3", "display_name": "Python 3", "language": "python"}, **metadata},
        )
        path = self.notebooks / name
        nbformat.write(notebook, path)
        return path

    def end_shared_servers(self) -> None:
        """Ends the shared servers that kernels of this home have started."""
        for record in self.runtime.glob("dataask-shared-*.json"):
            end_tree(int(json.loads(record.read_text())["pid"]))


def make_demo(folder: Path) -> Path:
    """The demo workspace, as `jupyter dataask demo` makes it; its data folder."""
    home = Home(folder)
    done = subprocess.run(
        [sys.executable, "-m", "dataask_jupyter.cli", "demo"],
        env=home.env,
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
        timeout=150,
    )
    if done.returncode != 0:
        pytest.fail(f"`jupyter dataask demo` failed:\n{done.stdout}\n{done.stderr}")
    return home.data
