"""Entries of the history in words: where points came from, by which rule, with which numbers."""

from typing import Any

from guerdon.kit.money import Money
from guerdon.ledger.schemas import Explained, Movement
from guerdon.member_web.order_views import title_of
from guerdon.member_web.wallet import tier_name
from guerdon.member_web.web import Web


def lines_of(movement: Movement, web: Web) -> tuple[str, str]:
    """Title and detail of one line: `Purchase 12/11`, `2× Gold`."""
    _, fmt, told = web.words.text, web.formats, movement.explanation
    day = fmt.day_month(movement.occurred_at)
    match movement.kind:
        case "earn":
            note = str(told.get("note") or "")
            if told.get("amount_minor") is not None:
                money = Money(int(told["amount_minor"]), str(told["currency"]))
                title = _("Purchase on %(day)s, %(money)s", day=day, money=fmt.money(money))
            else:
                title = note or _("Points on %(day)s", day=day)
            multiplier, name = str(told.get("multiplier") or "1"), tier_name(web, told.get("tier"))
            if multiplier != "1" and name:
                shown = fmt.decimal(multiplier)
                return title, _("%(multiplier)s× as %(tier)s", multiplier=shown, tier=name)
            return title, _until(movement, web)
        case "redeem":
            return _title(told, web) or _("Redeemed"), _order(told, web)
        case "refund":
            return _("Points came back"), _order(told, web) or _reason(told, web)
        case "adjust":
            return _reason(told, web) or _("Correction"), _("By our service")
        case "expire":
            return _("Points expired"), day
        case "reverse":
            return _("A purchase was taken back"), _reason(told, web) or day
        case "hold":
            return _("Set aside"), day
    return _("Points on %(day)s", day=day), ""


def _until(movement: Movement, web: Web) -> str:
    _ = web.words.text
    if movement.expires_on is None:
        return _("They do not expire")
    return _("Last until %(day)s", day=web.formats.full_date(movement.expires_on))


def _title(told: dict[str, Any], web: Web) -> str:
    title = told.get("title")
    if isinstance(title, dict):
        return title_of(title, web)
    return str(title or "")


def _order(told: dict[str, Any], web: Web) -> str:
    _, number = web.words.text, told.get("redemption")
    return _("Order %(number)s", number=number) if number else ""


def _reason(told: dict[str, Any], web: Web) -> str:
    """A reason: one of ours in the reader's language, or the brand's own words."""
    reason, _ = str(told.get("reason") or ""), web.words.text
    known = {
        "member": _("You cancelled the order"),
        "supplier_partial": _("The supplier had not all of it"),
        "return": _("You returned it"),
        "returned": _("You returned it"),
        "returned_purchase": _("The purchase was returned"),
    }
    return known.get(reason, reason.replace("_", " ").capitalize() if "_" in reason else reason)


def facts_of(found: Explained, web: Web) -> tuple[tuple[str, str], ...]:
    """Everything that made the number, as label and value."""
    movement = found.movement
    _, fmt, told = web.words.text, web.formats, movement.explanation
    facts: list[tuple[str, str]] = []
    if told.get("amount_minor") is not None:
        money = Money(int(told["amount_minor"]), str(told["currency"]))
        facts.append((_("Amount"), fmt.money(money)))
        facts.append((_("Rule"), _rule(told, web)))
        name = tier_name(web, told.get("tier"))
        if name:
            multiplier = str(told.get("multiplier") or "1")
            facts.append((_("Your level then"), f"{name}: {fmt.decimal(multiplier)}×"))
        facts.append((_("Computation"), _computation(told, movement, web)))
    elif told.get("note"):
        facts.append((_("Why"), str(told["note"])))
    if reason := _reason(told, web):
        facts.append((_("Why"), reason))
    if title := _title(told, web):
        facts.append((_("What for"), title))
    if number := told.get("redemption"):
        facts.append((_("Order"), str(number)))
    for label, key in ((_("Claimed back"), "claimed"), (_("Not there any more"), "expired")):
        if isinstance(told.get(key), int) and told[key]:
            facts.append((label, fmt.points(told[key])))
    if movement.event_id:
        facts.append((_("Receipt"), movement.event_id))
    facts.append((_("Balance afterwards"), fmt.points(movement.balance_after)))
    if found.undone_by:
        facts.append((_("Later"), _("Taken back, in part or whole")))
    return tuple(facts)


def _rule(told: dict[str, Any], web: Web) -> str:
    factor, currency = str(told.get("factor") or "1"), str(told["currency"])
    whole = int(factor) if factor.isdigit() else 2
    _ = web.words.text
    return _(
        "%(factor)s %(points)s for every %(money)s",
        factor=web.formats.decimal(factor),
        points=web.formats.points_word(whole),
        money=web.formats.money_short(Money.parse("1", currency)),
    )


def _computation(told: dict[str, Any], movement: Movement, web: Web) -> str:
    money = Money(int(told["amount_minor"]), str(told["currency"]))
    fmt, factor = web.formats, str(told.get("factor") or "1")
    multiplier = str(told.get("multiplier") or "1")
    times = f"{fmt.money(money)} × {fmt.decimal(factor)}"
    if multiplier != "1":
        times += f" × {fmt.decimal(multiplier)}"
    return f"{times} → {fmt.number(movement.points)}"
