"""The words of every message, in the member's language.

Wording is gettext's (`theming/catalogues`); what a brand or a supplier wrote is a value, put in
after translation and escaped where it meets HTML. Layout is MJML, made responsive by mrml.
"""

from collections.abc import Mapping
from datetime import date
from html import escape
from typing import Any, Final

import mrml
import msgspec

from guerdon.kit.money import Money
from guerdon.theming.formats import Formats
from guerdon.theming.translations import Translator


class Letter(msgspec.Struct, frozen=True, kw_only=True):
    """A message before it has a recipient. `short` is the SMS."""

    subject: str
    heading: str
    paragraphs: tuple[str, ...]
    action: tuple[str, str] | None = None
    code: str | None = None
    short: str


class Brand(msgspec.Struct, frozen=True, kw_only=True):
    """How the brand looks in a letter."""

    slug: str
    name: str
    url: str
    accent: str
    on_accent: str
    support_email: str


def reason_text(t: Translator, reason: str) -> str:
    """Why a redemption ended, as the member should read it."""
    known = {
        "supplier_out_of_stock": t.text("The item has just sold out."),
        "supplier_item_unavailable": t.text("The item is not available any more."),
        "supplier_quantity_not_available": t.text("Not so many pieces are available."),
        "supplier_price_changed": t.text("The supplier's price has changed."),
        "supplier_charge_changed": t.text("The supplier's price has changed."),
        "supplier_address_undeliverable": t.text("The supplier cannot deliver to this address."),
        "supplier_delivery_too_late": t.text("The supplier cannot deliver in time."),
        "supplier_partial": t.text("A part of the order is not available."),
        "payment_expired": t.text("The payment was not made in time."),
        "payment_cancelled": t.text("The payment was cancelled."),
        "payment_declined": t.text("The card was declined."),
        "member": t.text("You asked for it."),
    }
    return known.get(reason, t.text("The order could not be completed."))


def letter(
    kind: str, values: Mapping[str, Any], *, t: Translator, formats: Formats, brand: Brand
) -> Letter:
    """The letter of `kind`; ValueError for a kind that has no words."""
    write = _LETTERS.get(kind)
    if write is None:
        raise ValueError(f"no letter of kind {kind!r}")
    return write(values, t, formats, brand)


def _title(values: Mapping[str, Any], language: str) -> str:
    titles = values.get("title") or {}
    return str(titles.get(language) or next(iter(titles.values()), ""))


def _order_url(values: Mapping[str, Any], brand: Brand) -> str:
    return f"{brand.url}/orders/{values['redemptionId']}"


def _paid(values: Mapping[str, Any], formats: Formats) -> str:
    points = int(values.get("points") or 0)
    minor = int(values.get("money_minor") or 0)
    parts = [formats.points(points)] if points else []
    if minor:
        parts.append(formats.money(Money(minor, str(values["currency"]))))
    return " + ".join(parts)


def _welcome(v: Mapping[str, Any], t: Translator, f: Formats, brand: Brand) -> Letter:
    return Letter(
        subject=t.text("Welcome to %(brand)s", brand=brand.name),
        heading=t.text("Welcome to %(brand)s", brand=brand.name),
        paragraphs=(
            t.text("Your account is ready. Every purchase brings you closer to a reward."),
        ),
        action=(t.text("See your account"), brand.url),
        short=t.text("Welcome to %(brand)s! Your account is ready.", brand=brand.name),
    )


def _expiring(v: Mapping[str, Any], t: Translator, f: Formats, brand: Brand) -> Letter:
    points, day = f.points(int(v["points"])), f.long_date(date.fromisoformat(str(v["lastDay"])))
    return Letter(
        subject=t.text("%(points)s will expire", points=points),
        heading=t.text("Use them while they last"),
        paragraphs=(
            t.text("You can use %(points)s until %(day)s. After that day they are gone.",
                   points=points, day=day),
        ),
        action=(t.text("See the rewards"), f"{brand.url}/catalogue"),
        short=t.text("%(brand)s: you can use %(points)s until %(day)s.",
                     brand=brand.name, points=points, day=day),
    )  # fmt: skip


def _tier(v: Mapping[str, Any], name: str, language: str) -> str:
    return _title({"title": v.get(name)}, language) or str(v.get(f"{name}_key") or v.get("key"))


def _tier_reached(v: Mapping[str, Any], t: Translator, f: Formats, brand: Brand) -> Letter:
    tier = _tier(v, "tier", t.language)
    return Letter(
        subject=t.text("You have reached %(tier)s", tier=tier),
        heading=t.text("Welcome to %(tier)s", tier=tier),
        paragraphs=(t.text("Your points have brought you up to %(tier)s.", tier=tier),),
        action=(t.text("See your account"), brand.url),
        short=t.text("%(brand)s: you have reached %(tier)s.", brand=brand.name, tier=tier),
    )


def _tier_lost(v: Mapping[str, Any], t: Translator, f: Formats, brand: Brand) -> Letter:
    tier, before = _tier(v, "tier", t.language), _tier(v, "before", t.language)
    return Letter(
        subject=t.text("You are in %(tier)s now", tier=tier),
        heading=t.text("Your tier has changed"),
        paragraphs=(
            t.text("You were in %(before)s. From now on you are in %(tier)s.",
                   before=before, tier=tier),
            t.text("Every purchase counts towards the next tier. Your points stay yours."),
        ),
        action=(t.text("See your account"), brand.url),
        short=t.text("%(brand)s: you are in %(tier)s now.", brand=brand.name, tier=tier),
    )  # fmt: skip


def _confirmed(v: Mapping[str, Any], t: Translator, f: Formats, brand: Brand) -> Letter:
    number, title = str(v["number"]), _title(v, t.language)
    paragraphs = [
        t.text("%(title)s is ordered.", title=title),
        t.text("Your order number is %(number)s.", number=number),
        t.text("You paid %(paid)s.", paid=_paid(v, f)),
    ]
    if v.get("pickupCode"):
        paragraphs.append(t.text("Show this code at the counter:"))
    return Letter(
        subject=t.text("Order %(number)s is confirmed", number=number),
        heading=t.text("Your order is confirmed"),
        paragraphs=tuple(paragraphs),
        code=v.get("pickupCode"),
        action=(t.text("See your order"), _order_url(v, brand)),
        short=t.text(
            "%(brand)s: order %(number)s is confirmed. %(title)s",
            brand=brand.name,
            number=number,
            title=title,
        ),
    )


def _shipped(v: Mapping[str, Any], t: Translator, f: Formats, brand: Brand) -> Letter:
    number, title = str(v["number"]), _title(v, t.language)
    paragraphs = [t.text("%(title)s is on its way to you.", title=title)]
    if v.get("trackingNumber"):
        paragraphs.append(
            t.text(
                "%(carrier)s carries it under the number %(tracking)s.",
                carrier=v.get("carrier") or "",
                tracking=v["trackingNumber"],
            )
        )
    return Letter(
        subject=t.text("Order %(number)s is on its way", number=number),
        heading=t.text("On its way"),
        paragraphs=tuple(paragraphs),
        action=(t.text("Follow your order"), _order_url(v, brand)),
        short=t.text("%(brand)s: order %(number)s is on its way.", brand=brand.name, number=number),
    )


def _delivered(v: Mapping[str, Any], t: Translator, f: Formats, brand: Brand) -> Letter:
    number, title = str(v["number"]), _title(v, t.language)
    return Letter(
        subject=t.text("Order %(number)s was delivered", number=number),
        heading=t.text("Delivered"),
        paragraphs=(t.text("%(title)s has arrived. Enjoy it!", title=title),),
        action=(t.text("See your order"), _order_url(v, brand)),
        short=t.text("%(brand)s: order %(number)s was delivered.", brand=brand.name, number=number),
    )


def _ended(v: Mapping[str, Any], t: Translator, f: Formats, brand: Brand) -> Letter:
    number = str(v["number"])
    paragraphs = [reason_text(t, str(v.get("reason") or ""))]
    points, minor = int(v.get("points") or 0), int(v.get("money_minor") or 0)
    if points:
        paragraphs.append(t.text("%(points)s are back in your account.", points=f.points(points)))
    if minor:
        money = f.money(Money(minor, str(v["currency"])))
        paragraphs.append(t.text("Your card is not charged: %(money)s is released.", money=money))
    return Letter(
        subject=t.text("Order %(number)s was cancelled", number=number),
        heading=t.text("Your order was cancelled"),
        paragraphs=tuple(paragraphs),
        action=(t.text("See your account"), brand.url),
        short=t.text(
            "%(brand)s: order %(number)s was cancelled. Your points are back.",
            brand=brand.name,
            number=number,
        ),
    )


def _refunded(v: Mapping[str, Any], t: Translator, f: Formats, brand: Brand) -> Letter:
    number = str(v["number"])
    paragraphs = [reason_text(t, str(v["reason"]))] if v.get("reason") == "supplier_partial" else []
    back = _paid(v, f)
    paragraphs.append(t.text("You get %(back)s back, as you paid it.", back=back))
    return Letter(
        subject=t.text("Refund for order %(number)s", number=number),
        heading=t.text("Your refund"),
        paragraphs=tuple(paragraphs),
        action=(t.text("See your account"), brand.url),
        short=t.text(
            "%(brand)s: you get %(back)s back for order %(number)s.",
            brand=brand.name,
            back=back,
            number=number,
        ),
    )


def code_letter(code: str, minutes: int, *, t: Translator, brand: Brand) -> Letter:
    """The letter with a one-time code."""
    return Letter(
        subject=t.text("%(code)s is your code for %(brand)s", code=code, brand=brand.name),
        heading=t.text("Your code"),
        paragraphs=(
            t.plural(
                "Type this code where you were asked for it. It is good for %(n)s minute.",
                "Type this code where you were asked for it. It is good for %(n)s minutes.",
                minutes,
            ),
            t.text("If you did not ask for a code, you need not do anything."),
        ),
        code=code,
        short=t.text("%(code)s is your code for %(brand)s", code=code, brand=brand.name),
    )


_LETTERS: Final = {
    "welcome": _welcome,
    "points_expiring": _expiring,
    "tier_reached": _tier_reached,
    "tier_lost": _tier_lost,
    "redemption_confirmed": _confirmed,
    "redemption_shipped": _shipped,
    "redemption_delivered": _delivered,
    "redemption_refused": _ended,
    "redemption_cancelled": _ended,
    "redemption_expired": _ended,
    "redemption_refunded": _refunded,
}


def as_text(written: Letter, brand: Brand) -> str:
    """The letter for readers of plain text."""
    parts = [written.heading, *written.paragraphs[:1]]
    if written.code:
        parts.append(written.code)
    parts += written.paragraphs[1:]
    if written.action:
        parts.append(f"{written.action[0]}: {written.action[1]}")
    parts.append(f"-- \n{brand.name}\n{brand.url}")
    return "\n\n".join(parts) + "\n"


def as_html(written: Letter, brand: Brand, language: str) -> str:
    """The letter as responsive HTML; readable without images and on a phone."""
    blocks = [_mj_text(p) for p in written.paragraphs]
    if written.code:
        blocks.insert(
            1,
            f'<mj-text font-size="34px" font-weight="700" letter-spacing="6px" align="center" '
            f'padding="16px 24px">{escape(written.code)}</mj-text>',
        )
    if written.action:
        label, url = written.action
        blocks.append(
            f'<mj-button href="{escape(url)}" background-color="{escape(brand.accent)}" '
            f'color="{escape(brand.on_accent)}" font-weight="600" border-radius="6px" '
            f'inner-padding="14px 24px">{escape(label)}</mj-button>'
        )
    footer = escape(brand.support_email or brand.name)
    document = (
        f'<mjml lang="{escape(language)}"><mj-head><mj-title>{escape(written.subject)}</mj-title>'
        f"<mj-preview>{escape(written.paragraphs[0])}</mj-preview><mj-attributes>"
        '<mj-all font-family="Helvetica, Arial, sans-serif" />'
        '<mj-text font-size="16px" line-height="1.5" color="#1f2328" /></mj-attributes></mj-head>'
        '<mj-body background-color="#f4f4f2" width="600px">'
        f'<mj-section background-color="{escape(brand.accent)}" padding="20px 0"><mj-column>'
        f'<mj-text color="{escape(brand.on_accent)}" font-size="18px" font-weight="700">'
        f"{escape(brand.name)}</mj-text></mj-column></mj-section>"
        '<mj-section background-color="#ffffff" padding="24px 0"><mj-column>'
        f'<mj-text font-size="24px" font-weight="700">{escape(written.heading)}</mj-text>'
        f"{''.join(blocks)}</mj-column></mj-section>"
        '<mj-section padding="16px 0"><mj-column>'
        f'<mj-text font-size="13px" color="#57606a">{footer}</mj-text>'
        "</mj-column></mj-section></mj-body></mjml>"
    )
    return str(mrml.to_html(document).content)


def _mj_text(paragraph: str) -> str:
    return f"<mj-text>{escape(paragraph)}</mj-text>"
