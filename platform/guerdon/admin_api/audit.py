"""The audit trail: searched, proved, taken away."""

from collections.abc import AsyncIterator, Iterable
from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

import msgspec
from litestar import Response, get
from litestar.params import QueryParameter
from litestar.response import Stream

from guerdon.admin_api.requests import AdminRequest, answer
from guerdon.audit import operations, queries
from guerdon.audit.verify import links, verify
from guerdon.identity import staff as people
from guerdon.identity.policy import staff
from guerdon.kit.paging import PAGE_SIZE_DEFAULT, Page, decode_cursor, encode_cursor
from guerdon.tenancy.operator import OPERATOR_ID
from guerdon.wire.openapi import Read
from guerdon.wire.parameters import Cursor, Limit
from guerdon.wire.values import Out

TAGS = ["Audit"]
# People of the operator's house, as a brand's trail names them.
_GUESTS = ("support", "platform")
READ = {"policy": staff("audit:read")}
Text = Annotated[str | None, QueryParameter(max_length=200)]
Instant = Annotated[datetime | None, QueryParameter(description="With its offset from UTC")]


class AuditEntry(Out, frozen=True):
    """One thing that somebody did. `actorName` is the person's name, where it was a person."""

    seq: int
    occurred_at: datetime
    actor: str
    actor_name: str
    action: str
    subject: str
    summary: dict[str, Any]
    address: str
    request_id: str
    hash: str


class AuditActions(Out, frozen=True):
    """Every action that stands in the trail."""

    items: list[str]


class AuditFault(Out, frozen=True):
    """A place where the trail is not what was written."""

    seq: int
    reason: str


class AuditProof(Out, frozen=True):
    """Whether the chain holds: how many entries were checked, the last hash, every fault."""

    whole: bool
    entries: int
    head: str
    faults: list[AuditFault]


@get("/{brand:str}/audit", operation_id="searchAudit", operation_class=Read, opt=READ, tags=TAGS)
async def search(
    request: AdminRequest,
    actor: Text = None,
    action: Text = None,
    subject: Text = None,
    text: Annotated[
        str | None, QueryParameter(name="q", max_length=200, description="Words in the entry")
    ] = None,
    since: Instant = None,
    until: Instant = None,
    cursor: Cursor = None,
    limit: Limit = PAGE_SIZE_DEFAULT,
) -> Response[Page[AuditEntry]]:
    """Search what was done, newest first. `action` and `subject` may end in `*`.

    A page of a search for words may be short, or empty, and still have a `nextCursor`: it looks
    through so many entries at a time.
    """
    before = None if cursor is None else queries.Place(*decode_cursor(cursor, datetime, int))
    async with request.rt.db.read(request.tenant.id) as s:
        found = await queries.page(
            s,
            find=queries.Find(
                actor=actor, action=action, subject=subject, text=text, since=since, until=until
            ),
            before=before,
            limit=limit,
        )
    names = await _names(request, (entry.actor for entry in found.entries))
    items = [_entry(entry, names) for entry in found.entries]
    more = encode_cursor(found.before.occurred_at, found.before.seq) if found.before else None
    return answer(Page(items, more))


@get("/{brand:str}/audit/actions", operation_id="listAuditActions", operation_class=Read, opt=READ,
     tags=TAGS)  # fmt: skip
async def actions(request: AdminRequest) -> Response[AuditActions]:
    """List the actions that the trail knows, for a filter."""
    async with request.rt.db.read(request.tenant.id) as s:
        return answer(AuditActions(await queries.actions(s)))


@get("/{brand:str}/audit/proof", operation_id="proveAudit", operation_class=Read, opt=READ,
     tags=TAGS)  # fmt: skip
async def proof(request: AdminRequest) -> Response[AuditProof]:
    """Compute every hash of the trail again."""
    async with request.rt.db.read(request.tenant.id) as s:
        faults = await verify(s)
        head = await queries.head(s)
    return answer(
        AuditProof(
            whole=not faults,
            entries=0 if head is None else head.seq,
            head="" if head is None else head.hash.hex(),
            faults=[AuditFault(f.seq, f.reason) for f in faults[:100]],
        )
    )


@get("/{brand:str}/audit/export", operation_id="exportAudit", operation_class=Read,
     opt={"policy": staff("audit:export")}, tags=TAGS)  # fmt: skip
async def export(request: AdminRequest) -> Stream:
    """Take the whole trail away: a JSON object a line, with what each hash covers."""
    async with request.rt.db.write(request.tenant.id) as s:
        await operations.record(
            s, actor=request.staff.label, action="audit.exported", subject="audit",
            summary={}, now=request.real_now, address=request.address,
            request_id=request.request_id,
        )  # fmt: skip

    async def lines() -> AsyncIterator[bytes]:
        async with request.rt.db.read(request.tenant.id) as s:
            async for link in links(s):
                told = msgspec.structs.asdict(link)
                told |= {"previous": link.previous.hex(), "hash": link.hash.hex()}
                yield msgspec.json.encode({"tenant_id": str(s.tenant_id)} | told) + b"\n"

    return Stream(
        lines(),
        media_type="application/x-ndjson",
        headers={
            "Content-Disposition": f'attachment; filename="audit-{request.tenant.slug}.jsonl"',
            "Cache-Control": "no-store",
        },
    )


async def _names(request: AdminRequest, actors: Iterable[str]) -> dict[str, str]:
    """Names by actor: the brand's own people, and those of the platform who were here."""
    by_house: dict[str, set[UUID]] = {}
    for actor in actors:
        house, _, one = actor.partition(":")
        if house in ("staff", *_GUESTS):
            by_house.setdefault(house, set()).add(UUID(one))
    found: dict[str, str] = {}
    for house, ids in by_house.items():
        home = OPERATOR_ID if house in _GUESTS else request.tenant.id
        async with request.rt.db.read(home) as s:
            known = await people.names(s, ids)
        found |= {f"{house}:{one}": name for one, name in known.items()}
    return found


def _entry(entry: queries.Entry, names: dict[str, str]) -> AuditEntry:
    return AuditEntry(
        seq=entry.seq,
        occurred_at=entry.occurred_at,
        actor=entry.actor,
        actor_name=names.get(entry.actor, ""),
        action=entry.action,
        subject=entry.subject,
        summary=entry.summary,
        address=entry.address,
        request_id=entry.request_id,
        hash=entry.hash.hex(),
    )


HANDLERS = [search, actions, proof, export]
