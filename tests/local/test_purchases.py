"""What the demo's members are offered: by their folder's parameters, base and tickets."""

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID, uuid4

import msgspec
import pytest

from guerdon.kit.ids import uuid7
from guerdon.kit.paths import bundled
from guerdon.local import purchases
from guerdon.local.brands import _told
from guerdon.members import operations, queries
from guerdon.parameters.sections import ProgrammeParameters
from guerdon.programme.folder import TenantHead, apply_folder, read_folder
from guerdon.recommendations import ancillary, cards, clubs
from guerdon.recommendations.blanks import known_blanks
from guerdon.recommendations.candidates import Found, MemberFacts, SlateFacts
from guerdon.recommendations.card_bases import approved_cards
from guerdon.recommendations.kept_contexts import live
from guerdon.recommendations.parameters import RecommendationParameters
from guerdon.runtime import Runtime
from guerdon.tenancy.lifecycle import State
from guerdon.tenancy.schemas import Tenant

FOLDER = bundled("tenants") / "demo" / "aurora"
NOW = datetime.now(UTC)
EMAILS = ("ana@aurora.example", "bruno@aurora.example", "clara@aurora.example")


def parameters(brand: str = "aurora") -> RecommendationParameters:
    content = read_folder(bundled("tenants") / "demo" / brand).sections
    return msgspec.convert(content["recommendations"], RecommendationParameters)


@pytest.mark.parametrize("brand", ["aurora", "kettle"])
def test_what_the_folder_says_breaks_no_rule(brand: str) -> None:
    assert [f for f in parameters(brand).check() if f.severity == "error"] == []


def test_every_offer_speaks_three_languages() -> None:
    offers = parameters().offers
    assert {o.kind for o in offers} == {"co_branded_card", "ancillary", "club", "catalogue"}
    assert len({o.product for o in offers if o.product}) == 9
    for offer in offers:
        assert set(offer.copy) == set(offer.name) == {"en", "pt-BR", "es"}
        for variant in offer.variants:
            assert set(variant.name) == {"en", "pt-BR", "es"}


async def brand(rt: Runtime) -> tuple[Tenant, dict[str, UUID]]:
    """The airline under another name, with the members who can sign in."""
    slug = f"a{uuid4().hex[-10:]}"
    head = TenantHead(slug=slug, name="Aurora Air", status=State.SANDBOX)
    folder = read_folder(FOLDER, head=head)
    tenant = (await apply_folder(rt, folder, author="test", now=NOW)).tenant
    snapshot = await rt.snapshot(tenant.id, NOW)
    found = {}
    for email in EMAILS:
        async with rt.db.write(tenant.id) as s:
            member = await operations.join(
                s, id=uuid7(), email=email, name="Ana", snapshot=snapshot, now=NOW
            )
        found[email.partition("@")[0]] = member.id
    return tenant, found


async def facts(rt: Runtime, tenant: Tenant, member_id: UUID, **habits: Any) -> SlateFacts:
    programme = (await rt.snapshot(tenant.id, NOW))[ProgrammeParameters]
    today = NOW.astimezone(programme.zone).date()
    async with rt.db.read(tenant.id) as s:
        kept = await live(s, member_id=member_id, now=NOW)
        member = await queries.member(s, member_id=member_id)
        return SlateFacts(
            member=MemberFacts(
                id=member_id, joined_at=member.joined_at, language="pt-BR", **habits
            ),
            now=NOW, today=today, version=1, zone=programme.zone, currency=programme.currency,
            points_per_unit=Decimal(50), context=kept[0].context if kept else None,
            approved_cards=await approved_cards(s, member_id=member_id, today=today),
        )  # fmt: skip


def shown(found: Found) -> dict[str, Any]:
    return {c.offer: c for c in found[0]}


async def test_anas_ticket_with_a_bag_brings_what_makes_sense(rt: Runtime) -> None:
    tenant, who = await brand(rt)
    told = _told(FOLDER)["tickets"]
    for _ in range(2):  # A later run finds everything there.
        await purchases.ensure_cards(rt, tenant, FOLDER, NOW)
        await purchases.ensure_tickets(rt, tenant, told, NOW)
    ana = await facts(rt, tenant, who["ana"], earned_12m=60_000)
    rules = parameters()
    extras, missing = ancillary.candidates(ana, rules)
    assert {c.offer for c in extras} == {
        "seat", "insurance", "hotel", "car", "ride", "tours", "cruise"
    }  # fmt: skip
    assert {w.key: w.code for w in missing} == {"bag": "already_bought", "parks": "no_parks_near"}
    assert shown((extras, []))["hotel"].personal["place"] == "Lisboa"
    assert shown((extras, []))["hotel"].personal["nights"] == 9
    card = shown(cards.candidates(ana, rules))
    assert [(k, c.variant, c.personal["bank"]) for k, c in card.items()] == [
        ("card-meridiano", "platinum", "Banco Meridiano")
    ]
    assert [*shown(clubs.candidates(ana, rules))] == ["club-5000"]
    for candidate in (*extras, *card.values()):
        offer = next(o for o in rules.offers if o.key == candidate.offer)
        assert known_blanks(offer.kind, offer.product) - {"bank", "variant"} <= set(
            candidate.personal
        )


async def test_who_bought_nothing_and_is_in_no_base_sees_neither(rt: Runtime) -> None:
    tenant, who = await brand(rt)
    await purchases.ensure_cards(rt, tenant, FOLDER, NOW)
    await purchases.ensure_tickets(rt, tenant, _told(FOLDER)["tickets"], NOW)
    clara = await facts(rt, tenant, who["clara"])
    assert shown(ancillary.candidates(clara, parameters())) == {}
    assert shown(cards.candidates(clara, parameters())) == {}
    assert [*shown(clubs.candidates(clara, parameters()))] == ["club-1000"]
