"""The settings that people can make, as traits: of the server and of the shell's commands alike."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast
from urllib.parse import urlsplit

from jupyter_core.application import JupyterApp
from jupyter_core.paths import jupyter_data_dir
from traitlets import Dict, Enum, Float, HasTraits, Int, List, TraitError, Unicode, default, validate

if TYPE_CHECKING:
    from dataask_jupyter.schemas.users import Mode, Registration
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
    file_folders = List(
        Unicode(),
        help="In the modes team and hub: folders whose files connections may open, e.g. ['/srv/data']. "
        "Environment: DATAASK_FILE_FOLDERS, with colons between them.",
    ).tag(config=True)
    workers = Int(2, min=1, max=64, help="How many queries run at once, each in a process of its own.").tag(config=True)
    max_rows = Int(1_000_000, min=1, help="Rows that a result keeps at most; longer ones are cut.").tag(config=True)
    max_result_bytes = Int(_GIB, min=1024, help="Bytes that a result keeps at most; larger ones are cut.").tag(
        config=True
    )
    query_seconds = Float(60.0, min=0.1, help="How long a query may run.").tag(config=True)
    query_memory_bytes = Int(3 * _GIB, min=256 * 1024**2, help="Memory that the process of a query may use.").tag(
        config=True
    )
    results_budget_bytes = Int(
        4 * _GIB, min=1024, help="Disk that all kept results may use; the least recently used go first."
    ).tag(config=True)
    max_upload_bytes = Int(_GIB // 2, min=1024, help="How large an uploaded file may be.").tag(config=True)
    uploads_budget_bytes = Int(
        10 * _GIB, min=1024, help="Disk that the uploads of one workspace may use, with what is made of them."
    ).tag(config=True)
    ask_seconds = Float(120.0, min=1.0, help="How long a question may take from start to end.").tag(config=True)
    queries_per_user = Int(16, min=1, help="Queries that one user may have running at once.").tag(config=True)

    public_url = Unicode(
        help="Where people reach this server, with its base URL, e.g. https://data.example.com: for links that leave "
        "it, such as invitations by e-mail."
    ).tag(config=True)
    mode = Enum(
        ["solo", "team", "hub"],
        help="Whose users this server has. solo: the Jupyter server's own user; team: accounts of DataAsk; hub: "
        "JupyterHub's users, set by itself where JupyterHub runs DataAsk as its service. Environment: DATAASK_MODE.",
    ).tag(config=True)
    registration = Enum(
        ["open", "invitation", "off"],
        "invitation",
        help="Who may make an account in mode team: everybody, people with an invitation, nobody.",
    ).tag(config=True)
    secret_key_file = Unicode(
        help="File with the key of a server for several people, readable by its user alone. The environment's "
        "DATAASK_SECRET_KEY comes first.",
    ).tag(config=True)
    access_minutes = Int(10, min=1, max=60, help="How long an access token is good for; browsers renew theirs.").tag(
        config=True
    )
    session_days = Int(30, min=1, max=365, help="After how many days without use somebody is signed out.").tag(
        config=True
    )

    @default("mode")
    def _default_mode(self) -> str:
        # The Hub names its service; users' own servers have no such name.
        service = os.environ.get("JUPYTERHUB_SERVICE_NAME") and os.environ.get("JUPYTERHUB_SERVICE_URL")
        return "hub" if service else os.environ.get("DATAASK_MODE") or "solo"

    smtp_url = Unicode(
        help="Mail server for invitations: smtp://user:password@host:587 or smtps://user:password@host. Empty: no "
        "e-mail. Holds a password, so better by the environment: DATAASK_SMTP_URL."
    ).tag(config=True)
    mail_from = Unicode(
        help="Sender of e-mails, e.g. DataAsk <dataask@example.com>. Empty: the user of smtp_url, where that is an "
        "address. Environment: DATAASK_MAIL_FROM."
    ).tag(config=True)

    @validate("public_url")
    def _valid_public_url(self, proposal: Any) -> str:
        return _web_address(proposal["value"])

    @default("smtp_url")
    def _default_smtp_url(self) -> str:
        return _mail_server(os.environ.get("DATAASK_SMTP_URL", ""), "DATAASK_SMTP_URL")

    @validate("smtp_url")
    def _valid_smtp_url(self, proposal: Any) -> str:
        return _mail_server(proposal["value"], "DataAsk.smtp_url")

    @default("mail_from")
    def _default_mail_from(self) -> str:
        return os.environ.get("DATAASK_MAIL_FROM", "")

    service_url = Unicode(
        help="For users' own servers behind JupyterHub: the address of the DataAsk service, e.g. /services/dataask/. "
        "The server then has no DataAsk of its own. Environment: DATAASK_SERVICE_URL."
    ).tag(config=True)
    group_roles = Dict(
        value_trait=Dict(value_trait=Enum(["owner", "admin", "editor", "viewer"]), key_trait=Unicode()),
        key_trait=Unicode(),
        help="Roles that JupyterHub's groups give: {'analysts': {'Retail analytics': 'editor'}}. The workspaces are "
        "made by the server.",
    ).tag(config=True)
    admin_groups = List(
        Unicode(),
        help="Groups of JupyterHub whose members administer this server's accounts.",
    ).tag(config=True)

    @default("service_url")
    def _default_service_url(self) -> str:
        return _service(os.environ.get("DATAASK_SERVICE_URL", ""))

    @validate("service_url")
    def _valid_service_url(self, proposal: Any) -> str:
        return _service(proposal["value"])

    @default("file_folders")
    def _default_file_folders(self) -> list[str]:
        return [each for each in os.environ.get("DATAASK_FILE_FOLDERS", "").split(os.pathsep) if each]

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
            mode=cast("Mode", self.mode),
            registration=cast("Registration", self.registration),
            secret_key_file=Path(self.secret_key_file).expanduser() if self.secret_key_file else None,
            access_minutes=self.access_minutes,
            session_days=self.session_days,
            group_roles=self.group_roles,
            admin_groups=tuple(self.admin_groups),
            data_dir=Path(self.data_dir),
            database_url=self.database_url,
            file_folders=tuple(Path(each).expanduser().absolute() for each in self.file_folders),
            workers=self.workers,
            max_rows=self.max_rows,
            max_result_bytes=self.max_result_bytes,
            query_seconds=self.query_seconds,
            query_memory_bytes=self.query_memory_bytes,
            results_budget_bytes=self.results_budget_bytes,
            max_upload_bytes=self.max_upload_bytes,
            uploads_budget_bytes=self.uploads_budget_bytes,
            ask_seconds=self.ask_seconds,
            queries_per_user=self.queries_per_user,
            public_url=self.public_url,
            smtp_url=self.smtp_url,
            mail_from=self.mail_from,
        )


def _web_address(url: str) -> str:
    try:
        parts = urlsplit(url)
        plain = not (parts.query or parts.fragment or parts.username) and parts.port != 0
        if not url or (parts.scheme in {"http", "https"} and parts.hostname and plain):
            return url.rstrip("/")
    except ValueError:
        pass
    raise TraitError("DataAsk.public_url isn't an address such as https://data.example.com.")


def _mail_server(url: str, setting: str) -> str:
    """The address, if it can be one; the error doesn't repeat it, because it may hold a password."""
    try:
        parts = urlsplit(url)
        if not url or (parts.scheme in {"smtp", "smtps"} and parts.hostname and parts.port != 0):
            return url
    except ValueError:
        pass
    raise TraitError(f"{setting} isn't an address such as smtp://user:password@host:587 or smtps://host.")


def _service(url: str) -> str:
    """The service's address with a slash at its end: a path of this origin, or a whole address."""
    if url and not url.startswith(("/", "https://", "http://")):
        raise TraitError("DataAsk.service_url isn't an address such as /services/dataask/.")
    return url and url.rstrip("/") + "/"


def of_shell(arguments: list[str]) -> Settings:
    """The settings of a command: as a server that is started here would have them, then the command line's.

    Without importing the server, which takes a second.
    """
    app = _app_of_shell()
    app.parse_command_line(arguments)
    settings: Settings = app.plain_settings()
    return settings


def base_url_of_shell() -> str:
    """The path under which a server that is started here is reached, with a slash at both ends."""
    path = str(_app_of_shell().config.get("ServerApp", {}).get("base_url", "")).strip("/")
    return f"/{path}/" if path else "/"


def _app_of_shell() -> Any:
    app = _shell_class()()
    for name in ("jupyter_config", "jupyter_server_config", "jupyter_dataask_config"):
        app.load_named(name)
    return app


def _shell_class() -> Any:
    class DataAsk(Options, JupyterApp):
        """Its name is that of the section in configuration files."""

        name = "jupyter-dataask"

        def load_named(self, name: str) -> None:
            """Read one configuration file from all places where Jupyter looks."""
            if not os.environ.get("JUPYTER_NO_CONFIG"):
                super(JupyterApp, self).load_config_file(name, path=self.config_file_paths)

    return DataAsk
