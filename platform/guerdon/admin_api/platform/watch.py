"""Signs of abuse, announcements, and maintenance of the deployment or of one tenant."""

from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from litestar import Response, get, post
from litestar.params import FromPath, JSONBody
from msgspec import Meta

from guerdon.admin_api.platform.requests import act_on, label, words
from guerdon.admin_api.requests import AdminRequest, Done, act, answer
from guerdon.identity.policy import platform
from guerdon.kit.ids import uuid7
from guerdon.plumbing.db import ReadSession, WriteSession
from guerdon.support import announcements, signs
from guerdon.support.announcements import LANGUAGES, TEXT_LENGTH_MAX
from guerdon.support.thresholds import THRESHOLDS, Thresholds
from guerdon.tenancy import maintenance
from guerdon.tenancy.maintenance import REASON_LENGTH_MAX
from guerdon.tenancy.operator import OPERATOR_ID
from guerdon.wire.openapi import Read, Write
from guerdon.wire.parameters import PathId
from guerdon.wire.values import In, Out

TAGS = ["Deployment"]
READ = {"policy": platform("tenants:read")}
CHANGE = {"policy": platform("tenants:change")}
RISKY = {"policy": platform("tenants:change", fresh=True)}
Slug = FromPath[str]


class AbuseSign(Out, frozen=True):
    """A sign at one tenant; what happens again is added to it while it is open."""

    id: UUID
    slug: str
    name: str
    kind: str
    subject: str
    first_at: datetime
    last_at: datetime
    facts: dict[str, Any]
    settled_at: datetime | None
    outcome: str | None
    note: str | None


class AbuseSigns(Out, frozen=True):
    """Open signs, those that were settled last, and from when on something is one."""

    open: list[AbuseSign]
    settled: list[AbuseSign]
    thresholds: Thresholds


class SettleSignIn(In, frozen=True):
    """What it turned out to be; the tenant's people read the note."""

    outcome: signs.Outcome
    note: Annotated[str, Meta(min_length=1, max_length=signs.NOTE_LENGTH_MAX)]


class AnnouncementText(In, frozen=True):
    """The same in each language of the console."""

    en: Annotated[str, Meta(min_length=1, max_length=TEXT_LENGTH_MAX)]
    pt: Annotated[str, Meta(min_length=1, max_length=TEXT_LENGTH_MAX)]
    es: Annotated[str, Meta(min_length=1, max_length=TEXT_LENGTH_MAX)]

    def by_language(self) -> dict[str, str]:
        """As the domain has it."""
        return dict(zip(LANGUAGES, (self.en, self.pt, self.es), strict=True))


class AnnouncementIn(In, frozen=True):
    """What all brands' consoles are told, from one instant until another."""

    level: announcements.Level
    texts: AnnouncementText
    from_at: datetime
    until_at: datetime


class AnnouncementRow(Out, frozen=True):
    """An announcement, and whether it was withdrawn."""

    id: UUID
    level: str
    texts: dict[str, str]
    from_at: datetime
    until_at: datetime
    withdrawn_at: datetime | None


class Announcements(Out, frozen=True):
    """Everything that was told, the newest first."""

    items: list[AnnouncementRow]


class MaintenanceIn(In, frozen=True):
    """Why, and until when it should last; the brands' people read the reason."""

    reason: Annotated[str, Meta(min_length=1, max_length=REASON_LENGTH_MAX)]
    expected_end: datetime


class MaintenanceRow(Out, frozen=True):
    """Who is read-only: a tenant, or everybody (`slug` null)."""

    slug: str | None
    since: datetime
    expected_end: datetime
    reason: str


class Maintenances(Out, frozen=True):
    """Every maintenance that is on."""

    items: list[MaintenanceRow]


@get("/signs", operation_id="listAbuseSigns", operation_class=Read, opt=READ, tags=TAGS)
async def sign_list(request: AdminRequest) -> Response[AbuseSigns]:
    """List signs of abuse over all tenants."""
    async with request.rt.db.read(OPERATOR_ID) as s:
        still = await signs.listing(s)
        settled = await signs.listing(s, settled=True)
    return answer(
        AbuseSigns([_sign(one) for one in still], [_sign(one) for one in settled], THRESHOLDS)
    )


def _sign(one: signs.Sign) -> AbuseSign:
    return AbuseSign(
        one.id, one.slug, one.name, one.kind, one.subject, one.first_at, one.last_at, one.facts,
        one.settled_at, one.outcome, one.note,
    )  # fmt: skip


@post("/tenants/{slug:str}/signs/{sign_id:uuid}/settle", operation_id="settleAbuseSign",
      operation_class=Write, opt=CHANGE, tags=TAGS, status_code=200)  # fmt: skip
async def settle(
    request: AdminRequest, slug: Slug, sign_id: PathId, data: JSONBody[SettleSignIn]
) -> Response[SettleSignIn]:
    """Say what a sign turned out to be."""

    async def work(s: WriteSession, now: datetime) -> Done:
        await signs.settle(
            s, sign_id=sign_id, outcome=data.outcome, note=data.note, actor=label(request),
            now=now, address=request.address, request_id=request.request_id,
            words=words(request),
        )  # fmt: skip
        return Done(data, changed=False)

    told = {"sign": sign_id, "outcome": data.outcome}
    return await act_on(request, slug, action="abuse_sign.settled", work=work, told=told,
                        given=data)  # fmt: skip


async def _announcements(s: ReadSession) -> Announcements:
    return Announcements(
        [
            AnnouncementRow(r.id, r.level, r.texts, r.from_at, r.until_at, r.withdrawn_at)
            for r in await announcements.listing(s)
        ]
    )


@get("/announcements", operation_id="listAnnouncements", operation_class=Read, opt=READ,
     tags=TAGS)  # fmt: skip
async def announcement_list(request: AdminRequest) -> Response[Announcements]:
    """List what brands' consoles are told, were told and will be."""
    async with request.rt.db.read(OPERATOR_ID) as s:
        return answer(await _announcements(s))


@post("/announcements", operation_id="announce", operation_class=Write, opt=CHANGE, tags=TAGS,
      status_code=201)  # fmt: skip
async def announce(
    request: AdminRequest, data: JSONBody[AnnouncementIn]
) -> Response[Announcements]:
    """Tell something in every brand's console for a while."""

    async def work(s: WriteSession, now: datetime) -> Done:
        await announcements.save(
            s, id=uuid7(), level=data.level, texts=data.texts.by_language(),
            from_at=data.from_at, until_at=data.until_at, actor=request.staff.label, now=now,
            address=request.address, request_id=request.request_id,
        )  # fmt: skip
        return Done(await _announcements(s), changed=False)

    return await act(request, action="announcement.saved", subject="announcement", work=work,
                     given=data, status=201)  # fmt: skip


@post("/announcements/{announcement_id:uuid}/withdraw", operation_id="withdrawAnnouncement",
      operation_class=Write, opt=CHANGE, tags=TAGS, status_code=200)  # fmt: skip
async def withdraw(request: AdminRequest, announcement_id: PathId) -> Response[Announcements]:
    """Tell it no longer."""

    async def work(s: WriteSession, now: datetime) -> Done:
        await announcements.withdraw(
            s, announcement_id=announcement_id, actor=request.staff.label, now=now,
            address=request.address, request_id=request.request_id,
        )  # fmt: skip
        return Done(await _announcements(s), changed=False)

    return await act(request, action="announcement.withdrawn",
                     subject=f"announcement:{announcement_id}", work=work)  # fmt: skip


async def _maintenances(request: AdminRequest, s: ReadSession) -> Maintenances:
    rows = await s.all(maintenance.Resting, "SELECT * FROM ctl.maintenance_v1()")
    return Maintenances(
        [
            MaintenanceRow(
                None if row.everywhere else (await request.rt.directory.by_id(row.tenant_id)).slug,
                row.since, row.expected_end, row.reason,
            )
            for row in rows
        ]
    )  # fmt: skip


@get("/maintenance", operation_id="listMaintenances", operation_class=Read, opt=READ,
     tags=TAGS)  # fmt: skip
async def maintenance_list(request: AdminRequest) -> Response[Maintenances]:
    """List who is read-only."""
    async with request.rt.db.read(OPERATOR_ID) as s:
        return answer(await _maintenances(request, s))


@post("/maintenance", operation_id="beginMaintenance", operation_class=Write, opt=RISKY, tags=TAGS,
      status_code=200)  # fmt: skip
async def begin(request: AdminRequest, data: JSONBody[MaintenanceIn]) -> Response[Maintenances]:
    """Make the whole deployment read-only, or put the end off."""

    async def work(s: WriteSession, now: datetime) -> Done:
        await maintenance.begin(
            s, expected_end=data.expected_end, reason=data.reason, actor=request.staff.label,
            now=now, address=request.address, request_id=request.request_id,
        )  # fmt: skip
        return Done(await _maintenances(request, s), changed=False)

    return await act(request, action="maintenance.begun", subject="maintenance", work=work,
                     given=data)  # fmt: skip


@post("/maintenance/end", operation_id="endMaintenance", operation_class=Write, opt=CHANGE,
      tags=TAGS, status_code=200)  # fmt: skip
async def end(request: AdminRequest) -> Response[Maintenances]:
    """End the deployment's maintenance."""

    async def work(s: WriteSession, now: datetime) -> Done:
        await maintenance.end(
            s, actor=request.staff.label, now=now, address=request.address,
            request_id=request.request_id,
        )  # fmt: skip
        return Done(await _maintenances(request, s), changed=False)

    return await act(request, action="maintenance.ended", subject="maintenance", work=work)


@post("/tenants/{slug:str}/maintenance", operation_id="beginTenantMaintenance",
      operation_class=Write, opt=CHANGE, tags=TAGS, status_code=200)  # fmt: skip
async def begin_tenant(
    request: AdminRequest, slug: Slug, data: JSONBody[MaintenanceIn]
) -> Response[Maintenances]:
    """Make one tenant read-only, or put the end off."""

    async def work(s: WriteSession, now: datetime) -> Done:
        await maintenance.begin(
            s, expected_end=data.expected_end, reason=data.reason, actor=label(request), now=now,
            address=request.address, request_id=request.request_id, words=words(request),
        )  # fmt: skip
        return Done(await _maintenances(request, s), changed=False)

    told = {"reason": data.reason, "expected_end": data.expected_end}
    return await act_on(request, slug, action="maintenance.begun", work=work, told=told,
                        given=data)  # fmt: skip


@post("/tenants/{slug:str}/maintenance/end", operation_id="endTenantMaintenance",
      operation_class=Write, opt=CHANGE, tags=TAGS, status_code=200)  # fmt: skip
async def end_tenant(request: AdminRequest, slug: Slug) -> Response[Maintenances]:
    """End a tenant's own maintenance."""

    async def work(s: WriteSession, now: datetime) -> Done:
        await maintenance.end(
            s, actor=label(request), now=now, address=request.address,
            request_id=request.request_id, words=words(request),
        )  # fmt: skip
        return Done(await _maintenances(request, s), changed=False)

    return await act_on(request, slug, action="maintenance.ended", work=work, told={})


HANDLERS = [
    sign_list, settle, announcement_list, announce, withdraw, maintenance_list, begin, end,
    begin_tenant, end_tenant,
]  # fmt: skip
