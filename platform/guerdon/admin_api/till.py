"""The till on a cashier's phone: whose number this is, a sale, taking it back, handing over."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from litestar import Response, get, post
from litestar.params import FromQuery, JSONBody
from msgspec import Meta

from guerdon.admin_api.requests import AdminRequest, Done, act, answer
from guerdon.identity.policy import staff
from guerdon.ledger import queries as ledger
from guerdon.parameters.sections import ProgrammeParameters
from guerdon.plumbing import limits
from guerdon.plumbing.cache import key
from guerdon.plumbing.db import ReadSession, WriteSession
from guerdon.redemption import queries, till
from guerdon.tenancy.lifecycle import Act
from guerdon.wire.openapi import Read, Write
from guerdon.wire.parameters import PathId
from guerdon.wire.values import In, Out

TAGS = ["Till"]
USE = {"policy": staff("till:use")}

Code = Annotated[str, Meta(min_length=1, max_length=40)]


class TillMember(Out, frozen=True):
    """Whom a number belongs to: a first name, enough to ask; and what there is to spend."""

    number: str
    first_name: str
    available: int


class TillSaleIn(In, frozen=True):
    """A sale. `saleId` is made on the phone: sent again, it counts once."""

    sale_id: UUID
    code: Code
    amount_minor: Annotated[int, Meta(ge=1, le=till.AMOUNT_MINOR_MAX)]


class TillSale(Out, frozen=True):
    """What the sale gave. It can be taken back until `undoUntil`."""

    sale_id: UUID
    first_name: str
    points: int
    balance: int
    undo_until: datetime


class TillJoinIn(In, frozen=True):
    """A customer without an account: where the invitation goes, and what to call them."""

    email: Annotated[str, Meta(min_length=3, max_length=254)]
    name: Annotated[str, Meta(min_length=1, max_length=120)]


class TillJoined(Out, frozen=True):
    """The new member, and a code of the moment to credit the first sale to."""

    number: str
    first_name: str
    code: str


class TillUndone(Out, frozen=True):
    """What taking the sale back came to."""

    points: int
    balance: int


class TillCodeIn(In, frozen=True):
    """The code of a redemption as the member shows it, case, spaces and dashes do not matter; or
    the member's code of the moment, if one reward waits."""

    code: Code


class TillItem(Out, frozen=True):
    """What to hand over; `title` by language."""

    title: dict[str, str]
    quantity: int


class TillHandedOver(Out, frozen=True):
    """What to hand over, and the redemption's number."""

    number: str
    items: list[TillItem]


class TillDay(Out, frozen=True):
    """What the caller did today, in the brand's own time."""

    currency: str
    sales: int
    amount_minor: int
    points: int
    undone: int
    handed_over: int


@get("/{brand:str}/till/member", operation_id="findTillMember", operation_class=Read, opt=USE,
     tags=TAGS)  # fmt: skip
async def find(request: AdminRequest, code: FromQuery[str]) -> Response[TillMember]:
    """Whose number or code of the moment this is."""
    async with request.rt.db.read(request.tenant.id) as s:
        who = await till.member(
            request.rt, s, code=code[:40], now=request.now, real=request.real_now
        )
        available = await _available(request, s, who.account_id)
    return answer(TillMember(who.number or "", _first(who.name), available))


@post("/{brand:str}/till/sales", operation_id="sellAtTill", operation_class=Write, opt=USE,
      tags=TAGS)  # fmt: skip
async def sell(request: AdminRequest, data: JSONBody[TillSaleIn]) -> Response[TillSale]:
    """Credit a sale by the brand's earning rules."""
    request.tenant.require(Act.EARN)
    request.rt.allowances.require(request.tenant.id, Act.EARN)

    async def work(s: WriteSession, now: datetime) -> Done:
        who, earned = await till.sell(
            request.rt, s, code=data.code, amount_minor=data.amount_minor, sale_id=data.sale_id,
            staff_id=request.staff.staff_id, now=now, real=request.real_now,
        )  # fmt: skip
        return Done(
            TillSale(data.sale_id, _first(who.name), earned.points, earned.posted, now + till.UNDO),
            {
                "member": str(who.id), "amount_minor": data.amount_minor, "points": earned.points,
                "transaction": str(earned.transaction_id),
            },
            changed=not earned.replayed,
        )  # fmt: skip

    return await act(request, action="till.sold", subject=f"sale:{data.sale_id}", work=work,
                     given=data, status=201)  # fmt: skip


@post("/{brand:str}/till/members", operation_id="joinAtTill", operation_class=Write, opt=USE,
      tags=TAGS)  # fmt: skip
async def join(request: AdminRequest, data: JSONBody[TillJoinIn]) -> Response[TillJoined]:
    """Make a customer a member; the invitation to the account goes to their mail."""
    request.tenant.require(Act.EARN)
    request.rt.allowances.require(request.tenant.id, Act.JOIN)
    name = key(request.tenant.id, "till-join", str(request.staff.staff_id))
    limit = limits.Limit(name, till.JOINS_AT_ONCE, till.JOIN_EVERY_S)
    await limits.take(request.rt.valkey, [limit])

    async def work(s: WriteSession, now: datetime) -> Done:
        who, code = await till.join(
            request.rt, s, email=data.email, name=data.name, now=now, real=request.real_now
        )
        told = TillJoined(who.number or "", _first(who.name), code)
        return Done(told, {"member": str(who.id)}, subject=f"member:{who.id}")

    return await act(request, action="till.joined", subject="member", work=work, given=data,
                     status=201)  # fmt: skip


@post("/{brand:str}/till/sales/{sale_id:uuid}/undo", operation_id="undoTillSale",
      operation_class=Write, opt=USE, tags=TAGS, status_code=200)  # fmt: skip
async def undo(request: AdminRequest, sale_id: PathId) -> Response[TillUndone]:
    """Take a sale of one's own back within a minute, as a correction."""

    async def work(s: WriteSession, now: datetime) -> Done:
        done = await till.undo(s, sale_id=sale_id, staff_id=request.staff.staff_id, now=now)
        return Done(
            TillUndone(done.points, done.posted),
            {"points": done.points, "transaction": str(done.transaction_id)},
            changed=not done.replayed,
        )

    return await act(request, action="till.undone", subject=f"sale:{sale_id}", work=work)


@post("/{brand:str}/till/hand-over", operation_id="handOverAtTill", operation_class=Write, opt=USE,
      tags=TAGS, status_code=200)  # fmt: skip
async def hand_over(request: AdminRequest, data: JSONBody[TillCodeIn]) -> Response[TillHandedOver]:
    """Hand over what waits under a code; a code works once."""

    async def work(s: WriteSession, now: datetime) -> Done:
        done = await till.hand_over(
            request.rt, s, code=data.code, by=request.staff.label, now=now, real=request.real_now
        )
        redemption = await queries.redemption(s, done.id)
        titles = {str(line.line): line.title for line in redemption.lines}
        items = [TillItem(titles.get(line, {}), n) for line, n in done.lines.items()]
        return Done(
            TillHandedOver(done.purchase_order, items),
            {"redemption": str(done.id), "number": done.purchase_order},
            subject=f"redemption:{done.id}",
        )

    return await act(request, action="till.handed_over", subject="redemption", work=work,
                     given=data)  # fmt: skip


@get("/{brand:str}/till/day", operation_id="getTillDay", operation_class=Read, opt=USE, tags=TAGS)
async def today(request: AdminRequest) -> Response[TillDay]:
    """What the caller did today."""
    async with request.rt.db.read(request.tenant.id) as s:
        found = await till.day(request.rt, s, staff_id=request.staff.staff_id, now=request.now)
    return answer(
        TillDay(
            request.snapshot[ProgrammeParameters].currency,
            found.sales,
            found.amount_minor,
            found.points,
            found.undone,
            found.handed_over,
        )
    )


async def _available(request: AdminRequest, s: ReadSession, account_id: UUID) -> int:
    local = request.now.astimezone(request.snapshot[ProgrammeParameters].zone).date()
    found = await ledger.balance(s, account_id=account_id, today=local)
    return max(0, found.available)


def _first(name: str | None) -> str:
    return (name or "").partition(" ")[0]


HANDLERS = [find, join, sell, undo, hand_over, today]
