"""Requests of the console: who calls, and the one way in which they change anything."""

from collections.abc import Awaitable, Callable, Mapping
from datetime import datetime
from typing import Any

import msgspec
from litestar import Response

from guerdon.audit import operations as audit
from guerdon.identity import desk as consoles
from guerdon.identity.desk import Desk
from guerdon.identity.principals import StaffPrincipal
from guerdon.identity.support.principals import SupportPrincipal
from guerdon.plumbing.db import WriteSession
from guerdon.wire.requests import ApiRequest, ShownOnce, answer, once

__all__ = ["AdminRequest", "Done", "act", "answer"]


class AdminRequest(ApiRequest):
    """A request of the console."""

    @property
    def desk(self) -> Desk:
        """The console's side of this request: session, cookies, form token."""
        desk: Desk = self.scope["state"]["desk"]
        return desk

    @property
    def at_staff_host(self) -> bool:
        """Whether the call came to the console of the platform's own staff."""
        return consoles.at_staff_host(self.scope["state"])

    @property
    def staff(self) -> StaffPrincipal:
        """Who is calling."""
        principal = self.scope["state"].get("principal")
        if not isinstance(principal, StaffPrincipal):
            raise TypeError("this route's policy does not ask for staff")
        return principal

    @property
    def request_id(self) -> str:
        """Finds this request in the log."""
        return str(self.scope["state"].get("request_id", ""))

    @property
    def address(self) -> str:
        """The network address that called."""
        return str(self.scope["state"].get("client_address", ""))


class Done(msgspec.Struct, frozen=True):
    """What a change came to: the answer, and what the audit trail tells of it.

    `summary` holds what a reader of the trail needs, never a secret; `subject` and `action`
    replace those given to `act` where only the work knows them. `changed=False`: nothing was
    done, so nothing is told. `kept` is answered instead of `body` when the call is repeated: the
    way of a secret that is shown once and stored nowhere.
    """

    body: Any
    summary: Mapping[str, Any] = {}
    subject: str | None = None
    action: str | None = None
    changed: bool = True
    kept: Any = None


async def act(
    request: AdminRequest,
    *,
    action: str,
    subject: str,
    work: Callable[[WriteSession, datetime], Awaitable[Done]],
    given: Any = None,
    status: int = 200,
) -> Response[Any]:
    """Do `work` in one transaction, once per Idempotency-Key, write it into the audit trail, and
    answer with what it came to.

    `given` is the decoded input; with the operation and the path it makes the fingerprint.
    """

    async def told(s: WriteSession, now: datetime) -> Any:
        done = await work(s, now)
        if done.changed:
            who = request.staff
            words = who.words if isinstance(who, SupportPrincipal) else {}
            await audit.record(
                s,
                actor=who.label,
                action=done.action or action,
                subject=done.subject or subject,
                summary={**done.summary, **words},
                now=request.real_now,
                address=request.address,
                request_id=request.request_id,
            )
        return done.body if done.kept is None else ShownOnce(done.body, done.kept)

    return await once(request, told, given=given, status=status)
