"""The one way out: https to public addresses, resolved once, no redirects, capped in size and time.

Exact origins named in the operator's settings are excepted (sandbox peers, a local identity
provider); a tenant's parameter never is.
"""

import asyncio
import ipaddress
import socket
from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import urlsplit

import httpx2
import msgspec
from opentelemetry import trace
from opentelemetry.trace import SpanKind

from guerdon.kit.errors import UnavailableError
from guerdon.plumbing import failpoints
from guerdon.plumbing.tracing import current_traceparent

_tracer = trace.get_tracer("guerdon.egress")
RESPONSE_BYTES_MAX = 2_000_000


class EgressRefusedError(Exception):
    """The address may not be called: not https, not public, or not an address at all."""


class EgressFailedError(UnavailableError):
    """The other side did not answer, or not in a way that can be read.

    `maybe_done` tells whether the request may have had its effect.
    """

    code = "outside_unavailable"

    def __init__(self, detail: str, *, maybe_done: bool) -> None:
        super().__init__(detail)
        self.maybe_done = maybe_done


class Response(msgspec.Struct, frozen=True):
    """Status, headers (lower-case names) and body of an answer."""

    status: int
    headers: dict[str, str]
    body: bytes

    def json(self) -> Any:
        """The body as JSON; EgressFailedError if it is not."""
        try:
            return msgspec.json.decode(self.body)
        except msgspec.DecodeError as error:
            raise EgressFailedError("The answer is not JSON.", maybe_done=True) from error


def _public(address: str) -> bool:
    ip = ipaddress.ip_address(address)
    if isinstance(ip, ipaddress.IPv6Address):
        if ip.ipv4_mapped is not None:
            ip = ip.ipv4_mapped
        elif ip in ipaddress.ip_network("64:ff9b::/96") or ip in ipaddress.ip_network("2002::/16"):
            return False
    return ip.is_global and not ip.is_multicast and not ip.is_reserved


async def _resolve(host: str, port: int) -> str:
    try:
        found = await asyncio.get_running_loop().getaddrinfo(
            host, port, type=socket.SOCK_STREAM, proto=socket.IPPROTO_TCP
        )
    except (OSError, UnicodeError) as error:
        raise EgressFailedError(f"{host} cannot be resolved.", maybe_done=False) from error
    addresses = [str(item[4][0]) for item in found]
    if not addresses or not all(_public(a) for a in addresses):
        raise EgressRefusedError(f"{host} is not a public address")
    return addresses[0]


class Egress:
    """Outgoing HTTP for the whole product."""

    def __init__(self, allowed_origins: Sequence[str] = ()) -> None:
        self._allowed = frozenset(o.rstrip("/").lower() for o in allowed_origins)
        self._client = httpx2.AsyncClient(
            follow_redirects=False,
            trust_env=False,
            limits=httpx2.Limits(max_connections=64, max_keepalive_connections=16),
        )

    async def close(self) -> None:
        """Close kept connections."""
        await self._client.aclose()

    def excepted(self, url: str) -> bool:
        """Whether the operator's settings name this address' exact origin."""
        parts = urlsplit(url)
        return f"{parts.scheme}://{parts.netloc}".lower() in self._allowed

    async def check(self, url: str) -> str:
        """The address to connect to for `url`; EgressRefusedError where it may not be called."""
        try:
            parts = urlsplit(url)
            port = parts.port or 443
        except ValueError as error:
            raise EgressRefusedError("not an address") from error
        if parts.scheme != "https" or not parts.hostname:
            raise EgressRefusedError("only https addresses may be called")
        if parts.username is not None or parts.password is not None or port != 443:
            raise EgressRefusedError("no user names and no ports in an address")
        return await _resolve(parts.hostname, port)

    async def request(
        self,
        method: str,
        url: str,
        *,
        headers: Mapping[str, str] | None = None,
        content: bytes | None = None,
        timeout_s: float = 10.0,
    ) -> Response:
        """Send a request and read the whole answer.

        Raises EgressRefusedError before anything is sent, EgressFailedError when there is no
        complete answer.
        """
        sent_headers = dict(headers or {})
        extensions: dict[str, Any] = {}
        target = url
        if not self.excepted(url):
            address = await self.check(url)
            parts = urlsplit(url)
            host = parts.hostname or ""
            literal = f"[{address}]" if ":" in address else address
            target = parts._replace(netloc=literal).geturl()
            sent_headers["Host"] = host
            extensions["sni_hostname"] = host
        origin = urlsplit(url).netloc
        with _tracer.start_as_current_span(f"{method} {origin}", kind=SpanKind.CLIENT):
            if traceparent := current_traceparent():
                sent_headers["traceparent"] = traceparent
            return await self._exchange(
                method, target, sent_headers, content, timeout_s, extensions
            )

    async def _exchange(
        self,
        method: str,
        target: str,
        headers: Mapping[str, str],
        content: bytes | None,
        timeout_s: float,
        extensions: dict[str, Any],
    ) -> Response:
        failpoints.sending("before")
        try:
            async with asyncio.timeout(timeout_s):
                async with self._client.stream(
                    method,
                    target,
                    headers=headers,
                    content=content,
                    timeout=timeout_s,
                    extensions=extensions,
                ) as answer:
                    body = bytearray()
                    async for chunk in answer.aiter_bytes():
                        body += chunk
                        if len(body) > RESPONSE_BYTES_MAX:
                            raise EgressFailedError("The answer is too large.", maybe_done=True)
                    failpoints.sending("after")
                    return Response(
                        status=answer.status_code,
                        headers={k.lower(): v for k, v in answer.headers.items()},
                        body=bytes(body),
                    )
        except (httpx2.ConnectError, httpx2.ConnectTimeout, httpx2.PoolTimeout) as error:
            raise EgressFailedError("The other side is not there.", maybe_done=False) from error
        except (httpx2.HTTPError, TimeoutError) as error:
            raise EgressFailedError("The other side did not answer.", maybe_done=True) from error
