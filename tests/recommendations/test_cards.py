"""Co-branded cards: bases that are switched whole, and offers to nobody outside them."""

import asyncio
import io
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4
from zoneinfo import ZoneInfo

import msgspec
import pytest
from tests.brand_api.shop import join

from guerdon.kit.money import Money
from guerdon.members.import_rows import ImportFileError, RowError
from guerdon.recommendations import card_bases, card_imports
from guerdon.recommendations.candidates import (
    ApprovedCard,
    MemberFacts,
    SlateFacts,
    Withheld,
)
from guerdon.recommendations.card_bases import SweepBases, SweepBasesAway, approved_cards
from guerdon.recommendations.cards import candidates
from guerdon.recommendations.parameters import RecommendationParameters
from guerdon.runtime import Runtime
from guerdon.tenancy.schemas import Tenant

NOW = datetime(2026, 11, 12, 12, 0, tzinfo=UTC)
TODAY = NOW.date()
HEADING = "external_id,bank,variant,limit,currency,valid_until,consent\n"
CARD: dict[str, Any] = {
    "key": "card", "kind": "co_branded_card", "bank": "Banco Azul",
    "variants": [
        {"key": "gold", "name": {"en": "Gold", "pt-BR": "Ouro"}},
        {"key": "infinite", "name": {"en": "Infinite"}},
    ],
}  # fmt: skip


async def people(api: Any, *names: str) -> dict[str, UUID]:
    """Members by the brand's own id."""
    made = {}
    for name in names:
        member = await join(api)
        changed = await api.patch(f"/members/{member['id']}", json={"externalId": name})
        assert changed.status_code == 200
        made[name] = UUID(member["id"])
    return made


async def import_(
    rt: Runtime, tenant: Tenant, text: str, **options: Any
) -> tuple[card_imports.Totals, list[tuple[int, str, str]]]:
    errors: list[RowError] = []
    totals = await card_imports.run(
        rt, tenant_id=tenant.id, file=io.BytesIO(text.encode()), name="crm", principal="test",
        snapshot=await rt.snapshot(tenant.id, NOW), now=options.pop("now", NOW),
        on_error=errors.append, **options,
    )  # fmt: skip
    return totals, [(e.line, e.column, e.reason) for e in errors]


async def cards_of(
    rt: Runtime, tenant: Tenant, member_id: UUID, today: date = TODAY
) -> list[tuple[str, str]]:
    async with rt.db.read(tenant.id) as s:
        found = await approved_cards(s, member_id=member_id, today=today)
    return [(card.bank, card.variant) for card in found]


async def rows_of(rt: Runtime, tenant: Tenant) -> list[str]:
    """Every row of every base, with the transaction that wrote it."""
    async with rt.db.read(tenant.id) as s:
        return await s.all(
            str,
            "SELECT concat_ws(' ', xmin, ctid, base_id, member_id) FROM app.card_preapproval"
            " WHERE tenant_id = %(tenant_id)s ORDER BY base_id, member_id",
        )


async def test_a_file_becomes_a_base_with_each_bad_line_named(
    rt: Runtime, tenant: Tenant, api: Any
) -> None:
    who = await people(api, "ana", "bea", "caio")
    totals, errors = await import_(
        rt, tenant,
        HEADING
        + "ana,Banco Azul,Gold,500000,BRL,2026-12-31,yes\n"
        + "bea,Banco Azul,Infinite,,,2026-12-31,no\n"
        + "zoe,Banco Azul,Gold,,,2026-12-31,yes\n"
        + "caio,Banco Azul,Gold,,,2026-11-11,yes\n"
        + "caio,Banco Azul,Gold,,,31/12/2026,yes\n"
        + "ana,Banco Azul,Infinite,,,2026-12-31,yes\n"
        + "caio,Banco Azul,Gold,12.50,,2026-12-31,yes\n"
        + "caio,Banco Azul,Gold,,,2026-12-31,maybe\n"
        + ",Banco Azul,Gold,,,2026-12-31,yes\n"
        + "=cmd,Banco Azul,Gold,,,2026-12-31,yes\n"
        + "caio,,Gold,,,2026-12-31,yes\n",
    )  # fmt: skip
    assert sorted(errors) == [
        (4, "external_id", "unknown_member"), (5, "valid_until", "past"),
        (6, "valid_until", "date"), (7, "bank", "duplicate"), (8, "limit_minor", "limit"),
        (9, "consent", "consent"), (10, "external_id", "member"), (11, "external_id", "formula"),
        (12, "bank", "required"),
    ]  # fmt: skip
    assert (totals.rows, totals.taken, totals.rejected) == (11, 2, 9)
    assert await cards_of(rt, tenant, who["ana"]) == [("Banco Azul", "gold")]
    # Known and not consented, not in the base, over.
    assert await cards_of(rt, tenant, who["bea"]) == []
    assert await cards_of(rt, tenant, who["caio"]) == []
    assert await cards_of(rt, tenant, who["ana"], date(2026, 12, 31)) != []
    assert await cards_of(rt, tenant, who["ana"], date(2027, 1, 1)) == []


async def test_the_same_again_changes_nothing(rt: Runtime, tenant: Tenant, api: Any) -> None:
    who = await people(api, "ana", "bea")
    lines = ["ana,Banco Azul,Gold,,,2026-12-31,yes\n", "bea,Banco Azul,Gold,90,BRL,2026-12-31,no\n",
             "zoe,Banco Azul,Gold,,,2026-12-31,yes\n"]  # fmt: skip
    first, refused = await import_(rt, tenant, HEADING + "".join(lines))
    before = await rows_of(rt, tenant)
    later = NOW + timedelta(hours=1)
    again, errors = await import_(rt, tenant, HEADING + "".join(reversed(lines)), now=later)
    assert (first.unchanged, again.unchanged) == (False, True)
    assert (refused, errors) == (
        [(4, "external_id", "unknown_member")], [(2, "external_id", "unknown_member")]
    )  # fmt: skip
    assert (again.rows, again.taken, again.rejected) == (3, 2, 1)
    assert first.base is not None
    assert again.base == first.base
    # Not a row was written, here or in another base.
    assert len(before) == 2
    assert await rows_of(rt, tenant) == before
    async with rt.db.read(tenant.id) as s:
        (card,) = await approved_cards(s, member_id=who["ana"], today=TODAY)
        assert card.imported_at == NOW
        assert [b.state for b in await card_bases.latest(s)] == ["in_force"]


@pytest.mark.parametrize("lines", [
    ["ana,Banco Azul,Gold,,,2026-12-30,yes", "bea,Banco Azul,Gold,,,2026-12-31,yes"],
    ["ana,Banco Azul,Gold,7,BRL,2026-12-31,yes", "bea,Banco Azul,Gold,,,2026-12-31,yes"],
    ["ana,Banco Azul,Infinite,,,2026-12-31,yes", "bea,Banco Azul,Gold,,,2026-12-31,yes"],
    ["ana,Banco Azul,Gold,,,2026-12-31,no", "bea,Banco Azul,Gold,,,2026-12-31,yes"],
    ["ana,Banco Verde,Gold,,,2026-12-31,yes", "bea,Banco Azul,Gold,,,2026-12-31,yes"],
    ["ana,Banco Azul,Gold,,,2026-12-31,yes"],
    # As many lines as before, and one says what another says already.
    ["ana,Banco Azul,Gold,,,2026-12-31,yes", "ana,Banco Azul,Gold,,,2026-12-31,yes"],
])  # fmt: skip
async def test_whatever_differs_makes_a_new_base(
    rt: Runtime, tenant: Tenant, api: Any, lines: list[str]
) -> None:
    await people(api, "ana", "bea")
    both = [f"{name},Banco Azul,Gold,,,2026-12-31,yes" for name in ("ana", "bea")]
    first, _ = await import_(rt, tenant, HEADING + "\n".join(both) + "\n")
    other, _ = await import_(rt, tenant, HEADING + "\n".join(lines) + "\n")
    assert not other.unchanged
    assert first.base is not None
    assert other.base is not None
    assert other.base.id != first.base.id
    assert other.base.rows == len(set(lines))


async def test_a_new_base_takes_the_olds_place_whole(
    rt: Runtime, worker_rt: Runtime, tenant: Tenant, api: Any
) -> None:
    who = await people(api, "ana", "bea")
    await import_(rt, tenant, HEADING + "ana,Banco Azul,Gold,,,2026-12-31,yes\n")
    seen: set[tuple[int, int]] = set()
    done = asyncio.Event()

    async def watch() -> None:
        while not done.is_set():
            async with rt.db.read_frozen(tenant.id) as s:
                cards = [
                    len(await approved_cards(s, member_id=who[n], today=TODAY))
                    for n in ("ana", "bea")
                ]
            seen.add((cards[0], cards[1]))

    watcher = asyncio.create_task(watch())
    await import_(rt, tenant, HEADING + "bea,Banco Azul,Infinite,,,2026-12-31,yes\n", now=NOW)
    done.set()
    await watcher
    assert seen <= {(1, 0), (0, 1)}
    assert await cards_of(rt, tenant, who["ana"]) == []
    assert await cards_of(rt, tenant, who["bea"]) == [("Banco Azul", "infinite")]
    async with worker_rt.db.write(tenant.id) as s:
        await SweepBasesAway().apply(worker_rt, s, SweepBases(), NOW)
        rows = "SELECT count(*) FROM app.card_preapproval WHERE tenant_id = %(tenant_id)s"
        assert await s.value(rows) == 1


async def test_nothing_is_in_force_by_a_rehearsal_or_by_half(
    rt: Runtime, tenant: Tenant, api: Any
) -> None:
    who = await people(api, "ana")
    good = HEADING + "ana,Banco Azul,Gold,,,2026-12-31,yes\n"
    rehearsed, _ = await import_(rt, tenant, good, dry_run=True)
    assert (rehearsed.taken, rehearsed.base) == (1, None)
    assert await cards_of(rt, tenant, who["ana"]) == []
    half, errors = await import_(
        rt, tenant, good + "zoe,Banco Azul,Gold,,,2026-12-31,yes\n", complete=True
    )
    assert (half.taken, half.rejected, half.base, errors) == (
        1, 1, None, [(3, "external_id", "unknown_member")]
    )  # fmt: skip
    assert await cards_of(rt, tenant, who["ana"]) == []
    await import_(rt, tenant, good)
    # A file in which nobody is known takes nobody's card away.
    empty, _ = await import_(rt, tenant, HEADING + "zoe,Banco Azul,Gold,,,2026-12-31,yes\n")
    assert (empty.taken, empty.base) == (0, None)
    assert await cards_of(rt, tenant, who["ana"]) == [("Banco Azul", "gold")]
    with pytest.raises(ImportFileError, match="Unknown column 'bnk'"):
        await import_(rt, tenant, "external_id,bnk\n")


async def test_an_import_that_died_is_swept_and_never_in_force(
    rt: Runtime, worker_rt: Runtime, tenant: Tenant
) -> None:
    base_id = uuid4()
    async with rt.db.write(tenant.id) as s:
        await card_bases.begin(s, base_id=base_id, name="crm", principal="test", now=NOW)
    for hours, state in ((23, "loading"), (25, "discarded")):
        async with worker_rt.db.write(tenant.id) as s:
            later = NOW + timedelta(hours=hours)
            await SweepBasesAway().apply(worker_rt, s, SweepBases(), later)
            assert (await card_bases.one(s, base_id=base_id)).state == state
    with pytest.raises(card_bases.BaseStateError):
        async with rt.db.write(tenant.id) as s:
            await card_bases.switch(s, base_id=base_id, complete=False, now=NOW)


async def test_a_base_through_the_api(rt: Runtime, tenant: Tenant, api: Any) -> None:
    who = await people(api, "ana", "bea")
    until = str(datetime.now(UTC).date() + timedelta(days=40))
    row = {"bank": "Banco Azul", "variant": "Gold", "validUntil": until, "consent": True}
    base = (await api.post("/card-bases", json={})).json()
    assert (base["state"], base["name"]) == ("loading", "crm")
    at = f"/card-bases/{base['id']}"
    filled = await api.post(
        f"{at}/rows",
        json={"rows": [row | {"externalId": "ana", "limitMinor": 700_000},
                       row | {"externalId": "nobody"}, row]},
    )  # fmt: skip
    assert filled.json() == {
        "taken": 1,
        "rejected": [
            {"row": 2, "field": "externalId", "reason": "unknown_member",
             "detail": "There is no such member here."},
            {"row": 3, "field": "externalId", "reason": "member",
             "detail": "Name the member by exactly one: your own id, the e-mail or the number."},
        ],
    }  # fmt: skip
    more = await api.post(f"{at}/rows", json={"rows": [row | {"externalId": "ana"}]})
    assert (more.json()["rejected"][0]["row"], more.json()["rejected"][0]["detail"]) == (
        4, "The same member and bank as in line 1."
    )  # fmt: skip
    today = datetime.now(UTC).date()
    assert await cards_of(rt, tenant, who["ana"], today) == []
    refused = await api.post(f"{at}/activate", json={"complete": True})
    assert (refused.status_code, refused.json()["code"], refused.json()["params"]) == (
        422, "card_base_incomplete", {"rejected": 3}
    )  # fmt: skip
    assert await cards_of(rt, tenant, who["ana"], today) == []
    activated = await api.post(f"{at}/activate", json={})
    assert (activated.json()["state"], activated.json()["rows"]) == ("in_force", 1)
    async with rt.db.read(tenant.id) as s:
        (card,) = await approved_cards(s, member_id=who["ana"], today=today)
    assert (card.limit_minor, card.currency) == (700_000, "USD")
    closed = await api.post(f"{at}/rows", json={"rows": [row | {"externalId": "bea"}]})
    assert (closed.status_code, closed.json()["code"]) == (409, "card_base_state")
    gone = await api.delete(at)
    assert gone.json()["state"] == "discarded"
    assert await cards_of(rt, tenant, who["ana"], today) == []


async def test_approvals_are_exported_and_erased(rt: Runtime, tenant: Tenant, api: Any) -> None:
    who = await people(api, "ana", "bea")
    await import_(
        rt, tenant,
        HEADING + "".join(f"{n},Banco Azul,Gold,,,2036-12-31,no\n" for n in ("ana", "bea")),
    )  # fmt: skip
    export = (await api.get(f"/members/{who['ana']}/export")).json()["files"]
    assert export["card_approvals"] == [
        {"bank": "Banco Azul", "variant": "gold", "limit_minor": None, "currency": "",
         "valid_until": "2036-12-31", "consent": False},
    ]  # fmt: skip
    await api.delete(f"/members/{who['ana']}")
    async with rt.db.read(tenant.id) as s:
        left = await s.all(
            UUID, "SELECT member_id FROM app.card_preapproval WHERE tenant_id = %(tenant_id)s"
        )
    assert left == [who["bea"]]


async def test_the_command_imports_and_says_what_it_did(
    tenant: Tenant, api: Any, guerdon: Any, tmp_path: Path, rt: Runtime
) -> None:
    who = await people(api, "ana")
    file = tmp_path / "base.csv"
    file.write_text(
        HEADING + "ana,Banco Azul,Gold,,,2099-12-31,sim\nzoe,Banco Azul,Gold,,,2099-12-31,sim\n"
    )
    done = await guerdon("recommendations", "import-base", tenant.slug, str(file))
    assert done.returncode == 3, done.stderr
    assert done.stdout == (
        "2 lines: 1 taken, 1 rejected.\nThe base crm is in force with 1 approvals.\n"
    )
    assert "line 3, external_id: There is no such member here." in done.stderr
    assert (tmp_path / "base.csv.rejects.csv").read_text().splitlines()[1] == (
        "3,external_id,unknown_member,There is no such member here.,zoe"
    )
    assert await cards_of(rt, tenant, who["ana"]) == [("Banco Azul", "gold")]


def offered(*cards: ApprovedCard, language: str = "en", **more: Any) -> Any:
    parameters = msgspec.convert({"offers": [CARD | more]}, RecommendationParameters)
    facts = SlateFacts(
        member=MemberFacts(id=uuid4(), joined_at=NOW, language=language), now=NOW, today=TODAY,
        version=1, approved_cards=cards, zone=ZoneInfo("America/Sao_Paulo"),
    )  # fmt: skip
    return candidates(facts, parameters)


def card(**more: Any) -> ApprovedCard:
    given: dict[str, Any] = {
        "bank": "BANCO AZUL", "variant": "gold", "valid_until": date(2026, 11, 30),
        "imported_at": NOW,
    }  # fmt: skip
    return ApprovedCard(**given | more)


def test_a_card_is_the_banks_and_the_variant_that_was_approved() -> None:
    (found,), withheld = offered(card(limit_minor=500_000, currency="BRL"), language="pt-BR")
    assert withheld == []
    assert (found.offer, found.variant, found.reason.code) == ("card", "gold", "approved_card")
    assert found.personal == {
        "bank": "Banco Azul", "variant": "Ouro", "until": date(2026, 11, 30),
        "limit": Money(500_000, "BRL"),
    }  # fmt: skip
    assert found.expires_at == datetime(2026, 12, 1, 3, tzinfo=UTC)
    assert (found.generated_at, found.base) == (NOW, 800_000)


def test_nobody_else_is_offered_a_card() -> None:
    assert offered() == ([], [Withheld("co_branded_card", "card", "not_pre_approved")])
    assert offered(card(bank="Banco Verde"))[1][0].code == "not_pre_approved"
    assert offered(card(valid_until=TODAY - timedelta(days=1)))[1][0].code == "not_pre_approved"
    assert offered(card(variant="platinum")) == (
        [],
        [Withheld("co_branded_card", "card", "variant_not_offered", {"variant": "platinum"},
                  "platinum")],
    )  # fmt: skip


def test_an_approval_that_ends_soon_counts_more() -> None:
    assert offered(card(valid_until=TODAY + timedelta(days=6)))[0][0].base == 900_000
    assert offered(card(valid_until=TODAY + timedelta(days=7)))[0][0].base == 800_000
