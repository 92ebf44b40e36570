"""Joining, addresses, consents: what is kept, and what is refused."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from guerdon.kit.errors import GuerdonError, InvalidError
from guerdon.kit.ids import uuid7
from guerdon.members import addresses, consents, numbers, operations, queries
from guerdon.members.errors import (
    AddressInvalidError,
    EmailTakenError,
    ExternalIdTakenError,
    TermsNotAcceptedError,
)
from guerdon.members.schemas import Address, Member
from guerdon.runtime import Runtime
from guerdon.tenancy.schemas import Tenant

NOW = datetime(2026, 11, 12, 12, 0, tzinfo=UTC)


async def join(rt: Runtime, tenant: Tenant, email: str = "ana@example.com", **more: Any) -> Member:
    snapshot = await rt.snapshot(tenant.id, NOW)
    async with rt.db.write(tenant.id) as s:
        return await operations.join(
            s, **{"id": uuid7(), "email": email, "name": "Ana Lima", "snapshot": snapshot,
                  "now": NOW, **more}
        )  # fmt: skip


async def test_a_member_gets_a_number_and_a_wallet(rt: Runtime, tenant: Tenant) -> None:
    member = await join(rt, tenant, "  Ana.Lima@Example.com ", phone="+55 11 91234-5678")
    assert (member.email, member.phone, member.language) == (
        "Ana.Lima@example.com",
        "+5511912345678",
        "en",
    )
    assert member.number is not None
    assert numbers.holds(member.number)
    async with rt.db.read(tenant.id) as s:
        assert await queries.find_by_email(s, email_norm="ana.lima@example.com") == member
        wallet = await s.value(
            "SELECT posted FROM app.ledger_account WHERE tenant_id = %(tenant_id)s AND id = %(id)s",
            {"id": member.account_id},
        )
    assert wallet == 0


async def test_an_email_is_taken_once_per_brand(
    rt: Runtime, tenant: Tenant, make_tenant: Any
) -> None:
    await join(rt, tenant, external_id="crm-1")
    with pytest.raises(EmailTakenError):
        await join(rt, tenant, "ANA@example.com")
    with pytest.raises(ExternalIdTakenError):
        await join(rt, tenant, "bia@example.com", external_id="crm-1")
    async with rt.db.read(tenant.id) as s:
        assert len((await queries.listing(s)).items) == 1
        count = "SELECT count(*) FROM app.ledger_account WHERE tenant_id = %(tenant_id)s"
        assert await s.value(count) == 1
    other = await make_tenant()
    assert (await join(rt, other)).email == "ana@example.com"


@pytest.mark.parametrize(
    ("field", "more"),
    [
        ("email", {"email": "ana@@example.com"}),
        ("email", {"email": "ana@localhost"}),
        ("email", {"email": "a" * 400 + "@example.com"}),
        ("name", {"name": "  "}),
        ("name", {"name": "x" * 201}),
        ("name", {"name": "a\x00b"}),
        ("phone", {"phone": "+1 555"}),
        ("phone", {"phone": "12345"}),
        ("language", {"language": "xx"}),
        ("joined_at", {"joined_at": NOW + timedelta(days=1)}),
        ("terms", {"terms_version": "0"}),
        ("consents.unknown", {"consent_choices": {"unknown": True}}),
    ],
)
async def test_bad_input_names_its_field_and_leaves_nothing(
    rt: Runtime, tenant: Tenant, field: str, more: dict[str, Any]
) -> None:
    with pytest.raises((InvalidError, TermsNotAcceptedError)) as refused:
        await join(rt, tenant, **more)
    assert refused.value.field == field
    async with rt.db.read(tenant.id) as s:
        assert (await queries.listing(s)).items == []
        count = "SELECT count(*) FROM app.ledger_account WHERE tenant_id = %(tenant_id)s"
        assert await s.value(count) == 0


async def test_consents_carry_version_and_time(rt: Runtime, tenant: Tenant) -> None:
    member = await join(
        rt, tenant, terms_version="1", consent_choices={"offers_mail": True, "offers_sms": False}
    )
    snapshot = await rt.snapshot(tenant.id, NOW)
    later = NOW + timedelta(days=3)
    async with rt.db.write(tenant.id) as s:
        for granted in (True, False, False):
            await consents.choose(
                s, member_id=member.id, choices={"offers_mail": granted}, snapshot=snapshot,
                language="pt-BR", now=later,
            )  # fmt: skip
        said = [(c.purpose, c.granted, c.text_version, c.language, c.given_at)
                for c in await consents.history(s, member_id=member.id)]  # fmt: skip
        assert said == [
            ("terms", True, "1", "en", NOW),
            ("offers_mail", True, "1", "en", NOW),
            ("offers_mail", False, "1", "pt-BR", later),
        ]
        assert await consents.terms_are_current(s, member_id=member.id, snapshot=snapshot)


SAO_PAULO = Address(
    recipient="Ana Lima", line1="Av. Paulista 1000", district="Bela Vista", city="São Paulo",
    region="SP", postal_code="01310-100", country="br", phone="+55 11 91234-5678",
)  # fmt: skip
MADRID = Address("Ana", "Gran Vía 1", "ES", city="Madrid", region="Madrid", postal_code="28013")


@pytest.mark.parametrize(
    ("address", "field", "reason"),
    [
        (Address("Ana", "Rua 1", "BR", city="São Paulo", region="SP", postal_code="0131-100"),
         "postal_code", "invalid"),
        (Address("Ana", "Main St 1", "US", city="Springfield", region="CA", postal_code="9404"),
         "postal_code", "invalid"),
        (Address("Ana", "Main St 1", "US", city="Springfield", region="CA", postal_code="10001"),
         "postal_code", "invalid"),
        (Address("Ana", "Main St 1", "US", city="Springfield", postal_code="94043"),
         "region", "required"),
        (Address("Ana", "Main St 1", "US", city="Springfield", region="ZZ", postal_code="94043"),
         "region", "invalid"),
        (Address("Ana", "", "ES", city="Madrid", region="Madrid", postal_code="28013"),
         "line1", "required"),
        (Address("", "Gran Vía 1", "ES", city="Madrid"), "recipient", "required"),
        (Address("Ana", "Gran Vía 1", "XX", city="Madrid"), "country", "unknown"),
        (Address("Ana", "x" * 121, "ES", city="Madrid"), "line1", "length"),
    ],
)  # fmt: skip
def test_each_country_has_its_rules(address: Address, field: str, reason: str) -> None:
    with pytest.raises((AddressInvalidError, InvalidError)) as refused:
        addresses.check(address)
    assert (refused.value.field, refused.value.params["reason"]) == (field, reason)


def test_a_form_knows_its_country() -> None:
    form = addresses.form("BR")
    assert form.required == ("country", "region", "city", "postal_code", "line1")[1:]
    assert ("SP", "São Paulo") in form.regions
    assert form.postal_code_examples[0] == "40301-110"


async def test_an_address_book_has_one_default(rt: Runtime, tenant: Tenant) -> None:
    member = await join(rt, tenant)
    async with rt.db.write(tenant.id) as s:
        first = await addresses.save(s, member_id=member.id, address=SAO_PAULO, now=NOW)
        second = await addresses.save(
            s, member_id=member.id, address=MADRID, now=NOW, make_default=True
        )
        assert (first.is_default, first.country, first.phone) == (True, "BR", "+5511912345678")
        book = await addresses.listing(s, member_id=member.id)
        assert [(a.id, a.is_default) for a in book] == [(second.id, True), (first.id, False)]
        await addresses.remove(s, member_id=member.id, address_id=second.id)
        assert [a.is_default for a in await addresses.listing(s, member_id=member.id)] == [True]


async def test_another_members_address_is_not_found(rt: Runtime, tenant: Tenant) -> None:
    ana, bia = await join(rt, tenant), await join(rt, tenant, "bia@example.com")
    async with rt.db.write(tenant.id) as s:
        saved = await addresses.save(s, member_id=ana.id, address=MADRID, now=NOW)
    for work in (
        lambda s: addresses.one(s, member_id=bia.id, address_id=saved.id),
        lambda s: addresses.remove(s, member_id=bia.id, address_id=saved.id),
        lambda s: addresses.save(
            s, member_id=bia.id, address=SAO_PAULO, address_id=saved.id, now=NOW
        ),
    ):
        with pytest.raises(GuerdonError) as refused:
            async with rt.db.write(tenant.id) as s:
                await work(s)
        assert refused.value.status == 404
    async with rt.db.read(tenant.id) as s:
        assert (await addresses.one(s, member_id=ana.id, address_id=saved.id)).line1 == "Gran Vía 1"
