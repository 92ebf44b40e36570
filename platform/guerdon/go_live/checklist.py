"""The checklist: every point is computed from the brand's own data, nothing is ticked by hand."""

from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime
from typing import Final, Literal

import msgspec

from guerdon.catalogue.cards import IN_STOCK, OFFERED
from guerdon.fulfilment import secrets as supplier_secrets
from guerdon.fulfilment.parameters import FulfilmentParameters
from guerdon.go_live.peers import is_sandbox, key_fits
from guerdon.kit.clock import TenantClock
from guerdon.notifications.parameters import NotificationParameters
from guerdon.parameters import change_sets, timeline
from guerdon.parameters.sections import ProgrammeParameters
from guerdon.parameters.snapshot import Snapshot
from guerdon.payments import secrets as payment_secrets
from guerdon.payments.parameters import PaymentParameters
from guerdon.plumbing.db import ReadSession
from guerdon.runtime import Runtime
from guerdon.theming.palette import palette
from guerdon.theming.parameters import BrandingParameters
from guerdon.tiers.parameters import TierParameters

# `confirm`: closed by saying so with the change itself.
PointState = Literal["done", "open", "confirm"]
Fact = str | int | list[str]


class Point(msgspec.Struct, frozen=True):
    """One point. `screen` is where it is closed; `facts` are what its words need.

    A point that is not `required` is advice.
    """

    code: str
    state: PointState
    screen: str
    required: bool = True
    facts: dict[str, Fact] = {}


class _Look(msgspec.Struct, frozen=True):
    """What every point is worked out from."""

    rt: Runtime
    snapshot: Snapshot
    now: datetime


_Work = Callable[[_Look, ReadSession], Awaitable[Point]]


async def checklist(
    rt: Runtime, s: ReadSession, *, snapshot: Snapshot, now: datetime
) -> list[Point]:
    """Every point, required ones first."""
    look = _Look(rt, snapshot, now)
    found = [await work(look, s) for work in _POINTS]
    return sorted(found, key=lambda point: not point.required)


def unmet(points: Sequence[Point], *, points_only: bool) -> list[Point]:
    """The required points that keep the brand from going live."""
    return [
        point
        for point in points
        if point.required
        and (point.state == "open" or (point.state == "confirm" and not points_only))
    ]


def _met(good: bool) -> PointState:
    return "done" if good else "open"


async def _legal(look: _Look, s: ReadSession) -> Point:
    programme = look.snapshot[ProgrammeParameters]
    wanted = {"legal_name": programme.legal_name, "support_email": programme.support_email}
    missing = [name for name, value in wanted.items() if not value.strip()]
    return Point("legal", _met(not missing), "programme/programme", facts={"missing": missing})


async def _terms(look: _Look, s: ReadSession) -> Point:
    programme = look.snapshot[ProgrammeParameters]
    missing: list[str] = [
        language
        for language in programme.languages
        if not programme.terms.get(language, "").strip()
    ]
    return Point("terms", _met(not missing), "programme/programme", facts={"missing": missing})


async def _findings(look: _Look, s: ReadSession) -> Point:
    current = await timeline.in_force(s, look.now)
    found = change_sets.findings(look.rt.snapshots.registry, current.content) if current else []
    errors = [one.path for one in found if one.severity == "error"]
    facts: dict[str, Fact] = {"errors": len(errors), "first": errors[0] if errors else ""}
    return Point("rules", _met(current is not None and not errors), "programme", facts=facts)


async def _catalogue(look: _Look, s: ReadSession) -> Point:
    products = await s.value(
        f"SELECT count(*) FROM app.product p WHERE {OFFERED} AND {IN_STOCK}",  # noqa: S608
        {"now": look.now},
    )
    return Point("catalogue", _met(products > 0), "catalogue", facts={"products": int(products)})


async def _fulfilment(look: _Look, s: ReadSession) -> Point:
    parameters = look.snapshot[FulfilmentParameters]
    used = await s.all(
        str,
        f"SELECT DISTINCT p.supplier FROM app.product p WHERE {OFFERED} ORDER BY 1",  # noqa: S608
        {"now": look.now},
    )
    unknown = [key for key in used if parameters.find(key) is None]
    names = supplier_secrets.names(parameters)
    missing = await _missing(s, [n for n in names if n.split(".")[1] in used])
    sandboxes = [
        one.key for one in parameters.suppliers if is_sandbox(look.rt.settings, one.provider)
    ]
    good = bool(parameters.suppliers) and not unknown and not missing
    screen = "integrations/secrets" if missing and not unknown else "programme/fulfilment"
    facts: dict[str, Fact] = {"unknown": unknown, "missing": missing, "sandboxes": sandboxes}
    return Point("fulfilment", _met(good), screen, facts=facts)


async def _payments(look: _Look, s: ReadSession) -> Point:
    provider = look.snapshot[PaymentParameters].provider
    if provider == "none":
        return Point("payments_points_only", "confirm", "programme/payments")
    settings = look.rt.settings
    missing = await _missing(
        s, [f"payments.{provider}.{n}" for n in payment_secrets.SECRETS[provider]]
    )
    sandbox = is_sandbox(settings, provider)
    facts: dict[str, Fact] = {
        "provider": provider, "missing": missing, "sandbox": int(sandbox), "wrong_mode": 0,
    }  # fmt: skip
    if not missing and provider == "stripe":
        key = await look.rt.secrets.get(s, "payments.stripe.api_key") or ""
        facts["wrong_mode"] = int(not key_fits(settings, key))
    good = not missing and not facts["wrong_mode"]
    return Point("payments", _met(good), "integrations/secrets", facts=facts)


async def _second_factor(look: _Look, s: ReadSession) -> Point:
    bare = await s.all(
        str,
        """
        SELECT f.name FROM app.staff f
         WHERE f.tenant_id = %(tenant_id)s AND f.status = 'active' AND 'owner' = ANY (f.roles)
           AND NOT EXISTS (SELECT FROM app.staff_totp t WHERE t.tenant_id = f.tenant_id
                              AND t.staff_id = f.id AND t.sealed IS NOT NULL)
           AND NOT EXISTS (SELECT FROM app.staff_passkey k WHERE k.tenant_id = f.tenant_id
                              AND k.staff_id = f.id AND k.blocked_at IS NULL)
           AND NOT EXISTS (SELECT FROM app.staff_identity i WHERE i.tenant_id = f.tenant_id
                              AND i.staff_id = f.id)
         ORDER BY f.name, f.id LIMIT 20
        """,
    )
    return Point("second_factor", _met(not bare), "account", facts={"without": bare})


async def _clock(look: _Look, s: ReadSession) -> Point:
    """A brand whose time was moved stays a sandbox: what happened in its future is in its books."""
    clock = await s.one(TenantClock, "SELECT * FROM ctl.tenant_clock_v1(%(tenant_id)s)")
    return Point("clock", _met(not clock.moved), "test-clock")


async def _colleague(look: _Look, s: ReadSession) -> Point:
    owners = await s.value(
        "SELECT count(*) FROM app.staff WHERE tenant_id = %(tenant_id)s AND status = 'active'"
        " AND 'owner' = ANY (roles)"
    )
    facts: dict[str, Fact] = {"owners": int(owners)}
    return Point("second_owner", _met(owners > 1), "people", required=False, facts=facts)


async def _sso(look: _Look, s: ReadSession) -> Point:
    open_ = await s.value(
        "SELECT count(*) FROM app.staff_connection WHERE tenant_id = %(tenant_id)s"
        " AND state IN ('enabled', 'enforced')"
    )
    return Point("single_sign_on", _met(open_ > 0), "integrations/connections", required=False)


async def _looks(look: _Look, s: ReadSession) -> Point:
    branding = look.snapshot[BrandingParameters]
    return Point("logo", _met(bool(branding.logo)), "programme/branding", required=False)


async def _contrast(look: _Look, s: ReadSession) -> Point:
    branding = look.snapshot[BrandingParameters]
    nearest = palette(branding.brand_colour, branding.neutral).moved
    facts: dict[str, Fact] = {"colour": branding.brand_colour, "nearest": nearest or ""}
    return Point(
        "contrast", _met(nearest is None), "programme/branding", required=False, facts=facts
    )


async def _tiers(look: _Look, s: ReadSession) -> Point:
    count = len(look.snapshot[TierParameters].tiers)
    return Point(
        "tiers", _met(count > 0), "programme/tiers", required=False, facts={"tiers": count}
    )


async def _sender(look: _Look, s: ReadSession) -> Point:
    named = look.snapshot[NotificationParameters].sender_name
    facts: dict[str, Fact] = {"address": look.rt.settings.mail_from}
    return Point(
        "sender", _met(bool(named)), "programme/notifications", required=False, facts=facts
    )


async def _missing(s: ReadSession, names: Sequence[str]) -> list[str]:
    stored = await s.all(
        str,
        "SELECT name FROM app.secret WHERE tenant_id = %(tenant_id)s AND name = ANY (%(names)s)",
        {"names": list(names)},
    )
    return [name for name in names if name not in set(stored)]


_POINTS: Final[tuple[_Work, ...]] = (
    _legal, _terms, _findings, _catalogue, _fulfilment, _payments, _second_factor, _clock,
    _looks, _contrast, _tiers, _sender, _colleague, _sso,
)  # fmt: skip
