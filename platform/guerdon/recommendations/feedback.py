"""What becomes of an offer: shown, followed, sent away, taken.

A slate is not stored. Each of its places carries what there is to know as a signed text, so that
whoever reports back needs nothing else and can change nothing.
"""

import base64
import binascii
import hmac
from collections import Counter
from collections.abc import Sequence
from datetime import date, datetime
from typing import Any, Final, Literal
from uuid import UUID

import msgspec

from guerdon.identity.keyring import MAC_BYTES, encode, quick_mac
from guerdon.kit.ids import uuid7
from guerdon.plumbing.db import WriteSession, jsonb
from guerdon.recommendations.errors import FeedbackInvalidError
from guerdon.recommendations.offers import KINDS, Kind
from guerdon.recommendations.overlay import LATELY_MAX, Dealing
from guerdon.recommendations.parameters import RecommendationParameters
from guerdon.recommendations.slate import Arm, Seen, of_all
from guerdon.settings import Settings

Type = Literal["impression", "click", "view", "dismissal", "dismissal_undone", "conversion"]
# Who told it: the member site, a caller of the API, a generator of data to look at.
Source = Literal["site", "api", "generated"]
_USE: Final = "recommendation"
_COLUMNS: Final = (
    ("impressions", "impression"), ("clicks", "click"),
    ("dismissals", "dismissal"), ("conversions", "conversion"),
)  # fmt: skip
# What a member saw longest ago is forgotten first.
SEEN_MAX: Final = 500
_REMEMBERED: Final = ("impression", "dismissal", "dismissal_undone", "view")


class Place(msgspec.Struct, frozen=True, array_like=True):
    """One place of a slate, as its feedback id holds it."""

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
    # None of a member who does not want to be profiled.
    member_id: UUID | None

    @property
    def key(self) -> str:
        """What is counted: the offer, or the product that no offer names."""
        return self.offer or self.sku


class Happening(msgspec.Struct, frozen=True):
    """Something that happened to a place, or a view of a product outside any slate."""

    type: Type
    place: Place
    at: datetime


def sign(settings: Settings, tenant_id: UUID, place: Place) -> str:
    """The feedback id of a place."""
    payload = msgspec.msgpack.encode(place)
    return encode(quick_mac(settings, _USE, tenant_id, payload) + payload)


def opened(settings: Settings, tenant_id: UUID, feedback_id: str) -> Place:
    """The place of a feedback id; FeedbackInvalidError."""
    try:
        raw = base64.urlsafe_b64decode(feedback_id + "=" * (-len(feedback_id) % 4))
        code, payload = raw[:MAC_BYTES], raw[MAC_BYTES:]
        if not hmac.compare_digest(code, quick_mac(settings, _USE, tenant_id, payload)):
            raise FeedbackInvalidError
        # Base64 has several texts for the same bytes; a place has one id.
        if encode(raw) != feedback_id:
            raise FeedbackInvalidError
        return msgspec.msgpack.decode(payload, type=Place)
    except (binascii.Error, ValueError) as error:
        raise FeedbackInvalidError from error


def view(*, member_id: UUID | None, sku: str, version: int, at: datetime) -> Happening:
    """Somebody looked at a product's page."""
    place = Place(
        uuid7(), 0, "", "catalogue", "", sku, "", None, version, "", member_id
    )  # fmt: skip
    return Happening("view", place, at)


_INSERT = """
INSERT INTO app.recommendation_event
  (tenant_id, id, at, type, member_id, slate_id, position, placement, kind, offer, sku, variant,
   arm, parameters_version, model_version, source)
SELECT %(tenant_id)s, e.*, %(source)s
  FROM unnest(%(ids)s::uuid[], %(at)s::timestamptz[], %(types)s::text[], %(members)s::uuid[],
              %(slates)s::uuid[], %(positions)s::smallint[], %(placements)s::text[],
              %(kinds)s::text[], %(offers)s::text[], %(skus)s::text[], %(variants)s::text[],
              %(arms)s::text[], %(versions)s::integer[], %(models)s::text[]) e
ON CONFLICT DO NOTHING
RETURNING id
"""


async def record(
    s: WriteSession,
    *,
    happenings: Sequence[Happening],
    parameters: RecommendationParameters,
    day: date,
    now: datetime,
    source: Source,
) -> int:
    """Write what happened on the programme's `day`; how much of it was new.

    Of a slate's place, each type counts once, however often it is told; a dismissal that was not
    told cannot be undone. What a generator made counts towards no cap and tires nobody.
    """
    happenings = await _undoable(s, happenings)
    if not happenings:
        return 0
    told = {uuid7(): one for one in happenings}
    places = [one.place for one in told.values()]
    fresh = await s.all(
        UUID,
        _INSERT,
        {
            "ids": list(told),
            "at": [one.at for one in told.values()],
            "types": [one.type for one in told.values()],
            "members": [p.member_id for p in places],
            "slates": [p.slate_id for p in places],
            "positions": [p.position for p in places],
            "placements": [p.placement for p in places],
            "kinds": [p.kind for p in places],
            "offers": [p.offer for p in places],
            "skus": [p.sku for p in places],
            "variants": [p.variant for p in places],
            "arms": [p.arm for p in places],
            "versions": [p.version for p in places],
            "models": [p.model for p in places],
            "source": source,
        },
    )
    new = [told[one] for one in fresh]
    if source == "generated":
        return len(new)
    await _count(s, new, day)
    by_member: dict[UUID, list[Happening]] = {}
    for one in new:
        if one.place.member_id is not None and one.type in _REMEMBERED:
            by_member.setdefault(one.place.member_id, []).append(one)
    for member_id in sorted(by_member):
        await _remember(s, member_id, by_member[member_id], parameters, day, now)
    return len(new)


async def _undoable(s: WriteSession, told: Sequence[Happening]) -> Sequence[Happening]:
    """Those that are no taking back, and those that take back what was told."""
    wanted = {one.place.slate_id for one in told if one.type == "dismissal_undone"}
    if not wanted:
        return told
    rows = await s.all(
        _Spot,
        "SELECT slate_id, position FROM app.recommendation_event"
        " WHERE tenant_id = %(tenant_id)s AND slate_id = ANY (%(slates)s::uuid[])"
        " AND type = 'dismissal'",
        {"slates": list(wanted)},
    )
    sent = {(row.slate_id, row.position) for row in rows}
    sent |= {(o.place.slate_id, o.place.position) for o in told if o.type == "dismissal"}
    return [
        one
        for one in told
        if one.type != "dismissal_undone" or (one.place.slate_id, one.place.position) in sent
    ]


class _Spot(msgspec.Struct, frozen=True):
    slate_id: UUID
    position: int


def _counted(type_: Type) -> tuple[str, int]:
    """Which sum moves, and by how much."""
    return ("dismissal", -1) if type_ == "dismissal_undone" else (type_, 1)


async def _count(s: WriteSession, new: Sequence[Happening], day: date) -> None:
    """Add to the sums, in the order of keys, so that two callers never wait for each other."""
    by_key: dict[tuple[str, str], Counter[str]] = {}
    for one in new:
        if one.type != "view" and one.place.key:
            name, by = _counted(one.type)
            by_key.setdefault((one.place.kind, one.place.key), Counter())[name] += by
    if not by_key:
        return
    keys = sorted(by_key)
    await s.execute(
        """
        INSERT INTO app.recommendation_day AS d
          (tenant_id, day, kind, key, impressions, clicks, dismissals, conversions)
        SELECT %(tenant_id)s, %(day)s, e.*
          FROM unnest(%(kinds)s::text[], %(keys)s::text[], %(impressions)s::bigint[],
                      %(clicks)s::bigint[], %(dismissals)s::bigint[], %(conversions)s::bigint[]) e
        ON CONFLICT (tenant_id, day, kind, key) DO UPDATE
           SET impressions = d.impressions + excluded.impressions,
               clicks = d.clicks + excluded.clicks,
               dismissals = d.dismissals + excluded.dismissals,
               conversions = d.conversions + excluded.conversions
        """,
        {
            "day": day,
            "kinds": [kind for kind, _ in keys],
            "keys": [key for _, key in keys],
            **_columns([by_key[key] for key in keys]),
        },
    )
    totals: dict[str, Counter[str]] = {}
    for one in new:
        if one.type != "view":
            name, by = _counted(one.type)
            for key in {one.place.offer, of_all(one.place.kind)} - {""}:
                totals.setdefault(key, Counter())[name] += by
    names = sorted(totals)
    await s.execute(
        """
        INSERT INTO app.recommendation_total AS t
          (tenant_id, offer, impressions, clicks, dismissals, conversions)
        SELECT %(tenant_id)s, e.*
          FROM unnest(%(keys)s::text[], %(impressions)s::bigint[], %(clicks)s::bigint[],
                      %(dismissals)s::bigint[], %(conversions)s::bigint[]) e
        ON CONFLICT (tenant_id, offer) DO UPDATE
           SET impressions = t.impressions + excluded.impressions,
               clicks = t.clicks + excluded.clicks,
               dismissals = t.dismissals + excluded.dismissals,
               conversions = t.conversions + excluded.conversions
        """,
        {"keys": names, **_columns([totals[name] for name in names])},
    )


def _columns(counted: Sequence[Counter[str]]) -> dict[str, Any]:
    """Counts as one array per column."""
    return {column: [one[type_] for one in counted] for column, type_ in _COLUMNS}


async def _remember(
    s: WriteSession,
    member_id: UUID,
    happenings: Sequence[Happening],
    parameters: RecommendationParameters,
    day: date,
    now: datetime,
) -> None:
    """What this member saw and looked at; days that no fatigue looks back on are forgotten."""
    kept = await remembered(s, member_id, now)
    seen, lately = kept.seen, kept.lately
    today = day.toordinal()
    for one in happenings:
        if one.type == "view":
            lately[one.place.sku] = Dealing(int(one.at.timestamp()))
            continue
        of = seen.setdefault(one.place.key, Seen(days={}))
        if one.type == "impression":
            of.first = of.first or day
            of.total += 1
            of.days[today] = of.days.get(today, 0) + 1
        else:
            of.dismissed = day if one.type == "dismissal" else None
    back = max(parameters.kinds.of(k).fatigue.days for k in KINDS)
    for of in seen.values():
        of.days = {d: n for d, n in of.days.items() if d > today - back}
    if len(seen) > SEEN_MAX:
        latest = sorted(seen, key=lambda k: max(seen[k].days, default=0))[-SEEN_MAX:]
        seen = {key: seen[key] for key in latest}
    await keep(s, member_id, Remembered(seen, lately), now)


class Remembered(msgspec.Struct, frozen=True):
    """What is kept of a member beside the events: what they saw, and their latest dealings with
    products, by SKU."""

    seen: dict[str, Seen]
    lately: dict[str, Dealing]


async def remembered(s: WriteSession, member_id: UUID, now: datetime) -> Remembered:
    """What is kept of this member, locked until the transaction ends."""
    await s.execute(
        "INSERT INTO app.recommendation_member (tenant_id, member_id, updated_at)"
        " VALUES (%(tenant_id)s, %(member)s, %(now)s) ON CONFLICT DO NOTHING",
        {"member": member_id, "now": now},
    )
    return await s.one(
        Remembered,
        "SELECT seen, lately FROM app.recommendation_member WHERE tenant_id = %(tenant_id)s"
        " AND member_id = %(member)s FOR UPDATE",
        {"member": member_id},
    )


async def keep(s: WriteSession, member_id: UUID, kept: Remembered, now: datetime) -> None:
    """Put back what `remembered` has locked; of the latest dealings, the latest stay."""
    latest = sorted(kept.lately, key=lambda sku: kept.lately[sku].at)[-LATELY_MAX:]
    await s.execute(
        "UPDATE app.recommendation_member SET seen = %(seen)s, lately = %(lately)s,"
        " updated_at = %(now)s WHERE tenant_id = %(tenant_id)s AND member_id = %(member)s",
        {
            "member": member_id,
            "seen": jsonb(kept.seen),
            "lately": jsonb({sku: kept.lately[sku] for sku in latest}),
            "now": now,
        },
    )
