"""The outermost layer: which house number is this request for?

The Host header is looked up exactly, once. The base host's paths move under `/_base`, the hooks
host's under `/_hooks`, the consoles' under `/_console`; a tenant's stay as they are, and `/_`
prefixes from outside are unknown. A trusted proxy alone reaches `/_ask`. Health and metrics answer
on every host. A page of a tenant at another than its canonical host leads there. The tenant, its
snapshot, the request's instant and id are put into `scope["state"]`, so that one request sees one
of each. A brand that is told to wait is told so before anything else: its flood is paid for by
all. Such a request is counted and has no line in the log.
"""

import ipaddress
import re
import time
from collections.abc import Callable, Sequence
from functools import lru_cache
from typing import Any
from urllib.parse import quote

import structlog
from litestar.enums import ScopeType
from litestar.types import ASGIApp, HTTPScope, Message, Receive, Scope, Send
from opentelemetry import trace
from opentelemetry.trace import SpanKind

from guerdon.app import certificates, plain, preview
from guerdon.app.metering import count
from guerdon.app.metrics import describe, observe
from guerdon.app.turns import TenantBusyError, Turns
from guerdon.kit.errors import GuerdonError
from guerdon.kit.ids import uuid7
from guerdon.plans.recording import Recorder
from guerdon.plumbing import tracing
from guerdon.runtime import Runtime
from guerdon.simulation.preview import Previews
from guerdon.support.traffic import Meter
from guerdon.tenancy.errors import TenantClosedError, UnknownHostError, refused
from guerdon.tenancy.lifecycle import Act, State
from guerdon.tenancy.schemas import Tenant

_HOST = re.compile(rb"^([a-zA-Z0-9]([a-zA-Z0-9.-]{0,251}[a-zA-Z0-9])?)(:\d{1,5})?$")
_ANYWHERE = ("/health/", "/metrics")
# Calls of systems stay where they are: many drop their credentials when they are led elsewhere.
_NOT_LED = ("/api/", "/oauth/", "/.well-known/", "/assets/", "/theme/", "/files/", "/preview/")
# What a proxy adds to what it hands on; its own question has none of it.
_HANDED_ON = frozenset({b"x-forwarded-for", b"x-forwarded-host", b"forwarded", b"via"})
# What the page of a refusal is made of: style, script, the brand's logo.
_DECORATION = ("/assets/", "/theme/", "/files/")
_PATH_SAFE = "/:@!$&'()*+,;=~-._"
_log = structlog.get_logger("guerdon.requests")
_tracer = trace.get_tracer("guerdon.web")


class HostRouter:
    """ASGI application that resolves the host and hands the request on."""

    def __init__(
        self,
        inner: ASGIApp,
        get_runtime: Any,
        meter: Meter,
        *,
        trusted_proxies: Sequence[str],
        get_recorder: Callable[[], Recorder] | None = None,
    ) -> None:
        self._inner = inner
        self._get_runtime = get_runtime
        self._get_recorder = get_recorder
        self._meter = meter
        self._previews = Previews()
        self._turns = Turns()
        proxies = frozenset(ipaddress.ip_address(p) for p in trusted_proxies)
        # Peers are few where it matters, behind a proxy, and each sends many requests.
        self._is_proxy = lru_cache(maxsize=1_024)(lambda peer: _address(peer) in proxies)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != ScopeType.HTTP:
            await self._inner(scope, receive, send)
            return
        started = time.perf_counter()
        authority = _authority(scope)
        if authority is not None and (tenant := self._known(authority)) is not None:
            wait_s = self._turns.refusal(tenant.id, per_minute=self._per_minute(tenant))
            if wait_s and not scope["path"].startswith(_ANYWHERE):
                scope.setdefault("state", {})["tenant"] = tenant
                await plain.tell_to_wait(scope, wait_s, send)
                self._count(scope, TenantBusyError.status, time.perf_counter() - started)
                return
        await self._serve(scope, authority, receive, send)

    async def _serve(
        self, scope: HTTPScope, authority: str | None, receive: Receive, send: Send
    ) -> None:
        started = time.perf_counter()
        request_id = str(uuid7())
        state = scope.setdefault("state", {})
        state["request_id"] = request_id
        state["client_address"] = self._client(scope)
        structlog.contextvars.clear_contextvars()
        structlog.contextvars.bind_contextvars(request_id=request_id)
        status = 0

        async def send_with_id(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                headers = list(message.get("headers", []))
                headers.append((b"x-request-id", request_id.encode()))
                message["headers"] = headers
            await send(message)

        if tracing.recording():
            with tracing.part_of(_header(scope, b"traceparent")):
                with _tracer.start_as_current_span(scope["method"], kind=SpanKind.SERVER) as span:
                    await self._answer(scope, authority, receive, send_with_id)
                    describe(span, scope, status)
        else:
            await self._answer(scope, authority, receive, send_with_id)
        seconds = time.perf_counter() - started
        self._count(scope, status, seconds)
        if not scope["path"].startswith(_ANYWHERE) and "told_to_wait" not in state:
            _log.info(
                "request",
                method=scope["method"],
                path=scope["path"],
                status=status,
                duration_ms=round(seconds * 1000, 1),
            )

    def _count(self, scope: HTTPScope, status: int, seconds: float) -> None:
        observe(scope, status, seconds)
        if self._get_recorder is not None:
            _record(self._get_recorder(), scope, status, seconds)
        if not scope["path"].startswith(_ANYWHERE):
            count(self._meter, scope, status, seconds)

    async def _answer(
        self, scope: HTTPScope, authority: str | None, receive: Receive, send: Send
    ) -> None:
        state = scope["state"]
        try:
            refusal = await self._resolve(scope, authority)
        except GuerdonError as error:
            refusal = error
        if isinstance(refusal, UnknownHostError | TenantClosedError | TenantBusyError):
            if isinstance(refusal, TenantBusyError):
                state["told_to_wait"] = True
            await plain.answer(scope, refusal, send)
        elif (site := state.get("lead_to")) is not None:
            await _lead(scope, site, send)
        else:
            if state.get("preview") is not None:
                send = preview.fenced(send, self._get_runtime().settings.console_url)
            if refusal is not None:
                state["refusal"] = refusal
                is_call = scope["path"].startswith("/api/")
                self._move(scope, "/_refused/api" if is_call else "/_refused", keep=False)
                scope["method"] = "GET"
            await self._inner(scope, receive, send)

    def _known(self, authority: str) -> Tenant | None:
        rt: Runtime = self._get_runtime()
        return rt.directory.peek(authority.partition(":")[0])

    async def _resolve(self, scope: HTTPScope, authority: str | None) -> Exception | None:
        path = scope["path"]
        if path.startswith(_ANYWHERE):
            return None
        if authority is None or path.startswith("/_"):
            return UnknownHostError("This address is not served here.")
        host = authority.partition(":")[0]
        rt: Runtime = self._get_runtime()
        settings = rt.settings
        if settings.ask_host and authority == settings.ask_host.lower():
            if not self._asked_by_proxy(scope):
                return UnknownHostError("This address is not served here.")
            self._move(scope, certificates.PREFIX)
            return None
        if host == settings.base_domain:
            self._move(scope, "/_base")
            return None
        if host == settings.hooks_authority.partition(":")[0]:
            self._move(scope, "/_hooks")
            return None
        if host == settings.console_authority.partition(":")[0]:
            scope["state"]["console"] = "brands"
            self._move(scope, "/_console")
            return None
        if host == settings.staff_authority.partition(":")[0]:
            scope["state"]["console"] = "staff"
            self._move(scope, "/_console")
            return None
        tenant = rt.directory.peek(host) or await rt.directory.by_host(host)
        if tenant is None:
            return UnknownHostError("No brand lives at this address.")
        if tenant.status is State.CLOSED:
            return refused(tenant.status, Act.VISIT)
        state = scope["state"]
        state["tenant"] = tenant
        await self._turns.take(rt.valkey, tenant.id, per_minute=self._per_minute(tenant))
        real_now = state["real_now"] = rt.clock.now()
        now = state["now"] = tenant.time(real_now)
        await rt.snapshots.ensure(tenant.id)
        state["snapshot"] = rt.snapshots.current(tenant.id, now)
        structlog.contextvars.bind_contextvars(tenant=tenant.slug)
        act = Act.CALL if path.startswith("/api/") else Act.VISIT
        if not tenant.allows(act) and not path.startswith(_DECORATION):
            return refused(tenant.status, act)
        cookie = preview.cookie_of(scope)
        if host != tenant.canonical_host and cookie is None and not path.startswith(_NOT_LED):
            state["lead_to"] = settings.tenant_url(tenant.canonical_host)
            return None
        if cookie is not None:
            return await preview.enter(
                self._previews, rt, scope, cookie=cookie, tenant_id=tenant.id, now=now
            )
        return None

    def _per_minute(self, tenant: Tenant) -> int:
        rt: Runtime = self._get_runtime()
        own = rt.allowances.limit(tenant.id, "requests_per_minute")
        return rt.settings.tenant_requests_per_minute if own is None else own

    @staticmethod
    def _move(scope: HTTPScope, prefix: str, *, keep: bool = True) -> None:
        scope["path"] = prefix + scope["path"] if keep else prefix
        scope["raw_path"] = scope["path"].encode()

    def _asked_by_proxy(self, scope: HTTPScope) -> bool:
        """Whether a trusted proxy asks in its own name, and hands on nobody else's question."""
        return self._from_proxy(scope) and not any(k in _HANDED_ON for k, _ in scope["headers"])

    def _from_proxy(self, scope: HTTPScope) -> bool:
        return self._is_proxy(str((scope.get("client") or ("",))[0]))

    def _client(self, scope: HTTPScope) -> str:
        peer = (scope.get("client") or ("",))[0]
        if not self._from_proxy(scope):
            return str(peer)
        forwarded = [v for k, v in scope["headers"] if k == b"x-forwarded-for"]
        if not forwarded:
            return str(peer)
        nearest = _address(forwarded[-1].decode("latin-1").rpartition(",")[2].strip())
        return str(peer if nearest is None else nearest)


def _address(text: str) -> "ipaddress.IPv4Address | ipaddress.IPv6Address | None":
    try:
        return ipaddress.ip_address(text)
    except ValueError:
        return None


def _record(recorder: Recorder, scope: HTTPScope, status: int, seconds: float) -> None:
    """A call of the API counts for the brand's plan; one that a limit refused does not."""
    tenant = scope["state"].get("tenant")
    api_call = scope["path"].startswith("/api/") and status != 429
    recorder.request(None if tenant is None else tenant.id, seconds, api_call=api_call)


def _authority(scope: HTTPScope) -> str | None:
    """What the one Host header says, in lower case; None if it says nothing that can be."""
    hosts = [v for k, v in scope["headers"] if k == b"host"]
    if len(hosts) != 1 or _HOST.match(hosts[0]) is None:
        return None
    return hosts[0].decode().lower()


def _header(scope: HTTPScope, name: bytes) -> str | None:
    return next((v.decode("latin-1") for k, v in scope["headers"] if k == name), None)


async def _lead(scope: HTTPScope, site: str, send: Send) -> None:
    """The same page at the canonical host. Never kept: the brand may choose another one."""
    query = scope["query_string"]
    target = site.encode() + quote(scope["path"], safe=_PATH_SAFE).encode()
    headers = [
        (b"location", target + (b"?" + query if query else b"")),
        (b"content-length", b"0"),
        (b"cache-control", b"no-store"),
    ]
    await send({"type": "http.response.start", "status": 308, "headers": headers})
    await send({"type": "http.response.body", "body": b"", "more_body": False})
