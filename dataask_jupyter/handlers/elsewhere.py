"""The API of a server whose DataAsk is another one: every address says where."""

from __future__ import annotations

from typing import Any, ClassVar

from dataask_jupyter.errors import DataAskError

from .base import BaseHandler
from .endpoint import endpoint


class ServedElsewhere(DataAskError):
    """This server has no DataAsk of its own; `extra["service_url"]` is the one to use."""

    status: ClassVar[int] = 404
    kind: ClassVar[str] = "served-elsewhere"
    title: ClassVar[str] = "DataAsk is at another address"


class ElsewhereHandler(BaseHandler):
    """Every address of the API."""

    _track_activity = False

    def initialize(self, *args: Any, service_url: str, **kwargs: Any) -> None:
        """The address of the one that answers."""
        super().initialize(*args, **kwargs)
        self._service_url = service_url

    @endpoint("elsewhere", "Where DataAsk is", action="read", resource="operation", hidden=True)
    async def get(self) -> None:
        raise ServedElsewhere(
            f"This server uses the DataAsk service at {self._service_url} and has none of its own. Send the request "
            "there.",
            extra={"service_url": self._service_url},
        )

    post = put = patch = delete = get


def handlers(service_url: str) -> list[tuple[str, Any, dict[str, str]]]:
    """All of the API's addresses, as an ExtensionApp wants them."""
    return [(r"/dataask(?:/.*)?", ElsewhereHandler, {"service_url": service_url})]
