"""Schemathesis makes up requests from the document; the server must answer each as the document says."""

from __future__ import annotations

import asyncio
import json
import sys
from pathlib import Path

import pytest

from tests.handlers.conftest import TOKEN, Api

# Whether a name is free or SQL makes sense is more than a schema can say, so valid input may be refused. And a missing
# If-Match is 428 here, which Schemathesis doesn't know.
NOT_CHECKED = "positive_data_acceptance,missing_required_header"


@pytest.mark.slow
async def test_made_up_requests(api: Api, tmp_path: Path) -> None:
    document = tmp_path / "openapi.json"
    served = await api.call("GET", "openapi.json")
    document.write_text(json.dumps(served))
    process = await asyncio.create_subprocess_exec(
        *(str(Path(sys.executable).parent / "schemathesis"), "run", str(document)),
        *("--url", str(api.http.base_url), "--header", f"Authorization: token {TOKEN}"),
        *("--phases", "coverage,fuzzing", "--max-examples", "2", "--max-time", "25", "--seed", "20261123"),
        *("--exclude-checks", NOT_CHECKED, "--generation-database", "none", "--no-color"),
        cwd=tmp_path,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    out, _ = await process.communicate()
    text = out.decode()
    assert process.returncode == 0, _failures(text)
    operations = sum(len(methods) for methods in served["paths"].values())
    assert f"Tested: {operations}" in text, text[-3000:]


def _failures(text: str) -> str:
    """The part of Schemathesis' report that says what went wrong."""
    return text.partition("= FAILURES =")[2].partition("= WARNINGS =")[0][:6000] or text[-3000:]
