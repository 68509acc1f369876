"""What all tests share: fixtures that start real servers."""

from __future__ import annotations

import gc
from collections.abc import Iterator

import pytest

pytest_plugins = ["tests.servers", "tests.sources.emulators", "tests.mail", "tests.real.fixtures"]


@pytest.fixture(scope="module", autouse=True)
def no_leak_left() -> Iterator[None]:
    """What a module's tests left open is found at its end, not by chance in another's or after the last test."""
    yield
    gc.collect()
