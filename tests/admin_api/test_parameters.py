"""Parameters and their history over the admin API."""

from typing import Any

import pytest
from tests.admin_api.test_change_sets import GOLD, TIERS, act, begin


@pytest.fixture
async def brand(make_tenant: Any) -> Any:
    """A brand with two tiers."""
    return await make_tenant(tiers=TIERS)


async def test_every_section_is_there_with_its_schema(console: Any, brand: Any) -> None:
    ana = await console(brand, roles=("analyst",))
    ana.headers["accept-language"] = "pt-BR"
    found = (await ana.get(f"{ana.brand}/parameters")).json()
    assert found["version"] == 1
    sections = found["sections"]
    assert {name for name, s in sections.items() if not s["built"]} == set()
    tiers = sections["tiers"]
    assert (tiers["title"], tiers["area"]) == ("Níveis", "commercial")
    threshold = tiers["schema"]["properties"]["tiers"]["items"]["properties"]["threshold"]
    assert threshold["title"] == "Limite"
    assert threshold["x-risk"] == "high"
    assert threshold["x-area"] == "commercial"
    assert threshold["x-unit"] == "pontos"
    assert (threshold["minimum"], threshold["maximum"]) == (0, 10**12)
    assert "$ref" not in str(sections["security"]["schema"])


async def test_a_section_with_its_draft(console: Any, brand: Any) -> None:
    olga = await console(brand)
    draft = await begin(olga, [{"path": GOLD, "value": 0}])
    path = f"{olga.brand}/parameters/tiers"
    plain = (await olga.get(path)).json()
    assert "draft" not in plain
    assert [f for f in plain["findings"] if f["severity"] == "error"] == []
    drafted = (await olga.get(f"{path}?changeSet={draft['id']}")).json()
    assert drafted["content"]["tiers"][1]["threshold"] == 10_000
    assert drafted["draft"]["tiers"][1]["threshold"] == 0
    first = drafted["findings"][0]
    assert (first["path"], first["code"]) == (GOLD, "overlapping_tiers")
    assert (await olga.get(f"{olga.brand}/parameters/nothing")).status_code == 404


async def test_history_compares_and_goes_back(console: Any, brand: Any) -> None:
    olga = await console(brand)
    for value in (12_000, 15_000):
        draft = await begin(olga, [{"path": GOLD, "value": value}])
        assert (await act(olga, draft, "publish")).status_code == 200
    back = await olga.post(f"{olga.brand}/versions/1/rollback", json={})
    assert back.json()["publishedVersion"] == 4
    listed = (await olga.get(f"{olga.brand}/versions")).json()["items"]
    assert [(v["version"], v["inForce"], v["restores"]) for v in listed] == [
        (4, True, 1), (3, False, None), (2, False, None), (1, False, None),
    ]  # fmt: skip
    assert listed[0]["contentHash"] == listed[3]["contentHash"]
    assert (listed[1]["title"], listed[1]["author"]["id"]) == ("Autumn", str(olga.staff_id))
    assert listed[1]["publishedBy"]["id"] == str(olga.staff_id)
    told = (await olga.get(f"{olga.brand}/versions/compare?from=1&to=3")).json()
    assert (told["fromVersion"], told["toVersion"], told["risk"]) == (1, 3, "high")
    assert [e["words"] for e in told["edits"]] == ["Gold threshold 10,000 → 15,000 points"]
    one = (await olga.get(f"{olga.brand}/versions/2")).json()
    assert one["content"]["tiers"]["tiers"][1]["threshold"] == 12_000
    assert (await olga.get(f"{olga.brand}/versions/99")).status_code == 404
    first = (await olga.get(f"{olga.brand}/versions?limit=3")).json()
    second = (await olga.get(f"{olga.brand}/versions?limit=3&cursor={first['nextCursor']}")).json()
    assert [v["version"] for v in second["items"]] == [1]


async def test_lists_know_states(console: Any, brand: Any) -> None:
    olga = await console(brand)
    first = await begin(olga, [{"path": GOLD, "value": 12_000}])
    await act(olga, first, "publish")
    second = await begin(olga, [{"path": GOLD, "value": 13_000}])
    await act(olga, second, "publish")
    gone = await begin(olga, [{"path": GOLD, "value": 14_000}])
    await olga.post(f"{olga.brand}/change-sets/{gone['id']}/discard")
    draft = await begin(olga, [{"path": GOLD, "value": 1_000}])
    listed = (await olga.get(f"{olga.brand}/change-sets")).json()["items"]
    assert [(c["id"], c["state"], c["editCount"]) for c in listed] == [
        (draft["id"], "draft", 1), (gone["id"], "discarded", 1),
        (second["id"], "published", 1), (first["id"], "superseded", 1),
    ]  # fmt: skip
    some = await olga.get(f"{olga.brand}/change-sets?state=draft&state=published")
    assert [c["id"] for c in some.json()["items"]] == [draft["id"], second["id"]]
    page = (await olga.get(f"{olga.brand}/change-sets?limit=3")).json()
    rest = await olga.get(f"{olga.brand}/change-sets?limit=3&cursor={page['nextCursor']}")
    assert [c["id"] for c in rest.json()["items"]] == [first["id"]]
