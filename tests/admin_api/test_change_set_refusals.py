"""What the admin API refuses about change sets: with the field, the reason, and nothing done."""

from typing import Any

import pytest
from tests.admin_api.test_change_sets import GOLD, TIERS, act, begin, edit

from guerdon.runtime import Runtime


@pytest.fixture
async def brand(make_tenant: Any) -> Any:
    """A brand with two tiers, in New York."""
    return await make_tenant(programme={"time_zone": "America/New_York"}, tiers=TIERS)


async def versions(rt: Runtime, brand: Any) -> int:
    """How many versions there are."""
    async with rt.db.read(brand.id) as s:
        return int(
            await s.value(
                "SELECT count(*) FROM app.parameter_version WHERE tenant_id = %(tenant_id)s"
            )
        )


def refusal(answer: Any) -> tuple[int, str]:
    """Status and code."""
    return answer.status_code, answer.json()["code"]


async def test_ones_own_change_is_refused_everywhere(console: Any, brand: Any, rt: Runtime) -> None:
    olga = await console(brand, name="Olga")
    otto = await console(brand, name="Otto")
    draft = await begin(olga, [{"path": GOLD, "value": 12_000}])
    submitted = (await act(olga, draft, "submit")).json()
    for step, body in (
        ("approve", {}),
        ("publish", {}),
        ("schedule", {"local": "2030-01-01T00:00"}),
    ):
        assert refusal(await act(olga, submitted, step, **body)) == (403, "own_change"), step
    assert await versions(rt, brand) == 1
    assert (await act(otto, submitted, "publish")).status_code == 200
    again = (await act(otto, await begin(otto, [{"path": GOLD, "value": 9_000}]), "submit")).json()
    assert (await act(olga, again, "publish")).status_code == 200
    # Version 2 is Olga's, version 3 Otto's.
    back = await olga.post(f"{olga.brand}/versions/2/rollback", json={})
    assert refusal(back) == (403, "own_change")
    assert await versions(rt, brand) == 3
    proposed = await olga.post(f"{olga.brand}/versions/2/rollback", json={"review": True})
    assert proposed.json()["state"] == "in_review"
    assert refusal(await act(olga, proposed.json(), "publish")) == (403, "own_change")
    done = await otto.post(f"{otto.brand}/versions/2/rollback", json={})
    assert (done.status_code, done.json()["publishedVersion"]) == (200, 4)
    assert done.json()["title"] == "Back to version 2"


async def test_an_editor_is_an_author_too(console: Any, brand: Any) -> None:
    mara = await console(brand, roles=("marketer",))
    olga, otto = await console(brand), await console(brand)
    draft = await begin(mara, [{"path": GOLD, "value": 12_000}])
    draft = await edit(olga, draft, [{"path": GOLD, "value": 13_000}])
    submitted = (await act(mara, draft, "submit")).json()
    assert refusal(await act(olga, submitted, "approve")) == (403, "own_change")
    assert (await act(otto, submitted, "approve")).status_code == 200


async def test_alone_one_may_publish_and_it_is_written_down(
    console: Any, brand: Any, rt: Runtime
) -> None:
    olga = await console(brand)
    draft = await begin(olga, [{"path": GOLD, "value": 12_000}])
    assert draft["needsApproval"] is False
    assert (await act(olga, draft, "publish")).status_code == 200
    trail = (await olga.get(f"{olga.brand}/audit?action=change_set.published")).json()["items"]
    assert [e["summary"]["armed"] for e in trail] == [False]


async def test_a_stale_draft_comes_with_the_fresh_one(console: Any, brand: Any) -> None:
    olga, otto = await console(brand), await console(brand)
    seen = await begin(olga, [{"path": GOLD, "value": 12_000}])
    await edit(otto, seen, [{"path": GOLD, "value": 13_000}])
    answer = await olga.patch(
        f"{olga.brand}/change-sets/{seen['id']}/edits",
        json={"rowVersion": seen["rowVersion"], "edits": [{"path": GOLD, "value": 14_000}]},
    )
    assert refusal(answer) == (409, "stale_draft")
    fresh = answer.json()["changeSet"]
    assert fresh["rowVersion"] == seen["rowVersion"] + 1
    assert [e["after"] for e in fresh["edits"]] == [13_000]


async def test_a_conflict_is_shown_and_decided(console: Any, brand: Any) -> None:
    olga, otto = await console(brand), await console(brand)
    mine = await begin(
        olga, [{"path": "branding.corners", "value": "round"},
               {"path": "branding.density", "value": "compact"}],
    )  # fmt: skip
    theirs = await begin(otto, [{"path": "branding.corners", "value": "sharp"}])
    assert (await act(otto, theirs, "publish")).status_code == 200
    answer = await act(olga, mine, "publish")
    assert refusal(answer) == (409, "stale_draft")
    conflict = {"path": "branding.corners", "base": "soft", "yours": "round", "theirs": "sharp"}
    assert answer.json()["conflicts"] == [conflict]
    assert answer.json()["changeSet"]["conflicts"] == [conflict]
    assert refusal(await act(olga, mine, "rebase")) == (409, "edit_conflict")
    decided = await act(
        olga, mine, "rebase", resolutions=[{"path": "branding.corners", "take": "yours"}]
    )
    assert decided.status_code == 200, decided.text
    assert (decided.json()["conflicts"], decided.json()["baseVersion"]) == ([], 2)
    assert (await act(olga, decided.json(), "publish")).json()["publishedVersion"] == 3


async def test_a_person_proposes_in_their_areas(console: Any, brand: Any) -> None:
    mara = await console(brand, roles=("marketer",))
    made = (await mara.post(f"{mara.brand}/change-sets", json={"title": "x"})).json()
    answer = await mara.patch(
        f"{mara.brand}/change-sets/{made['id']}/edits",
        json={
            "rowVersion": made["rowVersion"],
            "edits": [
                {"path": GOLD, "value": 12_000},
                {"path": "security.password_sign_in", "value": False},
            ],
        },
    )
    assert refusal(answer) == (403, "area_forbidden")
    assert answer.json()["field"] == "security.password_sign_in"
    after = (await mara.get(f"{mara.brand}/change-sets/{made['id']}")).json()
    assert after["edits"] == []


@pytest.mark.parametrize(
    ("path", "value", "code", "field", "message"),
    [
        (GOLD, "many", "wrong_type", GOLD, "Aqui vai um número inteiro."),
        (GOLD, -1, "out_of_range", GOLD, "O menor valor é 0."),
        ("branding.brand_colour", "red", "wrong_form", "branding.brand_colour", None),
        ("branding.corners", "oval", "not_a_choice", "branding.corners", None),
        ("programme.name", "sk_" + "live_51H8abcdefgh", "looks_like_a_secret", "programme.name",
         None),
        ("points.fee", {"percent": "1", "tip": 1}, "unknown_field", "points.fee.tip", None),
    ],
)  # fmt: skip
async def test_a_wrong_value_is_refused_with_its_field(
    console: Any, brand: Any, path: str, value: Any, code: str, field: str, message: str | None
) -> None:
    olga = await console(brand)
    olga.headers["accept-language"] = "pt-BR"
    made = (await olga.post(f"{olga.brand}/change-sets", json={"title": "x"})).json()
    answer = await olga.patch(
        f"{olga.brand}/change-sets/{made['id']}/edits",
        json={"rowVersion": made["rowVersion"], "edits": [{"path": path, "value": value}]},
    )
    assert refusal(answer) == (422, "invalid_parameters"), answer.text
    (finding,) = answer.json()["findings"]
    assert (finding["path"], finding["code"], finding["severity"]) == (field, code, "error")
    assert message is None or finding["message"] == message
    assert answer.json()["field"] == field


async def test_a_broken_rule_is_kept_and_told_in_words(console: Any, brand: Any) -> None:
    olga = await console(brand)
    olga.headers["accept-language"] = "es"
    draft = await begin(olga, [{"path": GOLD, "value": 0}])
    # Errors come first; warnings do not keep from publishing.
    told = [(f["path"], f["code"], f["message"], f["severity"]) for f in draft["findings"]]
    assert told[0] == (GOLD, "overlapping_tiers", "gold debe exigir más que blue.", "error")
    assert {severity for *_, severity in told[1:]} <= {"warning"}
    for step in ("submit", "publish"):
        answer = await act(olga, draft, step)
        assert refusal(answer) == (422, "invalid_parameters")
        assert [f["path"] for f in answer.json()["findings"]] == [GOLD]


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ({"local": "2020-01-01T00:00"}, "time_in_past"),
        ({"local": "2030-03-10T02:30"}, "time_in_gap"),
        ({"local": "2030-11-03T01:30"}, "ambiguous_time"),
        ({"local": "2030-11-03T01:30Z"}, "invalid"),
    ],
)
async def test_a_moment_that_is_none_is_refused(
    console: Any, brand: Any, rt: Runtime, body: dict[str, Any], code: str
) -> None:
    olga = await console(brand)
    draft = await begin(olga, [{"path": GOLD, "value": 12_000}])
    assert refusal(await act(olga, draft, "schedule", **body)) == (422, code)
    assert await versions(rt, brand) == 1


async def test_what_contradicts_the_schedule_names_it(console: Any, brand: Any) -> None:
    olga = await console(brand)
    later = await begin(olga, [{"path": GOLD, "value": 12_000}])
    done = await act(olga, later, "schedule", local="2030-11-03T01:30", fold="earlier")
    assert done.json()["effectiveAt"] == "2030-11-03T05:30:00Z"
    listed = (await olga.get(f"{olga.brand}/parameters")).json()
    assert [(s["title"], s["state"]) for s in listed["scheduled"]] == [("Autumn", "scheduled")]
    now = await begin(olga, [{"path": GOLD, "value": 13_000}])
    answer = await act(olga, now, "publish")
    assert refusal(answer) == (409, "scheduled_conflict")
    assert answer.json()["params"]["scheduled"] == "Autumn"
    assert [c["path"] for c in answer.json()["conflicts"]] == [GOLD]
    off = await act(olga, later, "unschedule")
    assert (off.json()["state"], off.json()["effectiveAt"]) == ("draft", None)
    assert (await act(olga, now, "publish")).status_code == 200


async def test_another_brands_sets_are_not_found(
    console: Any, brand: Any, make_tenant: Any
) -> None:
    olga = await console(brand)
    draft = await begin(olga, [{"path": GOLD, "value": 12_000}])
    eve = await console(await make_tenant())
    path = f"{eve.brand}/change-sets/{draft['id']}"
    assert (await eve.get(path)).status_code == 404
    assert (await eve.get(f"{eve.brand}/parameters?changeSet={draft['id']}")).status_code == 404
    for step in ("submit", "approve", "publish", "discard", "rebase"):
        body = None if step == "discard" else {}
        assert (await eve.post(f"{path}/{step}", json=body)).status_code == 404
    assert (await olga.get(f"{olga.brand}/change-sets/{draft['id']}")).json()["state"] == "draft"
