"""The plans of the platform, as data. A brand has one of them; platform staff may change single
quotas of a brand (`overrides`). Prices and quotas of a period that is closed stand in its
statement and do not follow a change here.
"""

from collections.abc import Iterable, Mapping
from datetime import datetime
from types import MappingProxyType
from typing import Final, Literal, get_args

import msgspec

from guerdon.kit.errors import InvalidError

Meter = Literal["members", "active_members", "orders", "api_calls", "storage", "seats"]
# `hard`: refused from there on; `soft`: told and charged.
Policy = Literal["hard", "soft"]
METERS: Final[tuple[Meter, ...]] = get_args(Meter)
# Counted from nothing each month; the others are what there is at the moment.
MONTHLY: Final[frozenset[Meter]] = frozenset({"active_members", "orders", "api_calls"})
CURRENCY: Final = "USD"
LIMIT_MAX: Final = 10**15
MB: Final = 1_000_000


class Quota(msgspec.Struct, frozen=True):
    """What is included of a meter (None: everything), and what happens beyond.

    Beyond a soft limit each begun `per` costs `extra_minor`.
    """

    limit: int | None
    policy: Policy = "soft"
    per: int = 1
    extra_minor: int = 0


class Plan(msgspec.Struct, frozen=True):
    """A plan: its price a month in minor units of `CURRENCY`, and its quotas."""

    key: str
    title: str
    price_minor: int
    quotas: Mapping[Meter, Quota]


def _plan(
    key: str, title: str, price_minor: int, policy: Policy, limits: Iterable[int | None]
) -> Plan:
    prices = {
        "members": (1_000, 500), "active_members": (1_000, 1_000), "orders": (100, 500),
        "api_calls": (100_000, 200), "storage": (1_000 * MB, 100), "seats": (1, 500),
    }  # fmt: skip
    quotas: dict[Meter, Quota] = {}
    for meter, limit in zip(METERS, limits, strict=True):
        per, extra = prices[meter] if policy == "soft" else (1, 0)
        # A seat is given by hand: nobody is surprised by a refusal there, but by a bill.
        quotas[meter] = Quota(limit, "hard" if meter == "seats" else policy, per, extra)
    return Plan(key, title, price_minor, MappingProxyType(quotas))


FREE: Final = "free"
ENTERPRISE: Final = "enterprise"

PLANS: Final[Mapping[str, Plan]] = MappingProxyType(
    {
        plan.key: plan
        for plan in (
            _plan(FREE, "Free", 0, "hard", (500, 250, 100, 50_000, 200 * MB, 5)),
            _plan(
                "starter", "Starter", 4_900, "soft",
                (5_000, 2_000, 1_000, 500_000, 2_000 * MB, 10),
            ),
            _plan(
                "growth", "Growth", 29_900, "soft",
                (50_000, 20_000, 10_000, 5_000_000, 20_000 * MB, 40),
            ),
            _plan(ENTERPRISE, "Enterprise", 0, "soft", (None,) * 6),
        )
    }
)  # fmt: skip


class Override(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A quota of one brand that differs from its plan's; None: without a limit. It ends `until`."""

    limit: int | None
    policy: Policy | None = None
    until: datetime | None = None


Overrides = dict[Meter, Override]


def find(key: str) -> Plan:
    """The plan of this key; InvalidError that names what there is."""
    plan = PLANS.get(key)
    if plan is None:
        raise InvalidError(f"There is no plan {key!r}; plans are {', '.join(PLANS)}.", field="plan")
    return plan


def quotas(plan: Plan, overrides: Mapping[Meter, Override]) -> dict[Meter, Quota]:
    """What a brand has: its plan's quotas with its own over them."""
    found = dict(plan.quotas)
    for meter, own in overrides.items():
        base = found[meter]
        found[meter] = msgspec.structs.replace(
            base, limit=own.limit, policy=own.policy or base.policy
        )
    return found


def check_overrides(overrides: Mapping[Meter, Override], *, now: datetime) -> None:
    """InvalidError for a limit that no meter can have, and for an end that is over."""
    for meter, own in overrides.items():
        if own.limit is not None and not 0 <= own.limit <= LIMIT_MAX:
            raise InvalidError(
                f"A limit is 0 to {LIMIT_MAX}, or none at all.", field=f"quotas.{meter}.limit"
            )
        if own.until is not None and own.until <= now:
            raise InvalidError(
                "The end has to lie ahead; leave it out for no end.",
                field=f"quotas.{meter}.until",
            )
