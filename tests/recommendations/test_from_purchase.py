"""From what was bought to what is offered, through the API alone."""

from datetime import UTC, datetime, timedelta
from typing import Any

from tests.brand_api.shop import join
from tests.conftest import MakeTenant

WORDS = {"en": {"title": "Aurora {bank} {variant}", "text": "Up to {limit}."}}
ON = {"enabled": True, "exploration_percent": 0, "holdout_percent": 0}


def days(n: int) -> str:
    return str(datetime.now(UTC).date() + timedelta(n))


def rules(*offers: dict[str, Any], **contexts: Any) -> dict[str, Any]:
    kinds = ("co_branded_card", "ancillary", "club")
    return {
        "kinds": dict.fromkeys(kinds, ON),
        "placements": [{"key": "after", "kinds": kinds, "slots": 20}],
        "offers": list(offers),
        "contexts": contexts,
    }


async def slate(api: Any, **asked: Any) -> tuple[dict[str, Any], dict[str, str]]:
    """What has a place, by offer, and why the rest has none."""
    asked = {"placement": "after", "explain": True} | asked
    answered = await api.post("/recommendations/slate", json=asked, key="")
    assert answered.status_code == 200, answered.text
    body = answered.json()
    return (
        {item["offer"]: item for item in body["items"]},
        {one["key"]: one["code"] for one in body["missing"]},
    )


async def test_a_hotel_booking_works_by_parameters_alone(
    make_tenant: MakeTenant, make_api: Any
) -> None:
    def extra(key: str, **more: Any) -> dict[str, Any]:
        return {"key": key, "kind": "ancillary", "name": {"en": key}} | more

    offers = [
        extra("late", contexts=["stay"]),
        extra("family", contexts=["stay"], eligibility="nights >= 3 && passengers > 1"),
        extra("long", contexts=["stay"], eligibility="nights >= 7"),
        extra("parks", product="theme_parks"), extra("bag", product="baggage"),
        extra("hotel", product="hotel"), extra("cruise", product="cruise"),
    ]  # fmt: skip
    place = {"code": "SERRA", "name": {"en": "Serra"}, "parks": True}
    api = await make_api(await make_tenant(recommendations=rules(*offers, places=[place])))
    ana = await join(api)
    booking = {
        "kind": "stay", "place": "SERRA", "checkIn": days(5), "checkOut": days(9),
        "passengers": [{}, {"type": "child", "age": 7}],
    }  # fmt: skip
    shown, missing = await slate(api, memberId=ana["id"], context=booking)
    assert set(shown) == {"late", "family", "parks"}
    assert shown["parks"]["reason"]["text"] == "With children in Serra."
    assert missing == {
        "long": "not_eligible", "bag": "no_ticket", "hotel": "already_staying",
        "cruise": "no_port_near",
    }  # fmt: skip
    # Sent ahead, it counts just the same; without it there is nothing to follow from.
    assert (await slate(api, memberId=ana["id"]))[0] == {}
    kept = {"memberId": ana["id"], "reference": "H1", "context": booking}
    assert (await api.post("/contexts", json=kept)).status_code == 201
    assert set((await slate(api, memberId=ana["id"]))[0]) == {"late", "family", "parks"}


async def test_a_card_says_the_members_own_bank_and_variant(
    make_tenant: MakeTenant, make_api: Any
) -> None:
    card = {
        "key": "card", "kind": "co_branded_card", "bank": "Banco Azul", "copy": WORDS,
        "variants": [{"key": k, "name": {"en": k.title()}} for k in ("gold", "platinum")],
    }  # fmt: skip
    small = {"key": "small", "kind": "club", "name": {"en": "Small"},
             "package": {"price_minor": 900, "points_a_month": 1_000}}  # fmt: skip
    big = small | {"key": "big", "package": {"price_minor": 7_000, "points_a_month": 9_000}}
    api = await make_api(await make_tenant(recommendations=rules(card, small, big)))
    ana, bea = await join(api), await join(api)
    base = (await api.post("/card-bases", json={})).json()["id"]
    row = {"email": ana["email"], "bank": "Banco Azul", "variant": "Platinum", "consent": True,
           "validUntil": days(30), "limitMinor": 250_000}  # fmt: skip
    await api.post(f"/card-bases/{base}/rows", json={"rows": [row]})
    assert "card" not in (await slate(api, memberId=ana["id"]))[0]
    await api.post(f"/card-bases/{base}/activate", json={})
    shown, missing = await slate(api, memberId=ana["id"])
    assert (shown["card"]["title"], shown["card"]["variant"]) == (
        "Aurora Banco Azul Platinum", "platinum"
    )  # fmt: skip
    assert "{" not in shown["card"]["text"]
    assert "2,500.00" in shown["card"]["text"]
    # Nothing was earned or redeemed: the smallest package loses least.
    assert (missing["big"], "small" in shown) == ("another_is_better", True)
    assert shown["small"]["details"]["points"] == 12_000
    assert shown["small"]["details"]["cost"] == {"minor": 10_800, "currency": "USD"}
    other, why = await slate(api, memberId=bea["id"])
    assert ("card" in other, why["card"]) == (False, "not_pre_approved")


async def test_nothing_is_handed_out_for_longer_than_it_holds(
    make_tenant: MakeTenant, make_api: Any
) -> None:
    """Whoever keeps a slate knows until when: a flight that leaves ends the bag before the hour."""
    bag = {"key": "bag", "kind": "ancillary", "product": "baggage", "name": {"en": "Bag"}}
    gift = {"key": "gift", "kind": "ancillary", "name": {"en": "Gift"}}
    api = await make_api(await make_tenant(recommendations=rules(bag, gift)))
    ana = await join(api)
    leaves = datetime.now(UTC).replace(microsecond=0) + timedelta(minutes=30)
    leg = {"origin": "GRU", "destination": "LIS", "departsAt": leaves.isoformat(),
           "arrivesAt": (leaves + timedelta(hours=10)).isoformat()}  # fmt: skip
    ticket = {"kind": "itinerary", "segments": [leg], "passengers": [{}]}
    asked_at = datetime.now(UTC)
    shown, _ = await slate(api, memberId=ana["id"], context=ticket)
    assert datetime.fromisoformat(shown["bag"]["expiresAt"]) == leaves
    lasts = datetime.fromisoformat(shown["gift"]["expiresAt"]) - asked_at
    assert timedelta(hours=1) <= lasts < timedelta(hours=1, minutes=5)
    # Once it has left, the same ticket brings no bag.
    gone = leg | {
        "departsAt": (leaves - timedelta(hours=1)).isoformat(),
        "arrivesAt": (leaves + timedelta(hours=9)).isoformat(),
    }
    shown, missing = await slate(api, memberId=ana["id"], context=ticket | {"segments": [gone]})
    assert ("bag" in shown, missing["bag"]) == (False, "departed")
