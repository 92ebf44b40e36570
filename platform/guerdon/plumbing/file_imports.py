"""A file that a person sent: looked through first, taken in when they say so.

Either way it is a chain of messages, each of which works through a stretch in one transaction and
leaves where the next has to go on: whatever dies, nothing is taken in twice, and everybody can see
how far it is. Looking through does the same work and undoes it.
"""

from abc import ABC, abstractmethod
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, ClassVar, Final, Generic, Literal, TypeVar
from uuid import UUID

import msgspec

from guerdon.kit.errors import ConflictError, GuerdonError, InvalidError, NotFoundError
from guerdon.plumbing import outbox
from guerdon.plumbing.db import ReadSession, WriteSession, jsonb
from guerdon.plumbing.outbox import Message
from guerdon.plumbing.uploads import Uploads

KEPT: Final = timedelta(days=7)

State = Literal["checking", "checked", "applying", "applied", "failed", "discarded"]
_AFTER: Final[dict[State, State]] = {"checking": "checked", "applying": "applied"}


class FileImport(msgspec.Struct, frozen=True, kw_only=True):
    """An import as it stands; `position` of `size_bytes` tells how far the present pass is.

    A feature adds `totals` and `errors` (the first ones) of the present pass, and `checked_totals`
    of the one that looked the file through. `fault` is why it ended early.
    """

    id: UUID
    file_name: str
    size_bytes: int
    state: State
    position: int
    fault: str | None
    created_by: str
    created_at: datetime
    applied_by: str | None
    changed_at: datetime


class Progress(msgspec.Struct):
    """What a stretch starts from and brings up to date; a feature says of which kinds."""

    state: State
    position: int
    line: int
    totals: Any
    errors: list[Any]

    @property
    def under_way(self) -> bool:
        """Whether there is anything left to work through."""
        return self.state in _AFTER


I = TypeVar("I", bound=FileImport)  # noqa: E741
P = TypeVar("P", bound=Progress)


class _Rehearsed(Exception):
    pass


@asynccontextmanager
async def rehearsing(s: WriteSession, row: Progress) -> AsyncIterator[None]:
    """What is done within is undone at its end while the file is looked through."""
    try:
        async with s.part():
            yield
            if row.state == "checking":
                raise _Rehearsed
    except _Rehearsed:
        pass


class FileImports(ABC, Generic[I, P]):
    """Imports of one kind: the rows of a table, and how a stretch of a file is taken in."""

    table: ClassVar[str]
    record: type[I]
    progress: type[P]
    totals: ClassVar[type[msgspec.Struct]]
    wrong_state: ClassVar[type[ConflictError]]
    bytes_max: ClassVar[int]

    @abstractmethod
    def message(self, import_id: UUID, position: int) -> Message:
        """Asks for the stretch that begins at `position`."""

    @abstractmethod
    async def stretch(
        self, rt: Any, s: WriteSession, import_id: UUID, row: P, now: datetime
    ) -> tuple[int, int] | None:
        """Take a stretch in from where `row` stands, and add to its totals and errors.

        Where the next one begins (offset and line), or None at the file's end.
        """

    @abstractmethod
    def lasting(self, error: GuerdonError) -> bool:
        """Whether it would be the same however often the stretch is tried."""

    @abstractmethod
    def noted(self, row: P, fault: GuerdonError | None) -> Mapping[str, object]:
        """Columns of the feature's own that are written with `row`."""

    def uploads(self, rt: Any) -> Uploads:
        """Where files wait."""
        return Uploads(Path(rt.settings.files_dir))

    async def keep(
        self, rt: Any, tenant_id: UUID, import_id: UUID, content: AsyncIterator[bytes]
    ) -> int:
        """Keep a file under the import's id, before the import is made; its size."""
        return await self.uploads(rt).keep(tenant_id, import_id, content, bytes_max=self.bytes_max)

    async def start(
        self,
        s: WriteSession,
        *,
        import_id: UUID,
        file_name: str,
        size_bytes: int,
        principal: str,
        now: datetime,
    ) -> I:
        """Begin to look through a file that was kept."""
        made = await s.one(
            self.record,
            f"INSERT INTO {self.table} (tenant_id, id, file_name, size_bytes, state, totals,"  # noqa: S608
            " created_by, created_at, changed_at) VALUES (%(tenant_id)s, %(id)s, %(name)s,"
            " %(size)s, 'checking', %(totals)s, %(by)s, %(now)s, %(now)s)"
            f" RETURNING {self._columns}",
            {
                "id": import_id,
                "name": file_name,
                "size": size_bytes,
                "totals": jsonb(self.totals()),
                "by": principal,
                "now": now,
            },
        )
        await outbox.put(s, self.message(import_id, 0))
        return made

    async def take_in(
        self, s: WriteSession, *, import_id: UUID, principal: str, now: datetime
    ) -> I:
        """Begin to take in what was looked through; refused lines stay out. `wrong_state`."""
        row = await self._locked(s, import_id)
        if row.state != "checked":
            raise self.wrong_state(state=row.state)
        made = await s.one(
            self.record,
            f"UPDATE {self.table} SET state = 'applying', checked_totals = totals,"  # noqa: S608
            " totals = %(totals)s, errors = '[]', position = 0, line = 0,"
            " applied_by = %(by)s, changed_at = %(now)s"
            f" WHERE tenant_id = %(tenant_id)s AND id = %(id)s RETURNING {self._columns}",
            {"id": import_id, "totals": jsonb(self.totals()), "by": principal, "now": now},
        )
        await outbox.put(s, self.message(import_id, 0))
        return made

    async def discard(self, s: WriteSession, *, import_id: UUID, now: datetime) -> I:
        """Take no more of the file in; what came in stays. `wrong_state` once it is over."""
        row = await self._locked(s, import_id)
        if row.state in ("applied", "failed", "discarded"):
            raise self.wrong_state(state=row.state)
        return await s.one(
            self.record,
            f"UPDATE {self.table} SET state = 'discarded', changed_at = %(now)s"  # noqa: S608
            f" WHERE tenant_id = %(tenant_id)s AND id = %(id)s RETURNING {self._columns}",
            {"id": import_id, "now": now},
        )

    async def one(self, s: ReadSession, *, import_id: UUID) -> I:
        """One import; NotFoundError."""
        return _there(
            await s.one_or_none(
                self.record,
                f"SELECT {self._columns} FROM {self.table}"  # noqa: S608
                " WHERE tenant_id = %(tenant_id)s AND id = %(id)s",
                {"id": import_id},
            )
        )

    async def latest(self, s: ReadSession, *, limit: int = 20) -> list[I]:
        """The latest imports, without their refused lines."""
        columns = self._columns.replace("errors", "'[]'::jsonb AS errors")
        return await s.all(
            self.record,
            f"SELECT {columns} FROM {self.table} WHERE tenant_id = %(tenant_id)s"  # noqa: S608
            " ORDER BY created_at DESC, id LIMIT %(limit)s",
            {"limit": limit},
        )

    async def work(
        self, rt: Any, s: WriteSession, import_id: UUID, position: int, now: datetime
    ) -> None:
        """Do what `message` asks for; nothing if that was done already."""
        row = await self._locked(s, import_id)
        if not row.under_way or row.position != position:
            return
        try:
            place = await self.stretch(rt, s, import_id, row, now)
        except GuerdonError as error:
            if not self.lasting(error):
                raise
            await self._fail(s, import_id, row, now, error)
            return
        if place is None:
            row.state, row.position = _AFTER[row.state], -1
            await self._write(s, import_id, row, now)
            return
        row.position, row.line = place
        await self._write(s, import_id, row, now)
        await outbox.put(s, self.message(import_id, row.position))

    async def give_up(self, s: WriteSession, import_id: UUID, now: datetime) -> None:
        """End an import whose message is parked."""
        row = await self._locked(s, import_id)
        if row.under_way:
            fault = InvalidError("The file could not be worked through.", field="file")
            await self._fail(s, import_id, row, now, fault)

    async def sweep(self, rt: Any, s: WriteSession, now: datetime) -> None:
        """Remove files with their records, a week after the last that happened to them."""
        old = await s.all(
            UUID,
            f"DELETE FROM {self.table} WHERE tenant_id = %(tenant_id)s"  # noqa: S608
            " AND changed_at < %(before)s RETURNING id",
            {"before": now - KEPT},
        )
        for import_id in old:
            await self.uploads(rt).forget(s.tenant_id, import_id)

    @property
    def _columns(self) -> str:
        return ", ".join(self.record.__struct_fields__)

    async def _locked(self, s: WriteSession, import_id: UUID) -> P:
        columns = ", ".join(self.progress.__struct_fields__)
        return _there(
            await s.one_or_none(
                self.progress,
                f"SELECT {columns} FROM {self.table}"  # noqa: S608
                " WHERE tenant_id = %(tenant_id)s AND id = %(id)s FOR UPDATE",
                {"id": import_id},
            )
        )

    async def _fail(
        self, s: WriteSession, import_id: UUID, row: P, now: datetime, fault: GuerdonError
    ) -> None:
        row.state = "failed"
        await self._write(s, import_id, row, now, fault)

    async def _write(
        self,
        s: WriteSession,
        import_id: UUID,
        row: P,
        now: datetime,
        fault: GuerdonError | None = None,
    ) -> None:
        noted = self.noted(row, fault)
        own = "".join(f", {name} = %({name})s" for name in noted)
        await s.execute(
            f"UPDATE {self.table} SET state = %(state)s, line = %(line)s,"  # noqa: S608
            " position = CASE WHEN %(position)s < 0 THEN size_bytes ELSE %(position)s END,"
            " totals = %(totals)s, errors = %(errors)s, fault = %(fault)s,"
            f" changed_at = %(now)s{own} WHERE tenant_id = %(tenant_id)s AND id = %(id)s",
            {
                **noted,
                "id": import_id,
                "state": row.state,
                "position": row.position,
                "line": row.line,
                "totals": jsonb(row.totals),
                "errors": jsonb(row.errors),
                "fault": None if fault is None else fault.detail,
                "now": now,
            },
        )


T = TypeVar("T")


def _there(found: T | None) -> T:
    if found is None:
        raise NotFoundError("There is no such import.", field="import")
    return found
