"""DataAsk as a Jupyter server extension: its settings, and what connects it to the server."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from jupyter_server.extension.application import ExtensionApp
from traitlets import default
from traitlets.config import Config

from dataask_jupyter._version import __version__
from dataask_jupyter.handlers.routes import tornado_handlers
from dataask_jupyter.handlers.runtime import Runtime
from dataask_jupyter.options import Options

if TYPE_CHECKING:
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

    # Alone, nothing of the server is open to people who aren't signed in.
    serverapp_config = {"allow_unauthenticated_access": False}  # noqa: RUF012 - jupyter_server's own declaration

    @default("static_paths")
    def _default_static_paths(self) -> list[str]:
        return [str(STATIC)]

    def initialize_settings(self) -> None:
        """What handlers find in the application's settings."""
        self.settings["dataask_runtime"] = Runtime(self.build_services)

    def initialize_handlers(self) -> None:
        """The route table."""
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
