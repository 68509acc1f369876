"""Google's client for BigQuery as DataAsk uses it: with an end for every call, and one query job at a time."""

from __future__ import annotations

import contextlib
import json
import threading
import time
import uuid
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, TypeVar

from dataask_jupyter.errors import DriverMissing, QueryTooCostly, SourceUnavailable, SqlRefused

from . import endpoints
from .base import ReadLimits
from .bigquery_errors import errors
from .servers import CONNECT_SECONDS, TIMEOUT_GRACE_SECONDS
from .waiting import Waiting

if TYPE_CHECKING:
    from .bigquery import BigQuerySettings

Found = TypeVar("Found")

SCOPES = ("https://www.googleapis.com/auth/bigquery", "https://www.googleapis.com/auth/cloud-platform.read-only")
CALL_SECONDS = 10.0
"""How long one request for facts may take."""
LABELS = {"application": "dataask"}

_NO_ROWS = "The SQL does something else than reading rows, which isn't allowed here."
_UNITS = ("bytes", "KiB", "MiB", "GiB", "TiB", "PiB")


class Client:
    """One job's way to BigQuery."""

    def __init__(self, settings: BigQuerySettings, limits: ReadLimits) -> None:
        self.settings = settings
        self.limits = limits
        self.ends = time.monotonic() + limits.seconds + TIMEOUT_GRACE_SECONDS
        self.waiting = Waiting()
        self.emulated = False
        self._job: tuple[str, str | None] | None = None
        """The job that runs: its id, and its location as soon as that is known."""
        self._done: Any = None
        self._threads: list[threading.Thread] = []
        with errors(settings, opening=True):
            self.api = self._connect()
            self.credentials = self.api._credentials

    def _connect(self) -> Any:
        try:
            from google.api_core.client_options import ClientOptions
            from google.auth.credentials import AnonymousCredentials
            from google.auth.transport.requests import AuthorizedSession
            from google.cloud import bigquery
        except ImportError:
            raise DriverMissing(
                'The driver for BigQuery is missing. Run: pip install "dataask_jupyter[bigquery]"'
            ) from None
        place = endpoints.emulator(endpoints.BIGQUERY)
        if place is not None:
            # An emulator gets no key.
            self.emulated = True
            credentials: Any = AnonymousCredentials()
            options = ClientOptions(api_endpoint=f"http://{place[0]}:{place[1]}")
        else:
            credentials = self._credentials()
            options = ClientOptions(api_endpoint="https://bigquery.googleapis.com", universe_domain="googleapis.com")
        # Google's own session waits two minutes for a token.
        http = AuthorizedSession(credentials, refresh_timeout=CONNECT_SECONDS)
        return bigquery.Client(
            project=self.settings.project,
            credentials=credentials,
            location=self.settings.location,
            client_options=options,
            _http=http,
        )

    def _credentials(self) -> Any:
        from google.oauth2 import service_account

        if not self.settings.service_account_json:
            raise SourceUnavailable("BigQuery needs the key of a service account. Enter it in the connection.")
        try:
            return service_account.Credentials.from_service_account_info(
                json.loads(self.settings.service_account_json), scopes=SCOPES
            )
        except ValueError:
            raise SourceUnavailable(
                "The key of the service account can't be read: it was cut or changed. Enter the whole file again."
            ) from None

    # ---- Calls --------------------------------------------------------------------------------------------------

    @property
    def left(self) -> float:
        """Seconds until the deadline."""
        return max(0.1, self.ends - time.monotonic())

    def call(self, run: Callable[[], Found], *, sql: str = "", shift: int = 0, seconds: float | None = None) -> Found:
        """What a request gives; its errors are DataAsk's. `shift` lines stand before the user's own."""
        with errors(self.settings, sql=sql, shift=shift, stopped=self.waiting.stopped):
            return self.waiting.call(run, self.left if seconds is None else min(seconds, self.left))

    def guard(self) -> errors:
        """A context that turns Google's errors into DataAsk's."""
        return errors(self.settings, stopped=self.waiting.stopped)

    def patience(self) -> dict[str, Any]:
        """How long a request for facts may take, and how long it is repeated when a server is busy."""
        from google.cloud.bigquery import DEFAULT_RETRY

        return {"timeout": min(CALL_SECONDS, self.left), "retry": DEFAULT_RETRY.with_timeout(CONNECT_SECONDS)}

    # ---- Queries ------------------------------------------------------------------------------------------------

    def run(self, sql: str) -> Any:
        """The rows of a query that BigQuery itself calls one, and that reads no more than it may."""
        self.look(sql)
        from google.cloud import bigquery

        config = bigquery.QueryJobConfig(
            default_dataset=self._dataset(),
            maximum_bytes_billed=self.settings.maximum_bytes_billed,
            # BigQuery ends it by itself, also where nobody is left to cancel it.
            job_timeout_ms=int(self.left * 1000),
            labels=LABELS,
            use_legacy_sql=False,
        )
        name = f"dataask_{uuid.uuid4().hex}"
        self._job = (name, self.settings.location)

        def rows() -> Any:
            # No retry that makes the job again: it would go by another id, which nobody cancels.
            limits = self.patience()
            self._done = self.api.query(sql, job_config=config, job_id=name, job_retry=None, **limits)
            self._job = (name, self._done.location)
            return self._rows()

        found = self.call(rows, sql=sql)
        self._job = None
        return found

    def again(self) -> Any:
        """The rows of the last query once more: nobody can begin anew with those that `run` gave."""
        return self.call(self._rows)

    def _rows(self) -> Any:
        return self._done.result(
            page_size=self.limits.batch_rows, job_retry=None, retry=self.patience()["retry"], timeout=self.left
        )

    def look(self, sql: str) -> None:
        """A dry run. The SQL stands in a subquery there, where nothing but a query can stand."""
        from google.cloud import bigquery

        config = bigquery.QueryJobConfig(
            default_dataset=self._dataset(), dry_run=True, use_query_cache=True, use_legacy_sql=False, labels=LABELS
        )
        text = f"SELECT * FROM (\n{sql}\n)"  # noqa: S608 - a dry run
        limits = self.patience()
        job = self.call(lambda: self.api.query(text, job_config=config, job_retry=None, **limits), sql=sql, shift=1)
        if job.statement_type != "SELECT":
            raise SqlRefused(_NO_ROWS)
        self.affordable(job.total_bytes_processed or 0)

    def affordable(self, count: int) -> None:
        """Raise QueryTooCostly where a query would read more bytes than it may."""
        most = self.settings.maximum_bytes_billed
        if count > most:
            raise QueryTooCostly(
                f"The query would read {size(count)}, and this connection allows {size(most)}. Choose fewer columns,"
                " or filter by the column that the table is partitioned by. The limit is among the connection's"
                " settings.",
                extra={"bytes": count, "limit": most},
            )

    def rows(self, sql: str) -> list[dict[str, Any]]:
        """All rows of a query of DataAsk's own. It runs on the caller's thread, and several may run at once."""
        from google.cloud import bigquery

        config = bigquery.QueryJobConfig(
            maximum_bytes_billed=self.settings.maximum_bytes_billed,
            job_timeout_ms=int(self.left * 1000),
            labels=LABELS,
            use_legacy_sql=False,
        )
        limits = self.patience()
        job = self.api.query(sql, job_config=config, job_retry=None, **limits)
        found = job.result(job_retry=None, retry=limits["retry"], timeout=self.left)
        rows: list[dict[str, Any]] = found.to_arrow(create_bqstorage_client=False).to_pylist()
        return rows

    def _dataset(self) -> str | None:
        return f"{self.settings.project}.{self.settings.dataset}" if self.settings.dataset else None

    def storage(self) -> Any:
        """A client of the Storage API, which gives rows as Arrow; None where there is none."""
        if self.emulated:
            return None
        try:
            from google.cloud.bigquery_storage import BigQueryReadClient
        except ImportError:
            return None
        return BigQueryReadClient(credentials=self.credentials)

    # ---- The end ------------------------------------------------------------------------------------------------

    def stop(self) -> None:
        """Stop waiting, and have Google end the job. It may be called from another thread."""
        self.waiting.stop()
        self._cancel()

    def _cancel(self) -> None:
        job, self._job = self._job, None
        if job is None:
            return
        thread = threading.Thread(target=self._cancel_job, args=job, name="cancel", daemon=True)
        self._threads.append(thread)
        thread.start()

    def _cancel_job(self, name: str, location: str | None) -> None:
        with contextlib.suppress(Exception):
            self.api.cancel_job(name, location=location, timeout=CONNECT_SECONDS, retry=None)

    def close(self) -> None:
        """Cancel what runs and close the connections."""
        self._cancel()
        for thread in self._threads:
            thread.join(1.0)
        with contextlib.suppress(Exception):
            self.api.close()


def size(count: int) -> str:
    """A number of bytes in words."""
    amount, unit = float(count), 0
    while amount >= 1024 and unit < len(_UNITS) - 1:
        amount, unit = amount / 1024, unit + 1
    return f"{amount:.3g} {_UNITS[unit]}" if amount < 1000 else f"{amount:,.0f} {_UNITS[unit]}"
