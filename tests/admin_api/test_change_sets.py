"""Change sets over the admin API, as the console drives them."""

from typing import Any

import pytest

from guerdon.ledger.parameters import PointsParameters
from guerdon.runtime import Runtime

TIERS = {
    "tiers": [
        {"key": "blue", "threshold": 0},
        {"key": "gold", "threshold": 10_000, "name": {"en": "Gold", "pt-BR": "Ouro", "es": "Oro"}},
    ]
}
GOLD = "tiers.tiers[gold].threshold"


@pytest.fixture
async def brand(make_tenant: Any) -> Any:
    """A brand with two tiers, in São Paulo."""
    return await make_tenant(
        programme={"time_zone": "America/Sao_Paulo", "currency": "BRL"}, tiers=TIERS
    )


async def begin(who: Any, edits: list[dict[str, Any]]) -> dict[str, Any]:
    """A change set with these edits."""
    made = await who.post(f"{who.brand}/change-sets", json={"title": "Autumn"})
    assert made.status_code == 201, made.text
    return await edit(who, made.json(), edits)


async def edit(who: Any, change_set: dict[str, Any], edits: list[dict[str, Any]]) -> Any:
    """The set after these edits."""
    answer = await who.patch(
        f"{who.brand}/change-sets/{change_set['id']}/edits",
        json={"rowVersion": change_set["rowVersion"], "edits": edits},
    )
    assert answer.status_code == 200, answer.text
    return answer.json()


async def act(who: Any, change_set: dict[str, Any], step: str, **body: Any) -> Any:
    """The answer to a step."""
    return await who.post(f"{who.brand}/change-sets/{change_set['id']}/{step}", json=body)


async def test_the_story_of_a_change(console: Any, brand: Any, rt: Runtime) -> None:
    mara = await console(brand, roles=("marketer",), name="Mara")
    otto = await console(brand, roles=("owner",), name="Otto")
    await console(brand, roles=("approver",), name="Ana")
    draft = await begin(
        mara,
        [
            {"path": GOLD, "value": 12_000},
            {"path": "points.price_factor", "value": "120"},
            {"path": "branding.brand_colour", "value": "#aa3311"},
        ],
    )
    assert {e["path"]: e["words"] for e in draft["edits"]} == {
        GOLD: "Gold threshold 10,000 → 12,000 points",
        "points.price_factor": "Points asked 100 → 120 points",
        "branding.brand_colour": "Brand colour #2f5d50 → #aa3311",
    }
    assert (draft["risk"], draft["needsApproval"], draft["state"]) == ("high", True, "draft")
    assert draft["author"] == {"id": str(mara.staff_id), "name": "Mara"}
    assert (await act(mara, draft, "publish")).status_code == 403
    submitted = (await act(mara, draft, "submit", comment="For the autumn")).json()
    assert submitted["state"] == "in_review"
    approved = (await act(otto, submitted, "approve", comment="Fine")).json()
    assert [(a["by"]["name"], a["comment"]) for a in approved["approvals"]] == [("Otto", "Fine")]
    done = (await act(otto, approved, "publish")).json()
    assert (done["state"], done["publishedVersion"]) == ("published", 2)
    await rt.changes.catch_up()
    snapshot = await rt.snapshot(brand.id, rt.clock.now())
    assert (snapshot.version, snapshot[PointsParameters].price_factor) == (2, "120")
    trail = (await otto.get(f"{otto.brand}/audit?subject=change_set:{draft['id']}")).json()["items"]
    assert [(e["action"], e["actorName"]) for e in reversed(trail)] == [
        ("change_set.created", "Mara"),
        ("change_set.edited", "Mara"),
        ("change_set.submitted", "Mara"),
        ("change_set.approved", "Otto"),
        ("change_set.published", "Otto"),
    ]
    assert trail[0]["summary"]["version"] == 2
    assert trail[0]["summary"]["armed"] is True
    assert "Gold threshold 10,000 → 12,000 points" in trail[0]["summary"]["edits"]


@pytest.mark.parametrize(
    ("language", "words"),
    [
        ("en", ["Gold threshold 10,000 → 12,000 points", "Margin 0% → 2.5%"]),
        ("pt-BR", ["Ouro: limite 10.000 → 12.000 pontos", "Margem 0% → 2,5%"]),
        ("es", ["Oro: umbral 10.000 → 12.000 puntos", "Margen 0\u00a0% → 2,5\u00a0%"]),
    ],
)
async def test_words_are_in_the_readers_language(
    console: Any, brand: Any, language: str, words: list[str]
) -> None:
    olga = await console(brand)
    olga.headers["accept-language"] = language
    draft = await begin(
        olga,
        [{"path": GOLD, "value": 12_000}, {"path": "catalogue.margin_percent", "value": "2.5"}],
    )
    assert sorted(e["words"] for e in draft["edits"]) == sorted(words)
