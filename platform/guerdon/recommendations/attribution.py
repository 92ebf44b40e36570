"""What an offer brought: a redemption counts for the offer of its product that the member followed
last, if that was not longer ago than the programme's parameters say."""

from datetime import datetime, timedelta
from typing import Any, Final
from uuid import UUID

import msgspec

from guerdon.members.consents import PROFILING
from guerdon.parameters.sections import ProgrammeParameters
from guerdon.plumbing.db import ReadSession, WriteSession
from guerdon.plumbing.events import DomainEvent
from guerdon.recommendations.feedback import Happening, Place, Source, keep, record, remembered
from guerdon.recommendations.offers import KINDS, Kind
from guerdon.recommendations.overlay import Dealing
from guerdon.recommendations.parameters import RecommendationParameters
from guerdon.recommendations.personal import personal
from guerdon.recommendations.slate import Arm
from guerdon.runtime import Runtime

CONFIRMED: Final = "redemption.confirmed"


class Click(msgspec.Struct, frozen=True):
    """The place that was followed."""

    slate_id: UUID
    position: int
    placement: str
    kind: Kind
    offer: str
    sku: str
    variant: str
    arm: Arm | None
    version: int
    model: str
    source: Source


class _Line(msgspec.Struct, frozen=True):
    sku: str
    placed_at: datetime
    known: bool
    click: Click | None


# A member who has objected meanwhile has no lines here.
_LINES: Final = f"""
SELECT l.sku, r.placed_at,
       EXISTS (SELECT FROM app.recommendation_member k
                WHERE k.tenant_id = %(tenant_id)s AND k.member_id = r.member_id) AS known,
       (SELECT to_jsonb(c) FROM (
          SELECT e.slate_id, e.position, e.placement, e.kind, e.offer, e.sku, e.variant, e.arm,
                 e.parameters_version AS version, e.model_version AS model, e.source
            FROM app.recommendation_event e
           WHERE e.tenant_id = %(tenant_id)s AND e.member_id = r.member_id AND e.type = 'click'
             AND e.source <> 'generated'
             AND e.at > r.placed_at - %(window)s AND e.at <= r.placed_at
             AND (e.sku IN (SELECT w.sku FROM app.product_variant w
                             WHERE w.tenant_id = %(tenant_id)s AND w.product_id = v.product_id)
               OR e.offer IN (SELECT o.key FROM unnest(%(keys)s::text[], %(skus)s::text[])
                                                AS o (key, sku)
                                JOIN app.product_variant w ON w.tenant_id = %(tenant_id)s
                                 AND w.product_id = v.product_id AND w.sku = o.sku))
           ORDER BY e.at DESC, e.id DESC LIMIT 1) c) AS click
  FROM app.redemption r
  JOIN app.redemption_line l ON l.tenant_id = %(tenant_id)s AND l.redemption_id = r.id
  JOIN app.product_variant v ON v.tenant_id = %(tenant_id)s AND v.id = l.variant_id
 WHERE r.tenant_id = %(tenant_id)s AND r.id = %(redemption)s
   AND coalesce((SELECT c.granted FROM app.member_consent c
                  WHERE c.tenant_id = %(tenant_id)s AND c.member_id = r.member_id
                    AND c.purpose = '{PROFILING}' ORDER BY c.id DESC LIMIT 1), true)
 ORDER BY l.line
"""  # noqa: S608


async def _lines(
    s: ReadSession, redemption_id: UUID, parameters: RecommendationParameters
) -> list[_Line]:
    named = [(offer.key, offer.sku) for offer in parameters.offers if offer.sku]
    return await s.all(
        _Line,
        _LINES,
        {
            "redemption": redemption_id,
            "window": timedelta(days=parameters.attribution_days),
            "keys": [key for key, _ in named],
            "skus": [sku for _, sku in named],
        },
    )


async def attribute(rt: Any, s: WriteSession, event: DomainEvent, now: datetime) -> None:
    """Count a confirmed redemption, and let the member's next slate follow from it."""
    runtime: Runtime = rt
    snapshot = await runtime.snapshot(s.tenant_id, now, member_id=event.member_id)
    parameters = snapshot[RecommendationParameters]
    if not parameters.enabled or not any(parameters.kinds.of(kind).enabled for kind in KINDS):
        return
    lines = await _lines(s, UUID(event.data["redemptionId"]), parameters)
    day = now.astimezone(snapshot[ProgrammeParameters].zone).date()
    for line in lines:
        if line.click is not None:
            brought = Happening("conversion", _place(line.click, event.member_id), line.placed_at)
            await record(
                s,
                happenings=[brought],
                parameters=parameters,
                day=day,
                source=line.click.source,
                now=now,
            )
    # Nobody's slate asks for the latest redemptions but one that a model makes.
    if lines and (lines[0].known or await personal(runtime, s.tenant_id) is not None):
        kept = await remembered(s, event.member_id, now)
        for line in lines:
            kept.lately[line.sku] = Dealing(int(line.placed_at.timestamp()), True)
        await keep(s, event.member_id, kept, now)


def _place(click: Click, member_id: UUID) -> Place:
    told = msgspec.structs.asdict(click)
    del told["source"]
    return Place(**told, member_id=member_id)
