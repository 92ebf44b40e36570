"""The ports of mail and SMS. `id` is our row's: the same on every attempt."""

from typing import Protocol
from uuid import UUID

import msgspec


class Mail(msgspec.Struct, frozen=True, kw_only=True):
    """A letter to one person, in text and in HTML."""

    id: UUID
    tenant: str
    sender_name: str
    sender: str
    to: str
    to_name: str
    reply_to: str
    subject: str
    text: str
    html: str
    language: str


class Sms(msgspec.Struct, frozen=True, kw_only=True):
    """A short message to one phone (E.164)."""

    id: UUID
    sender: str
    to: str
    text: str


class MailSender(Protocol):
    """Hands a letter to a mail server; its reference there."""

    async def send(self, mail: Mail) -> str: ...


class SmsSender(Protocol):
    """Hands a short message to a carrier; its reference there."""

    async def send(self, sms: Sms) -> str: ...


class BadRecipientError(Exception):
    """The address will never take a message: nothing to retry."""
