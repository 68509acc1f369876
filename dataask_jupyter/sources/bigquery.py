"""BigQuery, read through Google's client: one query job for each SQL, and nothing but query jobs."""

from __future__ import annotations

import re
import time
from typing import Annotated, Any

from pydantic import AfterValidator, Field, StringConstraints

from dataask_jupyter.schemas.catalog import Catalog, CatalogProfile
from dataask_jupyter.schemas.connections import ConnectionStatus

from .base import Budget, Reading, ReadLimits, Session, SourceKind
from .bigquery_key import MAX_CHARACTERS, normal
from .servers import RESULT_SECONDS, SCHEMA_SECONDS
from .settings import SourceSettings

GIB = 1024**3
LEAST_BYTES = 10 * 1024**2
"""BigQuery bills this much for each table that a query touches."""

_PROJECT = re.compile(r"(?:[a-z][a-z0-9.-]{0,60}:)?[a-z][a-z0-9-]{1,61}[a-z0-9]")
_DATASET = re.compile(r"\w{1,1024}", re.ASCII)
_LOCATION = re.compile(r"[A-Za-z][A-Za-z0-9-]{0,39}")


def _project(text: str) -> str:
    if not _PROJECT.fullmatch(text):
        raise ValueError("This must be the id of a project, such as my-project-123. It isn't its name or its number.")
    return text


def _dataset(text: str | None) -> str | None:
    if not text:
        return None
    if not _DATASET.fullmatch(text):
        raise ValueError("This must be the name of a dataset alone: letters, digits and underscores.")
    return text


def _location(text: str | None) -> str | None:
    if not text:
        return None
    if not _LOCATION.fullmatch(text):
        raise ValueError("This must be a location of BigQuery, such as EU or europe-west3.")
    return text


def _key(text: str | None) -> str | None:
    return normal(text) if text else None


Stripped = StringConstraints(strip_whitespace=True, max_length=1024)


class BigQuerySettings(SourceSettings):
    """Which project is asked, as whom, and how much one query may read. There is no address: it is Google's."""

    project: Annotated[str, Stripped, AfterValidator(_project)] = Field(
        title="Project", description="The id of the project that runs and pays for the queries.", min_length=1
    )
    dataset: Annotated[str | None, Stripped, AfterValidator(_dataset)] = Field(
        default=None,
        title="Dataset",
        description="Only its tables are shown, and names without a dataset mean them. Empty: all of the project.",
    )
    location: Annotated[str | None, Stripped, AfterValidator(_location)] = Field(
        default=None, title="Location", description="Such as EU. Empty: where the tables are.", examples=["EU"]
    )
    service_account_json: Annotated[str | None, AfterValidator(_key)] = Field(
        title="Key of a service account",
        description="The whole JSON file. Roles: BigQuery Data Viewer, Job User and Read Session User.",
        max_length=MAX_CHARACTERS,
        min_length=1,
        repr=False,
        json_schema_extra={"writeOnly": True, "format": "textarea"},
    )
    maximum_bytes_billed: int = Field(
        default=10 * GIB,
        ge=LEAST_BYTES,
        le=1024**5,
        title="Most bytes for one query",
        description="A query that would read more is refused before it costs anything. 10737418240 are 10 GiB.",
    )


class BigQuery(SourceKind[BigQuerySettings]):
    """A project in BigQuery."""

    kind = "bigquery"
    label = "BigQuery"
    tile = "Bq"
    dialect = "bigquery"
    notes = "Datasets of a Google Cloud project. DataAsk only runs queries that read; each one has a limit on its cost."
    settings_model = BigQuerySettings

    def fingerprint(self, settings: dict[str, Any]) -> str:
        """The current minute, as with other servers: to ask for the age of every table would cost more time."""
        return _within(settings, RESULT_SECONDS)

    def schema_version(self, settings: dict[str, Any]) -> str:
        """The current hour."""
        return _within(settings, SCHEMA_SECONDS)

    def open(self, settings: dict[str, Any], limits: ReadLimits) -> BigQuerySession:
        """A client for one job."""
        return BigQuerySession(BigQuerySettings.model_validate(settings), limits)


def _within(settings: dict[str, Any], seconds: int) -> str:
    where = "|".join(str(settings.get(name)) for name in ("project", "dataset", "location"))
    return f"{where}|{seconds}:{int(time.time()) // seconds}"


class BigQuerySession(Session):
    """A client, and at most one query at a time."""

    def __init__(self, settings: BigQuerySettings, limits: ReadLimits) -> None:
        from .bigquery_client import Client

        self.settings = settings
        self.client = Client(settings, limits)

    def read(self, sql: str) -> Reading:
        """Have BigQuery say what the SQL is and how much it reads, then run it and stream its rows."""
        from .bigquery_arrow import reading

        return reading(self.client, self.client.run(sql))

    def catalog(self) -> Catalog:
        """Tables and views, with keys, comments and numbers of rows. Reading them costs nothing."""
        from .bigquery_catalog import catalog

        return catalog(self.client)

    def profile(self, catalog: Catalog, budget: Budget) -> CatalogProfile:
        """Facts about the first rows of each table. Reading them costs nothing."""
        from .bigquery_profile import profile

        return profile(self.client, catalog, budget)

    def check(self) -> ConnectionStatus:
        """Whether Google takes the key, and the project runs queries."""
        from .bigquery_status import status

        return status(self.client)

    def interrupt(self) -> None:
        """Cancel the job at Google; it may be called from another thread."""
        self.client.stop()

    def close(self) -> None:
        """Give the connections back; a job that still runs is cancelled."""
        self.client.close()
