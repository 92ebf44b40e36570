"""A member's own view, for the brand's app: redeeming, and where they are signed in."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

import msgspec
from litestar import Response, delete, get, post
from litestar.params import JSONBody
from msgspec import Meta

from guerdon.brand_api.redemptions import (
    Lines,
    Placed,
    Quote,
    Redemption,
    ShipToIn,
    Step,
    Timeline,
    make_quote,
    make_redemption,
)
from guerdon.identity import sessions, tokens
from guerdon.identity.parameters import SecurityParameters
from guerdon.identity.policy import member_token
from guerdon.kit.errors import NotFoundError
from guerdon.kit.money import POINTS_MAX
from guerdon.kit.paging import PAGE_SIZE_DEFAULT, Page
from guerdon.plumbing.db import WriteSession
from guerdon.redemption import operations, queries
from guerdon.wire.openapi import Read, Write
from guerdon.wire.parameters import Cursor, Limit, PathId
from guerdon.wire.requests import ApiRequest, answer, once
from guerdon.wire.values import In, Language, Out

TAGS = ["Me"]
READ = {"policy": member_token("me:read")}
WRITE = {"policy": member_token("me:write")}
REDEEM = {"policy": member_token("me:redeem")}


class MyQuoteIn(In, frozen=True):
    """What the member wants; `points` is their share, all of the price if it is absent."""

    lines: Lines
    points: Annotated[int, Meta(ge=0, le=POINTS_MAX)] | None = None
    language: Language | None = None


class MyPlaceIn(In, frozen=True):
    """Redeem a quote, or lines all in points at the price that was shown."""

    quote_id: UUID | None = None
    lines: Lines | None = None
    expected_points: Annotated[int, Meta(ge=1, le=POINTS_MAX)] | None = None
    ship_to: ShipToIn | None = None
    language: Language | None = None
    return_url: Annotated[str, Meta(max_length=500, pattern="^https?://")] | None = None


class App(Out, frozen=True):
    """An app that the member let in; `name` is its client id where the brand has it no more."""

    id: UUID
    client_id: str
    name: str
    scopes: list[str]
    created_at: datetime
    last_used_at: datetime
    current: bool


class SignIns(Out, frozen=True):
    """Where the member is signed in: apps by name, browsers by number."""

    apps: list[App]
    browser_sessions: int


class SignedOut(Out, frozen=True):
    """How many browser sessions ended."""

    ended: int


@post("/me/quotes", operation_id="createMyQuote", operation_class=Write, opt=REDEEM, tags=TAGS)
async def quote(request: ApiRequest, data: JSONBody[MyQuoteIn]) -> Response[Quote]:
    """Get a price, all in points or in points and money, until it expires."""
    return await make_quote(request, request.member.member_id, data, given=data)


@get("/me/quotes/{quote_id:uuid}", operation_id="getMyQuote", operation_class=Read, opt=READ,
     tags=TAGS)  # fmt: skip
async def get_quote(request: ApiRequest, quote_id: PathId) -> Response[Quote]:
    """Read a quote."""
    async with request.rt.db.read(request.tenant.id) as s:
        found = await queries.quote(s, quote_id=quote_id, member_id=request.member.member_id)
    return answer(Quote.of(found))


@post("/me/redemptions", operation_id="placeMyRedemption", operation_class=Write, opt=REDEEM,
      tags=TAGS)  # fmt: skip
async def place(request: ApiRequest, data: JSONBody[MyPlaceIn]) -> Response[Placed]:
    """Redeem: points are held, stock is reserved, the journey starts. Everything or nothing."""
    return await make_redemption(
        request, request.member.member_id, data, return_url=data.return_url
    )


@get("/me/redemptions", operation_id="listMyRedemptions", operation_class=Read, opt=READ,
     tags=TAGS)  # fmt: skip
async def listing(
    request: ApiRequest, cursor: Cursor = None, limit: Limit = PAGE_SIZE_DEFAULT
) -> Response[Page[Redemption]]:
    """List the member's redemptions, the latest first."""
    async with request.rt.db.read(request.tenant.id) as s:
        page = await queries.orders(
            s, member_id=request.member.member_id, cursor=cursor, limit=limit
        )
    return answer(Page([Redemption.of(row) for row in page.items], page.next_cursor))


@get("/me/redemptions/{redemption_id:uuid}", operation_id="getMyRedemption",
     operation_class=Read, opt=READ, tags=TAGS)  # fmt: skip
async def one(request: ApiRequest, redemption_id: PathId) -> Response[Redemption]:
    """Read a redemption as it stands, with its tracking."""
    me = request.member.member_id
    async with request.rt.db.read(request.tenant.id) as s:
        return answer(Redemption.of(await queries.redemption(s, redemption_id, member_id=me)))


@get("/me/redemptions/{redemption_id:uuid}/timeline", operation_id="getMyRedemptionTimeline",
     operation_class=Read, opt=READ, tags=TAGS)  # fmt: skip
async def timeline(request: ApiRequest, redemption_id: PathId) -> Response[Timeline]:
    """Read what happened to a redemption, step by step."""
    me = request.member.member_id
    async with request.rt.db.read(request.tenant.id) as s:
        await queries.redemption(s, redemption_id, member_id=me)
        rows = await queries.timeline(s, redemption_id)
    return answer(Timeline([msgspec.convert(row, Step, from_attributes=True) for row in rows]))


@post("/me/redemptions/{redemption_id:uuid}/cancel", operation_id="cancelMyRedemption",
      operation_class=Write, opt=REDEEM, tags=TAGS, status_code=200)  # fmt: skip
async def cancel(request: ApiRequest, redemption_id: PathId) -> Response[Redemption]:
    """Give everything back, as long as the order was not sent to the supplier."""

    async def work(s: WriteSession, now: datetime) -> Redemption:
        me = request.member.member_id
        await operations.cancel(
            s, redemption_id=redemption_id, member_id=me, reason="member", now=now
        )
        return Redemption.of(await queries.redemption(s, redemption_id, member_id=me))

    return await once(request, work)


@get("/me/sign-ins", operation_id="listMySignIns", operation_class=Read, opt=READ, tags=TAGS)
async def sign_ins(request: ApiRequest) -> Response[SignIns]:
    """Read where the member is signed in."""
    me = request.member
    async with request.rt.db.read(me.tenant_id) as s:
        grants = await tokens.grants(s, member_id=me.member_id, now=request.real_now)
    browsers = await sessions.listing(
        request.rt.valkey, tenant_id=me.tenant_id, member_id=me.member_id, now=request.real_now
    )
    named = {app.client_id: app.name for app in request.snapshot[SecurityParameters].apps}
    apps = [
        App(
            id=g.id,
            client_id=g.client_id,
            name=named.get(g.client_id, g.client_id),
            scopes=list(g.scopes),
            created_at=g.created_at,
            last_used_at=g.last_used_at,
            current=g.id == me.grant_id,
        )
        for g in grants
    ]
    return answer(SignIns(apps, len(browsers)))


@delete("/me/sign-ins/{grant_id:uuid}", operation_id="endMySignIn", operation_class=Write,
        opt=WRITE, tags=TAGS, status_code=200)  # fmt: skip
async def end_sign_in(request: ApiRequest, grant_id: PathId) -> Response[SignedOut]:
    """Put one app out: its refresh token and its access tokens end now."""
    request.idempotency_key  # noqa: B018
    me = request.member
    async with request.rt.db.read(me.tenant_id) as s:
        grants = await tokens.grants(s, member_id=me.member_id, now=request.real_now)
    if grant_id not in {g.id for g in grants}:
        raise NotFoundError("There is no such sign-in.")
    await tokens.end_grant(
        request.rt, tenant_id=me.tenant_id, grant_id=grant_id, now=request.real_now
    )
    return answer(SignedOut(1))


@post("/me/sign-ins/end-browsers", operation_id="endMyBrowserSessions", operation_class=Write,
      opt=WRITE, tags=TAGS, status_code=200)  # fmt: skip
async def end_browsers(request: ApiRequest) -> Response[SignedOut]:
    """Sign out everywhere on the site. Doing it again ends nothing more."""
    request.idempotency_key  # noqa: B018
    me = request.member
    ended = await sessions.revoke_all(
        request.rt.valkey, tenant_id=me.tenant_id, member_id=me.member_id
    )
    return answer(SignedOut(ended))


HANDLERS = [
    quote, get_quote, place, listing, one, timeline, cancel, sign_ins, end_sign_in, end_browsers,
]  # fmt: skip
