"""DataAsk as a Jupyter server extension: its settings, and what connects it to the server."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

from jupyter_server.extension.application import ExtensionApp
from jupyter_server.utils import url_path_join
from traitlets import default
from traitlets.config import Config

from dataask_jupyter._version import __version__
from dataask_jupyter.errors import UnsafeSettings
from dataask_jupyter.handlers import elsewhere, hub_environment, team
from dataask_jupyter.handlers.routes import tornado_handlers
from dataask_jupyter.handlers.runtime import Runtime
from dataask_jupyter.options import Options, of_shell

if TYPE_CHECKING:
    from jupyter_server.serverapp import ServerApp

    from dataask_jupyter.services.container import Services

STATIC = Path(__file__).parent / "static"


class DataAsk(Options, ExtensionApp):
    """Ask databases in plain language, see charts, keep the SQL."""

    name = "dataask"
    version = __version__
    description = "Ask databases in plain language, see charts, keep the SQL."
    extension_url = "/lab"
    load_other_extensions = True
    file_url_prefix = "/lab/tree"

    # Whether JupyterHub runs this process as its service, and DataAsk is what was started.
    is_service = False

    # Alone, nothing of the server is open to people who aren't signed in.
    serverapp_config = {"allow_unauthenticated_access": False}  # noqa: RUF012 - jupyter_server's own declaration

    @default("static_paths")
    def _default_static_paths(self) -> list[str]:
        return [str(STATIC)]

    def load_config_file(self, *args: Any, **kwargs: Any) -> None:
        """The files, and what JupyterHub says to its service: that counts more than any file."""
        super().load_config_file(*args, **kwargs)
        if self.is_service:
            hub_environment.configure(self.config)
            cast("ServerApp", self.serverapp).update_config(self.config)

    @classmethod
    def initialize_server(cls, argv: Any = None, load_other_extensions: bool = True, **kwargs: Any) -> ServerApp:
        """As the starter. A server for several people has DataAsk alone."""
        cls.is_service = hub_environment.is_service()
        arguments = [each for each in argv or [] if str(each).startswith("--DataAsk.")]
        cls.load_other_extensions = not cls.is_service and of_shell(arguments).mode == "solo"
        made = super().initialize_server(argv, load_other_extensions, **kwargs)  # type: ignore[no-untyped-call]
        return cast("ServerApp", made)

    def _link_jupyter_server_extension(self, serverapp: ServerApp) -> None:
        """As Jupyter does; then all settings are known, and nothing of the server is built yet."""
        super()._link_jupyter_server_extension(serverapp)
        if self.mode != "solo":
            self.extension_url = "/dataask/"
        if self.mode == "team" and not self.service_url:
            with self._or_exit():
                team.configure(serverapp)

    @contextmanager
    def _or_exit(self) -> Iterator[None]:
        """End the program where its settings aren't safe. Jupyter would go on without the extension."""
        try:
            yield
        except UnsafeSettings as error:
            self.log.critical("DataAsk doesn't start: %s", error.detail)
            sys.exit(1)

    def initialize_settings(self) -> None:
        """What handlers find in the application's settings."""
        if self.mode != "solo" and not self.service_url:
            with self._or_exit():
                team.verify(self, self.plain_settings())
        if self.mode == "team" and not self.service_url:
            # Jupyter copies these over the web application's afterwards.
            self.settings["login_url"] = url_path_join(self.settings["base_url"], "/dataask/login")
        self.settings["dataask_runtime"] = Runtime(self.build_services)
        self._keep_chunks()
        if self.service_url:
            hub_environment.lead_kernels(self.service_url, os.environ)
            page = cast("ServerApp", self.serverapp).web_app.settings.setdefault("page_config_data", {})
            page["dataaskServiceUrl"] = self.service_url

    def _keep_chunks(self) -> None:
        """Let browsers keep files whose names carry a hash. Lab adds its own to the same list."""
        chunks = url_path_join(self.settings["base_url"], "static", self.name, "pages", "chunks", "/")
        self.settings["static_immutable_cache"] = [*self.settings.get("static_immutable_cache", []), chunks]

    def initialize_handlers(self) -> None:
        """The route table; on users' own servers behind a service, the way there."""
        if self.service_url:
            self.handlers.extend(elsewhere.handlers(self.service_url))
            return
        if self.is_service:
            from dataask_jupyter.handlers import hub

            self.handlers.extend(hub.handlers())
        self.handlers.extend(tornado_handlers())

    def build_services(self) -> Services:
        """The services, imported only now: loading the extension must not make Jupyter start slower."""
        from dataask_jupyter.services.container import Services

        return Services(self.plain_settings())

    def _prepare_config(self) -> None:
        """Keep the address of the database out of the web application's settings: it may hold a password."""
        self.extension_config = Config()
        self.settings[f"{self.name}_config"] = self.extension_config

    async def stop_extension(self) -> None:
        """End queries and workers, and close the store."""
        await self.settings["dataask_runtime"].close()


main = DataAsk.launch_instance
