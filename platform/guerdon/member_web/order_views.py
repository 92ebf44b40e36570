"""A redemption as its member sees it: stations, parcels, what was taken, what can be done."""

from collections.abc import Mapping
from urllib.parse import quote

from guerdon.fulfilment.port import ShipTo
from guerdon.kit.money import Money
from guerdon.member_web.places import country_name
from guerdon.member_web.shelves import picture_view
from guerdon.member_web.views.journey import Order, Parcel, Step, Taken
from guerdon.member_web.views.shop import OpenOrder
from guerdon.member_web.web import Web
from guerdon.redemption import schemas
from guerdon.redemption.schemas import CANCELLABLE, Redemption
from guerdon.theming.formats import unbroken

OPEN = frozenset({"held", "awaiting_payment", "authorised", "ordered", "confirmed", "shipped"})

# Stations of the journey that a member is shown; a journey for points only has no payment.
_PARCEL = (
    "placed",
    "awaiting_payment",
    "authorised",
    "ordered",
    "confirmed",
    "shipped",
    "delivered",
)
_COUNTER = ("placed", "awaiting_payment", "authorised", "confirmed", "ready", "collected")
_REACHED = {
    "held": "placed",
    "awaiting_payment": "awaiting_payment",
    "authorised": "authorised",
    "ordered": "ordered",
    "confirmed": "confirmed",
    "shipped": "shipped",
    "delivered": "delivered",
    "settled": "delivered",
    "returned": "delivered",
}
_TRACKING = {
    "Correios": "https://rastreamento.correios.com.br/app/index.php?objeto=%s",
    "UPS": "https://www.ups.com/track?tracknum=%s",
    "USPS": "https://tools.usps.com/go/TrackConfirmAction?tLabels=%s",
    "FedEx": "https://www.fedex.com/fedextrack/?trknbr=%s",
    "DHL": "https://www.dhl.com/en/express/tracking.html?AWB=%s",
}


def title_of(title: Mapping[str, str], web: Web) -> str:
    """A line's title in the reader's language, else in the first of the brand's that it has."""
    return unbroken(web.look.words(title, web.language) or next(iter(title.values()), ""))


def shown_state(found: Redemption) -> str:
    """The state as a member thinks of it: a drink at the counter is ready, not confirmed."""
    if found.pickup_code and found.state in {"confirmed", "shipped"}:
        return "ready"
    return found.state


def row_view(found: Redemption, web: Web) -> OpenOrder:
    """An order in a list."""
    line = found.lines[0]
    state = shown_state(found)
    action = {"awaiting_payment": "pay", "ready": "collect"}.get(state)
    return OpenOrder(
        url=f"/orders/{found.id}",
        number=found.number,
        name=title_of(line.title, web),
        state=state,
        picture=picture_view(line.picture, ""),
        changed_at=found.ended_at or found.confirmed_at or found.placed_at,
        points=found.points,
        action=action,
    )


def order_view(
    found: Redemption, steps: list[schemas.Step], web: Web, *, slot: str | None = None
) -> Order:
    """One order."""
    line = found.lines[0]
    state = shown_state(found)
    currency = found.currency
    back_points = sum(r.points for r in found.refunds)
    back_minor = sum(r.money_minor for r in found.refunds)
    over = found.state in {"refused", "cancelled", "expired"}
    if over:
        back_points = found.points if found.points_leg == "voided" else back_points
    taken = found.points_leg == "posted"
    has_money = found.money_minor + found.fee_minor > 0
    return Order(
        id=str(found.id),
        url=f"/orders/{found.id}",
        number=found.number,
        product_name=title_of(line.title, web),
        product_url="",
        variant_name=None if line.quantity == 1 else f"{line.quantity} ×",
        picture=picture_view(line.picture, ""),
        state=state,
        reason=_reason(found, web) if over else None,
        placed_at=found.placed_at,
        steps=_stations(found, steps),
        taken=Taken(
            points=found.points,
            money=Money(found.money_minor, currency) if has_money else None,
            fee=Money(found.fee_minor, currency) if found.fee_minor else None,
            final=taken,
            at=found.confirmed_at,
            returned_points=back_points,
            returned_money=Money(back_minor, currency) if back_minor else None,
        ),
        parcels=tuple(_parcel(p) for p in found.shipments if p.tracking_number),
        counter_code=found.pickup_code if state == "ready" else None,
        address=_address(found, web),
        can_cancel=found.state in CANCELLABLE,
        cancel_refusal=_why_not(found, web),
        pay_url=f"/orders/{found.id}/pay"
        if found.state == "awaiting_payment" and found.payment_url
        else None,
        live=found.state in OPEN,
        slot=slot,
    )


def _stations(found: Redemption, steps: list[schemas.Step]) -> tuple[Step, ...]:
    at = {step.kind: step.occurred_at for step in steps}
    has_money = found.money_minor + found.fee_minor > 0
    order = _COUNTER if found.pickup_code or not found.ship_to else _PARCEL
    keys = [k for k in order if has_money or k not in {"awaiting_payment", "authorised"}]
    if found.state in {"refused", "cancelled", "expired"}:
        done = [Step(k, "done", at[k]) for k in keys if k in at]
        declined = found.state == "refused" and (found.reason or "").startswith("payment")
        mark = "payment_refused" if declined else found.state
        ending = [Step(mark, "failed", found.ended_at)]
        if found.points_leg == "voided" and found.points:
            ending.append(Step("points_back", "done", found.ended_at))
        if found.money_leg == "released":
            ending.append(Step("money_back", "done", at.get("money_released", found.ended_at)))
        return (*done, *ending)
    reached = _REACHED.get(found.state, "placed")
    if order is _COUNTER:
        reached = {"confirmed": "ready", "shipped": "ready", "delivered": "collected"}.get(
            reached, "placed" if reached == "ordered" else reached
        )
    position = keys.index(reached) if reached in keys else 0
    final = found.state in {"delivered", "settled", "returned"}
    shown = []
    for i, key in enumerate(keys):
        status = "done" if i < position or (i == position and (final or i == 0)) else "coming"
        if i == position and status != "done":
            status = "current"
        when = at.get({"ready": "confirmed", "collected": "delivered"}.get(key, key))
        name = "confirmed_points" if key == "confirmed" and not has_money else key
        shown.append(Step(name, status, when if i <= position else None))
    if found.refunds:
        whole = sum(r.points for r in found.refunds) >= found.points
        kind = "returned" if whole else "partly_returned"
        shown.append(Step(kind, "done", found.refunds[-1].created_at))
    return tuple(shown)


def _parcel(shipment: schemas.Shipment) -> Parcel:
    pattern = _TRACKING.get(shipment.carrier)
    number = shipment.tracking_number
    return Parcel(
        carrier=shipment.carrier,
        number=number,
        url=pattern % quote(number) if pattern else None,
        state=shipment.state
        if shipment.state in {"shipped", "delivered", "returned"}
        else "shipped",
        at=shipment.occurred_at,
    )


def _address(found: Redemption, web: Web) -> tuple[str, ...]:
    if not found.ship_to:
        return ()
    to = found.ship_to
    known = {k: str(to.get(k) or "") for k in ShipTo.__struct_fields__}
    city = ", ".join(part for part in (known["city"], known["region"]) if part)
    lines = (
        known["name"],
        ", ".join(part for part in (known["line1"], known["line2"]) if part),
        f"{known['postal_code']} {city}".strip(),
        country_name(known["country"], web.language),
    )
    return tuple(line for line in lines if line)


def _reason(found: Redemption, web: Web) -> str:
    _, reason = web.words.text, found.reason or ""
    if found.state == "expired":
        return _("The payment did not come in time. Nothing was taken.")
    if found.state == "cancelled":
        return _("You cancelled it. Nothing was taken.")
    if reason.startswith("payment"):
        return _("The payment was declined. Nothing was taken; you can try another card.")
    if reason.startswith("supplier"):
        return _("The supplier could not deliver it. Everything came back to you.")
    return _("It could not be done. Everything came back to you.")


def _why_not(found: Redemption, web: Web) -> str | None:
    _ = web.words.text
    match found.state:
        case "ordered":
            return _("The supplier has the order already. It can no longer be cancelled.")
        case "confirmed" | "shipped" if found.pickup_code:
            return _("It is waiting for you at the counter. It can no longer be cancelled.")
        case "confirmed":
            return _("It is confirmed and being packed. It can no longer be cancelled.")
        case "shipped":
            return _("It is on its way. Once it has arrived, write to us to return it.")
    return None
