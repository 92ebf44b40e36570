"""Members: who takes part."""

from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

import msgspec
from litestar import Response, delete, get, patch, post
from litestar.params import JSONBody, QueryParameter
from msgspec import UNSET, Meta, UnsetType

from guerdon.identity.policy import api_key
from guerdon.kit.ids import uuid7
from guerdon.kit.paging import PAGE_SIZE_DEFAULT, Page
from guerdon.members import normal, operations, personal_data, queries, schemas
from guerdon.plumbing.db import WriteSession
from guerdon.tenancy.lifecycle import Act
from guerdon.wire.openapi import Read, Write
from guerdon.wire.parameters import Cursor, Limit, PathId
from guerdon.wire.requests import ApiRequest, answer, once
from guerdon.wire.values import Email, ExternalId, In, Language, Name, Out, Phone

TAGS = ["Members"]
READ = {"policy": api_key("members:read")}
WRITE = {"policy": api_key("members:write")}
JOIN = {"policy": api_key("members:write", act=Act.JOIN)}


class Member(Out, frozen=True):
    """A member. Once erased, everything that identifies a person is null."""

    id: UUID
    status: str
    number: str | None
    external_id: str | None
    email: str | None
    name: str | None
    phone: str | None
    language: str | None
    joined_at: datetime
    email_verified_at: datetime | None
    erased_at: datetime | None

    @classmethod
    def of(cls, row: schemas.Member) -> "Member":
        """As the domain has it."""
        return msgspec.convert(row, cls, from_attributes=True)


class MemberIn(In, frozen=True):
    """A new member. `termsVersion` when the member accepted the terms in your system."""

    email: Email
    name: Name
    phone: Phone = ""
    language: Language | None = None
    external_id: ExternalId | None = None
    email_verified: bool = False
    terms_version: Annotated[str, Meta(max_length=60)] | None = None
    consents: Annotated[dict[str, bool], Meta(max_length=50)] | None = None


class MemberChange(In, frozen=True, omit_defaults=True):
    """What changes; what is absent stays. An empty phone and a null external id are taken away."""

    name: Name | UnsetType = UNSET
    phone: Phone | UnsetType = UNSET
    language: Language | UnsetType = UNSET
    external_id: ExternalId | UnsetType | None = UNSET
    email: Email | UnsetType = UNSET


class Export(Out, frozen=True):
    """Everything that is kept of a member, by part."""

    files: dict[str, Any]


@post("/members", operation_id="createMember", operation_class=Write, opt=JOIN, tags=TAGS)
async def create(request: ApiRequest, data: JSONBody[MemberIn]) -> Response[Member]:
    """Add a member with an empty wallet."""

    async def work(s: WriteSession, now: datetime) -> Member:
        joined = await operations.join(
            s,
            id=uuid7(),
            email=data.email,
            name=data.name,
            snapshot=request.snapshot,
            now=now,
            phone=data.phone,
            language=data.language,
            external_id=data.external_id,
            email_verified=data.email_verified,
            terms_version=data.terms_version,
            consent_choices=data.consents,
        )
        return Member.of(joined)

    return await once(request, work, given=data, status=201)


@get("/members", operation_id="listMembers", operation_class=Read, opt=READ, tags=TAGS)
async def listing(
    request: ApiRequest,
    email: Annotated[
        str | None, QueryParameter(max_length=254, description="The member with this e-mail")
    ] = None,
    external_id: Annotated[
        str | None, QueryParameter(name="externalId", max_length=200, description="Your own id")
    ] = None,
    number: Annotated[
        str | None, QueryParameter(max_length=40, description="The member number")
    ] = None,
    cursor: Cursor = None,
    limit: Limit = PAGE_SIZE_DEFAULT,
) -> Response[Page[Member]]:
    """List members by the day they joined, or find one by e-mail, your id or number."""
    async with request.rt.db.read(request.tenant.id) as s:
        if email is None and external_id is None and number is None:
            page = await queries.listing(s, cursor=cursor, limit=limit)
            return answer(Page([Member.of(row) for row in page.items], page.next_cursor))
        found = None
        if email is not None:
            found = await queries.find_by_email(s, email_norm=normal.email(email)[1])
        elif external_id is not None:
            found = await queries.find_by_external_id(s, external_id=external_id)
        elif number is not None:
            found = await queries.find_by_number(s, number=number)
    return answer(Page([] if found is None else [Member.of(found)]))


@get("/members/{member_id:uuid}", operation_id="getMember", operation_class=Read, opt=READ,
     tags=TAGS)  # fmt: skip
async def one(request: ApiRequest, member_id: PathId) -> Response[Member]:
    """Read a member."""
    async with request.rt.db.read(request.tenant.id) as s:
        return answer(Member.of(await queries.member(s, member_id=member_id)))


@patch("/members/{member_id:uuid}", operation_id="updateMember", operation_class=Write,
       opt=WRITE, tags=TAGS)  # fmt: skip
async def update(
    request: ApiRequest, member_id: PathId, data: JSONBody[MemberChange]
) -> Response[Member]:
    """Change a member's data. A new e-mail counts as not verified."""

    async def work(s: WriteSession, now: datetime) -> Member:
        changed = await operations.update(
            s,
            member_id=member_id,
            snapshot=request.snapshot,
            now=now,
            name=data.name,
            phone=data.phone,
            language=data.language,
            external_id=data.external_id,
        )
        if data.email is not UNSET:
            changed = await operations.change_email(
                s, member_id=member_id, email=data.email, verified=False, now=now
            )
        return Member.of(changed)

    return await once(request, work, given=data)


@delete("/members/{member_id:uuid}", operation_id="eraseMember", operation_class=Write,
        opt=WRITE, tags=TAGS, status_code=200)  # fmt: skip
async def erase(request: ApiRequest, member_id: PathId) -> Response[Member]:
    """Erase everything that identifies the member. The ledger stays provable without it."""

    async def work(s: WriteSession, now: datetime) -> Member:
        await personal_data.erase(s, member_id=member_id, requested_by="brand", now=now)
        return Member.of(await queries.member(s, member_id=member_id))

    return await once(request, work)


@post("/members/{member_id:uuid}/block", operation_id="blockMember", operation_class=Write,
      opt=WRITE, tags=TAGS, status_code=200)  # fmt: skip
async def block(request: ApiRequest, member_id: PathId) -> Response[Member]:
    """Keep a member out: nothing is lost, every session and token ends."""

    async def work(s: WriteSession, now: datetime) -> Member:
        return Member.of(await operations.block(s, member_id=member_id, now=now))

    return await once(request, work)


@post("/members/{member_id:uuid}/unblock", operation_id="unblockMember", operation_class=Write,
      opt=WRITE, tags=TAGS, status_code=200)  # fmt: skip
async def unblock(request: ApiRequest, member_id: PathId) -> Response[Member]:
    """Let a blocked member in again."""

    async def work(s: WriteSession, now: datetime) -> Member:
        return Member.of(await operations.unblock(s, member_id=member_id, now=now))

    return await once(request, work)


@get("/members/{member_id:uuid}/export", operation_id="exportMember", operation_class=Read,
     opt=READ, tags=TAGS)  # fmt: skip
async def export(request: ApiRequest, member_id: PathId) -> Response[Export]:
    """Read everything that is kept of a member."""
    async with request.rt.db.read(request.tenant.id) as s:
        files = await personal_data.export(s, member_id=member_id, now=request.now)
    return answer(Export(files))


HANDLERS = [create, listing, one, update, erase, block, unblock, export]
