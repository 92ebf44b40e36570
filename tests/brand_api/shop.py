"""A café with goods at its counter and members with points, made through the API alone."""

from typing import Any
from uuid import uuid4

SECTIONS: dict[str, Any] = {
    "programme": {"name": "Copper Kettle", "currency": "USD", "languages": ["en", "pt-BR"]},
    "points": {"earn_factor": "1", "price_factor": "100"},
    "catalogue": {
        "margin_percent": "0",
        "categories": [{"key": "drinks", "name": {"en": "Drinks", "pt-BR": "Bebidas"}}],
    },
    "fulfilment": {"suppliers": [{"key": "counter", "provider": "counter"}]},
    "integrations": {
        "webhooks": [{"key": "till", "url": "https://example.com/hook"}],
        "requests_per_minute": 1_000_000,
    },
}


def definition(slug: str, *, price: str, stock: int | None) -> dict[str, Any]:
    """A product as a catalogue file states it."""
    return {
        "slug": slug, "category": "drinks", "supplier": "counter", "currency": "USD",
        "texts": {"en": {"name": slug.title(), "summary": f"A {slug}."}}, "delivery": "counter",
        "variants": [{"sku": slug.upper(), "price": price, "stock": stock}],
    }  # fmt: skip


async def stock_up(api: Any, *definitions: dict[str, Any]) -> dict[str, dict[str, Any]]:
    """Import products; each as the API reads it."""
    made = await api.post("/catalogue/products", json={"products": list(definitions)})
    assert made.status_code == 200, made.text
    return {d["slug"]: (await api.get(f"/products/{d['slug']}")).json() for d in definitions}


async def join(api: Any, *, points: int = 0) -> dict[str, Any]:
    """A member with points."""
    made = await api.post(
        "/members", json={"email": f"{uuid4().hex}@example.com", "name": "Ana Lima"}
    )
    assert made.status_code == 201, made.text
    member: dict[str, Any] = made.json()
    if points:
        earned = await api.post(
            "/points/earn",
            json={
                "memberId": member["id"], "source": "test", "eventId": uuid4().hex,
                "occurredAt": "2026-01-01T00:00:00Z", "points": points, "rule": "welcome",
            },
        )  # fmt: skip
        assert earned.status_code == 201, earned.text
    return member
