"""What each blueprint gives, for somebody who chooses one: read once from its folder."""

import tomllib
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Any, Final

import msgspec

from guerdon.kit.errors import NotFoundError
from guerdon.kit.money import Money, exponent
from guerdon.kit.paths import bundled

Words = dict[str, str]
# What a unit of each currency is worth in dollars, roughly: with these the sample prices of a
# blueprint become prices of another currency, until the owner states rates of their own.
RATES: Final = {
    "USD": "1", "EUR": "1.10", "GBP": "1.28", "BRL": "0.18", "MXN": "0.055", "ARS": "0.001",
    "CLP": "0.00105", "COP": "0.00024", "PEN": "0.27",
}  # fmt: skip


class Sample(msgspec.Struct, frozen=True):
    """One of its rewards: name by language, what it costs the brand, its picture's name."""

    name: Words
    cost: Money
    picture: str


class Tier(msgspec.Struct, frozen=True):
    """One of its tiers."""

    name: Words
    threshold: int


class Blueprint(msgspec.Struct, frozen=True):
    """A programme to start from."""

    key: str
    currency: str
    colour: str
    points_one: Words
    points_other: Words
    earn_factor: str
    price_factor: str
    validity_months: int
    tiers: tuple[Tier, ...]
    categories: tuple[str, ...]
    samples: tuple[Sample, ...]


def _root() -> Path:
    return bundled("tenants") / "blueprints"


@cache
def every() -> dict[str, Blueprint]:
    """All blueprints by name."""
    return {p.parent.name: _read(p.parent) for p in sorted(_root().glob("*/tenant.toml"))}


def blueprint(key: str) -> Blueprint:
    """The blueprint of this name; NotFoundError names those that there are."""
    known = every()
    if key not in known:
        raise NotFoundError(f"Choose one of {', '.join(known)}.", field="blueprint")
    return known[key]


@cache
def picture(key: str, name: str) -> bytes:
    """A picture of a blueprint; NotFoundError if it has none of this name."""
    known = every().get(key)
    if known is None or name not in {one.picture for one in known.samples}:
        raise NotFoundError
    return (_root() / key / "pictures" / name).read_bytes()


def rates(currency: str) -> dict[str, str]:
    """What a unit of each other currency is worth in `currency`, with six digits."""
    base = Decimal(RATES[currency])
    return {
        other: f"{(Decimal(rate) / base).quantize(Decimal('0.000001')).normalize():f}"
        for other, rate in RATES.items()
        if other != currency
    }


def _read(folder: Path) -> Blueprint:
    told: dict[str, Any] = tomllib.loads((folder / "tenant.toml").read_text(encoding="utf-8"))
    goods: dict[str, Any] = tomllib.loads((folder / "catalogue.toml").read_text(encoding="utf-8"))
    points = told["branding"]["points_name"]
    return Blueprint(
        key=folder.name,
        currency=told["programme"]["currency"],
        colour=told["branding"]["brand_colour"],
        points_one={language: words["one"] for language, words in points.items()},
        points_other={language: words["other"] for language, words in points.items()},
        earn_factor=told["points"]["earn_factor"],
        price_factor=told["points"]["price_factor"],
        validity_months=told["points"]["validity"].get("months", 0),
        tiers=tuple(Tier(one["name"], one["threshold"]) for one in told["tiers"]["tiers"]),
        categories=tuple(one["key"] for one in told["catalogue"]["categories"]),
        samples=tuple(_sample(one) for one in goods["product"]),
    )


def _sample(told: dict[str, Any]) -> Sample:
    currency = told["currency"]
    price = Decimal(told["variant"][0]["price"]).scaleb(exponent(currency))
    return Sample(
        name={language: words["name"] for language, words in told["texts"].items()},
        cost=Money(int(price), currency),
        picture=told["pictures"][0].rpartition("/")[2],
    )
