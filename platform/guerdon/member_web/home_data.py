"""Everything on the first page that changes from member to member, in one round trip."""

from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec

from guerdon.kit.errors import UnauthenticatedError
from guerdon.ledger.queries import BALANCE_SQL
from guerdon.ledger.schemas import Balance
from guerdon.member_web import sample
from guerdon.member_web.web import Web
from guerdon.parameters.sections import ProgrammeParameters
from guerdon.tiers.ladder import period_of, standing_of
from guerdon.tiers.parameters import TierParameters
from guerdon.tiers.queries import QUALIFYING_SQL
from guerdon.tiers.schemas import Standing


class OrderRow(msgspec.Struct, frozen=True):
    """An order under way. `code`: it waits at the counter."""

    id: UUID
    number: str
    state: str
    code: bool
    at: datetime
    points: int
    title: dict[str, str]
    picture: str | None


class HomeRow(msgspec.Struct, frozen=True):
    """What the one statement answers."""

    name: str | None
    active: bool
    balance: Balance
    qualifying: int
    orders: list[OrderRow]
    revision: int


# The features' own statements, read for the member of one row instead of for a parameter.
_BALANCE = BALANCE_SQL.replace("%(account_id)s", "m.account_id")
_QUALIFYING = QUALIFYING_SQL.replace("%(account_id)s", "m.account_id")

SQL = f"""
SELECT m.name, m.status = 'active' AS active,
       (SELECT to_jsonb(b) FROM ({_BALANCE}) b) AS balance,
       ({_QUALIFYING}) AS qualifying,
       (SELECT coalesce(jsonb_agg(to_jsonb(o) ORDER BY o.at DESC), '[]') FROM (
          SELECT r.id, r.number, r.state, r.pickup_code IS NOT NULL AS code,
                 coalesce(r.confirmed_at, r.placed_at) AS at, r.points, l.title, l.picture
            FROM app.redemption r
            JOIN app.redemption_line l ON l.tenant_id = %(tenant_id)s
             AND l.redemption_id = r.id AND l.line = 1
           WHERE r.tenant_id = %(tenant_id)s AND r.member_id = m.id
             AND r.state IN ('held','awaiting_payment','authorised','ordered','confirmed','shipped')
           ORDER BY r.placed_at DESC LIMIT 4) o) AS orders,
       coalesce((SELECT c.revision FROM app.catalogue_state c
                  WHERE c.tenant_id = %(tenant_id)s), 0) AS revision
  FROM app.member m
 WHERE m.tenant_id = %(tenant_id)s AND m.id = %(member_id)s
"""  # noqa: S608


class HomeData(msgspec.Struct, frozen=True):
    """The row, and where the member stands."""

    row: HomeRow
    standing: Standing
    percent: int


async def home_data(web: Web) -> HomeData:
    """Read the first page's data; UnauthenticatedError if the member is gone."""
    if web.preview is not None:
        return await _sample(web, web.preview.audience)
    parameters = web.snapshot[TierParameters]
    zone = web.snapshot[ProgrammeParameters].zone
    period = period_of(parameters, web.now, zone)
    params: dict[str, Any] = {
        "member_id": web.member_id,
        "today": web.now.astimezone(zone).date(),
        "period": period,
    }
    rows = await web.rt.db.glance(web.tenant.id, HomeRow, SQL, params)
    if not rows or not rows[0].active:
        raise UnauthenticatedError
    standing = standing_of(parameters, qualifying=rows[0].qualifying, period=period)
    return HomeData(rows[0], standing, _percent(parameters, standing))


async def _sample(web: Web, audience: str) -> HomeData:
    """The first page of the member that a preview shows."""
    async with web.rt.db.read(web.tenant.id) as s:
        revision = await s.value(
            "SELECT revision FROM app.catalogue_state WHERE tenant_id = %(tenant_id)s"
        )
    standing = sample.standing(web, audience)
    row = HomeRow(
        name=sample.NAME,
        active=True,
        balance=sample.balance(web),
        qualifying=standing.qualifying,
        orders=[],
        revision=revision or 0,
    )
    return HomeData(row, standing, _percent(web.snapshot[TierParameters], standing))


def _percent(parameters: TierParameters, standing: Standing) -> int:
    """How far the member is from their tier's threshold to the next, in percent."""
    at = {tier.key: tier.threshold for tier in parameters.tiers}
    if standing.tier is None or standing.next_tier is None:
        return 100
    low, high = at[standing.tier], at[standing.next_tier]
    return max(0, min(99, (standing.qualifying - low) * 100 // (high - low)))
