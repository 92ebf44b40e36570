"""Mail by SMTP. The Message-ID is our row's, so that a letter sent twice is one letter."""

from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from typing import Final
from urllib.parse import unquote, urlsplit

import aiosmtplib

from guerdon.notifications.port import BadRecipientError, Mail

TIMEOUT_S: Final = 20
_PERMANENT: Final = range(550, 560)


class SmtpSender:
    """A mail server by its address: `smtp://user:password@host:port`, `smtps://` for TLS."""

    def __init__(self, url: str) -> None:
        parts = urlsplit(url)
        self._host = parts.hostname or "127.0.0.1"
        self._tls = parts.scheme == "smtps"
        self._port = parts.port or (465 if self._tls else 25)
        self._user = unquote(parts.username) if parts.username else None
        self._password = unquote(parts.password) if parts.password else None

    async def send(self, mail: Mail) -> str:
        """Deliver to the server; BadRecipientError when it says that nobody is there."""
        message = compose(mail)
        try:
            await aiosmtplib.send(
                message,
                hostname=self._host,
                port=self._port,
                use_tls=self._tls,
                start_tls=None,
                username=self._user,
                password=self._password,
                timeout=TIMEOUT_S,
            )
        except aiosmtplib.SMTPRecipientsRefused as error:
            if all(refused.code in _PERMANENT for refused in error.recipients):
                raise BadRecipientError(str(error)) from error
            raise
        return str(message["Message-ID"])


def compose(mail: Mail) -> EmailMessage:
    """The letter as it goes over the wire."""
    message = EmailMessage(policy=SMTP)
    domain = mail.sender.rpartition("@")[2] or "localhost"
    message["Message-ID"] = f"<{mail.id}@{domain}>"
    message["From"] = Address(mail.sender_name, addr_spec=mail.sender)
    message["To"] = Address(mail.to_name, addr_spec=mail.to)
    if mail.reply_to:
        message["Reply-To"] = mail.reply_to
    message["Subject"] = mail.subject
    message["Content-Language"] = mail.language
    message["X-Guerdon-Tenant"] = mail.tenant
    message["Auto-Submitted"] = "auto-generated"
    message.set_content(mail.text)
    message.add_alternative(mail.html, subtype="html")
    return message
