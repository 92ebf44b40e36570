"""What arrived: mails and SMS in one list."""

import email
import email.policy
from email.message import EmailMessage
from typing import Any, Literal

import msgspec

MESSAGES_MAX = 5_000


class Message(msgspec.Struct, kw_only=True):
    """One mail or SMS as it was received. Times are seconds since the epoch."""

    id: str
    kind: Literal["mail", "sms"]
    at: float
    to: list[str]
    sender: str
    tenant: str = ""
    subject: str = ""
    text: str = ""
    html: str = ""
    headers: dict[str, str] = {}
    attachments: list[str] = []


def from_mail(key: str, at: float, envelope_to: list[str], raw: bytes) -> Message:
    """A received mail, parsed."""
    mail = email.message_from_bytes(raw, policy=email.policy.default)
    assert isinstance(mail, EmailMessage)
    return Message(
        id=key,
        kind="mail",
        at=at,
        to=[address.lower() for address in envelope_to],
        sender=str(mail["from"] or ""),
        tenant=str(mail["x-guerdon-tenant"] or ""),
        subject=str(mail["subject"] or ""),
        text=_body(mail, "plain"),
        html=_body(mail, "html"),
        headers={k.lower(): str(v) for k, v in mail.items()},
        attachments=[part.get_filename() or "unnamed" for part in mail.iter_attachments()],
    )


def _body(mail: EmailMessage, kind: str) -> str:
    part = mail.get_body(preferencelist=(kind,))
    if part is None:
        return ""
    content: Any = part.get_content()
    return content if isinstance(content, str) else ""


def sms_attributes(form: dict[str, str]) -> dict[str, str]:
    """The MessageAttributes of an SNS Publish call (query protocol)."""
    found = {}
    for name, value in form.items():
        if name.startswith("MessageAttributes.entry.") and name.endswith(".Name"):
            stem = name.removesuffix(".Name")
            found[value] = form.get(f"{stem}.Value.StringValue", "")
    return found
