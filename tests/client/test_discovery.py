"""Which server a client takes, and what it says when there is none."""

from __future__ import annotations

import json
import socket
from pathlib import Path

import pytest

from dataask_jupyter.client import ServerUnavailable, connect, discovery
from dataask_jupyter.client.server import Probe, Server, from_runtime_file
from dataask_jupyter.errors import InvalidInput
from tests.client.fake_api import TOKEN, FakeApi, problem, standard_routes


def runtime_file(folder: Path, pid: int, **info: object) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"jpserver-{pid}.json"
    path.write_text(json.dumps({"base_url": "/", "hostname": "127.0.0.1", "sock": "", **info}))
    return path


@pytest.mark.parametrize(
    ("written", "url", "token"),
    [
        ("http://127.0.0.1:8888", "http://127.0.0.1:8888/", ""),
        ("http://127.0.0.1:8888/?token=abc", "http://127.0.0.1:8888/", "abc"),
        ("http://127.0.0.1:8888/lab?token=abc", "http://127.0.0.1:8888/", "abc"),
        ("https://hub.example/user/ann/lab/tree/x.ipynb", "https://hub.example/user/ann/", ""),
        ("https://hub.example/user/ann", "https://hub.example/user/ann/", ""),
    ],
)
def test_an_address_as_people_paste_it(written: str, url: str, token: str) -> None:
    assert (Server.at(written).url, Server.at(written).token) == (url, token)


@pytest.mark.parametrize("written", ["", "8888", "ftp://x/", "javascript:alert(1)", "http://"])
def test_what_is_no_address_is_refused(written: str) -> None:
    with pytest.raises(InvalidInput):
        Server.at(written)


def test_a_token_is_never_shown() -> None:
    assert "abc" not in repr(Server.at("http://127.0.0.1:8888/?token=abc"))
    assert "abc" not in str(Server.at("http://127.0.0.1:8888/?token=abc"))


def test_proxies_are_left_out_for_loopback_only() -> None:
    assert [Server.at(url).loopback for url in ("http://127.0.0.1/", "http://[::1]:1/", "http://localhost/")] == [
        True
    ] * 3
    assert not Server.at("https://dataask.example/").loopback


def test_the_environment_names_a_server(api: FakeApi, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATAASK_URL", api.url)
    monkeypatch.setenv("DATAASK_TOKEN", TOKEN)
    with connect() as client:
        assert client.server.url == api.url
        assert TOKEN not in repr(client)


def test_the_kernels_own_server_is_found(api: FakeApi, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    runtime_file(tmp_path / "runtime", 4711, url=api.url, token=TOKEN, port=api.port)
    monkeypatch.setenv("JPY_PARENT_PID", "4711")
    with connect() as client:
        assert client.server.url == api.url


def test_a_server_on_all_addresses_is_reached_on_loopback(tmp_path: Path) -> None:
    path = runtime_file(
        tmp_path, 1, url="http://some-machine:9/base/", hostname="0.0.0.0", port=9, base_url="/base/", token="t"
    )
    assert from_runtime_file(path) == Server("http://127.0.0.1:9/base/", "t")


def test_a_server_on_a_socket_file(tmp_path: Path) -> None:
    path = runtime_file(tmp_path, 1, url="http+unix://%2Ftmp%2Fj.sock/", sock="/tmp/j.sock", port=0, token="t")
    assert from_runtime_file(path) == Server("http://localhost/", "t", "/tmp/j.sock")


@pytest.mark.parametrize("content", ["", "{", "[]", '{"url": 1}', '{"token": "x"}'])
def test_a_broken_runtime_file_is_no_server(tmp_path: Path, content: str) -> None:
    (tmp_path / "jpserver-1.json").write_text(content)
    assert from_runtime_file(tmp_path / "jpserver-1.json") is None
    assert from_runtime_file(tmp_path / "none.json") is None


@pytest.mark.parametrize("parent", [None, "", "../../etc/passwd", "-1"])
def test_a_parent_that_is_no_process_is_no_server(parent: str | None) -> None:
    assert discovery.kernel_server(parent) is None


def test_a_kernels_server_without_dataask_is_passed_over(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, api: FakeApi
) -> None:
    plain = FakeApi({})
    plain.start()
    runtime_file(tmp_path / "runtime", 4711, url=plain.url, token=TOKEN, port=plain.port)
    monkeypatch.setenv("JPY_PARENT_PID", "4711")
    shared = Server(api.url, TOKEN)
    monkeypatch.setattr(discovery, "shared_server", lambda: shared)
    assert discovery.find() == shared
    plain.stop()


def test_a_wrong_token_is_said(api: FakeApi) -> None:
    with pytest.raises(ServerUnavailable, match="DATAASK_TOKEN") as raised:
        connect(api.url, "not-the-token")
    assert "not-the-token" not in str(raised.value)


def test_a_server_without_dataask_is_said() -> None:
    plain = FakeApi({})
    plain.start()
    with pytest.raises(ServerUnavailable, match="without DataAsk"):
        connect(plain.url, TOKEN)
    plain.stop()


def test_nobody_there_is_said() -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    with pytest.raises(ServerUnavailable, match=f"Nothing answers at http://127.0.0.1:{port}/"):
        connect(f"http://127.0.0.1:{port}")


def test_a_server_that_answers_oddly_is_another(api: FakeApi) -> None:
    for odd in (b"<html>", [1], {"status": "starting"}, problem("internal", 500, "x")):
        api.routes["GET health"] = odd
        assert Server(api.url, TOKEN).probe() is Probe.OTHER


def test_a_server_that_moved_is_found_again(monkeypatch: pytest.MonkeyPatch) -> None:
    first, second = FakeApi(standard_routes()), FakeApi(standard_routes())
    first.start()
    second.start()
    servers = [first]
    monkeypatch.setattr(discovery, "shared_server", lambda: Server(servers[0].url, TOKEN))
    with connect() as client:
        assert len(client.ask("flights per month")) == 3
        first.stop()
        servers[0] = second
        assert len(client.ask("flights per day")) == 3
        assert client.server.url == second.url
    second.stop()


def test_a_server_that_is_gone_is_a_typed_error(monkeypatch: pytest.MonkeyPatch) -> None:
    fake = FakeApi(standard_routes())
    fake.start()
    with connect(fake.url, TOKEN) as client:
        fake.stop()
        with pytest.raises(ServerUnavailable):
            client.connections()


def test_a_response_without_a_problem_document(api: FakeApi) -> None:
    def broken(handler: object, _: object) -> bytes:
        handler.set_status(502)  # type: ignore[attr-defined]
        return b"<html>Bad gateway</html>"

    with connect(api.url, TOKEN) as client:
        api.routes["POST queries/execute"] = broken
        with pytest.raises(ServerUnavailable, match="502"):
            client.sql("SELECT 1")
