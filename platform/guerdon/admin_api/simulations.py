"""Trying a change set before it is published: a preview of the site, a back-test on real events."""

from collections.abc import Iterable
from datetime import datetime
from typing import Annotated, Any, Literal
from uuid import UUID

import msgspec
from litestar import Response, get, post
from litestar.params import JSONBody
from msgspec import Meta

from guerdon.admin_api.requests import AdminRequest, Done, act, answer
from guerdon.domains import names
from guerdon.identity import staff as people
from guerdon.identity.policy import staff
from guerdon.kit.paging import PAGE_SIZE_DEFAULT, Page
from guerdon.plumbing.db import ReadSession, WriteSession
from guerdon.simulation import drafts, operations, preview, queries
from guerdon.simulation.report import BackTestReport, as_csv, encode
from guerdon.wire.openapi import Read, Write
from guerdon.wire.parameters import Cursor, Limit, PathId
from guerdon.wire.values import In, Out

TAGS = ["Simulation"]
RUN = {"policy": staff("simulation:run")}
OF = "/{brand:str}/change-sets/{change_set_id:uuid}"
ALL = f"{OF}/simulations"
ONE = f"{ALL}/{{run_id:uuid}}"


class SimulationIn(In, frozen=True):
    """How far back to go. The last day is today as far as it has come."""

    days: Annotated[int, Meta(ge=1, le=operations.DAYS_MAX)] = 30


class SimulationError(Out, frozen=True):
    """Why a run failed: a stable code, what it says, and its values."""

    code: str
    detail: str
    params: dict[str, Any]


class Simulation(Out, frozen=True):
    """A back-test of a change set. `ahead` runs come first while it is queued.

    `stale` says that what it looked at is not what would be published now: the draft was changed,
    or another version came into force.
    """

    id: UUID
    change_set_id: UUID
    row_version: int
    base_version: int
    days: int
    state: queries.State
    processed: int
    total: int
    ahead: int
    requested_by: str
    requested_by_name: str
    requested_at: datetime
    started_at: datetime | None
    ended_at: datetime | None
    report_hash: str | None
    fingerprint: str | None
    error: SimulationError | None
    stale: Literal["draft_changed", "version_changed"] | None


class PreviewLink(Out, frozen=True):
    """Where to look, until when. It shows the change set as it stands at each moment.

    `framed`: the console may show it in a frame; a site at its own domain opens beside it.
    """

    url: str
    framed: bool
    expires_at: datetime


@get(ALL, operation_id="listSimulations", operation_class=Read, opt=RUN, tags=TAGS)
async def listing(
    request: AdminRequest,
    change_set_id: PathId,
    cursor: Cursor = None,
    limit: Limit = PAGE_SIZE_DEFAULT,
) -> Response[Page[Simulation]]:
    """List the back-tests of a change set, newest first."""
    async with request.rt.db.read(request.tenant.id) as s:
        now = await _proposed(request, s, change_set_id)
        page = await queries.runs(s, change_set_id=change_set_id, cursor=cursor, limit=limit)
        items = await _shown(s, now, page.items)
    return answer(Page(items, page.next_cursor))


@post(ALL, operation_id="startSimulation", operation_class=Write, opt=RUN, tags=TAGS,
      status_code=202)  # fmt: skip
async def start(
    request: AdminRequest, change_set_id: PathId, data: JSONBody[SimulationIn]
) -> Response[Simulation]:
    """Run the events of the last days under the change set and under the version in force."""

    async def work(s: WriteSession, now: datetime) -> Done:
        draft = await _proposed(request, s, change_set_id)
        run = await operations.ask(
            request.rt, s, draft=draft, days=data.days, principal=request.staff.label, now=now
        )
        [shown] = await _shown(s, draft, [run])
        return Done(
            shown,
            {"title": draft.title, "days": data.days, "run": str(run.id)},
        )

    return await act(request, action="simulation.started", subject=f"change_set:{change_set_id}",
                     work=work, given=data, status=202)  # fmt: skip


@get(ONE, operation_id="readSimulation", operation_class=Read, opt=RUN, tags=TAGS)
async def one(request: AdminRequest, change_set_id: PathId, run_id: PathId) -> Response[Simulation]:
    """Say how far a back-test is."""
    async with request.rt.db.read(request.tenant.id) as s:
        now = await _proposed(request, s, change_set_id)
        run = await queries.run(s, change_set_id=change_set_id, run_id=run_id)
        [shown] = await _shown(s, now, [run])
    return answer(shown)


@get(f"{ONE}/report", operation_id="readSimulationReport", operation_class=Read, opt=RUN,
     tags=TAGS)  # fmt: skip
async def report(
    request: AdminRequest, change_set_id: PathId, run_id: PathId
) -> Response[BackTestReport]:
    """Answer what a back-test found: the same bytes whenever it is asked for."""
    found = await _report(request, change_set_id, run_id)
    return Response(
        encode(found),  # type: ignore[arg-type]
        media_type="application/json",
        headers=_file(found, "json"),
    )


@get(f"{ONE}/report.csv", operation_id="exportSimulationReport", operation_class=Read, opt=RUN,
     tags=TAGS)  # fmt: skip
async def table(request: AdminRequest, change_set_id: PathId, run_id: PathId) -> Response[bytes]:
    """Answer what a back-test found as a table."""
    found = await _report(request, change_set_id, run_id)
    return Response(as_csv(found).encode(), media_type="text/csv", headers=_file(found, "csv"))


@post(f"{ONE}/cancel", operation_id="cancelSimulation", operation_class=Write, opt=RUN, tags=TAGS,
      status_code=200)  # fmt: skip
async def cancel(
    request: AdminRequest, change_set_id: PathId, run_id: PathId
) -> Response[Simulation]:
    """Stop a back-test that waits or is at work."""

    async def work(s: WriteSession, now: datetime) -> Done:
        draft = await _proposed(request, s, change_set_id)
        run = await operations.cancel(s, change_set_id=change_set_id, run_id=run_id, now=now)
        [shown] = await _shown(s, draft, [run])
        return Done(shown, {"title": draft.title, "run": str(run.id)})

    return await act(request, action="simulation.cancelled",
                     subject=f"change_set:{change_set_id}", work=work)  # fmt: skip


@post(f"{OF}/preview", operation_id="openPreview", operation_class=Write,
      opt={"policy": staff("parameters:read")}, tags=TAGS, status_code=200)  # fmt: skip
async def look(request: AdminRequest, change_set_id: PathId) -> Response[PreviewLink]:
    """Make a link to the member site as the change set would make it; it works for an hour."""

    async def work(s: WriteSession, now: datetime) -> Done:
        draft = await _proposed(request, s, change_set_id)
        made = preview.link(request.rt, draft=draft, tenant_id=request.tenant.id, now=now)
        settings = request.rt.settings
        # The console may frame the brand's first address only, so it is shown there if it can be.
        home = names.home(settings, request.tenant.slug)
        host = home if home in request.tenant.hosts else request.tenant.canonical_host
        return Done(
            PreviewLink(
                f"{settings.tenant_url(host)}/preview/{made.token}",
                host.endswith(f".{settings.base_domain}"),
                made.expires_at,
            ),
            {"title": draft.title},
        )

    return await act(request, action="preview.opened", subject=f"change_set:{change_set_id}",
                     work=work)  # fmt: skip


async def _proposed(request: AdminRequest, s: ReadSession, change_set_id: UUID) -> drafts.Proposed:
    return await drafts.proposed(
        s, request.rt.snapshots.registry, change_set_id=change_set_id, now=request.now
    )


async def _report(request: AdminRequest, change_set_id: UUID, run_id: UUID) -> BackTestReport:
    async with request.rt.db.read(request.tenant.id) as s:
        return await queries.report(s, change_set_id=change_set_id, run_id=run_id)


async def _shown(
    s: ReadSession, now: drafts.Proposed, runs: Iterable[queries.Run]
) -> list[Simulation]:
    listed = list(runs)
    ids = {UUID(r.requested_by.removeprefix("staff:")) for r in listed}
    names = await people.names(s, ids)
    return [
        Simulation(
            requested_by_name=names.get(UUID(run.requested_by.removeprefix("staff:")), ""),
            stale=_stale(run, now),
            error=None if run.error is None else _error(run.error),
            **{
                name: getattr(run, name)
                for name in Simulation.__struct_fields__
                if name not in {"requested_by_name", "stale", "error"}
            },
        )
        for run in listed
    ]


def _stale(
    run: queries.Run, now: drafts.Proposed
) -> Literal["draft_changed", "version_changed"] | None:
    if run.row_version != now.row_version:
        return "draft_changed"
    return "version_changed" if run.base_version != now.base_version else None


def _error(error: dict[str, Any]) -> SimulationError:
    return msgspec.convert({"detail": "", "params": {}} | error, SimulationError)


def _file(found: BackTestReport, kind: str) -> dict[str, str]:
    name = f"back-test-{found.first}-{found.last}-{found.fingerprint[:8]}.{kind}"
    return {
        "content-disposition": f'attachment; filename="{name}"',
        "cache-control": "no-store",
        "x-content-type-options": "nosniff",
    }


HANDLERS = [listing, start, one, report, table, cancel, look]
