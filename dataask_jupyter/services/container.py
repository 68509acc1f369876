"""All services of one process, wired once."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import TYPE_CHECKING

from dataask_jupyter._version import __version__
from dataask_jupyter.errors import StorageFull, StoreUnavailable
from dataask_jupyter.execution.limits import Limits
from dataask_jupyter.execution.pool import WorkerPool
from dataask_jupyter.execution.results import ResultStore
from dataask_jupyter.schemas.users import ServerInfo
from dataask_jupyter.store.changes import Changes
from dataask_jupyter.store.database import Store

from . import events, file_places, keys, secrets
from .access_tokens import AccessTokens
from .accounts import Accounts
from .api_tokens import ApiTokens
from .asking import Asking
from .audit import Audit
from .connections import Connections
from .conversations import Conversations
from .credentials import Credentials
from .demo import Demo
from .folders import Folders
from .groups import Groups
from .heads import Heads
from .home import HomePage
from .idempotency import Idempotency
from .invitation_mail import InvitationMail
from .invitations import Invitations
from .mail import Mail, missing
from .members import Members
from .messages import Messages
from .models import Models
from .passwords import Passwords
from .profiles import Profiles
from .queries import Queries
from .recovery import Recovery
from .retention import Retention
from .roles import Roles
from .rotation import Rotation
from .runs import Runs
from .sessions import Sessions
from .settings import Settings
from .sign_in import SignIn
from .suggestions import SuggestedQuestions
from .throttle import Throttle
from .transactions import Transactions
from .upload_files import UploadFiles
from .uploads import Uploads
from .users import Users
from .workspaces import Workspaces

if TYPE_CHECKING:
    from dataask_jupyter.ask.engine import AnswerEngine


class Services:
    """What the faces call. Building it is quick; the store opens and workers start on first use."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        _private_folder(settings.data_dir)
        _private_folder(settings.results_dir)
        self.keys = keys.load(settings)
        self.store = Store(settings.url)
        changes = Changes(settings.url)
        self.results = ResultStore(settings.results_dir, budget_bytes=settings.results_budget_bytes)
        limits = Limits(
            max_rows=settings.max_rows,
            max_bytes=settings.max_result_bytes,
            seconds=settings.query_seconds,
            memory_bytes=settings.query_memory_bytes,
        )
        self.pool = WorkerPool(size=settings.workers, results=self.results, limits=limits)
        self.accounts = Accounts(
            self.store,
            Groups(settings.group_roles, settings.admin_groups),
            server=ServerInfo(version=__version__, mode=settings.mode, mail=missing(settings) is None),
            changes=changes,
        )
        heads = Heads(settings.data_dir / "audit-heads")
        # The oldest: records that were sealed before a newer key came stay checkable.
        audit_key = self.keys.oldest("audit")
        events.use(self.store, events.Seal(audit_key, heads))
        self.vault = secrets.Vault(self.keys)
        secrets.use(self.store, self.vault)
        upload_files = UploadFiles(settings.uploads_dir, settings.files_dir, self.store)
        self.idempotency = Idempotency(self.store, self.keys.of("idempotency"))
        self.retention = Retention(self.store)
        transactions = self._transactions = Transactions(
            self.store, self.accounts, Recovery(self.store, upload_files), self.retention
        )
        self.models = Models(
            self.pool, Profiles(settings.profiles_dir), profile_wait_seconds=settings.profile_wait_seconds
        )
        self.runs = Runs(self.pool, self.results, limits)
        self.members = Members(transactions)
        self.invitations = Invitations(
            transactions, InvitationMail(self.store, Mail(settings)), public_url=settings.public_url
        )
        self.roles = Roles(transactions)
        self.passwords, throttle = Passwords(), Throttle()
        tokens = AccessTokens(self.keys, settings.access_minutes)
        self.sessions = Sessions(self.store, changes, tokens, transactions)
        self.sign_in = SignIn(
            self.store,
            tokens,
            self.passwords,
            throttle,
            transactions.refusals,
            registration=settings.registration,
            session_days=settings.session_days,
        )
        self.credentials = Credentials(transactions, self.passwords, throttle)
        self.api_tokens = ApiTokens(transactions)
        self.users = Users(transactions, self.passwords, public_url=settings.public_url)
        self.audit = Audit(transactions, key=audit_key, heads=heads)
        self.home = HomePage(transactions)
        self.uploads = Uploads(
            transactions,
            self.pool,
            upload_files,
            max_bytes=settings.max_upload_bytes,
            budget_bytes=settings.uploads_budget_bytes,
        )
        places = file_places.FilePlaces(upload_files, _folders(settings), (settings.data_dir,))
        file_places.use(self.store, places)
        files = file_places.ConnectedFiles(places, self.uploads, self.store)
        self.connections = Connections(transactions, self.pool, self.models, self.runs, files=files)
        self.rotation = Rotation(self.store, self.vault)
        self.queries = Queries(transactions, self.runs, per_user=settings.queries_per_user)
        self.messages = Messages(transactions, self.results)
        self.workspaces = Workspaces(transactions, self.queries, self.messages, upload_files)
        self.conversations = Conversations(transactions, self.messages)
        self.asking = Asking(
            transactions,
            engine=_engine,
            models=self.models,
            queries=self.queries,
            messages=self.messages,
            deadline_seconds=settings.ask_seconds,
        )
        self.suggestions = SuggestedQuestions(transactions, self.models)
        self.demo = Demo(self.connections, self.workspaces, settings.demo_dir)

    async def close(self) -> None:
        """End everything that runs, in the order in which it depends on the rest."""
        await self.invitations.close()
        await self.asking.close()
        await self.queries.close()
        await self.connections.close()
        await self.models.close()
        await self.pool.close()
        await self._transactions.close()
        await self.sessions.close()
        await asyncio.to_thread(self.passwords.close)
        await self.store.close()


def _engine() -> AnswerEngine:
    from dataask_jupyter.ask.embedded import EmbeddedEngine

    return EmbeddedEngine()


def _folders(settings: Settings) -> Folders:
    """In solo mode all; else the named ones and the demo data, which are DataAsk's own."""
    prefix = "sqlite:///"
    own = Path(settings.url.removeprefix(prefix)) if settings.url.startswith(prefix) else None
    named = None if settings.mode == "solo" else (*settings.file_folders, settings.demo_dir)
    return Folders(own_store=own, named=named)


def _private_folder(folder: Path) -> None:
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as error:
        if error.errno == 28:
            raise StorageFull(f"The disk that holds {folder} is full. Free some space and try again.") from error
        raise StoreUnavailable(
            f"DataAsk's folder {folder} can't be made: {error.strerror}. Check it, or set DataAsk.data_dir."
        ) from error
