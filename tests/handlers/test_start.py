"""A server for several people: what it refuses to start with, what it denies, and what is open to strangers."""

from __future__ import annotations

import logging
import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import httpx
import pytest
from traitlets.config import Config

from dataask_jupyter.handlers.endpoint import declared
from dataask_jupyter.handlers.routes import METHODS, ROUTES
from tests.handlers.conftest import PASSWORD, SECRET_KEY, Team, running, team
from tests.real.home import Home
from tests.real.team import team as alone_for_team

GOOD = {"DATAASK_SECRET_KEY": SECRET_KEY}

PUBLIC = {
    ("POST", "auth/register"),
    ("POST", "auth/login"),
    ("POST", "auth/refresh"),
    ("POST", "auth/reset"),
    ("POST", "invitations/preview"),
    ("GET", "health"),
    ("GET", "ready"),
}


def _start(tmp_path: Path, program: str, *options: str, **environment: str) -> subprocess.CompletedProcess[str]:
    """Start a server that is expected to end by itself."""
    kept = {k: v for k, v in os.environ.items() if not k.startswith(("JUPYTER", "DATAASK", "JPY_"))}
    folders = {f"JUPYTER_{name}": str(tmp_path / name.lower()) for name in ("CONFIG_DIR", "DATA_DIR", "RUNTIME_DIR")}
    command = [sys.executable, "-m", program, "--no-browser", "--allow-root", "--ServerApp.port=0", *options]
    command += [f"--ServerApp.root_dir={tmp_path}", f"--DataAsk.data_dir={tmp_path / 'data'}"]
    return subprocess.run(
        command,
        env={**kept, **folders, "HOME": str(tmp_path), **environment},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


# ---- A1, A12: unsafe settings ------------------------------------------------------------------------------------


@pytest.mark.slow
@pytest.mark.parametrize(
    ("key", "named"),
    [
        ("", "DATAASK_SECRET_KEY"),
        ("changeme", "DATAASK_SECRET_KEY"),
        ("changeme-" * 8, "DATAASK_SECRET_KEY"),
        ("short-Zq81xkdP", "DATAASK_SECRET_KEY"),
        ("a" * 64, "DATAASK_SECRET_KEY"),
    ],
)
def test_without_a_key_of_its_own_it_does_not_start(tmp_path: Path, key: str, named: str) -> None:
    done = _start(tmp_path, "dataask_jupyter.cli", "--DataAsk.mode=team", DATAASK_SECRET_KEY=key)
    assert done.returncode != 0
    assert named in done.stderr
    assert not key or key not in done.stdout + done.stderr


@pytest.mark.slow
@pytest.mark.parametrize(("content", "mode"), [("changeme", 0o600), ("short-Zq81xkdP", 0o600), (SECRET_KEY, 0o644)])
def test_without_a_safe_key_file_it_does_not_start(tmp_path: Path, content: str, mode: int) -> None:
    path = tmp_path / "team.key"
    path.write_text(content)
    path.chmod(mode)
    done = _start(tmp_path, "dataask_jupyter.cli", "--DataAsk.mode=team", f"--DataAsk.secret_key_file={path}")
    assert done.returncode != 0
    assert "DataAsk.secret_key_file" in done.stderr
    assert content not in done.stdout + done.stderr


@pytest.mark.slow
@pytest.mark.parametrize(
    ("option", "named"),
    [
        (
            "--ServerApp.authorizer_class=jupyter_server.auth.authorizer.AllowAllAuthorizer",
            "ServerApp.authorizer_class",
        ),
        ("--ServerApp.allow_origin=*", "ServerApp.allow_origin"),
        ("--ServerApp.allow_origin_pat=.*", "ServerApp.allow_origin_pat"),
        ("--ServerApp.disable_check_xsrf=True", "ServerApp.disable_check_xsrf"),
        ("--IdentityProvider.token=canary-4711", "IdentityProvider.token"),
    ],
)
def test_with_settings_that_mix_people_up_it_does_not_start(tmp_path: Path, option: str, named: str) -> None:
    done = _start(tmp_path, "dataask_jupyter.cli", "--DataAsk.mode=team", option, **GOOD)
    assert done.returncode != 0
    assert f"{named} " in done.stderr
    assert "canary-4711" not in done.stdout + done.stderr


@pytest.mark.slow
def test_a_server_for_a_team_stays_closed_whatever_jupyter_is_told(tmp_path: Path) -> None:
    """DataAsk, as the program that was started, sets this itself: the option and the variable change nothing."""
    home = Home(tmp_path / "home")
    home.env["JUPYTER_SERVER_ALLOW_UNAUTHENTICATED_ACCESS"] = "true"
    with (
        alone_for_team(home, "--ServerApp.allow_unauthenticated_access=True") as server,
        httpx.Client(base_url=server.url, trust_env=False) as http,
    ):
        for path in ("dataask/api/v1/auth/me", "dataask/api/v1/workspaces", "dataask/api/v1/nothing"):
            assert http.get(path).status_code == 401
        for path in ("api/contents", "api/kernels", "api/me", "api/status", "files/x", "view/x", "nbconvert/html/x"):
            assert http.get(path).status_code in {302, 403, 404}, path


async def test_the_api_asks_who_it_is_even_where_jupyter_does_not(tmp_path: Path) -> None:
    """Beside other programs, such as JupyterLab, the setting is theirs; DataAsk's addresses don't hang on it."""
    config = Config({"ServerApp": {"allow_unauthenticated_access": True}})
    async with running(tmp_path / "dataask", config, token="") as api:
        assert api.app.allow_unauthenticated_access
        await _assert_closed(api.http)


@pytest.mark.slow
def test_mode_hub_is_for_jupyterhub_to_start(tmp_path: Path) -> None:
    done = _start(tmp_path, "dataask_jupyter.cli", "--DataAsk.mode=hub", **GOOD)
    assert done.returncode != 0
    assert "DataAsk.mode is hub" in done.stderr


@pytest.mark.slow
@pytest.mark.parametrize("program", ["jupyterlab", "jupyter_server"])
def test_another_program_is_no_starter_for_a_team(tmp_path: Path, program: str) -> None:
    done = _start(
        tmp_path, program, "--ServerApp.jpserver_extensions=dataask_jupyter=True", DATAASK_MODE="team", **GOOD
    )
    assert done.returncode != 0
    assert "DataAsk.mode is team" in done.stderr


async def test_kernels_files_and_terminals_are_denied_to_everybody(tmp_path: Path) -> None:
    async with team(tmp_path) as server:
        root = await server.admin()
        for method, path in (
            ("GET", "api/kernels"),
            ("POST", "api/kernels"),
            ("GET", "api/sessions"),
            ("POST", "api/sessions"),
            ("GET", "api/contents"),
            ("GET", "api/contents/dataask/dataask.db"),
            ("GET", "files/dataask/dataask.db"),
            ("GET", "api/config/notebook"),
            ("GET", "api/terminals"),
            ("POST", "api/terminals"),
            ("POST", "api/shutdown"),
            ("GET", "api/kernelspecs"),
        ):
            answer = await root.http.request(method, f"{server.address}{path}")
            assert answer.status_code in {403, 404}, f"{method} {path}: {answer.status_code}"
            if "terminals" not in path:
                assert answer.status_code == 403, path


async def test_jupyters_own_login_is_no_second_door(tmp_path: Path) -> None:
    async with team(tmp_path) as server:
        for method in ("GET", "POST"):
            answer = await server.stranger.http.request(method, f"{server.address}login", data={"password": ""})
            assert answer.status_code in {302, 403, 404}
            assert answer.headers.get("location", "/dataask/login").startswith("/dataask/login")
            assert "username-" not in answer.headers.get("set-cookie", "")
        lead = await server.stranger.http.get(f"{server.address}tree")
        assert lead.status_code in {302, 404}
        start = await server.stranger.http.get(server.address)
        assert "/dataask/" in start.headers["location"]


# ---- A11: the public list ----------------------------------------------------------------------------------------


def test_the_list_of_what_strangers_may_do_is_this_one() -> None:
    found = {
        (method.upper(), route.path)
        for route in ROUTES
        for method in METHODS
        if (verb := declared(route.handler, method)) is not None and verb.public
    }
    assert found == PUBLIC


async def test_strangers_are_told_to_sign_in_everywhere_else(tmp_path: Path) -> None:
    async with team(tmp_path) as server:
        await _assert_closed(server.stranger.http)


async def _assert_closed(http: httpx.AsyncClient) -> None:
    """Strangers are let in nowhere but where the public list says."""
    for route in ROUTES:
        for method in METHODS:
            if declared(route.handler, method) is None or (method.upper(), route.path) in PUBLIC:
                continue
            path = re.sub(r"\{\w+\}", "0" * 32, route.path)
            answer = await http.request(method.upper(), path, json={})
            assert answer.status_code in {401, 403}, f"{method} {path}: {answer.status_code}"


# ---- W4: requests that other sites cause -------------------------------------------------------------------------


async def _browser(server: Team) -> httpx.AsyncClient:
    await server.register("ann@example.com")
    return (await server.browser("ann@example.com")).http


async def test_changes_by_cookie_need_the_token_that_only_own_pages_read(tmp_path: Path) -> None:
    async with team(tmp_path) as server:
        http = await _browser(server)
        body: dict[str, Any] = {"display_name": "Changed"}
        forged: list[dict[str, Any]] = [
            {"json": body, "headers": {"X-XSRFToken": ""}},
            {"json": body, "headers": {"X-XSRFToken": "2|0|0|0"}},
            {"json": body, "headers": {"Origin": "http://evil.example"}},
        ]
        for given in forged:
            assert (await http.patch("auth/me", **given)).status_code in {403, 404}
        text = {"content": '{"display_name": "Changed"}', "headers": {"Content-Type": "text/plain"}}
        assert (await http.patch("auth/me", **text)).status_code == 400
        assert (await http.get("auth/me")).json()["user"]["display_name"] == "ann"


async def test_nobody_is_signed_in_or_out_by_another_site(tmp_path: Path) -> None:
    async with team(tmp_path) as server:
        http = await _browser(server)
        login = {"email": "ann@example.com", "password": PASSWORD, "client": "browser"}
        for headers in (
            {"Sec-Fetch-Mode": "no-cors"},
            {"Sec-Fetch-Mode": "navigate"},
            {"Sec-Fetch-Site": "cross-site"},
            {"Sec-Fetch-Site": "same-site"},
            {"Origin": "http://evil.example"},
            {"Origin": "null"},
            {"Origin": f"{server.address.rstrip('/')}.evil.example"},
        ):
            answer = await server.stranger.http.post("auth/login", json=login, headers=headers)
            assert answer.status_code == 403, headers
            assert "set-cookie" not in answer.headers
        own = {"Origin": server.address.rstrip("/"), "Sec-Fetch-Site": "same-origin"}
        await server.stranger.call("POST", "auth/login", json={**login, "client": "program"}, headers=own)
        for path, body in (("auth/refresh", {}), ("auth/logout", {})):
            assert (await http.post(path, json=body, headers={"X-XSRFToken": ""})).status_code == 403
        plain = {"content": "{}", "headers": {"Content-Type": "text/plain"}}
        assert (await http.post("auth/refresh", **plain)).status_code == 400
        assert (await http.get("auth/me")).status_code == 200


# ---- W5: what other sites may read -------------------------------------------------------------------------------


ORIGINS = ("https://trusted.com.evil.com", "https://evil.example", "null")
PATHS = ("auth/me", "workspaces", "health", "nothing", "auth/sessions/x", "openapi.json")


async def _readers(http: httpx.AsyncClient, *addresses: str) -> dict[str, str]:
    """The sites that may read answers, by request."""
    found = {}
    for origin in ORIGINS:
        for address in addresses:
            for method in ("GET", "POST", "PATCH", "DELETE", "OPTIONS"):
                answer = await http.request(method, address, headers={"Origin": origin})
                assert answer.status_code < 500, f"{method} {address}"
                if "access-control-allow-origin" in answer.headers:
                    found[f"{method} {address} {origin}"] = answer.headers["access-control-allow-origin"]
    return found


async def test_no_other_site_reads_what_is_answered_to_a_token(tmp_path: Path) -> None:
    async with team(tmp_path) as server:
        ann = await server.register("ann@example.com")
        secret = (await ann.call("POST", "auth/tokens", 201, json={"name": "t"}))["secret"]
        others = [f"{server.address}{path}" for path in ("dataask/", "dataask/login", "api/contents", "api/me", "api")]
        script = await server.client(Authorization=f"token {secret}")
        for api in (ann, script, server.stranger):
            assert await _readers(api.http, *PATHS, *others) == {}
        browser = await server.browser("ann@example.com")
        assert await _readers(browser.http, *PATHS, *others) == {}


async def test_on_a_solo_server_too_no_other_site_reads_what_is_answered_to_its_token(tmp_path: Path) -> None:
    async with running(tmp_path / "dataask") as api:
        assert await _readers(api.http, *PATHS) == {}


async def test_the_administrator_may_let_a_site_read(tmp_path: Path) -> None:
    config = Config({"ServerApp": {"allow_origin": "https://trusted.com"}})
    async with running(tmp_path / "dataask", config) as api:
        found = await _readers(api.http, "auth/me")
        # Whoever asks hears who may: no browser gives the answer to anybody else.
        assert set(found.values()) == {"https://trusted.com"}


@pytest.mark.filterwarnings("ignore:allow_origin_pat")
async def test_a_pattern_of_origins_has_to_fit_the_whole_origin(tmp_path: Path) -> None:
    config = Config({"ServerApp": {"allow_origin_pat": r"https://trusted\.com"}})
    async with running(tmp_path / "dataask", config) as api:
        assert await _readers(api.http, "auth/me") == {}
        answer = await api.http.get("auth/me", headers={"Origin": "https://trusted.com"})
        assert answer.headers["access-control-allow-origin"] == "https://trusted.com"


# ---- P1: the log -------------------------------------------------------------------------------------------------


async def test_no_secret_is_in_the_log(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    async with team(tmp_path) as server:
        server.app.log.setLevel(logging.DEBUG)
        logging.getLogger("tornado").setLevel(logging.DEBUG)
        server.app.log.addHandler(caplog.handler)
        with caplog.at_level(logging.DEBUG):
            root = await server.admin()
            signed = await server.stranger.call(
                "POST", "auth/login", json={"email": "root@example.com", "password": PASSWORD}
            )
            made = await root.call("POST", "auth/tokens", 201, json={"name": "t"})
            me = signed["user"]["id"]
            link = (await root.call("POST", f"users/{me}/reset-link", 201))["link"].partition("#")[2]
            secrets = [PASSWORD, signed["access_token"], signed["refresh_token"], made["secret"], link, SECRET_KEY]
            await server.stranger.call("POST", "auth/refresh", json={"refresh_token": signed["refresh_token"]})
            await server.stranger.call("POST", "auth/refresh", 401, json={"refresh_token": signed["refresh_token"]})
            for header in (f"token {made['secret']}", f"Bearer {signed['access_token']}"):
                await server.stranger.http.get("auth/me", headers={"Authorization": header})
                await server.stranger.http.get("nothing", headers={"Authorization": header})
            await server.stranger.call("POST", "auth/reset", 422, json={"token": link, "password": "short"})
            body = {"email": "root@example.com", "password": PASSWORD[:-1]}
            await server.stranger.call("POST", "auth/login", 401, json=body)
        server.app.log.removeHandler(caplog.handler)
        assert caplog.records
        assert [each for each in secrets if each in caplog.text] == []


async def test_a_solo_server_makes_its_key_for_nobody_else_to_read(tmp_path: Path) -> None:
    async with running(tmp_path / "dataask") as api:
        await api.call("GET", "auth/me")
        path = tmp_path / "dataask" / "secret.key"
        assert oct(path.stat().st_mode)[-3:] == "600"
        assert len(path.read_bytes()) >= 32


async def test_settings_of_the_web_application_hold_no_key(tmp_path: Path) -> None:
    config = Config()
    async with team(tmp_path, config) as server:
        assert SECRET_KEY not in str(server.app.web_app.settings.get("dataask_config"))
