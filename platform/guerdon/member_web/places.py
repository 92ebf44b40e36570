"""Addresses in forms and lists."""

from functools import cache
from uuid import UUID

from babel import Locale
from babel.core import get_global

from guerdon.fulfilment.port import ShipTo
from guerdon.member_web.forms import Form
from guerdon.member_web.views.frame import FieldError
from guerdon.member_web.views.journey import AddressChoice, AddressForm
from guerdon.member_web.web import Web
from guerdon.members.schemas import Address, SavedAddress
from guerdon.theming.translations import babel_locale


@cache
def countries(language: str) -> tuple[tuple[str, str], ...]:
    """Every country by its name in a language."""
    names = Locale.parse(babel_locale(language)).territories
    found = [(code, str(name)) for code, name in names.items() if _is_country(code)]
    return tuple(sorted(found, key=lambda pair: pair[1]))


def _is_country(code: str) -> bool:
    return (
        len(code) == 2 and code.isalpha() and code not in {"EU", "EZ", "UN", "XA", "XB", "ZZ", "QO"}
    )


def country_name(code: str, language: str) -> str:
    """A country's name, or its code."""
    return str(Locale.parse(babel_locale(language)).territories.get(code, code))


def home_country(web: Web) -> str:
    """The country that the programme's time zone belongs to."""
    zone = web.look.programme.time_zone
    found = str(get_global("zone_territories").get(zone, ""))
    return found if _is_country(found) else "US"


def address_lines(address: SavedAddress | Address | ShipTo, language: str) -> tuple[str, ...]:
    """An address as it is written on a parcel, without the name."""
    district = getattr(address, "district", "")
    city = ", ".join(part for part in (address.city, address.region) if part)
    lines = (
        ", ".join(part for part in (address.line1, address.line2) if part),
        district,
        " ".join(part for part in (address.postal_code, city) if part),
        country_name(address.country, language),
    )
    return tuple(line for line in lines if line)


def choices(
    saved: list[SavedAddress], language: str, selected: UUID | None = None
) -> tuple[AddressChoice, ...]:
    """The address book; the default is selected unless another one is."""
    return tuple(
        AddressChoice(
            str(a.id),
            a.recipient,
            address_lines(a, language),
            a.id == selected if selected else a.is_default,
            a.is_default,
        )
        for a in saved
    )


def form_of(
    web: Web, form: Form | None = None, errors: tuple[FieldError, ...] = (), recipient: str = ""
) -> AddressForm:
    """The form, with what was typed."""
    typed = form or Form({})
    return AddressForm(
        recipient=typed.text("recipient") or recipient,
        line1=typed.text("line1"),
        line2=typed.text("line2"),
        district=typed.text("district"),
        city=typed.text("city"),
        region=typed.text("region"),
        postal_code=typed.text("postal_code"),
        country=typed.text("country") or home_country(web),
        courier_phone=typed.text("courier_phone"),
        countries=countries(web.language),
        errors=errors,
    )


def typed_address(form: Form) -> Address:
    """What the form says, not checked yet."""
    return Address(
        recipient=form.text("recipient"),
        line1=form.text("line1"),
        line2=form.text("line2"),
        district=form.text("district"),
        city=form.text("city"),
        region=form.text("region"),
        postal_code=form.text("postal_code"),
        country=form.text("country"),
        phone=form.text("courier_phone"),
    )


def ship_to(address: SavedAddress) -> ShipTo:
    """An address of the book as a parcel's destination."""
    second = ", ".join(part for part in (address.line2, address.district) if part)
    return ShipTo(
        name=address.recipient,
        line1=address.line1,
        line2=second,
        city=address.city,
        region=address.region,
        postal_code=address.postal_code,
        country=address.country,
        phone=address.phone,
    )
