"""The settings that people can make, as traits: of the server and of the shell's commands alike."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

from jupyter_core.application import JupyterApp
from jupyter_core.paths import jupyter_data_dir
from traitlets import Float, HasTraits, Int, Unicode, default, validate

if TYPE_CHECKING:
    from dataask_jupyter.services.settings import Settings

_GIB = 1024**3


class Options(HasTraits):
    """Where things are kept and how much may be used. In configuration files: `c.DataAsk.workers = 4`."""

    data_dir = Unicode(
        help="Folder for DataAsk's own database, for results and for the demo data. Environment: DATAASK_DATA_DIR."
    ).tag(config=True)
    database_url = Unicode(
        help="Address of DataAsk's own database: sqlite:////folder/file.db or postgresql://user:password@host/name. "
        "Empty: SQLite in data_dir. Environment: DATAASK_DATABASE_URL."
    ).tag(config=True)
    workers = Int(2, min=1, max=64, help="How many queries run at once, each in a process of its own.").tag(config=True)
    max_rows = Int(1_000_000, min=1, help="Rows that a result keeps at most; longer ones are cut.").tag(config=True)
    max_result_bytes = Int(_GIB, min=1024, help="Bytes that a result keeps at most; larger ones are cut.").tag(
        config=True
    )
    query_seconds = Float(60.0, min=0.1, help="How long a query may run.").tag(config=True)
    query_memory_bytes = Int(2 * _GIB, min=256 * 1024**2, help="Memory that the process of a query may use.").tag(
        config=True
    )
    results_budget_bytes = Int(
        4 * _GIB, min=1024, help="Disk that all kept results may use; the least recently used go first."
    ).tag(config=True)
    ask_seconds = Float(120.0, min=1.0, help="How long a question may take from start to end.").tag(config=True)
    queries_per_user = Int(16, min=1, help="Queries that one user may have running at once.").tag(config=True)

    @default("data_dir")
    def _default_data_dir(self) -> str:
        return os.environ.get("DATAASK_DATA_DIR") or str(Path(jupyter_data_dir()) / "dataask")

    @default("database_url")
    def _default_database_url(self) -> str:
        return os.environ.get("DATAASK_DATABASE_URL", "")

    @validate("data_dir")
    def _absolute(self, proposal: Any) -> str:
        return str(Path(proposal["value"]).expanduser().absolute())

    def plain_settings(self) -> Settings:
        """The traits as plain values."""
        from dataask_jupyter.services.settings import Settings

        return Settings(
            data_dir=Path(self.data_dir),
            database_url=self.database_url,
            workers=self.workers,
            max_rows=self.max_rows,
            max_result_bytes=self.max_result_bytes,
            query_seconds=self.query_seconds,
            query_memory_bytes=self.query_memory_bytes,
            results_budget_bytes=self.results_budget_bytes,
            ask_seconds=self.ask_seconds,
            queries_per_user=self.queries_per_user,
        )


def of_shell(arguments: list[str]) -> Settings:
    """The settings of a command: as a server that is started here would have them, then the command line's.

    Without importing the server, which takes a second.
    """
    app = _shell_class()()
    for name in ("jupyter_config", "jupyter_server_config", "jupyter_dataask_config"):
        app.load_named(name)
    app.parse_command_line(arguments)
    settings: Settings = app.plain_settings()
    return settings


def _shell_class() -> Any:
    class DataAsk(Options, JupyterApp):
        """Its name is that of the section in configuration files."""

        name = "jupyter-dataask"

        def load_named(self, name: str) -> None:
            """Read one configuration file from all places where Jupyter looks."""
            if not os.environ.get("JUPYTER_NO_CONFIG"):
                super(JupyterApp, self).load_config_file(name, path=self.config_file_paths)

    return DataAsk
