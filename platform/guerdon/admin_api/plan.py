"""The brand's plan, what it uses of it, and the statements of its months."""

from datetime import date, datetime
from typing import Annotated, Literal

import msgspec
from litestar import Response, get, post
from litestar.params import FromPath, JSONBody
from msgspec import Meta

from guerdon.admin_api.requests import AdminRequest, Done, act, answer
from guerdon.billing import charges
from guerdon.identity.policy import staff
from guerdon.kit.errors import NotFoundError
from guerdon.kit.money import Money as Amount
from guerdon.plans import operations, queries, statements
from guerdon.plans.plans import CURRENCY, PLANS
from guerdon.plumbing.db import ReadSession, WriteSession
from guerdon.wire.openapi import Read, Write
from guerdon.wire.values import In, Money, Out

TAGS = ["Brand"]
READ = {"policy": staff("brand:read")}


class PlanQuota(Out, frozen=True):
    """A quota of a plan; null: no limit. Beyond a soft one each begun `per` costs `extra`."""

    meter: str
    limit: int | None
    policy: str
    per: int
    extra: Money


class PlanOffer(Out, frozen=True):
    """A plan that there is. `byAgreement`: the platform's support gives it."""

    key: str
    title: str
    price: Money
    by_agreement: bool
    quotas: list[PlanQuota]


class UsageGauge(Out, frozen=True):
    """A meter against its quota, in whole per cent."""

    meter: str
    used: int
    limit: int | None
    percent: int
    policy: str
    per: int
    extra: Money


class UsageDay(Out, frozen=True):
    """One day in UTC."""

    day: date
    orders: int
    api_calls: int


class QuotaNotice(Out, frozen=True):
    """That owners were told of a quota."""

    meter: str
    percent: int
    used: int
    quota: int
    told_at: datetime


class PlanUsage(Out, frozen=True):
    """Plan and usage, counted now; the month is one in UTC."""

    plan: str
    since: datetime | None
    period: date
    gauges: list[UsageGauge]
    days: list[UsageDay]
    notices: list[QuotaNotice]
    plans: list[PlanOffer]


class PlanIn(In, frozen=True):
    """The plan to go over to."""

    plan: Annotated[str, Meta(min_length=1, max_length=40)]


class StatementLine(Out, frozen=True):
    """A meter of the month; `plan` is the price itself, by its days."""

    meter: str
    used: int
    included: int | None
    over: int
    per: int
    unit: Money
    amount: Money


class StatementCost(Out, frozen=True):
    """What the month cost the platform: an estimate, no price. Millionths of a dollar,
    thousandths of a watt-hour."""

    cpu_us: int
    storage_bytes: int
    outside_calls: int
    cost_micro_usd: int
    energy_mwh: int


class StatementPayment(Out, frozen=True):
    """What became of a statement's money. `due`: to be paid, and with `url` the page for it;
    `paying`: reserved and being taken. `decline`: the last refusal of a card."""

    state: Literal["due", "opening", "open", "paying", "paid"]
    due_at: datetime
    overdue: bool
    url: str | None
    decline: str | None
    card: str | None
    paid_at: datetime | None

    @classmethod
    def of(cls, charge: charges.Charge, now: datetime) -> "StatementPayment":
        """As the domain has it."""
        opening = charge.state == "due" and charge.attempt is not None
        return cls(
            "opening" if opening else charge.state, charge.due_at, charge.overdue(now),
            charge.url, charge.decline, charge.card, charge.paid_at,
        )  # fmt: skip


class UsageStatement(Out, frozen=True):
    """The statement of a closed month; it never changes. `payment`: null, nothing is charged."""

    period: date
    plan: str
    total: Money
    closed_at: datetime
    lines: list[StatementLine]
    cost: StatementCost
    payment: StatementPayment | None

    @classmethod
    def of(cls, found: statements.Statement, payment: StatementPayment | None) -> "UsageStatement":
        """As the domain has it."""
        return cls(
            found.period,
            found.plan,
            _money(found.total_minor, found.currency),
            found.closed_at,
            [
                StatementLine(
                    one.meter, one.used, one.included, one.over, one.per,
                    _money(one.unit_minor, found.currency),
                    _money(one.amount_minor, found.currency),
                )
                for one in found.lines
            ],
            msgspec.convert(found.cost, StatementCost, from_attributes=True),
            payment,
        )  # fmt: skip


class UsageStatements(Out, frozen=True):
    """The latest 36, newest first."""

    items: list[UsageStatement]


@get("/{brand:str}/plan", operation_id="readPlan", operation_class=Read, opt=READ, tags=TAGS)
async def plan(request: AdminRequest) -> Response[PlanUsage]:
    """The plan, what is used of it this month, and what other plans there are."""
    async with request.rt.db.read(request.tenant.id) as s:
        return answer(await _shown(request, s))


@post("/{brand:str}/plan", operation_id="choosePlan", operation_class=Write,
      opt={"policy": staff("brand:manage", fresh=True)}, tags=TAGS, status_code=200)  # fmt: skip
async def choose(request: AdminRequest, data: JSONBody[PlanIn]) -> Response[PlanUsage]:
    """Go over to another plan, at once. The month is charged by the plan at its end."""

    async def work(s: WriteSession, now: datetime) -> Done:
        await operations.choose_plan(
            s, plan=data.plan, actor=request.staff.label, now=now, address=request.address,
            request_id=request.request_id,
        )  # fmt: skip
        # The choice has told the trail itself.
        return Done(await _shown(request, s), changed=False)

    return await act(request, action="plan.changed", subject="plan", work=work, given=data)


@get("/{brand:str}/statements", operation_id="listStatements", operation_class=Read, opt=READ,
     tags=TAGS)  # fmt: skip
async def listing(request: AdminRequest) -> Response[UsageStatements]:
    """List the statements of closed months."""
    async with request.rt.db.read(request.tenant.id) as s:
        return answer(await _statements(s))


@post("/{brand:str}/statements/{month:str}/pay", operation_id="payStatement",
      operation_class=Write, opt={"policy": staff("brand:pay", fresh=True)}, tags=TAGS,
      status_code=200)  # fmt: skip
async def pay(request: AdminRequest, month: FromPath[str]) -> Response[UsageStatements]:
    """Ask for a payment page; its address stands in the statement's payment a moment later."""

    async def work(s: WriteSession, now: datetime) -> Done:
        charge = await charges.ask_for_page(s, period=_period(month))
        return Done(
            await _statements(s),
            {"month": month, "amount": charge.amount_minor, "currency": charge.currency},
        )

    return await act(request, action="plan.payment_begun", subject=f"statement:{month}",
                     work=work)  # fmt: skip


@get("/{brand:str}/statements/{month:str}/csv", operation_id="downloadStatement",
     operation_class=Read, opt=READ, tags=TAGS)  # fmt: skip
async def download(request: AdminRequest, month: FromPath[str]) -> Response[bytes]:
    """One statement as CSV; `month` as 2026-10, amounts in minor units."""
    async with request.rt.db.read(request.tenant.id) as s:
        found = await statements.statement(s, period=_period(month))
    name = f"{request.tenant.slug}-{found.period:%Y-%m}.csv"
    return Response(
        statements.as_csv(found),
        media_type="text/csv",
        headers={"content-disposition": f'attachment; filename="{name}"'},
    )


async def _statements(s: ReadSession) -> UsageStatements:
    now = await s.value("SELECT now()")
    paid = {one.period: StatementPayment.of(one, now) for one in await charges.charges(s)}
    found = await statements.statements(s)
    return UsageStatements([UsageStatement.of(one, paid.get(one.period)) for one in found])


async def _shown(request: AdminRequest, s: ReadSession) -> PlanUsage:
    # Real time: the month of a bill does not follow a sandbox's own clock.
    now = await s.value("SELECT now()")
    found = await queries.standing(s, request.rt.files, now=now)
    told = await queries.notices(s, period=found.period)
    return PlanUsage(
        plan=found.chosen.plan,
        since=found.chosen.since,
        period=found.period,
        gauges=[
            UsageGauge(
                one.meter, one.used, one.limit, one.percent, one.policy, one.per,
                _money(one.extra_minor),
            )
            for one in found.gauges
        ],
        days=[UsageDay(one.day, one.orders, one.api_calls) for one in found.days],
        notices=[msgspec.convert(one, QuotaNotice, from_attributes=True) for one in told],
        plans=[
            PlanOffer(
                one.key, one.title, _money(one.price_minor), one.price_minor == 0 and not any(
                    quota.limit is not None for quota in one.quotas.values()
                ),
                [
                    PlanQuota(meter, q.limit, q.policy, q.per, _money(q.extra_minor))
                    for meter, q in one.quotas.items()
                ],
            )
            for one in PLANS.values()
        ],
    )  # fmt: skip


def _money(minor: int, currency: str = CURRENCY) -> Money:
    return Money.of(Amount(minor, currency))


def _period(month: str) -> date:
    try:
        return date.fromisoformat(f"{month}-01")
    except ValueError as error:
        raise NotFoundError(
            "A month looks like 2026-10, and there is a statement once it is over.", field="month"
        ) from error


HANDLERS = [plan, choose, listing, pay, download]
