"""The tree of domain errors. Each class is one kind of problem; the base handler maps it to one problem document."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

from .schemas.common import FieldProblem, Problem


class DataAskError(Exception):
    """Base of all errors that DataAsk raises on purpose.

    `detail` is for the user: what happened, why, and what to do. `extra` holds facts for programs.
    Neither may carry a secret.
    """

    status: ClassVar[int] = 500
    kind: ClassVar[str] = "internal"
    title: ClassVar[str] = "Something went wrong"

    def __init__(
        self,
        detail: str = "",
        *,
        errors: Sequence[FieldProblem] = (),
        extra: Mapping[str, Any] | None = None,
    ) -> None:
        super().__init__(detail or self.title)
        self.detail = detail or self.title
        self.errors = list(errors)
        self.extra = dict(extra or {})

    def problem(self) -> Problem:
        """The error as problem details."""
        return Problem(
            type=f"/problems/{self.kind}",
            title=self.title,
            status=self.status,
            detail=self.detail,
            errors=self.errors,
            extra=self.extra,
        )

    def _render_traceback_(self) -> list[str]:
        """What a notebook shows: the words for the user, not the way through DataAsk's own code."""
        lines = [f"{self.title}: {self.detail}" if self.detail != self.title else self.title]
        lines += [f"  {problem.field}: {problem.detail}" for problem in self.errors]
        return lines

    @staticmethod
    def from_problem(problem: Problem) -> DataAskError:
        """The error that a problem document describes: how it crosses a process or a socket unchanged."""
        found = _by_kind(DataAskError).get(problem.type.removeprefix("/problems/"), DataAskError)
        return found(problem.detail, errors=problem.errors, extra=problem.extra)


def _by_kind(base: type[DataAskError]) -> dict[str, type[DataAskError]]:
    kinds = {base.kind: base}
    for child in base.__subclasses__():
        kinds |= _by_kind(child)
    return kinds


# ---- The request -------------------------------------------------------------------------------------------------


class InvalidInput(DataAskError):
    """The request is not well formed; `errors` names the fields."""

    status = 422
    kind = "invalid-input"
    title = "Something in the request isn't right"


class Malformed(DataAskError):
    """The body is not what its content type says."""

    status = 400
    kind = "malformed"
    title = "The request can't be read"


class TooLarge(DataAskError):
    """The request is larger than this route takes."""

    status = 413
    kind = "too-large"
    title = "The request is too large"


class LengthRequired(DataAskError):
    """A body came without its length."""

    status = 411
    kind = "length-required"
    title = "Say how large it is"


class NotSignedIn(DataAskError):
    """Nobody is signed in."""

    status = 401
    kind = "not-signed-in"
    title = "Sign in first"


class Forbidden(DataAskError):
    """The principal may see the object but not do this to it; `workspace_id` says whose audit log records that."""

    status = 403
    kind = "forbidden"
    title = "You can't do this"

    def __init__(
        self,
        detail: str = "",
        *,
        errors: Sequence[FieldProblem] = (),
        extra: Mapping[str, Any] | None = None,
        workspace_id: str | None = None,
    ) -> None:
        super().__init__(detail, errors=errors, extra=extra)
        self.workspace_id = workspace_id


class NotFound(DataAskError):
    """The object doesn't exist, or the principal can't see it: the answer is the same."""

    status = 404
    kind = "not-found"
    title = "This doesn't exist, or you can't see it"


class MethodNotAllowed(DataAskError):
    """The route has no such method."""

    status = 405
    kind = "method-not-allowed"
    title = "This address doesn't take that method"


class Conflict(DataAskError):
    """The object's state doesn't allow it, e.g. a name that is taken."""

    status = 409
    kind = "conflict"
    title = "That doesn't fit what is there"


class StaleVersion(DataAskError):
    """Somebody saved a newer version; `extra["version"]` is the current one."""

    status = 412
    kind = "stale-version"
    title = "A newer version was saved in between"


class VersionRequired(DataAskError):
    """A change came without `If-Match`."""

    status = 428
    kind = "version-required"
    title = "Say which version you are changing"


class SignInFailed(DataAskError):
    """The e-mail address and the password don't belong together; it never says which of them is wrong."""

    status = 401
    kind = "sign-in-failed"
    title = "E-mail and password don't match"


class SessionEnded(NotSignedIn):
    """The session or token was valid once and isn't any more."""

    kind = "session-ended"
    title = "You were signed out"


class TooManyTries(DataAskError):
    """Slowed down; `extra["seconds"]` says for how long."""

    status = 429
    kind = "too-many-tries"
    title = "Too many tries"


class LinkEnded(DataAskError):
    """The link's secret is unknown, used up, expired or revoked: the answer is the same."""

    status = 404
    kind = "link-ended"
    title = "This link doesn't work any more"


class KeyReused(DataAskError):
    """The `Idempotency-Key` came before with another request."""

    status = 422
    kind = "idempotency-key-reused"
    title = "This Idempotency-Key belongs to another request"


class KeyInFlight(Conflict):
    """The first request with this `Idempotency-Key` is still under way, or its answer was lost."""

    kind = "idempotency-key-in-flight"
    title = "The same request is under way"


class Busy(DataAskError):
    """Too much is under way for this user or this server."""

    status = 429
    kind = "busy"
    title = "Too much is running"


class SignInBusy(DataAskError):
    """More people want in than the server can compare passwords for."""

    status = 503
    kind = "sign-in-busy"
    title = "Many people are signing in"


# ---- SQL and execution -------------------------------------------------------------------------------------------


class SqlRefused(DataAskError):
    """The gate let the SQL not pass: it is not a single read statement of known parts."""

    status = 400
    kind = "sql-refused"
    title = "This SQL can't run here"


class SqlInvalid(DataAskError):
    """The SQL doesn't parse, or the engine rejects it; `extra` may hold `line` and `column`."""

    status = 400
    kind = "sql-invalid"
    title = "The SQL has an error"


class QueryCancelled(DataAskError):
    """Somebody stopped it."""

    status = 409
    kind = "query-cancelled"
    title = "Cancelled"


class QueryTimeout(DataAskError):
    """It ran longer than its deadline."""

    status = 504
    kind = "query-timeout"
    title = "The query took too long"


class QueryTooBig(DataAskError):
    """It needed more memory or disk than a query may have."""

    status = 422
    kind = "query-too-big"
    title = "The query needs too much memory"


class QueryTooCostly(DataAskError):
    """A warehouse would read more for it, and bill more, than the connection allows; `extra` says how many bytes."""

    status = 422
    kind = "query-too-costly"
    title = "The query would read too much"


class WorkerLost(DataAskError):
    """The process that ran the query died."""

    status = 502
    kind = "worker-lost"
    title = "The query's process died"


class ResultGone(DataAskError):
    """The result is no longer kept; run the query again."""

    status = 410
    kind = "result-gone"
    title = "The result is no longer kept"


# ---- Sources -----------------------------------------------------------------------------------------------------


class SecretUnreadable(DataAskError):
    """A secret of a connection can't be decrypted: its key is gone, or somebody changed what is stored."""

    status = 409
    kind = "secret-unreadable"
    title = "A secret can't be read"


class SourceUnavailable(DataAskError):
    """The source can't be reached or opened."""

    status = 502
    kind = "source-unavailable"
    title = "Can't open the source"


class SourceLocked(SourceUnavailable):
    """Another program holds the database file."""

    status = 503
    kind = "source-locked"
    title = "The database is locked"


class DriverMissing(SourceUnavailable):
    """A Python package is missing; the detail names the `pip install` to run."""

    status = 503
    kind = "driver-missing"
    title = "A package is missing"


class UploadRefused(DataAskError):
    """The file isn't of a kind that DataAsk reads, is damaged, or would grow too large."""

    status = 422
    kind = "upload-refused"
    title = "This file can't be a table"


class UploadUnreadable(UploadRefused):
    """The file can't be read with these options; others may do. `extra["line"]` says where, if that is known."""

    kind = "upload-unreadable"
    title = "The file can't be read this way"


# ---- Storage -----------------------------------------------------------------------------------------------------


class StoreUnavailable(DataAskError):
    """The metadata database can't be used right now."""

    status = 503
    kind = "store-unavailable"
    title = "DataAsk's own database isn't available"


class StorageFull(DataAskError):
    """The disk is full."""

    status = 507
    kind = "storage-full"
    title = "The disk is full"


class AuditUnavailable(StoreUnavailable):
    """The act's record can't be written, so the act wasn't done."""

    kind = "audit-unavailable"
    title = "The audit log can't be written"


class MailFailed(DataAskError):
    """The mail server didn't take the message."""

    status = 502
    kind = "mail-failed"
    title = "The e-mail couldn't be sent"


# ---- Start -------------------------------------------------------------------------------------------------------


class UnsafeSettings(DataAskError):
    """The server refuses to start; the detail names the setting, never its value."""

    kind = "unsafe-settings"
    title = "A setting isn't safe"


# ---- Asking ------------------------------------------------------------------------------------------------------


class NoConnection(DataAskError):
    """There is nothing to ask yet."""

    status = 409
    kind = "no-connection"
    title = "There is no connection to ask"
