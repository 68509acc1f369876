"""E-mail against real SMTP servers: what arrives, what is tried again, and what people are told."""

from __future__ import annotations

import asyncio
import ssl
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID

from dataask_jupyter.errors import MailFailed, UnsafeSettings
from dataask_jupyter.services import letters, mail
from dataask_jupyter.services.letters import Letter
from dataask_jupyter.services.mail import Mail
from dataask_jupyter.services.settings import Settings
from tests.mail import Mailbox, link_in, serving, silent
from tests.servers import free_port

LINK = "https://data.example.com/dataask/invitation#s3cr3t-_s3cr3t"
MOMENT = datetime(2026, 11, 30, 14, 5, tzinfo=UTC)


def post(url: str, *, seconds: float = 10.0, sender: str = "DataAsk <dataask@example.com>") -> Mail:
    """What sends to that server."""
    settings = Settings(
        data_dir=Path("/nowhere"),
        smtp_url=url,
        mail_from=sender,
        public_url="https://data.example.com",
        mail_seconds=seconds,
        mail_pause_seconds=0.0,
    )
    return Mail(settings)


def letter(workspace: str = "Sales", inviter: str = "Ann", to: str = "bob@example.com") -> Letter:
    return letters.invitation(to=to, inviter=inviter, workspace=workspace, role="Editor", link=LINK, expires_at=MOMENT)


async def test_a_message_says_who_invites_where_to_and_until_when(mailbox: Mailbox) -> None:
    await post(mailbox.url).send(letter("Vertrieb Süd – 東京", "Zoë"))

    (message,) = mailbox.messages
    assert message["Subject"] == "Zoë invited you to Vertrieb Süd – 東京 in DataAsk"
    assert message["From"] == "DataAsk <dataask@example.com>"
    assert message["To"] == "bob@example.com"
    assert message["Auto-Submitted"] == "auto-generated"
    assert message["Message-ID"].endswith("@example.com>")
    assert mailbox.recipients == [["bob@example.com"]]
    plain, html = message.get_body(("plain",)), message.get_body(("html",))
    assert plain is not None
    assert html is not None
    assert "Zoë invited you to the workspace “Vertrieb Süd – 東京”" in plain.get_content()
    assert "Your role there: Editor." in plain.get_content()
    assert "30 November 2026, 14:05 UTC" in plain.get_content()
    assert link_in(message) == LINK
    assert f'href="{LINK}"' in html.get_content()


@pytest.mark.parametrize(
    "hostile",
    [
        "Sales\r\nBcc: victim@example.com",
        "Sales\nContent-Type: text/html\n\n<b>owned</b>",
        "Sales\r\n.\r\nMAIL FROM:<evil@example.com>",
        "\x1b[31mSales\x1b[0m\x07",
        "Sales\u202egnp.exe\u2028Bcc: victim@example.com",
    ],
)
async def test_a_name_stays_one_line_of_one_header(mailbox: Mailbox, hostile: str) -> None:
    await post(mailbox.url).send(letter(hostile, hostile))

    (message,) = mailbox.messages
    assert sorted(key.lower() for key in message) == sorted(
        "from to subject date message-id auto-submitted mime-version content-type".split()
    )
    assert all(letter.isprintable() for letter in message["Subject"])
    assert mailbox.recipients == [["bob@example.com"]]
    plain = message.get_body(("plain",))
    assert plain is not None
    assert "\x1b" not in plain.get_content()
    # The sentence with the names is one line, so that nothing in a name looks like a line of ours.
    assert plain.get_content().splitlines()[1] == ""


async def test_markup_in_a_name_is_text(mailbox: Mailbox) -> None:
    await post(mailbox.url).send(letter('<script>alert(1)</script>"', "<img src=x onerror=alert(1)>"))

    html = mailbox.messages[0].get_body(("html",))
    assert html is not None
    assert "&lt;script&gt;alert(1)&lt;/script&gt;&quot;" in html.get_content()
    assert "<script" not in html.get_content()
    assert "<img" not in html.get_content()


async def test_letters_beyond_ascii_in_an_address(mailbox: Mailbox) -> None:
    await post(mailbox.url).send(letter(to="zoë@müller.example"))

    assert mailbox.recipients == [["zoë@xn--mller-kva.example"]]


@pytest.mark.parametrize(
    "address",
    ["a@b.example,victim@c.example", "a@b.example>", "<a@b.example", '"a b"@c.example', "a@b@c.example", "x:a@b.c;"],
)
async def test_an_address_is_one_mailbox(mailbox: Mailbox, address: str) -> None:
    with pytest.raises(MailFailed, match="isn't one"):
        await post(mailbox.url).send(letter(to=address))
    assert mailbox.raw == []


async def test_a_server_that_says_later_is_asked_once_more(mailbox: Mailbox) -> None:
    mailbox.refusals = ["450 Later"]
    await post(mailbox.url).send(letter())
    assert (mailbox.tries, len(mailbox.raw)) == (2, 1)


async def test_a_server_that_keeps_saying_later_is_quoted(mailbox: Mailbox) -> None:
    mailbox.refusals = ["450 Greylisted", "451 Still \x1b[31mgreylisted"]
    with pytest.raises(MailFailed, match=r"answered: 451 Still \[31mgreylisted"):
        await post(mailbox.url).send(letter())
    assert (mailbox.tries, mailbox.raw) == (2, [])


async def test_a_final_no_is_not_tried_again(mailbox: Mailbox) -> None:
    mailbox.refusals = ["550 No such mailbox"]
    with pytest.raises(MailFailed, match="answered: 550 No such mailbox"):
        await post(mailbox.url).send(letter())
    assert mailbox.tries == 1


async def test_a_silent_server_has_a_deadline() -> None:
    async with silent() as url:
        with pytest.raises(MailFailed, match=r"didn't answer within 0\.2 seconds"):
            await asyncio.wait_for(post(url, seconds=0.2).send(letter()), 10)


async def test_an_absent_server() -> None:
    with pytest.raises(MailFailed, match="can't be reached"):
        await post(f"smtp://127.0.0.1:{free_port()}").send(letter())


async def test_a_message_that_may_have_arrived_is_not_sent_twice(mailbox: Mailbox) -> None:
    mailbox.gate.clear()
    with pytest.raises(MailFailed, match="may have arrived"):
        await post(mailbox.url, seconds=0.5).send(letter())
    assert mailbox.tries == 1


async def test_signing_in_to_the_mail_server() -> None:
    async with serving(auth_require_tls=False, auth_required=True) as box:
        await post(f"smtp://post%40example.com:open%20sesame@127.0.0.1:{box.port}", sender="").send(letter())
        assert box.logins[-1] == ("post@example.com", "open sesame")
        assert box.messages[0]["From"] == "post@example.com"


async def test_the_password_is_in_no_message_even_if_the_server_repeats_it(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level("DEBUG")
    async with serving(auth_require_tls=False, auth_required=True) as box:
        sender = post(f"smtp://dataask:hunter2-canary@127.0.0.1:{box.port}")
        with pytest.raises(MailFailed) as caught:
            await sender.send(letter())
    assert "535" in caught.value.detail
    assert "hunter2-canary" not in caught.value.detail
    assert "hunter2-canary" not in repr(vars(sender)["_settings"])
    ours = [record for record in caplog.records if not record.name.startswith("mail.log")]
    assert "hunter2-canary" not in "".join(record.getMessage() for record in ours)


async def test_a_password_goes_to_no_other_machine_in_the_clear() -> None:
    # Another address of this machine, which counts as another machine.
    async with serving("127.0.0.2", auth_require_tls=False) as box:
        with pytest.raises(MailFailed, match="offers no encryption"):
            await post(f"smtp://dataask:open%20sesame@127.0.0.2:{box.port}").send(letter())
    assert (box.logins, box.raw) == ([], [])


async def test_a_certificate_that_nobody_vouches_for(tmp_path: Path) -> None:
    context, _ = certificate(tmp_path)
    async with serving("127.0.0.2", tls_context=context, auth_require_tls=True) as box:
        with pytest.raises(MailFailed, match="can't be trusted"):
            await post(f"smtp://dataask:open%20sesame@127.0.0.2:{box.port}").send(letter())
    assert (box.logins, box.raw) == ([], [])


async def test_a_password_goes_through_encryption(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    context, trusted = certificate(tmp_path)
    monkeypatch.setenv("SSL_CERT_FILE", str(trusted))
    async with serving("127.0.0.2", tls_context=context, auth_require_tls=True) as box:
        await post(f"smtp://dataask:open%20sesame@127.0.0.2:{box.port}").send(letter())
    assert box.logins == [("dataask", "open sesame")]
    assert len(box.raw) == 1


def certificate(folder: Path) -> tuple[ssl.SSLContext, Path]:
    """A server's encryption with a certificate of its own making, and the file for who wants to trust it."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "mail.test")])
    start = datetime.now(UTC) - timedelta(hours=1)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(start)
        .not_valid_after(start + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ip_address("127.0.0.2"))]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    trusted, both = folder / "trusted.pem", folder / "both.pem"
    trusted.write_bytes(made.public_bytes(Encoding.PEM))
    private = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    both.write_bytes(private + trusted.read_bytes())
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(both)
    return context, trusted


@pytest.mark.parametrize("url", ["mail.example.com", "http://mail.example.com", "smtp://", "smtp://host:99999", ""])
def test_an_address_that_cannot_work_names_the_setting_not_its_value(url: str) -> None:
    with pytest.raises(UnsafeSettings, match=r"DataAsk\.smtp_url") as caught:
        mail.parse(url)
    assert not url or url not in caught.value.detail.replace("smtp://user", "").replace("smtps://host", "")


def test_the_setting_that_is_missing(tmp_path: Path) -> None:
    assert mail.missing(Settings(data_dir=tmp_path)) == "DataAsk.smtp_url"
    assert mail.missing(Settings(data_dir=tmp_path, smtp_url="smtp://mail.example.com")) == "DataAsk.mail_from"
    with_sender = Settings(data_dir=tmp_path, smtp_url="smtp://post%40example.com:x@mail.example.com")
    assert mail.missing(with_sender) == "DataAsk.public_url"
    assert post("smtp://mail.example.com").missing is None
