"""Reading a request: the body straight into its Struct, the key, the principal, the instant."""

from collections.abc import Awaitable, Callable
from datetime import datetime
from typing import Any, Final, TypeVar

import msgspec
from litestar import Request, Response
from litestar.datastructures import State

from guerdon.identity.principals import ApiKeyPrincipal, MemberPrincipal, Principal
from guerdon.parameters.snapshot import Snapshot
from guerdon.plumbing import idempotency
from guerdon.plumbing.db import WriteSession
from guerdon.plumbing.idempotency import Answer
from guerdon.runtime import Runtime
from guerdon.tenancy.schemas import Tenant
from guerdon.wire.problems import (
    BodyTooLargeError,
    Fault,
    InputError,
    MalformedBodyError,
    UnsupportedMediaTypeError,
    fault_of,
)
from guerdon.wire.ready import Ready

T = TypeVar("T")

BODY_BYTES_MAX: Final = 1_000_000
JSON: Final = "application/json"
_JSON: Final = JSON.encode()
_decoders: dict[Any, msgspec.json.Decoder[Any]] = {}


class ApiRequest(Request[Any, Any, State]):
    """A request of the API. Its body is decoded once, by the type that the handler declares."""

    async def json(self) -> Any:
        """The body as the handler's `data` Struct, checked."""
        handler = self.route_handler
        field = handler.parsed_fn_signature.parameters["data"]
        return await self.decode(field.annotation)

    async def decode(self, kind: Any) -> Any:
        """The body as `kind`; refusals name the place."""
        if self.content_type[0] != JSON:
            raise UnsupportedMediaTypeError
        raw = await self.body()
        if len(raw) > BODY_BYTES_MAX:
            raise BodyTooLargeError
        if b"\\u0000" in raw:
            raise InputError([Fault("A text cannot contain the character U+0000.", pointer="")])
        decoder = _decoders.get(kind)
        if decoder is None:
            decoder = _decoders[kind] = msgspec.json.Decoder(kind)
        try:
            return decoder.decode(raw)
        except msgspec.ValidationError as error:
            raise InputError([fault_of(error)]) from None
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
            raise MalformedBodyError(f"{type(error).__name__}: {error}"[:200]) from None

    @property
    def rt(self) -> Runtime:
        """What every operation has at hand."""
        runtime: Runtime = self.app.state.rt
        return runtime

    @property
    def tenant(self) -> Tenant:
        """The brand whose host was called."""
        tenant: Tenant = self.scope["state"]["tenant"]
        return tenant

    @property
    def principal(self) -> Principal:
        """Who is calling, as the gate proved."""
        principal: Principal = self.scope["state"]["principal"]
        return principal

    @property
    def member(self) -> MemberPrincipal:
        """The member whose app is calling."""
        principal = self.principal
        if not isinstance(principal, MemberPrincipal):
            raise TypeError("this route's policy does not ask for a member")
        return principal

    @property
    def api_key(self) -> ApiKeyPrincipal:
        """The brand's system that is calling."""
        principal = self.principal
        if not isinstance(principal, ApiKeyPrincipal):
            raise TypeError("this route's policy does not ask for a key")
        return principal

    @property
    def now(self) -> datetime:
        """The instant of this request in the programme's time."""
        now: datetime = self.scope["state"]["now"]
        return now

    @property
    def real_now(self) -> datetime:
        """The instant of this request for what never follows a sandbox's clock: sessions, tokens,
        codes, keys."""
        now: datetime = self.scope["state"]["real_now"]
        return now

    @property
    def snapshot(self) -> Snapshot:
        """The programme's parameters in force for this request."""
        snapshot: Snapshot = self.scope["state"]["snapshot"]
        return snapshot

    @property
    def idempotency_key(self) -> str:
        """The key of a write."""
        return idempotency.check_key(self.headers.get("idempotency-key"))


def answer(body: Any, *, status: int = 200) -> Response[Any]:
    """A JSON answer, encoded once."""
    return Ready(msgspec.json.encode(body), kind=_JSON, status=status)


class ShownOnce(msgspec.Struct, frozen=True):
    """An answer that is not kept: `again` is, and is answered when the call is repeated."""

    body: Any
    again: Any


def _shared(body: Any) -> ShownOnce:
    """Answered and kept alike, so encoded once for both."""
    encoded = msgspec.Raw(msgspec.json.encode(body))
    return ShownOnce(encoded, encoded)


async def once(
    request: ApiRequest,
    work: Callable[[WriteSession, datetime], Awaitable[Any]],
    *,
    given: Any = None,
    status: int = 200,
) -> Response[Any]:
    """Do `work` in one transaction, once per Idempotency-Key, and answer with what it returns.

    A secret is returned as `ShownOnce`, so that it is stored nowhere. `given` is the decoded
    input; with the operation and the path it makes the fingerprint.
    """
    key = request.idempotency_key
    operation = f"{request.method} {request.scope['path']}"
    print_ = idempotency.fingerprint(operation, given)
    principal = request.principal.label
    async with request.rt.db.write(request.tenant.id) as s:
        kept = await idempotency.replay(
            s, principal=principal, key=key, operation=operation, print_=print_
        )
        if kept is not None:
            replayed = answer(kept.body, status=kept.status)
            replayed.headers["Idempotent-Replayed"] = "true"
            return replayed
        done = await work(s, request.now)
        shown = done if isinstance(done, ShownOnce) else _shared(done)
        await idempotency.keep(
            s,
            principal=principal,
            key=key,
            operation=operation,
            print_=print_,
            answer=Answer(status, shown.again),
        )
    return answer(shown.body, status=status)
