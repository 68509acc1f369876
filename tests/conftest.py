"""What all tests share: fixtures that start real servers."""

from __future__ import annotations

pytest_plugins = ["tests.servers", "tests.mail", "tests.real.fixtures"]
