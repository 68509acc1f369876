"""Who you are: the Jupyter identity becomes the user at the first request, with a personal workspace."""

from __future__ import annotations

import getpass

from tests.handlers.conftest import Api


async def test_the_first_request_makes_the_user_and_a_personal_workspace(api: Api) -> None:
    me = await api.call("GET", "auth/me")
    assert me["user"]["display_name"] == getpass.getuser()
    assert me["server"]["mode"] == "solo"
    workspaces = (await api.call("GET", "workspaces"))["items"]
    assert [(w["id"], w["personal"], w["role"]) for w in workspaces] == [(me["workspace_id"], True, "owner")]
    assert await api.call("GET", "auth/me") == me
