"""Letters to the owners of a brand about its plan: a quota that fills up, a statement to pay."""

from guerdon.identity.staff_letters import StaffLetter
from guerdon.kit.money import Money
from guerdon.notifications.letters import Brand, Letter
from guerdon.theming.formats import Formats
from guerdon.theming.translations import Translator


def quota_letter(found: StaffLetter, *, t: Translator, formats: Formats, brand: Brand) -> Letter:
    """`found.what`: the meter, per cent, hard or soft, used, quota."""
    meter, percent, policy, used, quota = found.what.split(" ")
    names = {
        "members": t.text("Members"),
        "active_members": t.text("Active members"),
        "orders": t.text("Orders"),
        "api_calls": t.text("API calls"),
        "storage": t.text("Storage"),
        "seats": t.text("People who work for the brand"),
    }
    heading = t.text(
        "%(percent)s %% of a quota of %(brand)s is used", percent=percent, brand=brand.name
    )
    paragraphs = [
        t.text(
            "%(meter)s: %(used)s of %(quota)s.",
            meter=names.get(meter, meter),
            used=_amount(meter, int(used), formats),
            quota=_amount(meter, int(quota), formats),
        )
    ]
    if policy == "hard":
        paragraphs.append(
            t.text("Nothing is lost at its end, but more is refused until the plan is larger.")
        )
    else:
        paragraphs.append(t.text("Nothing is refused: what goes beyond stands on the statement."))
    return _letter(heading, paragraphs, t.text("See plan and usage"), found.url)


def statement_letter(
    found: StaffLetter, *, t: Translator, at: str, formats: Formats, brand: Brand
) -> Letter:
    """`found.what`: the month, the amount in minor units, the currency."""
    month, minor, currency = found.what.split(" ")
    heading = t.text("The statement of %(brand)s for %(month)s", brand=brand.name, month=month)
    paragraphs = [
        t.text(
            "It comes to %(money)s. Pay it by %(day)s.",
            money=formats.money(Money(int(minor), currency)),
            day=at,
        ),
        t.text("Members notice nothing of it."),
    ]
    return _letter(heading, paragraphs, t.text("See the statement and pay"), found.url)


def _amount(meter: str, value: int, formats: Formats) -> str:
    if meter == "storage":
        return f"{formats.number(value // 1_000_000)} MB"
    return formats.number(value)


def _letter(heading: str, paragraphs: list[str], action: str, url: str) -> Letter:
    return Letter(
        subject=heading,
        heading=heading,
        paragraphs=tuple(paragraphs),
        action=(action, url),
        short=heading,
    )
