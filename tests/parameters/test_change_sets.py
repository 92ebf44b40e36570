"""Change sets from draft to version: edits, review, approval, conflicts, going back."""

from typing import Any

import psycopg
import pytest
from msgspec import UNSET
from tests.parameters.conftest import AREAS, TWO, Desk

from guerdon.kit.errors import ConflictError, InvalidError
from guerdon.parameters import drafts, releases
from guerdon.parameters.change_sets import (
    Approval,
    ApprovalNeededError,
    AreaForbiddenError,
    EditConflictError,
    NothingChangedError,
    OwnChangeError,
    StaleDraftError,
    WrongStateError,
)
from guerdon.parameters.differences import Edit
from guerdon.parameters.drafts import Wish
from guerdon.parameters.paths import UnknownPathError
from guerdon.parameters.sections import InvalidParametersError

GOLD = "tiers.tiers[gold].threshold"


async def test_a_change_set_spans_sections_and_is_published_whole(desk: Desk) -> None:
    draft = await desk.begin(points__price_factor="120", branding__brand_colour="#aa3311")
    draft = await desk.edit(draft, {GOLD: 12_000})
    assert draft.edits == [
        Edit("branding.brand_colour", "#2f5d50", "#aa3311"),
        Edit("points.price_factor", "100", "120"),
        Edit(GOLD, 10_000, 12_000),
    ]
    done = await desk.publish(draft)
    assert (done.state, done.version, done.effective_at) == ("published", 2, desk.now)
    content = await desk.content()
    assert content["points"]["price_factor"] == "120"
    assert content["branding"]["brand_colour"] == "#aa3311"
    assert content["tiers"]["tiers"][2]["threshold"] == 12_000
    assert content["tiers"]["tiers"][1]["threshold"] == 1_000


async def test_items_are_added_moved_and_removed_by_key(desk: Desk) -> None:
    draft = await desk.begin()
    draft = await desk.edit(
        draft,
        {
            "tiers.tiers[platinum]": {"key": "platinum", "threshold": 5_000},
            "tiers.tiers[*]": ["blue", "silver", "platinum", "gold"],
            "tiers.tiers[silver]": UNSET,
            "catalogue.fx.USD": "5.25",
        },
    )
    assert [(e.path, e.before is UNSET, e.after is UNSET) for e in draft.edits] == [
        ("catalogue.fx.USD", True, False),
        ("tiers.tiers[silver]", False, True),
        ("tiers.tiers[platinum]", True, False),
        ("tiers.tiers[*]", False, False),
    ]
    await desk.publish(draft)
    content = await desk.content()
    assert [t["key"] for t in content["tiers"]["tiers"]] == ["blue", "platinum", "gold"]
    assert content["catalogue"]["fx"] == {"USD": "5.25"}


async def test_a_reverted_field_is_as_before(desk: Desk) -> None:
    draft = await desk.begin(points__price_factor="120", tiers__period="calendar_year")
    draft = await desk.wish(draft, [Wish("points.price_factor", revert=True)])
    assert [e.path for e in draft.edits] == ["tiers.period"]
    draft = await desk.edit(draft, {"tiers.period": "lifetime"})
    assert draft.edits == []


async def test_a_broken_rule_stays_in_the_draft_and_is_not_published(desk: Desk) -> None:
    draft = await desk.begin()
    draft = await desk.edit(draft, {GOLD: 500})
    assert draft.edits == [Edit(GOLD, 10_000, 500)]
    for step in (desk.submit, desk.publish):
        with pytest.raises(InvalidParametersError) as caught:
            await step(draft)
        assert [(f.path, f.code) for f in caught.value.findings] == [(GOLD, "overlapping_tiers")]
    with pytest.raises(InvalidParametersError):
        await desk.schedule(draft, "2026-12-01T00:00")
    assert await desk.versions() == 1


@pytest.mark.parametrize(
    ("path", "value", "error", "field"),
    [
        (GOLD, "many", InvalidParametersError, GOLD),
        (GOLD, -1, InvalidParametersError, GOLD),
        ("points.price_factor", 1.5, InvalidParametersError, "points.price_factor"),
        ("catalogue.fx.USD", 5, InvalidParametersError, "catalogue.fx.USD"),
        ("catalogue.fx.dollars", "5", InvalidParametersError, "catalogue.fx"),
        ("points.nonsense", 1, UnknownPathError, "points.nonsense"),
        ("nonsense.points", 1, UnknownPathError, "nonsense.points"),
        ("tiers.tiers[no].threshold", 1, UnknownPathError, "tiers.tiers[no].threshold"),
        ("tiers.tiers[a]", {"key": "b", "threshold": 1}, UnknownPathError, "tiers.tiers[a]"),
        ("tiers..tiers", 1, UnknownPathError, "tiers..tiers"),
        ("tiers.tiers[gold", 1, UnknownPathError, "tiers.tiers[gold"),
        (
            "programme.terms.en", "Our key is sk_" + "live_51H8abcdefgh",
            InvalidParametersError, "programme.terms.en",
        ),
    ],
)  # fmt: skip
async def test_bad_input_is_refused_with_the_field(
    desk: Desk, path: str, value: Any, error: type[InvalidError], field: str
) -> None:
    draft = await desk.begin()
    with pytest.raises(error) as caught:
        await desk.edit(draft, {path: value})
    assert caught.value.field == field
    assert (await desk.look(draft)).edits == []


async def test_areas_bound_what_a_person_may_propose(desk: Desk) -> None:
    marketer = frozenset({"brand", "commercial"})
    draft = await desk.begin()
    draft = await desk.edit(draft, {GOLD: 12_000}, areas=marketer)
    with pytest.raises(AreaForbiddenError) as caught:
        await desk.edit(
            draft, {"tiers.period": "calendar_year", "security.session_idle_minutes": 30},
            areas=marketer,
        )  # fmt: skip
    assert (caught.value.code, caught.value.field, caught.value.params["area"]) == (
        "area_forbidden", "security.session_idle_minutes", "security",
    )  # fmt: skip
    assert (await desk.look(draft)).edits == draft.edits
    # The same value again touches nothing.
    again = await desk.edit(draft, {"security.session_idle_minutes": 1440}, areas=marketer)
    assert again == draft


async def test_the_second_editor_is_told(desk: Desk) -> None:
    draft = await desk.begin(points__price_factor="120")
    await desk.edit(draft, {GOLD: 12_000}, actor="bob")
    with pytest.raises(StaleDraftError) as caught:
        await desk.edit(draft, {GOLD: 13_000})
    assert caught.value.code == "stale_draft"
    kept = await desk.look(draft)
    assert kept.editors == ["ann", "bob"]
    assert Edit(GOLD, 10_000, 12_000) in kept.edits


async def test_a_stale_draft_is_not_published_until_it_is_rebased(desk: Desk) -> None:
    first = await desk.begin(points__price_factor="120", tiers__period="calendar_year")
    second = await desk.begin("bob", points__price_factor="150", branding__corners="round")
    await desk.publish(first)
    for rebase in (False, True):
        with pytest.raises(StaleDraftError) as caught:
            await desk.publish(second, "bob", rebase=rebase)
        (conflict,) = caught.value.conflicts
        assert conflict.path == "points.price_factor"
        assert (conflict.base, conflict.yours, conflict.theirs) == ("100", "150", "120")
    arguments: dict[str, Any] = {"registry": True, "row_version": None, "actor": "bob"}
    with pytest.raises(EditConflictError):
        await desk.do(drafts.rebase, second, resolutions={}, **arguments)
    theirs = await desk.do(
        drafts.rebase, second, resolutions={"points.price_factor": "theirs"}, **arguments
    )
    assert (theirs.base_version, theirs.edits) == (2, [Edit("branding.corners", "soft", "round")])
    await desk.publish(theirs, "bob")
    content = await desk.content()
    assert content["points"]["price_factor"] == "120"
    assert content["tiers"]["period"] == "calendar_year"
    assert content["branding"]["corners"] == "round"


async def test_what_does_not_clash_is_merged_when_asked(desk: Desk) -> None:
    mine = await desk.begin("bob", branding__corners="round")
    await desk.publish(await desk.begin(points__price_factor="120"))
    with pytest.raises(StaleDraftError) as caught:
        await desk.publish(mine, "bob")
    assert caught.value.conflicts == ()
    done = await desk.publish(mine, "bob", rebase=True)
    assert (done.version, done.base_version) == (3, 2)
    content = await desk.content()
    assert (content["points"]["price_factor"], content["branding"]["corners"]) == ("120", "round")


async def test_the_author_does_not_approve(desk: Desk) -> None:
    draft = await desk.edit(await desk.begin(), {GOLD: 12_000})
    draft = await desk.edit(draft, {"tiers.period": "calendar_year"}, actor="bob")
    handed_in = await desk.submit(draft)
    for hand in ("ann", "bob"):
        with pytest.raises(OwnChangeError):
            await desk.approve(handed_in, hand)
        with pytest.raises(OwnChangeError):
            await desk.publish(handed_in, hand, TWO)
        with pytest.raises(OwnChangeError):
            await desk.schedule(handed_in, "2026-12-01T00:00", hand, TWO)
    assert await desk.versions() == 1
    approved = await desk.approve(handed_in, "cia")
    assert approved.state == "approved"
    # Once somebody else said yes, the author may press the button.
    assert (await desk.publish(approved, "ann", TWO)).version == 2


async def test_an_editors_approval_is_refused_by_the_database_too(desk: Desk) -> None:
    draft = await desk.submit(await desk.begin(points__price_factor="120"))
    with pytest.raises(OwnChangeError):
        async with desk.rt.db.write(desk.tenant.id) as s:
            await s.execute(
                "INSERT INTO app.change_set_event (tenant_id, change_set_id, row_version, kind,"
                " occurred_at, actor, comment, data) VALUES (%(tenant_id)s, %(id)s, 9, 'approved',"
                " now(), 'ann', '', '{}')",
                {"id": draft.id},
            )


async def test_another_persons_publishing_is_their_approval(desk: Desk) -> None:
    draft = await desk.edit(await desk.begin(), {GOLD: 12_000})
    with pytest.raises(ApprovalNeededError):
        await desk.publish(draft, "bob", TWO)
    done = await desk.publish(await desk.submit(draft), "bob", TWO)
    assert done.version == 2


async def test_an_edit_takes_an_approval_away(desk: Desk) -> None:
    draft = await desk.edit(await desk.begin(), {GOLD: 12_000})
    approved = await desk.approve(await desk.submit(draft), "bob")
    edited = await desk.edit(approved, {GOLD: 90_000})
    assert edited.state == "draft"
    with pytest.raises(OwnChangeError):
        await desk.publish(edited, "ann", TWO)
    resubmitted = await desk.submit(edited)
    with pytest.raises(StaleDraftError):
        await desk.approve(resubmitted, "bob", row_version=approved.row_version)


async def test_an_approval_lasts_while_the_edits_are_the_same(desk: Desk) -> None:
    approved = await desk.edit(await desk.begin(), {GOLD: 12_000})
    approved = await desk.approve(await desk.submit(approved), "bob")
    await desk.publish(await desk.begin("cia", branding__corners="round"))
    arguments: dict[str, Any] = {"registry": True, "row_version": None, "actor": "ann"}
    rebased = await desk.do(drafts.rebase, approved, resolutions={}, **arguments)
    assert (rebased.state, rebased.base_version) == ("approved", 2)
    assert (await desk.publish(rebased, "ann", TWO)).version == 3


@pytest.mark.parametrize(
    ("approval", "value", "refused"),
    [
        (Approval("medium", 2), {"tiers.tiers[gold].colour": "#aabb00"}, False),
        (Approval("low", 2), {"tiers.tiers[gold].colour": "#aabb00"}, True),
        (Approval("medium", 2), {"points.fee.percent": "2"}, True),
        (Approval("high", 2), {"points.fee.percent": "2"}, False),
        (Approval("high", 2), {"points.validity": {"model": "rolling", "months": 12}}, True),
        (Approval("medium", 2), {"tiers.tiers[neo]": {"key": "neo", "threshold": 20_000}}, True),
        (Approval("never", 2), {GOLD: 12_000}, False),
        (Approval("medium", 1), {GOLD: 12_000}, False),
    ],
)
async def test_the_risk_decides_who_is_asked(
    desk: Desk, approval: Approval, value: dict[str, Any], refused: bool
) -> None:
    draft = await desk.edit(await desk.begin(), value)
    if refused:
        with pytest.raises(OwnChangeError):
            await desk.publish(draft, "ann", approval)
        assert await desk.versions() == 1
    else:
        assert (await desk.publish(draft, "ann", approval)).version == 2


async def test_a_lone_publisher_is_written_down_as_unarmed(desk: Desk) -> None:
    draft = await desk.edit(await desk.begin(), {GOLD: 12_000})
    await desk.publish(draft)
    async with desk.rt.db.read(desk.tenant.id) as s:
        data = await s.value(
            "SELECT data FROM app.change_set_event WHERE tenant_id = %(tenant_id)s"
            " AND kind = 'published'"
        )
    assert data == {"version": 2, "armed": False}


async def test_returned_sets_go_round_again(desk: Desk) -> None:
    draft = await desk.submit(await desk.begin(points__price_factor="120"))
    back = await desk.do(
        releases.send_back, draft, row_version=None, actor="bob", comment="Too dear."
    )
    assert back.state == "returned"
    assert (await desk.edit(back, {"points.price_factor": "110"})).state == "draft"


async def test_what_has_ended_takes_no_step(desk: Desk) -> None:
    done = await desk.publish(await desk.begin(points__price_factor="120"))
    gone = await desk.do(drafts.discard, await desk.begin(tiers__period="lifetime"), actor="ann")
    for ended in (done, gone):
        for step in (desk.submit, desk.publish, desk.unschedule):
            with pytest.raises(WrongStateError):
                await step(ended)
        with pytest.raises(WrongStateError):
            await desk.edit(ended, {GOLD: 1})
        with pytest.raises(psycopg.errors.InsufficientPrivilege, match="has ended"):
            async with desk.rt.db.write(desk.tenant.id) as s:
                await s.execute(
                    "UPDATE app.change_set SET title = 'x' WHERE tenant_id = %(tenant_id)s"
                    " AND id = %(id)s",
                    {"id": ended.id},
                )


async def test_nothing_is_not_published(desk: Desk) -> None:
    for step in (desk.submit, desk.publish):
        with pytest.raises(NothingChangedError):
            await step(await desk.begin())


async def test_a_rollback_is_a_new_version_equal_to_the_old(desk: Desk) -> None:
    before = await desk.content()
    await desk.publish(await desk.begin(points__price_factor="120"))
    await desk.publish(await desk.begin(tiers__period="calendar_year"))
    done = await desk.roll_back(1, "bob", TWO)
    assert (done.state, done.version, done.base_version) == ("published", 4, 3)
    assert await desk.content() == before
    async with desk.rt.db.read(desk.tenant.id) as s:
        hashes = await s.all(
            bytes,
            "SELECT content_hash FROM app.parameter_version WHERE tenant_id = %(tenant_id)s"
            " AND version IN (1, 4)",
        )
    assert len(hashes) == 2
    assert len(set(hashes)) == 1
    with pytest.raises(NothingChangedError):
        await desk.roll_back(1, "bob", TWO)


async def test_who_wrote_a_version_does_not_bring_it_back(desk: Desk) -> None:
    first = await desk.submit(await desk.edit(await desk.begin(), {GOLD: 12_000}))
    await desk.publish(first, "bob", TWO)
    second = await desk.submit(await desk.edit(await desk.begin("bob"), {GOLD: 9_000}, actor="bob"))
    await desk.publish(second, "cia", TWO)
    with pytest.raises(OwnChangeError):
        await desk.roll_back(2, "ann", TWO)
    assert await desk.version() == 3
    # Somebody else may; and what was brought back is still hers.
    assert (await desk.roll_back(2, "bob", TWO)).version == 4
    third = await desk.submit(await desk.edit(await desk.begin("cia"), {GOLD: 8_000}, actor="cia"))
    await desk.publish(third, "ann", TWO)
    with pytest.raises(OwnChangeError):
        await desk.roll_back(4, "ann", TWO)
    proposed = await desk.roll_back(4, "ann", TWO, review=True)
    assert (proposed.state, proposed.version) == ("in_review", None)
    with pytest.raises(OwnChangeError):
        await desk.publish(proposed, "ann", TWO)
    assert (await desk.publish(proposed, "cia", TWO)).version == 6
    # Alone in the house, one may.
    assert (await desk.roll_back(5, "cia")).version == 7


async def test_a_version_that_never_was_is_not_brought_back(desk: Desk) -> None:
    await desk.schedule(await desk.begin(points__price_factor="120"), "2026-12-01T00:00")
    for version in (2, 99):
        with pytest.raises((InvalidError, ConflictError)):
            await desk.roll_back(version, "bob")


async def test_a_set_is_superseded_by_the_next(desk: Desk) -> None:
    first = await desk.publish(await desk.begin(points__price_factor="120"))
    assert (await desk.look(first)).state == "published"
    await desk.publish(await desk.begin(points__price_factor="130"))
    assert (await desk.look(first)).state == "superseded"


async def test_every_area_is_known(desk: Desk) -> None:
    assert {s.area for s in desk.rt.snapshots.registry.by_name.values()} <= AREAS
