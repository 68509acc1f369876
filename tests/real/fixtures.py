"""Fixtures on real servers; their logs are shown with a test that fails."""

from __future__ import annotations

from collections.abc import Generator, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.real import processes, servers
from tests.real.chromium import ARGUMENTS, chromium
from tests.real.home import Home, make_demo


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item, call: pytest.CallInfo[None]
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Adds the logs of what runs to a failed test's report."""
    report = yield
    if report.failed:
        for process in processes.running:
            report.sections.append((f"Log of {process.name}", process.tail()))
    return report


@pytest.fixture(scope="session")
def demo_data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The demo workspace's data folder, made once. Homes take copies of its metadata."""
    return make_demo(tmp_path_factory.mktemp("demo") / "home")


@pytest.fixture(scope="session")
def lab(demo_data: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[servers.Server]:
    """JupyterLab with DataAsk on the demo workspace."""
    home = Home(tmp_path_factory.mktemp("lab") / "home", demo_data)
    with servers.lab(home) as server:
        yield server


@pytest.fixture(scope="module")
def alone(demo_data: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[servers.Server]:
    """`jupyter dataask` on the demo workspace."""
    home = Home(tmp_path_factory.mktemp("alone") / "home", demo_data)
    with servers.alone(home) as server:
        yield server


@pytest.fixture(scope="session")
def voila(demo_data: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[servers.Server]:
    """Voilà by itself, on a home with the demo workspace. Its kernels find no Jupyter server."""
    home = Home(tmp_path_factory.mktemp("voila") / "home", demo_data)
    home.add_notebook("voila-chat.ipynb")
    with servers.voila(home) as server:
        yield server


@pytest.fixture(scope="session")
def browser_type_launch_args(browser_type_launch_args: dict[str, Any]) -> dict[str, Any]:
    """pytest-playwright drives Debian's Chromium."""
    return {**browser_type_launch_args, "executable_path": chromium(), "args": ARGUMENTS}
