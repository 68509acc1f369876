"""One server's address, and whether DataAsk answers there."""

from __future__ import annotations

import ipaddress
import json
import re
from dataclasses import dataclass, field
from enum import Enum
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit, urlunsplit

import httpx

from dataask_jupyter.errors import InvalidInput
from dataask_jupyter.schemas.common import FieldProblem

API = "dataask/api/v1/"
PROBE_TIMEOUT = httpx.Timeout(5.0, connect=1.0)

# What people paste is the page that Jupyter printed; the server's own address ends before these.
_PAGES = re.compile(r"/(lab|tree|dataask)(/.*)?$")
# A service of JupyterHub may have the name of a page.
_SERVICE = re.compile(r".*?/services/[^/]+")


class Probe(Enum):
    """What a look at an address found."""

    OK = "DataAsk answers"
    DENIED = "the token isn't right"
    OTHER = "something else answers"
    SILENT = "nothing answers"


@dataclass(frozen=True)
class Server:
    """Where a server is and what it lets in with. The token stays out of every repr."""

    url: str
    token: str = field(default="", repr=False)
    socket: str | None = None

    @staticmethod
    def at(url: str, token: str | None = None) -> Server:
        """The server of an address as a person writes it, also one with `?token=` copied from Jupyter's log."""
        parts = urlsplit(url.strip())
        if parts.scheme == "http+unix":
            return Server(url="http://localhost/", token=token or "", socket=unquote(parts.netloc))
        if parts.scheme not in ("http", "https") or not parts.hostname:
            raise InvalidInput(
                f"\"{url}\" isn't a server's address. It should look like http://127.0.0.1:8888/.",
                errors=[FieldProblem(field="url", detail="Not an http or https address.")],
            )
        found = parse_qs(parts.query).get("token", [""])[0]
        service = _SERVICE.match(parts.path)
        prefix = service[0] if service else ""
        path = prefix + _PAGES.sub("/", parts.path.removeprefix(prefix)).rstrip("/") + "/"
        return Server(url=urlunsplit((parts.scheme, parts.netloc, path, "", "")), token=token or found)

    @property
    def loopback(self) -> bool:
        """True where no proxy can stand between."""
        host = urlsplit(self.url).hostname or ""
        try:
            return ipaddress.ip_address(host).is_loopback
        except ValueError:
            return host == "localhost"

    def options(self, *, asynchronous: bool = False) -> dict[str, Any]:
        """Arguments for an httpx client that talks to this server's API."""
        options: dict[str, Any] = {
            "base_url": self.url + API,
            "headers": {"Authorization": f"token {self.token}"} if self.token else {},
            "trust_env": not self.loopback,
        }
        if self.socket:
            kind = httpx.AsyncHTTPTransport if asynchronous else httpx.HTTPTransport
            options["transport"] = kind(uds=self.socket)
        return options

    def probe(self) -> Probe:
        """Asks the server's health, briefly."""
        try:
            with httpx.Client(**self.options(), timeout=PROBE_TIMEOUT) as http:
                answer = http.get("health", params={"no_track_activity": "1"})
        except httpx.HTTPError:
            return Probe.SILENT
        if answer.status_code in (401, 403):
            return Probe.DENIED
        try:
            healthy = answer.status_code == 200 and answer.json().get("status") == "ok"
        except (ValueError, AttributeError):
            healthy = False
        return Probe.OK if healthy else Probe.OTHER


def from_runtime_file(path: Path) -> Server | None:
    """The server that one of Jupyter's runtime files describes; None when the file says nothing usable."""
    try:
        info = json.loads(path.read_text(encoding="utf-8"))
        url, token = str(info["url"]), str(info.get("token") or "")
        if info.get("sock"):
            return Server(url=f"http://localhost{info.get('base_url') or '/'}", token=token, socket=str(info["sock"]))
        # A server on all addresses gives the machine's name there, which needn't resolve from inside.
        if info.get("hostname") in ("", "0.0.0.0", "::", "*"):  # noqa: S104 - compared, not bound
            url = f"{urlsplit(url).scheme}://127.0.0.1:{int(info['port'])}{info.get('base_url') or '/'}"
        return Server.at(url, token)
    except (OSError, ValueError, KeyError, TypeError, InvalidInput):
        return None
