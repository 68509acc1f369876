"""Snowflake, read through its own connector: one session a job, and nothing in it but queries."""

from __future__ import annotations

import re
import time
from typing import Annotated, Any

from pydantic import AfterValidator, Field, StringConstraints, model_validator

from dataask_jupyter.schemas.catalog import Catalog, CatalogProfile
from dataask_jupyter.schemas.connections import ConnectionStatus

from .base import Budget, Reading, ReadLimits, Session, SourceKind
from .servers import RESULT_SECONDS, SCHEMA_SECONDS, Word
from .settings import SourceSettings

_ACCOUNT = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,127}(?:\.[A-Za-z0-9][A-Za-z0-9_-]{0,63}){0,3}")
_ADDRESS = re.compile(r"(?i)^(?:https?://)?(?P<account>[^/]+?)\.snowflakecomputing\.com/*$")
_PEM = re.compile(
    r"\s*-----BEGIN (?P<kind>(?:ENCRYPTED |RSA )?PRIVATE KEY)-----\s[A-Za-z0-9+/=,:\s-]+-----END (?P=kind)-----\s*"
)


def _account(text: str) -> str:
    found = _ADDRESS.fullmatch(text)
    text = found["account"] if found else text
    if not _ACCOUNT.fullmatch(text):
        raise ValueError(
            "This must be the account identifier alone, such as myorg-account1 or xy12345.eu-central-1: no address of"
            " another server."
        )
    return text


def _key(text: str | None) -> str | None:
    if not text or not text.strip():
        return None
    if not _PEM.fullmatch(text):
        raise ValueError("This must be a private key as PEM text: it begins with -----BEGIN PRIVATE KEY-----.")
    return text.strip() + "\n"


def _empty(text: str | None) -> str | None:
    return text or None


Secret = Annotated[str | None, AfterValidator(_empty)]
Optional = Annotated[
    str | None, StringConstraints(strip_whitespace=True, max_length=255, pattern=r"^[^\x00-\x1f\x7f]*$"),
    AfterValidator(_empty),
]  # fmt: skip


class SnowflakeSettings(SourceSettings):
    """Which account is asked, as whom. There is no address, and no way of signing in that needs a browser."""

    account: Annotated[Word, AfterValidator(_account)] = Field(
        title="Account", description="The account identifier.", examples=["myorg-account1"]
    )
    user: Word = Field(title="User", description="One whose role may only read is best.")
    password: Secret = Field(
        default=None,
        title="Password",
        description="Or a programmatic access token. Empty where a private key is used.",
        max_length=4096,
        repr=False,
        json_schema_extra={"writeOnly": True, "format": "password"},
    )
    private_key: Annotated[str | None, AfterValidator(_key)] = Field(
        default=None,
        title="Private key",
        description="PEM text, whose public key the user has. Instead of a password.",
        max_length=20_000,
        repr=False,
        json_schema_extra={"writeOnly": True, "format": "textarea"},
    )
    private_key_passphrase: Secret = Field(
        default=None,
        title="Passphrase of the key",
        max_length=1024,
        repr=False,
        json_schema_extra={"writeOnly": True, "format": "password"},
    )
    warehouse: Optional = Field(
        default=None, title="Warehouse", description="What runs the queries. Empty: the user's own."
    )
    database: Word = Field(title="Database")
    schema_name: Optional = Field(
        default=None,
        title="Schema",
        description="Only its tables are shown, and names without a schema mean them. Empty: all of the database.",
        examples=["PUBLIC"],
    )
    role: Optional = Field(default=None, title="Role", description="Empty: the user's own.")

    @model_validator(mode="after")
    def _one_way_in(self) -> SnowflakeSettings:
        if isinstance(self.password, str) and isinstance(self.private_key, str):
            raise ValueError("Give a password or a private key, not both.")  # noqa: TRY004 - pydantic's
        return self


class Snowflake(SourceKind[SnowflakeSettings]):
    """A database in Snowflake."""

    kind = "snowflake"
    label = "Snowflake"
    tile = "Sf"
    dialect = "snowflake"
    notes = "A database in a Snowflake account. DataAsk only runs queries; use a role that may do no more."
    settings_model = SnowflakeSettings

    def fingerprint(self, settings: dict[str, Any]) -> str:
        """The current minute, as with other servers."""
        return _within(settings, RESULT_SECONDS)

    def schema_version(self, settings: dict[str, Any]) -> str:
        """The current hour."""
        return _within(settings, SCHEMA_SECONDS)

    def open(self, settings: dict[str, Any], limits: ReadLimits) -> SnowflakeSession:
        """A new session for one job."""
        return SnowflakeSession(SnowflakeSettings.model_validate(settings), limits)


def _within(settings: dict[str, Any], seconds: int) -> str:
    names = ("account", "user", "role", "database", "schema_name")
    where = "|".join(str(settings.get(name)) for name in names)
    return f"{where}|{seconds}:{int(time.time()) // seconds}"


class SnowflakeSession(Session):
    """One session in Snowflake."""

    def __init__(self, settings: SnowflakeSettings, limits: ReadLimits) -> None:
        from .snowflake_client import Client

        self.settings = settings
        self.client = Client(settings, limits)

    def read(self, sql: str) -> Reading:
        """Have Snowflake compile the SQL as a query, then run it and stream its rows."""
        from .snowflake_arrow import reading

        return reading(self.client, self.client.run(sql))

    def catalog(self) -> Catalog:
        """Tables and views that the role may see, with declared keys."""
        from .snowflake_catalog import catalog

        return catalog(self.client)

    def profile(self, catalog: Catalog, budget: Budget) -> CatalogProfile:
        """Facts about the values, small tables first, within the budget. A warehouse computes them."""
        from .server_profile import profile
        from .snowflake_profile import Asker

        return profile(Asker(self.client), catalog, budget)

    def check(self) -> ConnectionStatus:
        """The version, how many tables there are, and what the role may do."""
        from .snowflake_status import status

        return status(self.client)

    def interrupt(self) -> None:
        """Cancel the query at Snowflake; it may be called from another thread."""
        self.client.stop()

    def close(self) -> None:
        """End the session; a query that still runs is cancelled."""
        self.client.close()
