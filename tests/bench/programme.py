"""A programme to measure on: the demo's first brand, members with points and quotes to redeem."""

import tomllib
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import psycopg

from guerdon.catalogue.stock import count_stock
from guerdon.earning import operations as earning
from guerdon.earning.schemas import Event
from guerdon.fulfilment.port import ShipTo
from guerdon.identity import api_keys
from guerdon.identity.policy import API_SCOPES
from guerdon.kit.ids import uuid7
from guerdon.kit.money import Money
from guerdon.kit.paths import bundled
from guerdon.ledger.verify import verify
from guerdon.members import operations as members
from guerdon.plumbing.db import Database
from guerdon.programme import SECTIONS
from guerdon.programme.folder import apply_folder, read_folder
from guerdon.redemption import operations as redemption
from guerdon.redemption.quotes import Wanted
from guerdon.redemption.schemas import Quote
from guerdon.runtime import Runtime, open_runtime
from guerdon.settings import Settings
from guerdon.tenancy.schemas import Tenant

MEMBERS = 2_000
LOTS = 3
POINTS = 2_000_000
QUOTED_PRODUCTS = 20
ADDRESS = ShipTo(
    name="Ana Lima",
    line1="Rua Augusta 100",
    city="São Paulo",
    region="SP",
    postal_code="01304-000",
    country="BR",
)
_QUOTE_LIFE = timedelta(hours=6)


@dataclass
class Programme:
    """What the measurements need to know."""

    rt: Runtime
    tenant: Tenant
    api_key: str
    currency: str
    member_ids: list[UUID]
    quotes: int = 0

    @property
    def host(self) -> str:
        return self.tenant.canonical_host

    def headers(self) -> dict[str, str]:
        """Of every API call."""
        return {"host": self.host, "authorization": f"Bearer {self.api_key}"}

    def quote_id(self, n: int) -> UUID:
        """The n-th quote; pgbench's script builds the same id from the same number."""
        return UUID(f"019a0000-0000-7000-8000-{n:012x}")

    def quote_member(self, n: int) -> UUID:
        """Whose the n-th quote is."""
        return self.member_ids[n % len(self.member_ids)]


@asynccontextmanager
async def programme(settings: Settings) -> AsyncIterator[Programme]:
    """The brand with its members, through the product's own operations."""
    async with open_runtime(settings, role="app", sections=SECTIONS, pool_size=8) as rt:
        now = rt.clock.now()
        path = sorted((bundled("tenants") / "demo").glob("*/tenant.toml"))[0].parent
        folder = read_folder(path)
        tenant = (await apply_folder(rt, folder, author="bench", now=now)).tenant
        content = tomllib.loads((path / "tenant.toml").read_text())
        # The limits stay on, and are high enough never to be met.
        folder.sections["integrations"] = {
            **folder.sections.get("integrations", {}),
            "requests_per_minute": 10_000_000,
        }
        folder.sections.setdefault("catalogue", {})["quote_lifetime_s"] = 3600
        await apply_folder(rt, folder, author="bench", now=rt.clock.now())
        async with rt.db.write(tenant.id) as s:
            issued = await api_keys.create(
                s, name="Bench", scopes=tuple(API_SCOPES), mode="live", now=now
            )
        made = Programme(rt, tenant, issued.secret, content["programme"]["currency"], [])
        emails = [f"member{n}@bench.example" for n in range(MEMBERS)]
        made.member_ids = await join_and_grant(made, emails, POINTS, now)
        yield made


async def join_and_grant(p: Programme, emails: list[str], points: int, now: datetime) -> list[UUID]:
    """Members, each with `points` in every one of a few lots."""
    snapshot = await p.rt.snapshot(p.tenant.id, now)
    accounts: dict[UUID, UUID] = {}
    for start in range(0, len(emails), 200):
        async with p.rt.db.write(p.tenant.id) as s:
            for email in emails[start : start + 200]:
                name = email.partition("@")[0].capitalize()
                member = await members.join(
                    s, id=uuid7(), email=email, name=name, language="en", snapshot=snapshot, now=now
                )
                accounts[member.id] = member.account_id
    joined = list(accounts)
    for lot in range(LOTS):
        for start in range(0, len(joined), 500):
            given = await earning.earn_many(
                p.rt,
                tenant_id=p.tenant.id,
                now=p.rt.clock.now(),
                events=[
                    Event(
                        account_id=accounts[member_id],
                        member_id=member_id,
                        occurred_at=now - timedelta(days=30 * lot + 1),
                        source="bench",
                        event_id=f"start-{lot}-{member_id}",
                        points=points,
                        rule="grant",
                    )
                    for member_id in joined[start : start + 500]
                ],
            )
            assert not [g.code for g in given if g.code]
    return joined


async def published_variants(p: Programme) -> list[UUID]:
    """Variants on offer, always the same ones, with more pieces than a bench takes."""
    async with p.rt.db.write(p.tenant.id) as s:
        variants = await s.all(
            UUID,
            "SELECT v.id FROM app.product_variant v JOIN app.product p"
            " ON p.tenant_id = v.tenant_id AND p.id = v.product_id"
            " WHERE v.tenant_id = %(tenant_id)s AND v.active AND p.status = 'published'"
            " ORDER BY v.id LIMIT %(n)s",
            {"n": QUOTED_PRODUCTS},
        )
        for variant in variants:
            await count_stock(s, variant_id=variant, on_hand=1_000_000)
    return variants


async def quoted(p: Programme, member_id: UUID, variants: list[UUID], now: datetime) -> list[Quote]:
    """A quote for one piece of each, all in points."""
    async with p.rt.db.write(p.tenant.id) as s:
        return [
            await redemption.quote(
                p.rt,
                s,
                member_id=member_id,
                wanted=[Wanted(variant, 1)],
                points=None,
                language="en",
                now=now,
            )
            for variant in variants
        ]


async def add_quotes(p: Programme, count: int) -> range:
    """`count` more quotes to redeem: copies of quotes that the product made, one per product."""
    now = p.rt.clock.now()
    made = await quoted(p, p.member_ids[0], await published_variants(p), now)
    templates = [quote.id for quote in made]
    first, p.quotes = p.quotes, p.quotes + count
    async with p.rt.db.write(p.tenant.id) as s:
        await s.value("SELECT set_config('statement_timeout', '0', true)")
        copied = await s.execute(
            """
            INSERT INTO app.quote (tenant_id, id, member_id, account_id, supplier, points,
                money_minor, fee_minor, currency, parameters_version, tier, ships, lines,
                created_at, expires_at)
            SELECT q.tenant_id,
                   ('019a0000-0000-7000-8000-' || lpad(to_hex(n), 12, '0'))::uuid,
                   m.id, m.account_id, q.supplier, q.points, q.money_minor, q.fee_minor,
                   q.currency, q.parameters_version, q.tier, q.ships, q.lines, q.created_at,
                   %(until)s
              FROM generate_series(%(first)s::bigint, %(last)s::bigint) n
              JOIN app.quote q ON q.tenant_id = %(tenant_id)s
               AND q.id = (%(templates)s::uuid[])[1 + n %% cardinality(%(templates)s::uuid[])]
              JOIN app.member m ON m.tenant_id = %(tenant_id)s
               AND m.id = (%(members)s::uuid[])[1 + n %% cardinality(%(members)s::uuid[])]
            """,
            {
                "first": first,
                "last": p.quotes - 1,
                "templates": templates,
                "members": p.member_ids,
                "until": now + _QUOTE_LIFE,
            },
        )
    assert copied == count
    return range(first, p.quotes)


@asynccontextmanager
async def recorded() -> AsyncIterator[list[tuple[str, Mapping[str, Any]]]]:
    """The statements and parameters of every `Database.call` inside."""
    calls: list[tuple[str, Mapping[str, Any]]] = []
    original = Database.call

    async def call(self: Database, tenant_id: UUID, row: Any, sql: str, params: Any) -> Any:
        calls.append((sql, {"tenant_id": tenant_id, **params}))
        return await original(self, tenant_id, row, sql, params)

    Database.call = call  # type: ignore[method-assign,assignment]
    try:
        yield calls
    finally:
        Database.call = original  # type: ignore[method-assign]


def script(
    dsn: str, call: tuple[str, Mapping[str, Any]], varying: Mapping[str, str], head: str
) -> str:
    """A pgbench script: the application's own statement, `varying` parameters as expressions."""
    sql, params = call
    for name, expression in varying.items():
        assert f"%({name})s" in sql, name
        sql = sql.replace(f"%({name})s", expression.replace("%", "%%"))
    with psycopg.connect(dsn) as link:
        text = psycopg.ClientCursor(link).mogrify(sql, params)
    # A colon before a letter would be a variable of pgbench.
    body = " ".join(text.split()).replace('":', '": ')
    return f"{head}\n{body};\n"


def uuids(ids: list[UUID]) -> str:
    """An array literal."""
    return "'{" + ",".join(map(str, ids)) + "}'::uuid[]"


async def one_earn(p: Programme) -> None:
    """An earn as the API makes it."""
    now = p.rt.clock.now()
    await earning.earn(
        p.rt,
        tenant_id=p.tenant.id,
        now=now,
        event=Event(
            whose=earning.Whose(member_id=p.member_ids[0]),
            occurred_at=now - timedelta(minutes=5),
            source="bench",
            event_id=f"probe-{uuid7()}",
            key=f"probe-{uuid7()}",
            amount=Money(4990, p.currency),
        ),
    )


async def place(p: Programme, member_id: UUID, quote_id: UUID) -> None:
    """A redemption as the API makes it."""
    await redemption.place(
        p.rt,
        tenant_id=p.tenant.id,
        member_id=member_id,
        quote_id=quote_id,
        ship_to=ADDRESS,
        language="en",
        return_url=None,
        principal=f"key:{uuid7()}",
        key=str(uuid7()),
        now=p.rt.clock.now(),
    )


async def proved(p: Programme) -> list[str]:
    """What is wrong with the ledger after all of it."""
    async with p.rt.db.read(p.tenant.id) as s:
        report = await verify(s)
    return [str(f) for f in report.findings]
