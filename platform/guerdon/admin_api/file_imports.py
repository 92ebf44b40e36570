"""A file from the console, whatever it holds: sent, looked through, taken in, or dropped."""

from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Any, ClassVar, Generic, TypeVar
from uuid import UUID

import msgspec
from litestar.openapi.spec import OpenAPIMediaType, OpenAPIType, RequestBody, Schema

from guerdon.admin_api.requests import AdminRequest, Done
from guerdon.identity import staff as people
from guerdon.kit.ids import uuid7
from guerdon.plumbing.db import ReadSession, WriteSession
from guerdon.plumbing.file_imports import FileImport, FileImports, State
from guerdon.wire.openapi import Write
from guerdon.wire.values import Out

Work = Callable[[WriteSession, datetime], Awaitable[Done]]


@dataclass
class SendCsv(Write):
    """A write whose body is a table."""

    bytes_max: ClassVar[int]

    def __post_init__(self) -> None:
        super().__post_init__()
        self.request_body = RequestBody(
            description=f"CSV in UTF-8, at most {self.bytes_max // 1_000_000} MB",
            content={"text/csv": OpenAPIMediaType(schema=Schema(type=OpenAPIType.STRING))},
            required=True,
        )


class ShownImport(Out, frozen=True, kw_only=True):
    """What is told of every import; each kind adds what it counts and refuses."""

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


O = TypeVar("O", bound=ShownImport)  # noqa: E741


class Sent(msgspec.Struct, frozen=True):
    """A file that is kept: the call's input for its fingerprint, and what makes the import."""

    given: dict[str, Any]
    work: Work


class ImportCalls(Generic[O]):
    """What the calls of one kind of import do; `subject` is its name in the trail."""

    def __init__(self, imports: FileImports[Any, Any], shape: type[O], *, subject: str) -> None:
        self._imports = imports
        self._shape = shape
        self._subject = subject

    @asynccontextmanager
    async def kept(self, request: AdminRequest, name: str) -> AsyncIterator[Sent]:
        """The request's body as a file, which goes again unless the import is made within."""
        rt, tenant_id, import_id = request.rt, request.tenant.id, uuid7()
        request.idempotency_key  # noqa: B018 - refused before the file is read
        size = await self._imports.keep(rt, tenant_id, import_id, request.stream())
        taken = False

        async def work(s: WriteSession, now: datetime) -> Done:
            nonlocal taken
            made = await self._imports.start(
                s, import_id=import_id, file_name=name, size_bytes=size,
                principal=request.staff.label, now=now,
            )  # fmt: skip
            taken = True
            summary = {"file": name, "bytes": size}
            return await self._done(s, made, summary, subject=f"{self._subject}:{import_id}")

        try:
            yield Sent({"name": name, "size": size}, work)
        finally:
            if not taken:
                await self._imports.uploads(rt).forget(tenant_id, import_id)

    async def latest(self, request: AdminRequest) -> list[O]:
        """The latest imports."""
        async with request.rt.db.read(request.tenant.id) as s:
            return await self._told(s, await self._imports.latest(s))

    async def one(self, request: AdminRequest, import_id: UUID) -> O:
        """One import; NotFoundError."""
        async with request.rt.db.read(request.tenant.id) as s:
            [told] = await self._told(s, [await self._imports.one(s, import_id=import_id)])
            return told

    def taking_in(self, request: AdminRequest, import_id: UUID) -> Work:
        """Begins to take in what was looked through."""

        async def work(s: WriteSession, now: datetime) -> Done:
            made = await self._imports.take_in(
                s, import_id=import_id, principal=request.staff.label, now=now
            )
            announced = msgspec.to_builtins(made.checked_totals)
            return await self._done(s, made, {"file": made.file_name, "announced": announced})

        return work

    def dropping(self, import_id: UUID) -> Work:
        """Takes no more of a file in."""

        async def work(s: WriteSession, now: datetime) -> Done:
            made = await self._imports.discard(s, import_id=import_id, now=now)
            return await self._done(s, made, {"file": made.file_name})

        return work

    async def _done(
        self,
        s: ReadSession,
        made: FileImport,
        summary: dict[str, Any],
        *,
        subject: str | None = None,
    ) -> Done:
        return Done((await self._told(s, [made]))[0], summary, subject=subject)

    async def _told(self, s: ReadSession, rows: Sequence[FileImport]) -> list[O]:
        actors = [who for row in rows for who in (row.created_by, row.applied_by)]
        names = await people.names_by_actor(s, actors)
        return [
            msgspec.structs.replace(
                msgspec.convert(row, self._shape, from_attributes=True),
                created_by=names.get(row.created_by, row.created_by),
                applied_by=names.get(row.applied_by or "", row.applied_by),
            )
            for row in rows
        ]
