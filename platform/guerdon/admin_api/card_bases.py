"""Bases of approved cards from the console: a file sent, put in force as one switch, taken away.

A file is taken whole or not at all, in one transaction; what is larger comes through the API or
the command line, piece by piece.
"""

from datetime import datetime
from pathlib import Path
from typing import Annotated, Final
from uuid import UUID

from litestar import Response, get, post
from litestar.params import JSONBody, QueryParameter

from guerdon.admin_api.file_imports import SendCsv
from guerdon.admin_api.requests import AdminRequest, Done, act, answer
from guerdon.identity import staff as people
from guerdon.identity.policy import staff
from guerdon.kit.errors import InvalidError
from guerdon.kit.ids import uuid7
from guerdon.members.import_rows import RowError
from guerdon.parameters.sections import ProgrammeParameters
from guerdon.plumbing.db import ReadSession, WriteSession
from guerdon.plumbing.uploads import Uploads
from guerdon.recommendations import card_bases
from guerdon.recommendations.card_imports import chunks
from guerdon.recommendations.card_rows import read_approvals
from guerdon.wire.openapi import Read, Write
from guerdon.wire.parameters import PathId
from guerdon.wire.values import In, Out

TAGS = ["Recommendations"]
READ = {"policy": staff("parameters:read")}
WRITE = {"policy": staff("parameters:publish")}
ALL = "/{brand:str}/recommendations/card-bases"
ONE = f"{ALL}/{{base_id:uuid}}"
FILE_BYTES_MAX: Final = 2_000_000
LINES_MAX: Final = 20_000
ERRORS_TOLD: Final = 1_000


class CardBase(Out, frozen=True):
    """A base: `rows` taken and `rejected` lines. `offered` have consent and are not over.

    `offered` is null of a base that is over: its rows are removed.
    """

    id: UUID
    name: str
    state: card_bases.State
    rows: int
    rejected: int
    offered: int | None
    created_by: str
    created_at: datetime
    in_force_at: datetime | None
    ended_at: datetime | None


class CardBases(Out, frozen=True):
    """The latest bases."""

    items: list[CardBase]


class CardBaseLine(Out, frozen=True):
    """A line that was not taken: where, why (`code` for programs), and how it begins."""

    line: int
    column: str
    code: str
    reason: str
    text: str


class CardBaseSent(Out, frozen=True):
    """What became of a file. Nobody is offered anything by it until it is put in force."""

    base: CardBase
    errors: list[CardBaseLine]


class CardBaseSwitch(In, frozen=True):
    """`complete`: only if no line was rejected."""

    complete: bool = True


@get(ALL, operation_id="listCardBases", operation_class=Read, opt=READ, tags=TAGS)
async def listing(request: AdminRequest) -> Response[CardBases]:
    """List the latest bases with what they hold."""
    async with request.rt.db.read(request.tenant.id) as s:
        return answer(CardBases(await _told(request, s, await card_bases.latest(s))))


class SendBase(SendCsv):
    """A base as a table."""

    bytes_max = FILE_BYTES_MAX


@post(ALL, operation_id="sendCardBase", operation_class=SendBase, opt=WRITE, tags=TAGS,
      status_code=201, request_max_body_size=None)  # fmt: skip
async def send(
    request: AdminRequest,
    name: Annotated[
        str,
        QueryParameter(
            pattern="^[a-z0-9]([_-]?[a-z0-9]){0,39}$",
            description="Of the base; it replaces the one in force under this name",
        ),
    ],
) -> Response[CardBaseSent]:
    """Send a base as CSV: every line is tried, and nothing is in force yet."""
    rt, tenant_id, base_id = request.rt, request.tenant.id, uuid7()
    request.idempotency_key  # noqa: B018 - refused before the file is read
    uploads = Uploads(Path(rt.settings.files_dir))
    size = await uploads.keep(tenant_id, base_id, request.stream(), bytes_max=FILE_BYTES_MAX)
    programme = request.snapshot[ProgrammeParameters]

    async def work(s: WriteSession, now: datetime) -> Done:
        today = now.astimezone(programme.zone).date()
        errors: list[RowError] = []
        count = 0
        await card_bases.begin(
            s, base_id=base_id, name=name, principal=request.staff.label, now=now
        )
        with uploads.open(tenant_id, base_id) as file:
            lines = read_approvals(file, currency=programme.currency, today=today)
            for rows, unread in chunks(lines):
                count += len(rows) + len(unread)
                if count > LINES_MAX:
                    raise InvalidError(
                        f"A file has at most {LINES_MAX:,} lines here; send a larger base through"
                        " the API or `guerdon recommendations import-base`.",
                        field="file",
                    )
                made = await card_bases.put_rows(s, base_id=base_id, rows=rows)
                await card_bases.reject(s, base_id=base_id, count=len(unread))
                errors += [*unread, *made.rejected]
        base = await card_bases.one(s, base_id=base_id)
        [shown] = await _told(request, s, [base])
        told = sorted(errors, key=lambda one: one.line)[:ERRORS_TOLD]
        return Done(
            CardBaseSent(
                shown,
                [CardBaseLine(e.line, e.column, e.reason, e.message, e.text) for e in told],
            ),
            {"name": name, "rows": base.rows, "rejected": base.rejected},
        )

    try:
        return await act(
            request, action="card_base.file_sent", subject=f"card_base:{base_id}", work=work,
            given={"name": name, "size": size}, status=201,
        )  # fmt: skip
    finally:
        await uploads.forget(tenant_id, base_id)


@post(f"{ONE}/activate", operation_id="activateCardBase", operation_class=Write, opt=WRITE,
      tags=TAGS, status_code=200)  # fmt: skip
async def activate(
    request: AdminRequest, base_id: PathId, data: JSONBody[CardBaseSwitch]
) -> Response[CardBase]:
    """Put a base in force in the place of the one of its name, as one switch.

    The answer is the base that is in force: the earlier one, if both say the same.
    """

    async def work(s: WriteSession, now: datetime) -> Done:
        base = await card_bases.switch(s, base_id=base_id, complete=data.complete, now=now)
        [shown] = await _told(request, s, [base])
        return Done(shown, {"name": base.name, "rows": base.rows})

    return await act(request, action="card_base.activated", subject=f"card_base:{base_id}",
                     work=work, given=data)  # fmt: skip


@post(f"{ONE}/discard", operation_id="discardCardBase", operation_class=Write, opt=WRITE,
      tags=TAGS, status_code=200)  # fmt: skip
async def discard(request: AdminRequest, base_id: PathId) -> Response[CardBase]:
    """Give up a base that waits, or take the one in force away: nobody sees its cards then."""

    async def work(s: WriteSession, now: datetime) -> Done:
        base = await card_bases.discard(s, base_id=base_id, now=now)
        [shown] = await _told(request, s, [base])
        return Done(shown, {"name": base.name, "rows": base.rows})

    return await act(request, action="card_base.discarded", subject=f"card_base:{base_id}",
                     work=work)  # fmt: skip


async def _told(
    request: AdminRequest, s: ReadSession, bases: list[card_bases.Base]
) -> list[CardBase]:
    zone = request.snapshot[ProgrammeParameters].zone
    alive = [base.id for base in bases if base.state in ("loading", "in_force")]
    offered = await card_bases.offered(s, base_ids=alive, today=request.now.astimezone(zone).date())
    names = await people.names_by_actor(s, [base.created_by for base in bases])
    return [
        CardBase(
            id=base.id,
            name=base.name,
            state=base.state,
            rows=base.rows,
            rejected=base.rejected,
            offered=offered.get(base.id, 0) if base.id in alive else None,
            created_by=names.get(base.created_by, base.created_by),
            created_at=base.created_at,
            in_force_at=base.in_force_at,
            ended_at=base.ended_at,
        )
        for base in bases
    ]


HANDLERS = [listing, send, activate, discard]
