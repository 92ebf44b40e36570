"""The mailbox: SMTP in, SNS in, a page and a JSON list out."""

import asyncio
import re
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from xml.sax.saxutils import escape

import jinja2
from aiosmtpd.smtp import SMTP, Envelope, Session

from guerdon.kit.ids import uuid7
from guerdon.sandbox.knobs import KnobBox
from guerdon.sandbox.mailbox.messages import MESSAGES_MAX, Message, from_mail, sms_attributes
from guerdon.sandbox.store import Store
from guerdon.sandbox.web import Request, Response, Routes, Server, html_response, json_response

_PAGES = jinja2.Environment(
    loader=jinja2.FileSystemLoader(Path(__file__).parent / "templates"), autoescape=True
)
_PAGES.filters["clock"] = lambda at: datetime.fromtimestamp(at, UTC).strftime("%d %b %H:%M:%S UTC")
_SNS = "http://sns.amazonaws.com/doc/2010-03-31/"
_PHONE = re.compile(r"\+[1-9]\d{6,14}")


class MailboxPeer:
    """Takes everything and delivers nothing."""

    def __init__(self, state: Path, *, port: int = 0, smtp_port: int = 0) -> None:
        self._port = port
        self._smtp_port = smtp_port
        self._store = Store(state, keep=MESSAGES_MAX)
        self.knobs = KnobBox()
        self._smtp: asyncio.Server | None = None
        routes = Routes()
        self._server = Server(routes)
        routes.add("GET", "/", self._list)
        routes.add("GET", "/messages/{id}", self._one)
        routes.add("GET", "/messages/{id}/html", self._html)
        routes.add("GET", "/api/messages", self._api_list)
        routes.add("GET", "/api/messages/{id}", self._api_one)
        routes.add("DELETE", "/api/messages", self._clear)
        routes.add("POST", "/", self._sns)
        routes.add("GET", "/_control/knobs", self.knobs.show)
        routes.add("PUT", "/_control/knobs", self.knobs.change)
        routes.add("GET", "/_control/smtp", self._where)

    async def start(self) -> str:
        """Serve both; the ready line tells the page's and the SMTP address."""
        await self._server.start(self._port)
        loop = asyncio.get_running_loop()
        self._smtp = await loop.create_server(
            lambda: SMTP(self, enable_SMTPUTF8=True, loop=loop, ident="Guerdon mailbox"),
            "127.0.0.1",
            self._smtp_port,
        )
        self._smtp_port = self._smtp.sockets[0].getsockname()[1]
        return f"{self._server.base_url} smtp://127.0.0.1:{self._smtp_port}"

    async def stop(self) -> None:
        """Stop serving; the messages stay on disk."""
        self._server.close()
        if self._smtp is not None:
            self._smtp.close()
        self._store.close()

    # in
    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        """aiosmtpd calls this for each mail."""
        await self.knobs.now.pause()
        if self.knobs.now.fault("/smtp") is not None:
            return "451 4.3.0 Try again later"
        if self.knobs.now.refusal("/smtp", "mailbox"):
            return "550 5.1.1 No such mailbox"
        raw = envelope.content if isinstance(envelope.content, bytes) else b""
        key = str(uuid7())
        self._store.put("message", key, from_mail(key, time.time(), envelope.rcpt_tos, raw))
        return f"250 2.0.0 OK {key}"

    async def _sns(self, request: Request) -> Response:
        """Publish of the SNS query protocol, to a phone number."""
        await self.knobs.now.pause()
        fault = self.knobs.now.fault("/sns")
        if fault == "fail":
            return _sns_error(503, "InternalError", "Try again later", "Receiver")
        if fault == "drop_before":
            return Response(drop=True)
        if "Credential=" not in request.headers.get("authorization", ""):
            return _sns_error(403, "MissingAuthenticationToken", "Request is missing a signature")
        form = dict(request.form)
        if form.get("Action") != "Publish":
            return _sns_error(400, "InvalidAction", "This peer knows Publish only")
        phone, text = form.get("PhoneNumber", ""), form.get("Message", "")
        if not _PHONE.fullmatch(phone):
            return _sns_error(400, "InvalidParameter", "Invalid parameter: PhoneNumber")
        if not text or len(text.encode()) > 1600:
            return _sns_error(400, "InvalidParameter", "Invalid parameter: Message")
        attributes = sms_attributes(form)
        key = str(uuid7())
        message = Message(
            id=key,
            kind="sms",
            at=time.time(),
            to=[phone],
            sender=attributes.get("AWS.SNS.SMS.SenderID", ""),
            tenant=attributes.get("guerdon.tenant", ""),
            text=text,
        )
        self._store.put("message", key, message)
        if fault == "drop_after":
            return Response(drop=True)
        body = (
            f'<PublishResponse xmlns="{_SNS}"><PublishResult><MessageId>{key}</MessageId>'
            f"</PublishResult><ResponseMetadata><RequestId>{uuid7()}</RequestId>"
            "</ResponseMetadata></PublishResponse>"
        )
        return Response(200, body.encode(), "text/xml")

    # out
    def _found(self, request: Request) -> list[Message]:
        to, tenant = request.arg("to").lower().strip(), request.arg("tenant")
        kind, after = request.arg("kind"), float(request.arg("after") or 0)
        limit = min(int(request.arg("limit") or 200), 1000)
        found = []
        for message in self._store.newest("message", Message, MESSAGES_MAX):
            if to and not any(to in address for address in message.to):
                continue
            if tenant not in ("", message.tenant) or kind not in ("", message.kind):
                continue
            if message.at <= after:
                continue
            found.append(message)
            if len(found) == limit:
                break
        return found

    async def _api_list(self, request: Request) -> Response:
        try:
            return json_response({"items": self._found(request)})
        except ValueError:
            return json_response({"error": "after and limit are numbers"}, 400)

    async def _api_one(self, request: Request) -> Response:
        message = self._store.get("message", request.parts["id"], Message)
        return json_response(message) if message else json_response({"error": "unknown"}, 404)

    async def _clear(self, request: Request) -> Response:
        self._store.clear("message")
        return Response(204)

    async def _where(self, request: Request) -> Response:
        return json_response({"smtp_url": f"smtp://127.0.0.1:{self._smtp_port}"})

    async def _list(self, request: Request) -> Response:
        try:
            messages = self._found(request)
        except ValueError:
            messages = []
        tenants = sorted({m.tenant for m in self._store.newest("message", Message) if m.tenant})
        return self._page(
            "list.html", messages=messages, tenants=tenants,
            to=request.arg("to"), tenant=request.arg("tenant"), kind=request.arg("kind"),
            total=self._store.count("message"),
        )  # fmt: skip

    async def _one(self, request: Request) -> Response:
        message = self._store.get("message", request.parts["id"], Message)
        if message is None:
            return self._page("none.html", status=404)
        return self._page("message.html", message=message)

    async def _html(self, request: Request) -> Response:
        message = self._store.get("message", request.parts["id"], Message)
        if message is None or not message.html:
            return Response(404, b"", "text/plain")
        policy = (
            "sandbox allow-popups allow-popups-to-escape-sandbox; default-src 'none';"
            " style-src 'unsafe-inline'; img-src * data:"
        )
        return Response(
            200,
            message.html.encode(),
            "text/html; charset=utf-8",
            {"content-security-policy": policy},
        )

    @staticmethod
    def _page(template: str, status: int = 200, **facts: Any) -> Response:
        return html_response(_PAGES.get_template(template).render(**facts), status)


def _sns_error(status: int, code: str, message: str, kind: str = "Sender") -> Response:
    body = (
        f'<ErrorResponse xmlns="{_SNS}"><Error><Type>{kind}</Type><Code>{code}</Code>'
        f"<Message>{escape(message)}</Message></Error><RequestId>{uuid7()}</RequestId></ErrorResponse>"
    )
    return Response(status, body.encode(), "text/xml")
