"""A small HTTP/1.1 server that can break a connection on purpose.

The peers must be able to do the work and then lose the answer; no framework's server offers that,
so they stand on h11 directly.
"""

import asyncio
import logging
import re
from collections.abc import Awaitable, Callable, Mapping
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

import h11
import msgspec

log = logging.getLogger("guerdon.sandbox")

BODY_MAX = 2_000_000
IDLE_S = 75


class Request(msgspec.Struct, frozen=True):
    """One request; header names are lower-case."""

    method: str
    path: str
    query: list[tuple[str, str]]
    headers: dict[str, str]
    body: bytes
    base_url: str
    parts: dict[str, str] = {}

    def arg(self, name: str, default: str = "") -> str:
        """The last value of a query parameter."""
        return next((v for k, v in reversed(self.query) if k == name), default)

    @property
    def form(self) -> list[tuple[str, str]]:
        """The body as a URL-encoded form."""
        return parse_qsl(self.body.decode("utf-8", "replace"), keep_blank_values=True)

    def json(self, type_: Any = Any) -> Any:
        """The body as JSON; msgspec's errors propagate."""
        return msgspec.json.decode(self.body, type=type_)


class Response(msgspec.Struct, frozen=True):
    """An answer. `drop` closes the connection instead of sending it."""

    status: int = 200
    body: bytes = b""
    content_type: str = "application/json"
    headers: dict[str, str] = {}
    drop: bool = False


def json_response(
    content: Any, status: int = 200, headers: Mapping[str, str] | None = None
) -> Response:
    """`content` as JSON."""
    return Response(status, msgspec.json.encode(content), headers=dict(headers or {}))


def html_response(page: str, status: int = 200) -> Response:
    """A page that may not run scripts."""
    policy = (
        "default-src 'none'; style-src 'unsafe-inline'; img-src data:; form-action *;"
        " frame-src 'self'"
    )
    return Response(
        status, page.encode(), "text/html; charset=utf-8", {"content-security-policy": policy}
    )


def redirect(location: str) -> Response:
    """See other."""
    return Response(303, b"", "text/plain", {"location": location})


Handler = Callable[[Request], Awaitable[Response]]


class Routes:
    """Handlers by method and path; `{name}` in a path matches one segment."""

    def __init__(self) -> None:
        self._routes: list[tuple[str, re.Pattern[str], Handler]] = []

    def add(self, method: str, path: str, handler: Handler) -> None:
        """Answer `method path` with `handler`."""
        pattern = re.sub(r"\\\{(\w+)\\\}", r"(?P<\1>[^/]+)", re.escape(path))
        self._routes.append((method, re.compile(pattern), handler))

    def match(self, method: str, path: str) -> tuple[Handler, dict[str, str]] | int:
        """The handler and the path's parts, or the status of the refusal (404, 405)."""
        found = 404
        for route_method, pattern, handler in self._routes:
            if matched := pattern.fullmatch(path):
                if route_method == method:
                    return handler, {k: unquote(v) for k, v in matched.groupdict().items()}
                found = 405
        return found


class Server:
    """Serves `routes` on a local port until it is closed."""

    def __init__(
        self, routes: Routes, *, not_found: Callable[[int], Response] | None = None
    ) -> None:
        self._routes = routes
        self._not_found = not_found or (lambda status: json_response({"error": status}, status))
        self._server: asyncio.Server | None = None
        self.base_url = ""

    async def start(self, port: int, host: str = "127.0.0.1") -> int:
        """Listen; returns the port (a free one for 0)."""
        self._server = await asyncio.start_server(self._connection, host, port, backlog=1024)
        bound: int = self._server.sockets[0].getsockname()[1]
        self.base_url = f"http://{host}:{bound}"
        return bound

    def close(self) -> None:
        """Stop listening."""
        if self._server is not None:
            self._server.close()

    async def _connection(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        peer = h11.Connection(h11.SERVER)
        try:
            while await self._exchange(peer, reader, writer):
                peer.start_next_cycle()
        except (
            h11.RemoteProtocolError,
            ConnectionError,
            TimeoutError,
            asyncio.IncompleteReadError,
        ):
            pass
        finally:
            writer.close()

    async def _exchange(
        self, peer: h11.Connection, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> bool:
        """One request and its answer; False when the connection is over."""
        head: h11.Request | None = None
        body = bytearray()
        while True:
            event = peer.next_event()
            if event is h11.NEED_DATA:
                if peer.they_are_waiting_for_100_continue:
                    writer.write(
                        peer.send(h11.InformationalResponse(status_code=100, headers=[])) or b""
                    )
                peer.receive_data(await asyncio.wait_for(reader.read(65536), IDLE_S))
            elif isinstance(event, h11.Request):
                head = event
            elif isinstance(event, h11.Data):
                body += event.data
                if len(body) > BODY_MAX:
                    return False
            elif isinstance(event, h11.EndOfMessage):
                break
            else:
                return False
        assert head is not None
        response = await self._answer(head, bytes(body))
        if response.drop:
            writer.transport.abort()
            return False
        headers = [
            ("content-type", response.content_type),
            ("content-length", str(len(response.body))),
            *response.headers.items(),
        ]
        out = peer.send(h11.Response(status_code=response.status, headers=headers)) or b""
        if head.method != b"HEAD":
            out += peer.send(h11.Data(data=response.body)) or b""
        out += peer.send(h11.EndOfMessage()) or b""
        writer.write(out)
        await writer.drain()
        return peer.our_state is h11.DONE and peer.their_state is h11.DONE

    async def _answer(self, head: h11.Request, body: bytes) -> Response:
        split = urlsplit(head.target.decode("ascii", "replace"))
        method = head.method.decode("ascii")
        found = self._routes.match("GET" if method == "HEAD" else method, split.path)
        if isinstance(found, int):
            return self._not_found(found)
        handler, parts = found
        headers = {k.decode("latin-1"): v.decode("latin-1") for k, v in head.headers}
        request = Request(
            method=method,
            path=split.path,
            query=parse_qsl(split.query, keep_blank_values=True),
            headers=headers,
            body=body,
            base_url=f"http://{headers.get('host', '')}",
            parts=parts,
        )
        try:
            return await handler(request)
        except Exception:
            log.exception("%s %s failed", method, split.path)
            return json_response({"error": "the peer itself failed"}, 500)
