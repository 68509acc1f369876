"""A widget in a real kernel: its answers arrive, and neither cells nor questions hold each other up."""

from __future__ import annotations

import json
import os
import time
from collections.abc import Iterator
from pathlib import Path
from queue import Empty
from typing import Any

import pytest
from jupyter_client.blocking import BlockingKernelClient
from jupyter_client.manager import KernelManager

from tests.client.fake_api import TOKEN, FakeApi

pytestmark = pytest.mark.slow

OPEN = """
from pathlib import Path
import dataask_jupyter as da
from dataask_jupyter.widgets import surfaces
surfaces.STATIC = Path({folder!r})
chat = da.Chat()
chat
"""


class Kernel:
    def __init__(self, client: BlockingKernelClient) -> None:
        self.client = client
        self.comm = ""
        self.subshell: str | None = None

    def run(self, code: str) -> list[dict[str, Any]]:
        """What the kernel published while the cell ran."""
        sent = self.client.execute(code)
        found: list[dict[str, Any]] = []
        while True:
            published = self.client.get_iopub_msg(timeout=30)
            if published["parent_header"].get("msg_id") != sent:
                continue
            found.append(published)
            assert published["msg_type"] != "error", published["content"]
            if published["msg_type"] == "status" and published["content"]["execution_state"] == "idle":
                return found

    def tell(self, **content: Any) -> None:
        """Sends a widget's message as JupyterLab does: to a subshell of the widgets' own."""
        told = self.client.session.msg(
            "comm_msg", {"comm_id": self.comm, "data": {"method": "custom", "content": content}}
        )
        told["header"]["subshell_id"] = self.subshell
        self.client.shell_channel.send(told)

    def hear(self, key: str, seconds: float = 20) -> dict[str, Any] | None:
        """The widget's next message with that id."""
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            try:
                published = self.client.get_iopub_msg(timeout=0.2)
            except Empty:
                continue
            if published["msg_type"] == "comm_msg":
                content = published["content"]["data"].get("content", {})
                if content.get("id") == key:
                    return {**content, "buffers": [bytes(part) for part in published["buffers"]]}
        return None


@pytest.fixture
def kernel(api: FakeApi, bundles: Path, tmp_path: Path) -> Iterator[Kernel]:
    environment = {
        **os.environ,
        "DATAASK_URL": api.url,
        "DATAASK_TOKEN": TOKEN,
        "IPYTHONDIR": str(tmp_path / "ipython"),
        "PYTHONPATH": str(Path(__file__).resolve().parents[2]),
    }
    manager = KernelManager(kernel_name="python3")
    manager.start_kernel(env=environment)
    client = manager.client()
    client.start_channels()
    try:
        client.wait_for_ready(timeout=60)
        found = Kernel(client)
        opened = [
            published["content"]
            for published in found.run(OPEN.format(folder=str(bundles)))
            if published["msg_type"] == "comm_open"
        ]
        found.comm = next(one["comm_id"] for one in opened if "options" in one["data"]["state"])
        asked = client.session.msg("create_subshell_request")
        client.control_channel.send(asked)
        found.subshell = client.get_control_msg(timeout=10)["content"]["subshell_id"]
        yield found
    finally:
        client.stop_channels()
        manager.shutdown_kernel(now=True)
        manager.cleanup_resources()


def test_answers_arrive_from_the_widgets_own_thread(kernel: Kernel) -> None:
    kernel.tell(id="1", type="request", method="GET", path="auth/me")
    found = kernel.hear("1")
    assert found is not None
    assert found["body"]["user"]["display_name"] == "Ann"


def test_a_running_cell_doesnt_hold_up_the_widget(kernel: Kernel) -> None:
    kernel.tell(id="1", type="request", method="GET", path="auth/me")
    assert kernel.hear("1")
    running = kernel.client.execute("import time\ntime.sleep(4)")
    started = time.monotonic()
    kernel.tell(id="2", type="request", method="GET", path="auth/me")
    assert kernel.hear("2", seconds=3), "the widget waited for the cell"
    assert time.monotonic() - started < 3
    reply = kernel.client.get_shell_msg(timeout=20)
    while reply["parent_header"].get("msg_id") != running:
        reply = kernel.client.get_shell_msg(timeout=20)


def test_a_slow_answer_doesnt_hold_up_the_cells(kernel: Kernel, api: FakeApi) -> None:
    import asyncio

    async def slow(*_: Any) -> dict[str, Any]:
        await asyncio.sleep(3)
        return {}

    api.routes["GET ready"] = slow
    kernel.tell(id="1", type="request", method="GET", path="ready")
    started = time.monotonic()
    kernel.run("1 + 1")
    assert time.monotonic() - started < 2
    assert kernel.hear("1")


def test_a_script_arrives_as_a_buffer(kernel: Kernel, tmp_path: Path) -> None:
    script = tmp_path / "assets" / "plotly.js"
    script.parent.mkdir()
    script.write_bytes(b"export default " + b"x" * 1_000_000)
    kernel.run(f"from dataask_jupyter.widgets import bridge\nbridge.STATIC = Path({json.dumps(str(script.parent))})")
    kernel.tell(id="1", type="asset", name="plotly")
    found = kernel.hear("1")
    assert found is not None
    assert [len(part) for part in found["buffers"]] == [1_000_015]
