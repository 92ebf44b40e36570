"""Calls to the Amazon Business API: token, shaping, breaker, and what an answer means."""

import asyncio
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final, NamedTuple
from urllib.parse import urlencode
from uuid import UUID

import msgspec

from guerdon.fulfilment.errors import (
    SupplierBusyError,
    SupplierOutcomeUnknownError,
    SupplierRefusedError,
    SupplierUnavailableError,
)
from guerdon.fulfilment.shaping import Shaper
from guerdon.plumbing.breaker import Breaker
from guerdon.plumbing.egress import EgressFailedError, EgressRefusedError, Response
from guerdon.runtime import Runtime

TIMEOUT_S: Final = 15
# A wait this short is waited for here; a longer one sends the job away and back.
_WAIT_S_MAX: Final = 2.0
_TOKEN_MARGIN: Final = timedelta(seconds=60)


class Credentials(NamedTuple):
    """Login with Amazon: the application, and the account's grant to it."""

    client_id: str
    client_secret: str
    refresh_token: str

    def __repr__(self) -> str:
        return "Credentials(...)"


class _TokenAnswer(msgspec.Struct):
    access_token: str
    expires_in: int


class _Error(msgspec.Struct):
    code: str = ""
    message: str = ""


class _Errors(msgspec.Struct):
    errors: list[_Error] = []


@dataclass(frozen=True, slots=True)
class Answer:
    """An answer that says something: done, refused or not found."""

    operation: str
    status: int
    body: bytes = field(repr=False)

    @property
    def message(self) -> str:
        """The API's own words on a refusal."""
        try:
            errors = msgspec.json.decode(self.body, type=_Errors).errors
        except msgspec.MsgspecError:
            errors = []
        return "; ".join(e.message for e in errors if e.message)[:500]

    def expect(self, status: int) -> "Answer":
        """This answer if it has `status`; else the refusal it is."""
        if self.status == status:
            return self
        reason = "account" if self.status in (401, 403) else "invalid_order"
        detail = f"{self.operation}: {self.status} {self.message}"
        raise SupplierRefusedError(detail, reason=reason)


class _Token(NamedTuple):
    value: str
    until: datetime


# Per process: tokens live an hour and cost a round trip.
_tokens: dict[tuple[str, Credentials], _Token] = {}
_token_locks: dict[tuple[str, Credentials], asyncio.Lock] = {}


class AmazonClient:
    """One tenant's connection: shaped by the rate it is told, left alone when it fails."""

    def __init__(
        self,
        rt: Runtime,
        *,
        tenant_id: UUID,
        supplier: str,
        user_email: str,
        credentials: Credentials,
    ) -> None:
        self._rt = rt
        self._user_email = user_email
        self._credentials = credentials
        self._shaper = Shaper(rt.valkey, tenant_id, supplier)
        self._breaker = Breaker(rt.valkey, tenant_id, supplier)

    async def call(
        self,
        operation: str,
        method: str,
        path: str,
        *,
        body: bytes | None = None,
        mutates: bool = False,
    ) -> Answer:
        """Send a request of `operation`. Answers 200 and 4xx; everything else is an error.

        `mutates` tells whether a lost answer leaves something open.
        """
        if wait := await self._breaker.wait_s():
            raise SupplierUnavailableError(retry_after_s=wait)
        await self._wait_for_a_turn(operation)
        try:
            answer = await self._send(method, path, body, await self._token())
            if answer.status in (401, 403):
                # The token may have been withdrawn before its time.
                answer = await self._send(method, path, body, await self._token(renew=True))
        except EgressRefusedError as error:
            raise SupplierUnavailableError(str(error)) from error
        except EgressFailedError as error:
            await self._breaker.failed()
            if error.maybe_done and mutates:
                raise SupplierOutcomeUnknownError from error
            raise SupplierUnavailableError from error
        return await self._judged(operation, answer, mutates)

    async def _wait_for_a_turn(self, operation: str) -> None:
        patience = _WAIT_S_MAX
        while wait := await self._shaper.take(operation, now=self._rt.clock.now()):
            if wait > patience:
                raise SupplierBusyError(wait)
            patience -= wait
            await asyncio.sleep(wait)

    async def _judged(self, operation: str, answer: Response, mutates: bool) -> Answer:
        try:
            rate = float(answer.headers.get("x-amzn-ratelimit-limit", ""))
        except ValueError:
            rate = 0.0
        await self._shaper.learn(operation, rate)
        if answer.status == 429:
            await self._shaper.drain(operation, now=self._rt.clock.now())
            raise SupplierBusyError(1 / rate if rate > 0 else _WAIT_S_MAX)
        if answer.status == 503:
            await self._breaker.failed()
            raise SupplierUnavailableError
        if answer.status >= 500:
            await self._breaker.failed()
            raise SupplierOutcomeUnknownError if mutates else SupplierUnavailableError
        await self._breaker.worked()
        return Answer(operation, answer.status, answer.body)

    async def _send(self, method: str, path: str, body: bytes | None, token: str) -> Response:
        headers = {
            "accept": "application/json",
            "x-amz-access-token": token,
            "x-amz-user-email": self._user_email,
        }
        if body is not None:
            headers["content-type"] = "application/json"
        url = self._rt.settings.amazon_business_base.rstrip("/") + path
        return await self._rt.egress.request(
            method, url, headers=headers, content=body, timeout_s=TIMEOUT_S
        )

    async def _token(self, *, renew: bool = False) -> str:
        place = (self._rt.settings.lwa_token_url, self._credentials)
        async with _token_locks.setdefault(place, asyncio.Lock()):
            now = self._rt.clock.now()
            known = _tokens.get(place)
            if known is not None and not renew and known.until > now:
                return known.value
            granted = await self._grant()
            until = now + timedelta(seconds=granted.expires_in) - _TOKEN_MARGIN
            _tokens[place] = _Token(granted.access_token, until)
            return granted.access_token

    async def _grant(self) -> _TokenAnswer:
        form = {"grant_type": "refresh_token", **self._credentials._asdict()}
        try:
            answer = await self._rt.egress.request(
                "POST",
                self._rt.settings.lwa_token_url,
                headers={"content-type": "application/x-www-form-urlencoded"},
                content=urlencode(form).encode(),
                timeout_s=TIMEOUT_S,
            )
        except EgressFailedError as error:
            # No order has been sent yet, whatever became of the token.
            await self._breaker.failed()
            raise SupplierUnavailableError("No access token could be had.") from error
        if answer.status in (400, 401, 403):
            raise SupplierRefusedError("The credentials are not accepted.", reason="account")
        if answer.status != 200:
            await self._breaker.failed()
            raise SupplierUnavailableError("No access token could be had.")
        try:
            return msgspec.json.decode(answer.body, type=_TokenAnswer)
        except msgspec.MsgspecError as error:
            raise SupplierUnavailableError("No access token could be had.") from error
