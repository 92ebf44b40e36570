"""The history: every entry readable, each with its full explanation, all of it as a file."""

import csv
import io
from datetime import date, datetime
from itertools import groupby
from uuid import UUID

from litestar import Response, get
from litestar.di import NamedDependency
from litestar.params import FromPath

from guerdon.identity.policy import member
from guerdon.ledger import queries as ledger
from guerdon.ledger.schemas import Explained, Movement
from guerdon.member_web.explaining import facts_of, lines_of
from guerdon.member_web.views.account import Activity, Entry, Explanation, LotLine, Month
from guerdon.member_web.views.shop import Chip
from guerdon.member_web.wallet import wallet_of
from guerdon.member_web.web import Web

PAGE = 50
_KINDS = ("earn", "redeem", "refund", "adjust", "expire", "reverse")
_EXPORT_MAX = 20_000


@get("/activity", opt={"policy": member()})
async def page(web: NamedDependency[Web]) -> Response[str]:
    """A page of the history."""
    query = web.request.query_params
    kind = query.get("kind") if query.get("kind") in _KINDS else None
    async with web.rt.db.read(web.tenant.id) as s:
        wallet = await wallet_of(s, web)
        found = await ledger.history(
            s,
            account_id=wallet.account_id,
            kind=kind,
            cursor=query.get("cursor") or None,
            limit=PAGE,
        )
    chosen = f"kind={kind}&" if kind else ""
    view = Activity(
        balance=wallet.balance.posted - wallet.balance.overdue,
        held=wallet.balance.held,
        months=_months(found.items, web),
        filters=_filters(web, kind),
        filtered=kind is not None,
        next_url=f"/activity?{chosen}cursor={found.next_cursor}" if found.next_cursor else None,
        export_url="/activity.csv",
    )
    return web.page("activity", "activity", view)


def _months(movements: list[Movement], web: Web) -> tuple[Month, ...]:
    def month(movement: Movement) -> date:
        return web.formats.local(movement.occurred_at).date().replace(day=1)

    return tuple(
        Month(first, tuple(entry_of(m, web) for m in group))
        for first, group in groupby(movements, key=month)
    )


def entry_of(movement: Movement, web: Web) -> Entry:
    """One line of the history in words."""
    title, detail = lines_of(movement, web)
    return Entry(
        id=str(movement.id),
        url=f"/activity/{movement.id}",
        kind=movement.kind,
        title=title,
        detail=detail,
        points=movement.points,
        at=movement.occurred_at,
    )


def _filters(web: Web, kind: str | None) -> tuple[Chip, ...]:
    _ = web.words.text
    labels = {
        "earn": _("Earned"),
        "redeem": _("Used"),
        "refund": _("Came back"),
        "adjust": _("By hand"),
        "expire": _("Expired"),
        "reverse": _("Taken back"),
    }
    return (
        Chip(_("Everything"), "/activity", kind is None),
        *(Chip(label, f"/activity?kind={key}", key == kind) for key, label in labels.items()),
    )


@get("/activity/{txn_id:uuid}", opt={"policy": member()})
async def entry(txn_id: FromPath[UUID], web: NamedDependency[Web]) -> Response[str]:
    """Why an entry is what it is."""
    async with web.rt.db.read(web.tenant.id) as s:
        wallet = await wallet_of(s, web)
        found = await ledger.explain(s, txn_id=txn_id, account_id=wallet.account_id)
    since = await _since(web, found.movement.parameters_version)
    return web.page("entry", "activity", _explanation(found, web, since))


async def _since(web: Web, version: int) -> datetime | None:
    if version < 1:
        return None
    return (await web.rt.snapshots.version(web.tenant.id, version)).effective_at


def _explanation(found: Explained, web: Web, since: datetime | None) -> Explanation:
    movement = found.movement
    zone_day = web.formats.local
    return Explanation(
        entry=entry_of(movement, web),
        facts=facts_of(found, web),
        lots=tuple(
            LotLine(
                abs(lot.points),
                zone_day(lot.earned_at or movement.occurred_at).date(),
                lot.expires_on,
            )
            for lot in found.lots
        ),
        order_url=f"/orders/{movement.hold_id}" if movement.hold_id else None,
        version=movement.parameters_version if movement.parameters_version > 0 else None,
        version_since=since,
        recorded_at=movement.recorded_at,
    )


@get("/activity.csv", opt={"policy": member()})
async def export(web: NamedDependency[Web]) -> Response[bytes]:
    """The whole history as a table for a spreadsheet."""
    _ = web.words.text
    table = io.StringIO()
    writer = csv.writer(table)
    writer.writerow([_("When"), _("What"), _("Details"), _("Points"), _("Balance"), _("Number")])
    cursor, count = None, 0
    async with web.rt.db.read(web.tenant.id) as s:
        wallet = await wallet_of(s, web)
        while count < _EXPORT_MAX:
            found = await ledger.history(s, account_id=wallet.account_id, cursor=cursor, limit=100)
            for movement in found.items:
                line = entry_of(movement, web)
                when = web.formats.local(movement.occurred_at).isoformat(timespec="minutes")
                writer.writerow(
                    [when, *(_inert(t) for t in (line.title, line.detail)),
                     movement.points, movement.balance_after, line.id]
                )  # fmt: skip
            count += len(found.items)
            cursor = found.next_cursor
            if cursor is None:
                break
    return Response(
        b"\xef\xbb\xbf" + table.getvalue().encode(),
        media_type="text/csv",
        headers={
            "content-disposition": f'attachment; filename="{web.tenant.slug}-activity.csv"',
            "cache-control": "no-store",
            "x-content-type-options": "nosniff",
        },
    )


def _inert(text: str) -> str:
    """Text that no spreadsheet takes for a formula."""
    return f"'{text}" if text[:1] in {"=", "+", "-", "@", "\t", "\r"} else text


HANDLERS = [page, entry, export]
