"""Mail by SMTP and SMS by SNS arrive, and can be found."""

import secrets
import smtplib
from email.message import EmailMessage
from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError
from tests import calls


@pytest.fixture
def to() -> str:
    return f"ana.{secrets.token_hex(4)}@example.com"


def send(
    peer: Any, to: str, subject: str = "Your code", html: str = "<p>Olá <b>Ana</b></p>"
) -> None:
    mail = EmailMessage()
    mail["From"] = "Aurora Air <no-reply@aurora.example>"
    mail["To"] = to
    mail["Subject"] = subject
    mail["X-Guerdon-Tenant"] = "aurora"
    mail.set_content("Olá Ana, 123456")
    mail.add_alternative("<p>Olá <b>Ana</b></p>", subtype="html")
    with smtplib.SMTP("127.0.0.1", peer.smtp_port, timeout=5) as smtp:
        smtp.send_message(mail)


def found(peer: Any, **query: str) -> list[dict[str, Any]]:
    items: list[dict[str, Any]] = calls.get(f"{peer.url}/api/messages", params=query).json()[
        "items"
    ]
    return items


def test_a_mail(mailbox_peer: Any, to: str) -> None:
    send(mailbox_peer, to, subject="Seu código é 123456")
    (mail,) = found(mailbox_peer, to=to)
    assert (mail["kind"], mail["tenant"], mail["subject"]) == (
        "mail", "aurora", "Seu código é 123456",
    )  # fmt: skip
    assert mail["text"].strip() == "Olá Ana, 123456"
    assert "<b>Ana</b>" in mail["html"]
    page = calls.get(f"{mailbox_peer.url}/messages/{mail['id']}")
    assert "Seu código é 123456" in page.text
    shown = calls.get(f"{mailbox_peer.url}/messages/{mail['id']}/html")
    assert "<b>Ana</b>" in shown.text
    assert "sandbox" in shown.headers["content-security-policy"]
    assert found(mailbox_peer, to=to, tenant="kettle") == []
    assert found(mailbox_peer, to=to, kind="sms") == []


def test_hostile_subjects_are_text(mailbox_peer: Any, to: str) -> None:
    send(mailbox_peer, to, subject="<script>alert(1)</script>")
    page = calls.get(mailbox_peer.url, params={"to": to}).text
    assert "<script>" not in page
    assert "&lt;script&gt;" in page


def sns(peer: Any) -> Any:
    return boto3.client(
        "sns", endpoint_url=peer.url, region_name="us-east-1",
        aws_access_key_id="test", aws_secret_access_key="test",
    )  # fmt: skip


def test_an_sms_through_the_official_sdk(mailbox_peer: Any) -> None:
    phone = f"+1206{secrets.randbelow(10**7):07d}"
    answer = sns(mailbox_peer).publish(
        PhoneNumber=phone,
        Message="Your order has arrived.",
        MessageAttributes={
            "AWS.SNS.SMS.SenderID": {"DataType": "String", "StringValue": "AuroraAir"},
            "guerdon.tenant": {"DataType": "String", "StringValue": "aurora"},
        },
    )
    (sms,) = found(mailbox_peer, to=phone)
    assert sms["id"] == answer["MessageId"]
    assert (sms["kind"], sms["text"], sms["sender"], sms["tenant"]) == (
        "sms", "Your order has arrived.", "AuroraAir", "aurora",
    )  # fmt: skip


def test_a_bad_number_is_refused(mailbox_peer: Any) -> None:
    with pytest.raises(ClientError) as refused:
        sns(mailbox_peer).publish(PhoneNumber="12", Message="x")
    assert refused.value.response["Error"]["Code"] == "InvalidParameter"


def test_a_server_that_is_busy(mailbox_peer: Any, to: str) -> None:
    mailbox_peer.knobs(fail_next=1)
    with pytest.raises(smtplib.SMTPDataError) as busy:
        send(mailbox_peer, to)
    assert busy.value.smtp_code == 451
    send(mailbox_peer, to)
    assert len(found(mailbox_peer, to=to)) == 1


def test_bad_queries(mailbox_peer: Any) -> None:
    answer = calls.get(f"{mailbox_peer.url}/api/messages", params={"after": "x"})
    assert answer.status_code == 400
    assert calls.get(f"{mailbox_peer.url}/messages/none").status_code == 404
