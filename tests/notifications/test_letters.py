"""What members read: in their language, by mail and SMS, once."""

from datetime import date
from typing import Any

import pytest
from tests import calls
from tests.redemption.conftest import world as world  # the fixture
from tests.redemption.world import World

from guerdon.kit.ids import uuid7
from guerdon.members.messages import WelcomeMember
from guerdon.members.personal_data import erase
from guerdon.notifications.letters import Brand, as_html, as_text, code_letter, letter
from guerdon.notifications.operations import notify
from guerdon.notifications.parameters import NotificationParameters
from guerdon.notifications.queries import sent
from guerdon.plumbing import outbox
from guerdon.theming.formats import Formats, PointsName
from guerdon.theming.translations import LANGUAGES, catalogue, translator

BRAND = Brand(
    slug="kettle",
    name="Café <Kettle> & Co", url="https://kettle.example", accent="#884422",
    on_accent="#ffffff", support_email="help@kettle.example",
)  # fmt: skip
VALUES = {
    "redemptionId": str(uuid7()), "number": "K7Q2M", "title": {"en": "Mug <b>"}, "points": 1200,
    "money_minor": 450, "currency": "USD", "carrier": "UPS", "trackingNumber": "1Z",
    "reason": "supplier_out_of_stock", "pickupCode": "AB123-CD456", "lastDay": "2026-12-31",
    "key": "gold", "tier": {"en": "Gold <b>"}, "before_key": "base", "before": {},
}  # fmt: skip
KINDS = NotificationParameters().mail


def formats(language: str) -> Formats:
    return Formats(
        language=language, time_zone="UTC", points_name=PointsName(one="bean", other="beans")
    )


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("kind", KINDS)
def test_every_letter_is_complete_and_escaped(kind: str, language: str) -> None:
    t = translator(language)
    written = letter(kind, VALUES, t=t, formats=formats(language), brand=BRAND)
    text, html = as_text(written, BRAND), as_html(written, BRAND, language)
    assert "%(" not in text + html + written.subject + written.short
    assert "Mug <b>" not in html
    assert "&lt;Kettle&gt; &amp; Co" in html
    assert f'lang="{language}"' in html
    assert len(written.short) <= 160
    assert "Gold <b>" not in html
    if kind.startswith("redemption"):
        assert "K7Q2M" in written.subject + text
    if kind == "points_expiring":
        assert "beans" in written.subject
        assert formats(language).long_date(date(2026, 12, 31)) in written.short
    if kind == "tier_lost":
        assert "base" in text


@pytest.mark.parametrize("language", ["pt-BR", "es"])
def test_no_letter_falls_back_to_english(language: str) -> None:
    english, own = translator("en"), translator(language)
    for kind in KINDS:
        there = letter(kind, VALUES, t=english, formats=formats("en"), brand=BRAND)
        here = letter(kind, VALUES, t=own, formats=formats(language), brand=BRAND)
        assert here.subject != there.subject
        assert here.heading != there.heading
        assert here.paragraphs != there.paragraphs
    assert code_letter("123456", 1, t=own, brand=BRAND).heading != "Your code"
    assert catalogue(language).gettext("Delivered") != "Delivered"


def box(peers: Any) -> list[Any]:
    found: list[Any] = calls.get(f"{peers.mailbox.url}/api/messages").json()["items"]
    return found


async def test_confirmation_arrives_by_mail_and_sms_once(world: World, peers: Any) -> None:
    ana = await world.member(1000, phone="+5511987654321", language="pt-BR")
    placed = await world.place(ana, await world.quote(ana, "coffee"))
    await world.drain()
    mine = [m for m in box(peers) if placed.number in m["subject"] + m["text"]]
    mail, sms = sorted(mine, key=lambda m: m["kind"])
    assert (mail["kind"], sms["kind"]) == ("mail", "sms")
    assert mail["subject"] == f"O pedido {placed.number} está confirmado"
    assert mail["to"] == [ana.email]
    assert mail["tenant"] == world.tenant.slug
    assert sms["to"] == ["+5511987654321"]
    code = (await world.read(placed.id)).pickup_code
    assert code is not None
    assert code in mail["text"]
    assert code in mail["html"]
    async with world.rt.db.write(world.tenant.id) as s:
        await notify(
            s, kind="redemption_confirmed", member_id=ana.id, subject_id=placed.id,
            language="pt-BR", values={}, now=world.now,
        )  # fmt: skip
    await world.drain()
    assert len([m for m in box(peers) if placed.number in m["subject"] + m["text"]]) == 2
    async with world.rt.db.read(world.tenant.id) as s:
        assert {(m.channel, m.state) for m in await sent(s, subject_id=placed.id)} == {
            ("mail", "sent"),
            ("sms", "sent"),
        }


async def test_without_a_phone_there_is_no_sms(world: World) -> None:
    ana = await world.member(1000)
    placed = await world.place(ana, await world.quote(ana, "coffee"))
    await world.drain()
    async with world.rt.db.read(world.tenant.id) as s:
        states = {m.channel: (m.state, m.reason) for m in await sent(s, subject_id=placed.id)}
    assert states == {"mail": ("sent", None), "sms": ("skipped", "no_address")}


async def test_a_mail_server_in_trouble_is_tried_again(world: World, peers: Any) -> None:
    ana = await world.member(1000)
    placed = await world.place(ana, await world.quote(ana, "coffee"))
    peers.mailbox.knobs(fail_next=1)
    await world.drain()
    await world.run("notifications.send")
    async with world.rt.db.read(world.tenant.id) as s:
        (mail,) = [m for m in await sent(s, subject_id=placed.id) if m.channel == "mail"]
    assert mail.state == "sent"
    assert len([m for m in box(peers) if placed.number in m["subject"]]) == 1


async def test_a_new_member_is_greeted_once(world: World, peers: Any) -> None:
    ana = await world.member(0, language="es")
    for _ in range(2):
        async with world.rt.db.write(world.tenant.id) as s:
            await outbox.put(s, WelcomeMember(member_id=ana.id))
        await world.drain()
    greetings = [m for m in box(peers) if ana.email in m["to"]]
    assert [m["kind"] for m in greetings] == ["mail"]
    assert greetings[0]["subject"].startswith("Le damos la bienvenida")


async def test_who_was_erased_before_is_not_greeted(world: World, peers: Any) -> None:
    ana = await world.member(0)
    async with world.rt.db.write(world.tenant.id) as s:
        await outbox.put(s, WelcomeMember(member_id=ana.id))
        await erase(s, member_id=ana.id, requested_by="member", now=world.now)
    await world.drain()
    assert [m for m in box(peers) if ana.email in m["to"]] == []
