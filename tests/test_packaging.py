"""What `pip install` gives: a wheel that holds the built front end and installs without Node."""

from __future__ import annotations

import os
import subprocess
import sys
import venv
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent

pytestmark = pytest.mark.slow


def run(*command: str | Path, cwd: Path, env: dict[str, str] | None = None) -> str:
    """The command's output; its error output fails the test."""
    done = subprocess.run(
        [str(part) for part in command], cwd=cwd, env=env, capture_output=True, text=True, check=False, timeout=170
    )
    assert done.returncode == 0, f"{command}\n{done.stdout}\n{done.stderr}"
    return done.stdout


@pytest.fixture(scope="module")
def path_without_node(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """An environment in which neither node nor npm nor jlpm can be found."""
    tools = tmp_path_factory.mktemp("tools")
    for name in ("git", "sh", "bash", "env"):
        found = next(
            (Path(folder) / name for folder in os.environ["PATH"].split(os.pathsep) if (Path(folder) / name).exists()),
            None,
        )
        if found:
            (tools / name).symlink_to(found)
    return {**os.environ, "PATH": str(tools), "HATCH_JUPYTER_BUILDER_SKIP_NPM": ""}


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory, path_without_node: dict[str, str]) -> Path:
    """A wheel made from the source archive, as `pip install` of a release would, without Node."""
    out = tmp_path_factory.mktemp("dist")
    run(sys.executable, "-m", "build", "--sdist", "--outdir", out, ".", cwd=ROOT)
    archive = next(out.glob("*.tar.gz"))
    run(sys.executable, "-m", "pip", "wheel", "--quiet", "--no-deps", "--wheel-dir", out, archive, cwd=out,
        env=path_without_node)  # fmt: skip
    return next(out.glob("*.whl"))


def test_the_wheel_holds_what_a_user_needs(wheel: Path) -> None:
    names = zipfile.ZipFile(wheel).namelist()
    data = next(name.split("/")[0] for name in names if ".data/" in name)
    wanted = [
        "dataask_jupyter/py.typed",
        "dataask_jupyter/widgets/static/chat.js",
        "dataask_jupyter/static/plotly.js",
        f"{data}/data/share/jupyter/labextensions/@dataask/labextension/package.json",
        f"{data}/data/share/jupyter/labextensions/@dataask/labextension/install.json",
        f"{data}/data/etc/jupyter/jupyter_server_config.d/dataask_jupyter.json",
    ]
    assert [name for name in wanted if name not in names] == []
    assert [name for name in names if "node_modules" in name or name.endswith(".map")] == []


def test_the_installed_wheel_is_found_by_jupyter(
    wheel: Path, tmp_path: Path, path_without_node: dict[str, str]
) -> None:
    # The packages come from the environment under test; only DataAsk itself comes from the wheel.
    home = tmp_path / "venv"
    venv.create(home, with_pip=False, symlinks=True)
    python = home / "bin" / "python"
    site = Path(run(python, "-c", "import sysconfig; print(sysconfig.get_path('purelib'))", cwd=tmp_path).strip())
    packages = [path for path in sys.path if path.endswith("site-packages")]
    site.joinpath("outer.pth").write_text("\n".join(packages) + "\n")
    run(sys.executable, "-m", "pip", "--python", python, "install", "--quiet", "--no-deps", "--no-index",
        "--ignore-installed", wheel, cwd=tmp_path, env=path_without_node)  # fmt: skip

    where = run(python, "-c", "import dataask_jupyter; print(dataask_jupyter.__file__)", cwd=tmp_path).strip()
    assert where.startswith(str(home))
    environment = {
        **path_without_node,
        "JUPYTER_CONFIG_DIR": str(tmp_path / "config"),
        "JUPYTER_DATA_DIR": str(tmp_path / "data"),
    }
    document = run(python, "-m", "dataask_jupyter.cli", "openapi", cwd=tmp_path, env=environment)
    assert '"/dataask/api/v1/' in document or '"/workspaces' in document
