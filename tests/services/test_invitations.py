"""Invitations on each database: who may invite whom, how often a link works and when it ends, and what e-mail does."""

from __future__ import annotations

import asyncio
import base64
import json
import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select, text
from sqlalchemy.orm import Session

from dataask_jupyter.access.identity import Client, Identity, named
from dataask_jupyter.errors import Conflict, DataAskError, Forbidden, InvalidInput, LinkEnded, NotFound, TooManyTries
from dataask_jupyter.schemas.members import Invitation, InvitationCreate, InvitationCreated
from dataask_jupyter.services import invitations as module
from dataask_jupyter.services.container import Services
from dataask_jupyter.services.invitation_mail import STOPPED
from dataask_jupyter.services.settings import Settings
from dataask_jupyter.store import models
from dataask_jupyter.store.models import Event, Membership, Role, User, now
from tests.mail import Mailbox, link_in, secret_in, serving, silent

from .conftest import MakeServices, home

ANN, BOB, CID = named("ann", "Ann"), named("bob", "Bob"), named("cid", "Cid")
PUBLIC = "https://data.example.com"


async def workspace(services: Services, owner: Identity = ANN, name: str = "Sales") -> str:
    """The id of a workspace that is nobody's personal one."""
    return (await services.workspaces.open(owner, name)).id


async def user_id(services: Services, identity: Identity) -> str:
    return (await services.accounts.me(identity)).user.id


async def put(services: Services, change: Callable[[Session], Any]) -> None:
    """Change rows as time, or another part of DataAsk, would."""
    await services.store.write(lambda session: (change(session), None)[1])


async def become(services: Services, identity: Identity, ws: str, role: str) -> None:
    """Make somebody a member with a role."""
    who = await user_id(services, identity)

    def change(session: Session) -> None:
        found = session.get(Membership, (ws, who))
        if found is None:
            session.add(Membership(workspace_id=ws, user_id=who, role=role))
        else:
            found.role = role

    await put(services, change)


async def invite(
    services: Services, ws: str, identity: Identity = ANN, *, role: str = "editor", **given: Any
) -> InvitationCreated:
    return await services.invitations.create(identity, ws, InvitationCreate(role=role, **given))


def secret(created: InvitationCreated) -> str:
    return created.link.partition("#")[2]


async def listed(services: Services, ws: str, identity: Identity = ANN) -> list[Invitation]:
    return (await services.invitations.list(identity, ws, None, 50)).items


async def roles_in(services: Services, identity: Identity) -> dict[str, str]:
    page = await services.workspaces.list(identity, None, 50)
    return {each.name: each.role for each in page.items}


async def ended(services: Services, ws: str, state: str) -> Invitation:
    """The newest invitation, once its e-mail is no longer being sent."""
    async with asyncio.timeout(20):
        while (found := (await listed(services, ws))[0]).mail == "sending":
            await asyncio.sleep(0.01)
    assert found.mail == state
    return found


async def refusal(services: Services, token: str) -> str:
    """What a link that doesn't work answers, as it goes over the wire."""
    with pytest.raises(LinkEnded) as caught:
        await services.invitations.preview(token, Client(address="192.0.2.1"))
    return caught.value.problem().model_dump_json()


# ---- By link -------------------------------------------------------------------------------------------------


async def test_who_has_the_link_joins_with_its_role_and_lands_in_the_workspace(both: Services) -> None:
    ws = await workspace(both)
    created = await invite(both, ws)
    assert re.fullmatch(r"/dataask/invitation#[\w-]{43}", created.link)

    preview = await both.invitations.preview(secret(created), Client())
    assert (preview.workspace_name, preview.role_name, preview.invited_by) == ("Sales", "Editor", "Ann")

    joined = await both.invitations.accept(BOB, secret(created))
    assert (joined.id, joined.role, joined.members) == (ws, "editor", 2)
    assert await home(both, BOB) == ws
    (invitation,) = await listed(both, ws)
    assert (invitation.state, invitation.uses, invitation.created_by) == ("used", 1, "Ann")


async def test_links_name_the_address_that_people_use(on_sqlite: Settings, make_services: MakeServices) -> None:
    services = make_services(on_sqlite, public_url=f"{PUBLIC}/team/")
    created = await invite(services, await workspace(services))
    assert created.link.startswith("https://data.example.com/team/dataask/invitation#")


async def test_a_link_for_one_lets_one_in_however_many_come_at_once(both: Services) -> None:
    ws = await workspace(both)
    created = await invite(both, ws)
    people = [named(f"guest{number}", f"Guest {number}") for number in range(20)]
    for each in people:
        await both.accounts.me(each)

    results = await asyncio.gather(
        *(both.invitations.accept(each, secret(created)) for each in people), return_exceptions=True
    )

    assert sorted(type(each).__name__ for each in results) == ["LinkEnded"] * 19 + ["Workspace"]
    assert (await both.workspaces.get(ANN, ws)).members == 2
    assert (await listed(both, ws))[0].uses == 1


async def test_a_link_for_several_counts(both: Services) -> None:
    ws = await workspace(both)
    created = await invite(both, ws, max_uses=3)
    people = [named(f"guest{number}", f"Guest {number}") for number in range(10)]

    results = await asyncio.gather(
        *(both.invitations.accept(each, secret(created)) for each in people), return_exceptions=True
    )

    assert sum(not isinstance(each, BaseException) for each in results) == 3
    assert (await listed(both, ws))[0].state == "used"


async def test_the_same_person_many_times_at_once_is_one_use(both: Services) -> None:
    ws = await workspace(both)
    created, other = await invite(both, ws, max_uses=5), await invite(both, ws, max_uses=5)
    await both.accounts.me(BOB)

    joined = await asyncio.gather(
        *(both.invitations.accept(BOB, secret(each)) for each in [created, other] for _ in range(5))
    )

    assert {each.id for each in joined} == {ws}
    assert sum(each.uses for each in await listed(both, ws)) == 1


async def test_for_a_member_nothing_changes_even_when_the_link_has_ended(both: Services) -> None:
    ws = await workspace(both)
    created = await invite(both, ws, role="viewer")
    # The answer was lost, so the page asks again.
    first = await both.invitations.accept(BOB, secret(created))
    assert await both.invitations.accept(BOB, secret(created)) == first
    assert (await both.invitations.accept(ANN, secret(created))).role == "owner"
    assert (await listed(both, ws))[0].uses == 1


async def test_revoked_expired_used_and_unknown_links_answer_the_same(both: Services) -> None:
    ws = await workspace(both)
    revoked, expired, used = [await invite(both, ws) for _ in range(3)]
    await both.invitations.revoke(ANN, ws, revoked.invitation.id)
    await put(
        both,
        lambda session: setattr(
            session.get_one(models.Invitation, expired.invitation.id), "expires_at", now() - timedelta(seconds=1)
        ),
    )
    await both.invitations.accept(CID, secret(used))

    answers = {await refusal(both, token) for token in [*map(secret, (revoked, expired, used)), "x" * 43]}
    assert len(answers) == 1
    for each in (revoked, expired, used):
        with pytest.raises(LinkEnded):
            await both.invitations.accept(BOB, secret(each))
    assert [each.state for each in await listed(both, ws)] == ["used", "expired", "revoked"]
    assert await roles_in(both, BOB) == {"Personal": "owner"}


async def test_registration_can_ask_whether_a_link_is_open(both: Services) -> None:
    ws = await workspace(both)
    created = await invite(both, ws)
    found = await both.store.read(lambda session: module.find_open(session, secret(created)).workspace_id)
    assert found == ws
    await both.invitations.revoke(ANN, ws, created.invitation.id)
    with pytest.raises(LinkEnded):
        await both.store.read(lambda session: module.find_open(session, secret(created)).id)


# ---- Who may invite ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("role", "error"), [("viewer", Forbidden), ("editor", Forbidden), (None, NotFound)])
async def test_who_may_not_invite(services: Services, role: str | None, error: type[DataAskError]) -> None:
    ws = await workspace(services)
    created = await invite(services, ws)
    if role is not None:
        await become(services, BOB, ws, role)
    for act in (
        lambda: invite(services, ws, BOB, role="viewer"),
        lambda: services.invitations.list(BOB, ws, None, 50),
        lambda: services.invitations.revoke(BOB, ws, created.invitation.id),
        lambda: services.invitations.send(BOB, ws, created.invitation.id),
    ):
        with pytest.raises(error):
            await act()
    assert [each.state for each in await listed(services, ws)] == ["open"]


async def test_nobody_invites_above_themselves(services: Services) -> None:
    ws = await workspace(services)
    await become(services, BOB, ws, "admin")
    await invite(services, ws, BOB, role="admin")
    with pytest.raises(Forbidden, match=r"workspace\.delete"):
        await invite(services, ws, BOB, role="owner")


async def test_own_roles_and_those_of_other_workspaces(services: Services) -> None:
    ws, other = await workspace(services), await workspace(services, CID, "Other")
    await put(
        services,
        lambda session: session.add_all(
            [
                Role(id="a" * 32, workspace_id=ws, name="Analyst", permissions=["workspace.read", "query.run"]),
                Role(id="b" * 32, workspace_id=other, name="Elsewhere", permissions=["workspace.read"]),
            ]
        ),
    )
    created = await invite(services, ws, role="a" * 32)
    assert created.invitation.role_name == "Analyst"
    assert (await services.invitations.accept(BOB, secret(created))).permissions == ["query.run", "workspace.read"]
    for unknown in ("b" * 32, "c" * 32):
        with pytest.raises(InvalidInput) as caught:
            await invite(services, ws, role=unknown)
        assert [each.field for each in caught.value.errors] == ["role"]


async def test_personal_workspaces_take_nobody(services: Services) -> None:
    personal = await home(services, ANN)
    with pytest.raises(Conflict, match="Personal"):
        await invite(services, personal)


async def test_another_workspaces_invitation_does_not_exist_here(services: Services) -> None:
    ws, other = await workspace(services), await workspace(services, CID, "Other")
    created = await invite(services, other, CID)
    for act in (services.invitations.revoke, services.invitations.send):
        with pytest.raises(NotFound):
            await act(ANN, ws, created.invitation.id)
    assert (await listed(services, other, CID))[0].state == "open"


async def test_a_token_for_work_joins_nothing(services: Services) -> None:
    created = await invite(services, await workspace(services))
    scoped = Identity(subject="jupyter:bob", name="bob", display_name="Bob", scope="work", via="token")
    await services.accounts.me(BOB)
    with pytest.raises(Forbidden):
        await services.invitations.accept(scoped, secret(created))


async def test_so_many_in_an_hour_and_no_more(services: Services, monkeypatch: pytest.MonkeyPatch) -> None:
    ws = await workspace(services)
    for _ in range(module.PER_HOUR):
        await invite(services, ws)
    with pytest.raises(TooManyTries, match="last hour") as caught:
        await invite(services, ws)
    assert 3500 < caught.value.extra["seconds"] <= 3600
    await become(services, BOB, ws, "admin")
    await invite(services, ws, BOB)


async def test_links_are_not_guessed_at_any_speed(services: Services) -> None:
    created = await invite(services, await workspace(services))
    here, elsewhere = Client(address="192.0.2.1"), Client(address="192.0.2.2")
    for number in range(module.WRONG_LINKS):
        with pytest.raises(LinkEnded):
            await services.invitations.preview(f"{number:043}", here)
    with pytest.raises(TooManyTries, match="don't work") as caught:
        await services.invitations.preview("x" * 43, here)
    assert 1 <= caught.value.extra["seconds"] <= 600
    with pytest.raises(LinkEnded):
        await services.invitations.preview("x" * 43, elsewhere)
    # A proxy may stand for everybody: who has a link isn't locked out by who guesses.
    await services.invitations.preview(secret(created), here)


# ---- P2: what the maker may no longer do, the link doesn't do -----------------------------------------------------


@pytest.mark.parametrize("loss", ["removed", "demoted", "deactivated", "role widened", "workspace deleted"])
async def test_a_link_ends_with_the_right_of_who_made_it(both: Services, loss: str) -> None:
    ws = await workspace(both)
    await put(
        both,
        lambda session: session.add(Role(id="a" * 32, workspace_id=ws, name="Analyst", permissions=["workspace.read"])),
    )
    await become(both, BOB, ws, "admin")
    bob = await user_id(both, BOB)
    created = await invite(both, ws, BOB, role="a" * 32)
    await both.invitations.preview(secret(created), Client())

    def change(session: Session) -> None:
        if loss == "removed":
            session.delete(session.get_one(Membership, (ws, bob)))
        elif loss == "demoted":
            session.get_one(Membership, (ws, bob)).role = "editor"
        elif loss == "deactivated":
            session.get_one(User, bob).active = False
        elif loss == "role widened":
            session.get_one(Role, "a" * 32).permissions = ["workspace.read", "workspace.delete"]
        else:
            session.delete(session.get_one(models.Workspace, ws))

    await put(both, change)
    assert await refusal(both, secret(created)) == await refusal(both, "x" * 43)
    with pytest.raises(LinkEnded):
        await both.invitations.accept(CID, secret(created))
    if loss != "workspace deleted":
        assert [each.state for each in await listed(both, ws)] == ["revoked"]


# ---- P1: the secret ------------------------------------------------------------------------------------------


async def test_the_secret_is_long_hashed_and_in_one_answer_only(
    both: Services, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("DEBUG")
    ws = await workspace(both)
    made = [await invite(both, ws) for _ in range(20)]
    secrets = [secret(each) for each in made]
    assert len(set(secrets)) == 20
    assert min(len(base64.urlsafe_b64decode(each + "=")) for each in secrets) * 8 >= 128
    await both.invitations.accept(BOB, secrets[0])
    await both.invitations.revoke(ANN, ws, made[1].invitation.id)

    def everything(session: Session) -> str:
        tables = models.Base.metadata.sorted_tables
        return json.dumps([[list(map(str, row)) for row in session.execute(select(table))] for table in tables])

    kept = await both.store.read(everything)
    answers = json.dumps([each.model_dump(mode="json") for each in await listed(both, ws)])
    answers += made[0].invitation.model_dump_json()
    for each in secrets:
        assert each not in kept
        assert each not in answers
        assert each not in caplog.text


async def test_acts_are_recorded_without_the_secret(services: Services) -> None:
    ws = await workspace(services)
    created = await invite(services, ws)
    await services.invitations.accept(BOB, secret(created))
    await services.invitations.revoke(ANN, ws, created.invitation.id)

    def acts(session: Session) -> list[tuple[str, str, dict[str, Any]]]:
        rows = session.scalars(select(Event).where(Event.object_kind == "invitation").order_by(Event.sequence)).all()
        return [(row.action, row.actor_name, row.payload) for row in rows]

    found = await services.store.read(acts)
    assert [(action, actor) for action, actor, _ in found] == [
        ("invitation.create", "Ann"),
        ("invitation.accept", "Bob"),
        ("invitation.revoke", "Ann"),
    ]
    assert found[1][2]["role_name"] == "Editor"


# ---- By e-mail -----------------------------------------------------------------------------------------------


@pytest.fixture
async def mailing(settings: Settings, make_services: MakeServices, mailbox: Mailbox) -> Services:
    """Services that can send e-mail."""
    return make_services(settings, **with_mail(mailbox.url))


def with_mail(url: str, **changes: Any) -> dict[str, Any]:
    return {
        "smtp_url": url,
        "mail_from": "dataask@example.com",
        "public_url": PUBLIC,
        "mail_pause_seconds": 0.0,
        **changes,
    }


async def has_address(services: Services, identity: Identity, email: str) -> None:
    """Give somebody an account's address."""
    who = await user_id(services, identity)

    def change(session: Session) -> None:
        row = session.get_one(User, who)
        row.email, row.email_key = email, email.casefold()

    await put(services, change)


async def test_the_link_in_the_mail_lets_its_addressee_in(mailing: Services, mailbox: Mailbox) -> None:
    ws = await workspace(mailing)
    created = await invite(mailing, ws, email="Bob@Example.com")
    assert created.invitation.mail == "sending"

    message = await mailbox.next()
    assert message["To"] == "Bob@Example.com"
    assert link_in(message) == created.link
    assert (await ended(mailing, ws, "sent")).mail_problem is None

    await has_address(mailing, CID, "cid@example.com")
    with pytest.raises(Forbidden, match=r"for Bob@Example\.com, and you are signed in as cid@example\.com"):
        await mailing.invitations.accept(CID, secret_in(message))
    assert (await listed(mailing, ws))[0].uses == 0
    # After the sign-up: an account with that address, in other letters' case.
    await has_address(mailing, BOB, "bob@example.COM")
    assert (await mailing.invitations.accept(BOB, secret_in(message))).role == "editor"


async def test_a_hub_user_whose_name_is_the_address(mailing: Services, mailbox: Mailbox) -> None:
    await invite(mailing, await workspace(mailing), email="bob@example.com")
    token = secret_in(await mailbox.next())
    with pytest.raises(Forbidden):
        await mailing.invitations.accept(BOB, token)
    await mailing.invitations.accept(named("bob@example.com", "Bob"), token)


async def test_a_known_address_and_an_unknown_one_get_the_same_answer(mailing: Services) -> None:
    ws = await workspace(mailing)
    await has_address(mailing, BOB, "bob@example.com")
    known = await invite(mailing, ws, email="bob@example.com")
    unknown = await invite(mailing, ws, email="nobody@example.com")

    def shape(created: InvitationCreated) -> dict[str, Any]:
        values = created.model_dump(exclude={"invitation": {"id", "email", "created_at", "expires_at"}, "link": True})
        return {**values, "link": len(created.link)}

    assert shape(known) == shape(unknown)


@pytest.mark.parametrize("absent", ["smtp_url", "mail_from", "public_url"])
async def test_e_mail_that_is_not_set_up_is_said_at_once_and_links_still_work(
    on_sqlite: Settings, make_services: MakeServices, absent: str
) -> None:
    services = make_services(on_sqlite, **with_mail("smtp://127.0.0.1:9", **{absent: ""}))
    ws = await workspace(services)
    with pytest.raises(Conflict, match=rf"DataAsk\.{absent}"):
        await invite(services, ws, email="bob@example.com")
    assert await listed(services, ws) == []
    await invite(services, ws)


@pytest.mark.parametrize("given", [{"email": "a@b.example,c@d.example"}, {"email": "a@b.example", "max_uses": 2}])
async def test_an_e_mail_is_for_one_person(mailing: Services, mailbox: Mailbox, given: dict[str, Any]) -> None:
    with pytest.raises(InvalidInput):
        await invite(mailing, await workspace(mailing), **given)
    assert mailbox.tries == 0


async def test_a_dead_mail_server_delays_nothing_and_is_told_of(
    on_sqlite: Settings, make_services: MakeServices
) -> None:
    async with silent() as url:
        services = make_services(on_sqlite, **with_mail(url, mail_seconds=0.3))
        ws = await workspace(services)
        created = await asyncio.wait_for(invite(services, ws, email="bob@example.com"), 10)
        assert created.invitation.mail == "sending"
        failed = await ended(services, ws, "failed")
    assert failed.mail_problem == "The mail server didn't answer within 0.3 seconds."
    assert failed.state == "open"


async def test_a_refused_mail_can_be_sent_again_with_a_new_link(mailing: Services, mailbox: Mailbox) -> None:
    ws = await workspace(mailing)
    mailbox.refusals = ["550 No such mailbox"]
    created = await invite(mailing, ws, email="bob@example.com")
    failed = await ended(mailing, ws, "failed")
    assert failed.mail_problem == "The mail server answered: 550 No such mailbox"

    again = await mailing.invitations.send(ANN, ws, failed.id)
    assert (again.mail, again.mail_problem) == ("sending", None)
    message = await mailbox.next()
    await ended(mailing, ws, "sent")
    assert secret_in(message) != secret(created)
    assert await refusal(mailing, secret(created)) == await refusal(mailing, "x" * 43)
    await mailing.invitations.preview(secret_in(message), Client())

    def results(session: Session) -> list[tuple[str, str, Any]]:
        rows = session.scalars(select(Event).where(Event.action == "invitation.mail").order_by(Event.sequence))
        return [(row.actor_name, row.payload["mail"], row.payload["problem"]) for row in rows]

    assert await mailing.store.read(results) == [
        ("DataAsk", "failed", "The mail server answered: 550 No such mailbox"),
        ("DataAsk", "sent", None),
    ]


async def test_what_cannot_be_sent_again(mailing: Services, mailbox: Mailbox) -> None:
    ws = await workspace(mailing)
    by_link = await invite(mailing, ws)
    with pytest.raises(Conflict, match="nobody to send"):
        await mailing.invitations.send(ANN, ws, by_link.invitation.id)
    mailbox.gate.clear()
    by_mail = await invite(mailing, ws, email="bob@example.com")
    with pytest.raises(Conflict, match="at this moment"):
        await mailing.invitations.send(ANN, ws, by_mail.invitation.id)
    mailbox.gate.set()
    await ended(mailing, ws, "sent")
    await mailing.invitations.revoke(ANN, ws, by_mail.invitation.id)
    with pytest.raises(Conflict, match="has ended"):
        await mailing.invitations.send(ANN, ws, by_mail.invitation.id)


@pytest.mark.parametrize("begun", [False, True])
async def test_a_server_that_stops_says_so(settings: Settings, make_services: MakeServices, begun: bool) -> None:
    async with serving() as box:
        box.gate.clear()
        first = make_services(settings, **with_mail(box.url))
        ws = await workspace(first)
        await invite(first, ws, email="bob@example.com")
        if begun:
            await asyncio.wait_for(box.asked.wait(), 20)
        await first.close()
        second = make_services(settings, **with_mail(box.url))
        assert (await ended(second, ws, "failed")).mail_problem == STOPPED


async def test_a_mail_whose_process_died_counts_as_failed(settings: Settings, make_services: MakeServices) -> None:
    services = make_services(settings, **with_mail("smtp://127.0.0.1:9"))
    ws = await workspace(services)
    created = await invite(services, ws)
    await put(
        services,
        lambda session: session.execute(
            text("UPDATE invitations SET mail = 'sending', email = 'bob@example.com', mail_runner = NULL")
        ),
    )
    other = make_services(settings)
    found = await ended(other, ws, "failed")
    assert (found.id, found.mail_problem) == (created.invitation.id, STOPPED)
