"""A member's own view, for the brand's app: profile, points, catalogue."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

import msgspec
from litestar import Response, delete, get, patch, post, put
from litestar.params import JSONBody
from msgspec import UNSET, Meta, UnsetType

from guerdon.brand_api.catalogue import (
    Card,
    CategoryQuery,
    InStock,
    LanguageQuery,
    PointsMax,
    PointsMin,
    Product,
    SlugPath,
    SortQuery,
    TextQuery,
    reader_of,
)
from guerdon.brand_api.members import Export, Member
from guerdon.brand_api.points import (
    Balance,
    Explanation,
    Ladder,
    Lot,
    Lots,
    Transaction,
    ladder,
    today,
    wallet,
)
from guerdon.catalogue import queries as products
from guerdon.catalogue.cards import Reader
from guerdon.catalogue.schemas import Search
from guerdon.catalogue.search import search
from guerdon.identity.policy import member_token
from guerdon.kit.paging import PAGE_SIZE_DEFAULT, Page
from guerdon.ledger import queries as ledger
from guerdon.members import addresses, consents, operations, personal_data, queries, schemas
from guerdon.plumbing.db import ReadSession, WriteSession
from guerdon.tiers import queries as tiers
from guerdon.wire.openapi import Read, Write
from guerdon.wire.parameters import Cursor, Limit, PathId
from guerdon.wire.requests import ApiRequest, answer, once
from guerdon.wire.values import In, Language, Name, Out, Phone

TAGS = ["Me"]
READ = {"policy": member_token("me:read")}
WRITE = {"policy": member_token("me:write")}


class ProfileChange(In, frozen=True, omit_defaults=True):
    """What changes; what is absent stays."""

    name: Name | UnsetType = UNSET
    phone: Phone | UnsetType = UNSET
    language: Language | UnsetType = UNSET


class AddressIn(In, frozen=True):
    """A postal address, checked against its country's rules."""

    recipient: Name
    line1: Annotated[str, Meta(max_length=120)]
    country: Annotated[str, Meta(pattern="^[A-Za-z]{2}$")]
    line2: Annotated[str, Meta(max_length=120)] = ""
    district: Annotated[str, Meta(max_length=80)] = ""
    city: Annotated[str, Meta(max_length=80)] = ""
    region: Annotated[str, Meta(max_length=80)] = ""
    postal_code: Annotated[str, Meta(max_length=20)] = ""
    phone: Phone = ""
    label: Annotated[str, Meta(max_length=60)] = ""
    is_default: bool = False

    def address(self) -> schemas.Address:
        """As the domain wants it."""
        plain = msgspec.structs.asdict(self)
        del plain["is_default"]
        return schemas.Address(**plain)


class Address(Out, frozen=True):
    """An address of the address book."""

    id: UUID
    recipient: str
    line1: str
    line2: str
    district: str
    city: str
    region: str
    postal_code: str
    country: str
    phone: str
    label: str
    is_default: bool

    @classmethod
    def of(cls, row: schemas.SavedAddress) -> "Address":
        """As the domain has it."""
        return msgspec.convert(row, cls, from_attributes=True)


class Addresses(Out, frozen=True):
    """The address book, the default first."""

    items: list[Address]


class Consent(Out, frozen=True):
    """What the member last said about a purpose."""

    purpose: str
    granted: bool
    text_version: str
    given_at: datetime


class Consents(Out, frozen=True):
    """What the member said, by purpose."""

    items: list[Consent]


class ConsentsIn(In, frozen=True):
    """Purposes and whether the member agrees."""

    choices: Annotated[dict[str, bool], Meta(min_length=1, max_length=50)]


async def _me(s: ReadSession, request: ApiRequest) -> schemas.Member:
    return await queries.member(s, member_id=request.member.member_id)


async def _reader(s: ReadSession, request: ApiRequest, language: str | None) -> Reader:
    me = await _me(s, request)
    standing = await tiers.standing(
        s, account_id=me.account_id, snapshot=request.snapshot, now=request.now
    )
    return reader_of(
        request.snapshot, language=language or me.language, tier=standing.tier, now=request.now
    )


@get("/me", operation_id="getMe", operation_class=Read, opt=READ, tags=TAGS)
async def profile(request: ApiRequest) -> Response[Member]:
    """Read the member's profile."""
    async with request.rt.db.read(request.tenant.id) as s:
        return answer(Member.of(await _me(s, request)))


@patch("/me", operation_id="updateMe", operation_class=Write, opt=WRITE, tags=TAGS)
async def change(request: ApiRequest, data: JSONBody[ProfileChange]) -> Response[Member]:
    """Change the member's name, phone or language."""

    async def work(s: WriteSession, now: datetime) -> Member:
        changed = await operations.update(
            s,
            member_id=request.member.member_id,
            snapshot=request.snapshot,
            now=now,
            name=data.name,
            phone=data.phone,
            language=data.language,
        )
        return Member.of(changed)

    return await once(request, work, given=data)


@get("/me/balance", operation_id="getMyBalance", operation_class=Read, opt=READ, tags=TAGS)
async def balance(request: ApiRequest) -> Response[Balance]:
    """Read points and tier, as they are now."""
    async with request.rt.db.read(request.tenant.id) as s:
        me = await _me(s, request)
        found = await wallet(
            s, account_id=me.account_id, snapshot=request.snapshot, now=request.now
        )
    return answer(found)


@get("/me/tiers", operation_id="listMyTiers", operation_class=Read, opt=READ, tags=TAGS)
async def tier_ladder(request: ApiRequest) -> Response[Ladder]:
    """List the programme's tiers, the lowest first."""
    return answer(ladder(request.snapshot))


@get("/me/transactions", operation_id="listMyTransactions", operation_class=Read, opt=READ,
     tags=TAGS)  # fmt: skip
async def transactions(
    request: ApiRequest, cursor: Cursor = None, limit: Limit = PAGE_SIZE_DEFAULT
) -> Response[Page[Transaction]]:
    """List what moved the member's points, the latest first."""
    async with request.rt.db.read(request.tenant.id) as s:
        me = await _me(s, request)
        page = await ledger.history(s, account_id=me.account_id, cursor=cursor, limit=limit)
    return answer(Page([Transaction.of(row) for row in page.items], page.next_cursor))


@get("/me/transactions/{transaction_id:uuid}", operation_id="explainMyTransaction",
     operation_class=Read, opt=READ, tags=TAGS)  # fmt: skip
async def explain(request: ApiRequest, transaction_id: PathId) -> Response[Explanation]:
    """Read why a transaction is what it is."""
    async with request.rt.db.read(request.tenant.id) as s:
        me = await _me(s, request)
        found = await ledger.explain(s, txn_id=transaction_id, account_id=me.account_id)
    return answer(Explanation.of(found))


@get("/me/lots", operation_id="listMyLots", operation_class=Read, opt=READ, tags=TAGS)
async def lots(request: ApiRequest) -> Response[Lots]:
    """List the points that can be spent with their last days."""
    async with request.rt.db.read(request.tenant.id) as s:
        me = await _me(s, request)
        rows = await ledger.expiring(
            s, account_id=me.account_id, today=today(request.snapshot, request.now)
        )
    return answer(Lots([msgspec.convert(row, Lot, from_attributes=True) for row in rows]))


@get("/me/products", operation_id="searchMyProducts", operation_class=Read, opt=READ, tags=TAGS)
async def find(
    request: ApiRequest,
    text: TextQuery = "",
    category: CategoryQuery = None,
    points_min: PointsMin = None,
    points_max: PointsMax = None,
    in_stock: InStock = False,
    sort: SortQuery = "featured",
    language: LanguageQuery = None,
    cursor: Cursor = None,
    limit: Limit = PAGE_SIZE_DEFAULT,
) -> Response[Page[Card]]:
    """Search the catalogue at the member's prices, in the member's language."""
    wanted = Search(
        text=text,
        categories=category or (),
        points_min=points_min,
        points_max=points_max,
        in_stock=in_stock,
        sort=sort,
    )
    async with request.rt.db.read(request.tenant.id) as s:
        page = await search(
            s,
            find=wanted,
            reader=await _reader(s, request, language),
            cursor=cursor,
            limit=limit,
        )
    return answer(Page([Card.of(card) for card in page.items], page.next_cursor))


@get("/me/products/{slug:str}", operation_id="getMyProduct", operation_class=Read, opt=READ,
     tags=TAGS)  # fmt: skip
async def product(
    request: ApiRequest, slug: SlugPath, language: LanguageQuery = None
) -> Response[Product]:
    """Read a product at the member's price."""
    async with request.rt.db.read(request.tenant.id) as s:
        found = await products.product(s, slug=slug, reader=await _reader(s, request, language))
    return answer(Product.of(found))


@get("/me/addresses", operation_id="listMyAddresses", operation_class=Read, opt=READ, tags=TAGS)
async def address_book(request: ApiRequest) -> Response[Addresses]:
    """Read the address book."""
    async with request.rt.db.read(request.tenant.id) as s:
        rows = await addresses.listing(s, member_id=request.member.member_id)
    return answer(Addresses([Address.of(row) for row in rows]))


@post("/me/addresses", operation_id="addMyAddress", operation_class=Write, opt=WRITE, tags=TAGS)
async def add_address(request: ApiRequest, data: JSONBody[AddressIn]) -> Response[Address]:
    """Add an address; the first is the default."""

    async def work(s: WriteSession, now: datetime) -> Address:
        saved = await addresses.save(
            s,
            member_id=request.member.member_id,
            address=data.address(),
            now=now,
            make_default=data.is_default,
        )
        return Address.of(saved)

    return await once(request, work, given=data, status=201)


@put("/me/addresses/{address_id:uuid}", operation_id="replaceMyAddress", operation_class=Write,
     opt=WRITE, tags=TAGS)  # fmt: skip
async def replace_address(
    request: ApiRequest, address_id: PathId, data: JSONBody[AddressIn]
) -> Response[Address]:
    """Replace an address."""

    async def work(s: WriteSession, now: datetime) -> Address:
        saved = await addresses.save(
            s,
            member_id=request.member.member_id,
            address=data.address(),
            now=now,
            address_id=address_id,
            make_default=data.is_default,
        )
        return Address.of(saved)

    return await once(request, work, given=data)


@delete("/me/addresses/{address_id:uuid}", operation_id="removeMyAddress", operation_class=Write,
        opt=WRITE, tags=TAGS, status_code=200)  # fmt: skip
async def remove_address(request: ApiRequest, address_id: PathId) -> Response[Addresses]:
    """Delete an address; answers with what is left."""

    async def work(s: WriteSession, now: datetime) -> Addresses:
        me = request.member.member_id
        await addresses.remove(s, member_id=me, address_id=address_id)
        rows = await addresses.listing(s, member_id=me)
        return Addresses([Address.of(row) for row in rows])

    return await once(request, work)


async def _consents(s: ReadSession, request: ApiRequest) -> Consents:
    known = await consents.in_force(s, member_id=request.member.member_id)
    rows = [msgspec.convert(row, Consent, from_attributes=True) for row in known.values()]
    return Consents(sorted(rows, key=lambda row: row.purpose))


@get("/me/consents", operation_id="listMyConsents", operation_class=Read, opt=READ, tags=TAGS)
async def my_consents(request: ApiRequest) -> Response[Consents]:
    """Read what the member agreed to."""
    async with request.rt.db.read(request.tenant.id) as s:
        return answer(await _consents(s, request))


@put("/me/consents", operation_id="chooseMyConsents", operation_class=Write, opt=WRITE, tags=TAGS)
async def choose(request: ApiRequest, data: JSONBody[ConsentsIn]) -> Response[Consents]:
    """Say yes or no to purposes."""

    async def work(s: WriteSession, now: datetime) -> Consents:
        me = await _me(s, request)
        await consents.choose(
            s,
            member_id=me.id,
            choices=data.choices,
            snapshot=request.snapshot,
            language=me.language or "en",
            now=now,
        )
        return await _consents(s, request)

    return await once(request, work, given=data)


@get("/me/export", operation_id="exportMe", operation_class=Read, opt=READ, tags=TAGS)
async def export(request: ApiRequest) -> Response[Export]:
    """Read everything that is kept of the member."""
    async with request.rt.db.read(request.tenant.id) as s:
        files = await personal_data.export(s, member_id=request.member.member_id, now=request.now)
    return answer(Export(files))


HANDLERS = [
    profile, change, balance, tier_ladder, transactions, explain, lots, find, product, address_book,
    add_address, replace_address, remove_address, my_consents, choose, export,
]  # fmt: skip
