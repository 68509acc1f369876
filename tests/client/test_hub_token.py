"""Where the token goes that JupyterHub gave to a user's server."""

from __future__ import annotations

import pytest

from dataask_jupyter.client.discovery import named_server
from dataask_jupyter.client.server import Server
from dataask_jupyter.handlers.hub_environment import lead_kernels

SERVICE = "https://hub.example.com/services/dataask/"


@pytest.fixture(autouse=True)
def _kernel(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("DATAASK_TOKEN", "DATAASK_URL"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("JUPYTERHUB_API_TOKEN", "of-the-hub")
    monkeypatch.setenv("DATAASK_HUB_URL", SERVICE)


def token_for(url: str, token: str | None = None) -> str:
    found = named_server(url, token)
    assert found is not None
    return found.token


def test_the_hubs_service_gets_it() -> None:
    assert token_for(SERVICE) == "of-the-hub"
    assert token_for("https://hub.example.com/services/dataask") == "of-the-hub"


@pytest.mark.parametrize(
    "url",
    [
        "https://elsewhere.example.com/services/dataask/",
        "http://hub.example.com/services/dataask/",
        "https://hub.example.com:8443/services/dataask/",
        "https://hub.example.com/services/other/",
        "https://hub.example.com@elsewhere.example.com/services/dataask/",
        "https://hub.example.com/services/dataask/../other/",
    ],
)
def test_nobody_else_does(url: str) -> None:
    assert token_for(url) == ""


def test_a_token_that_is_named_comes_first(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATAASK_TOKEN", "named")
    assert token_for(SERVICE) == "named"
    assert token_for(SERVICE, "given") == "given"


def test_the_services_name_is_not_a_page_of_it() -> None:
    for pasted in ("services/dataask/", "services/dataask", "services/dataask/dataask/ask", "services/dataask/lab?x=1"):
        assert Server.at(f"https://hub.example.com/{pasted}").url == SERVICE


@pytest.mark.parametrize(
    ("environment", "expected"),
    [
        ({"JUPYTERHUB_PUBLIC_URL": "https://h.org/user/ann/"}, "https://h.org/services/dataask/"),
        ({"JUPYTERHUB_PUBLIC_HUB_URL": "https://h.org/hub/"}, "https://h.org/services/dataask/"),
        ({"DATAASK_URL": "http://proxy:80/services/dataask/"}, "http://proxy:80/services/dataask/"),
        ({}, None),
    ],
)
def test_kernels_are_led_to_the_service(environment: dict[str, str], expected: str | None) -> None:
    lead_kernels("/services/dataask/", environment)
    assert environment.get("DATAASK_URL") == environment.get("DATAASK_HUB_URL") == expected
