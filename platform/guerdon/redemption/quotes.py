"""Working a promise out: catalogue, prices and the mix of points and money."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

import msgspec

from guerdon.catalogue import pricing
from guerdon.catalogue.parameters import CatalogueParameters
from guerdon.catalogue.queries import offered
from guerdon.catalogue.rules import price_rules
from guerdon.catalogue.schemas import Offered
from guerdon.kit.errors import ForbiddenError, InvalidError
from guerdon.kit.ids import uuid7
from guerdon.kit.money import Money, allocate
from guerdon.members.queries import member
from guerdon.parameters.sections import ProgrammeParameters
from guerdon.payments.errors import PaymentNotConfiguredError
from guerdon.payments.minimums import chargeable, maximum_charge, minimum_charge
from guerdon.payments.parameters import PaymentParameters
from guerdon.plumbing.db import ReadSession
from guerdon.redemption.errors import (
    MixedSuppliersError,
    MoneyTooLargeError,
    MoneyTooSmallError,
)
from guerdon.redemption.schemas import Quote, QuoteLine
from guerdon.runtime import Runtime
from guerdon.tiers.queries import standing

QUANTITY_MAX: Final = 99
LINES_MAX: Final = 20


class Wanted(msgspec.Struct, frozen=True):
    """So many pieces of a variant."""

    variant_id: UUID
    quantity: int = 1


async def price(
    rt: Runtime,
    s: ReadSession,
    *,
    member_id: UUID,
    wanted: Sequence[Wanted],
    points: int | None,
    language: str,
    now: datetime,
) -> Quote:
    """What `wanted` costs the member now, complete and not yet promised. See `operations.quote`."""
    _check_wanted(wanted)
    snapshot = await rt.snapshot(s.tenant_id, now, member_id=member_id)
    rules = price_rules(snapshot)
    programme = snapshot[ProgrammeParameters]
    who = await member(s, member_id=member_id)
    if not who.active:
        raise ForbiddenError
    stand = await standing(s, account_id=who.account_id, snapshot=snapshot, now=now)
    found = await offered(
        s,
        variant_ids=[one.variant_id for one in wanted],
        language=language,
        fallback=programme.languages[0],
        now=now,
    )
    chosen = [(found[one.variant_id], one.quantity) for one in wanted]
    if len({offer.supplier for offer, _ in chosen}) > 1:
        raise MixedSuppliersError(field="lines")
    prices = [
        pricing.price(
            cost=offer.cost,
            category=offer.category,
            rules=rules,
            tier=stand.tier,
            quantity=quantity,
        )
        for offer, quantity in chosen
    ]
    full = pricing.together(prices)
    mix = pricing.split(full, points=full.points if points is None else points, rules=rules)
    due = mix.due if mix.money.minor else mix.money
    _check_due(due, snapshot[PaymentParameters].provider)
    point_shares = allocate(mix.points, [price.points for price in prices])
    money_shares = allocate(mix.money.minor, [price.points for price in prices])
    lifetime = timedelta(seconds=snapshot[CatalogueParameters].quote_lifetime_s)
    return Quote(
        id=uuid7(),
        member_id=member_id,
        account_id=who.account_id,
        supplier=chosen[0][0].supplier,
        points=mix.points,
        money_minor=mix.money.minor,
        fee_minor=mix.fee.minor,
        currency=mix.money.currency,
        parameters_version=snapshot.version,
        tier=stand.tier,
        ships=any(offer.delivery == "parcel" for offer, _ in chosen),
        lines=[
            _line(number, offer, quantity, price, point_share, money_share)
            for number, ((offer, quantity), price, point_share, money_share) in enumerate(
                zip(chosen, prices, point_shares, money_shares, strict=True), start=1
            )
        ],
        created_at=now,
        expires_at=now + lifetime,
    )


def _check_due(due: Money, provider: str) -> None:
    if chargeable(due, provider):
        return
    if provider == "none":
        raise PaymentNotConfiguredError(field="points")
    most = maximum_charge(due.currency, provider)
    if most is not None and due.minor > most.minor:
        raise MoneyTooLargeError(field="points", due=due.minor, maximum=most.minor)
    least = minimum_charge(due.currency, provider)
    raise MoneyTooSmallError(field="points", due=due.minor, minimum=least.minor)


def _check_wanted(wanted: Sequence[Wanted]) -> None:
    if not 1 <= len(wanted) <= LINES_MAX:
        raise InvalidError(f"A redemption has 1 to {LINES_MAX} lines.", field="lines")
    if len({one.variant_id for one in wanted}) != len(wanted):
        raise InvalidError("The same item stands twice.", field="lines")
    for one in wanted:
        if not 1 <= one.quantity <= QUANTITY_MAX:
            raise InvalidError(f"A quantity is 1 to {QUANTITY_MAX}.", field="quantity")


def _line(
    number: int,
    offer: Offered,
    quantity: int,
    price: pricing.Price,
    points: int,
    money_minor: int,
) -> QuoteLine:
    return QuoteLine(
        line=number,
        variant_id=offer.variant_id,
        sku=offer.sku,
        supplier_sku=offer.external_id or offer.sku,
        offer=offer.offer,
        title=offer.titles,
        picture=offer.picture,
        quantity=quantity,
        points=points,
        money_minor=money_minor,
        cost_minor=offer.cost.minor,
        cost_currency=offer.cost.currency,
        fx_rate=price.rate,
        price=msgspec.to_builtins(price),
    )
