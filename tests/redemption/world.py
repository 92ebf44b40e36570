"""A brand with members, goods, suppliers and a payment provider, made by front doors."""

import os
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

import httpx2
import msgspec
from tests import calls

from guerdon.catalogue.operations import apply_products
from guerdon.catalogue.parameters import CatalogueParameters
from guerdon.catalogue.rules import price_rules
from guerdon.catalogue.schemas import ProductDefinition
from guerdon.earning.operations import earn
from guerdon.earning.schemas import Event
from guerdon.fulfilment.port import ShipTo
from guerdon.kit.ids import uuid7
from guerdon.kit.money import Money
from guerdon.members.operations import join
from guerdon.members.schemas import Member
from guerdon.plumbing import outbox
from guerdon.plumbing.runner import Ran, Runner
from guerdon.redemption import inbox, operations, queries
from guerdon.redemption.quotes import Wanted
from guerdon.redemption.schemas import Placed, Quote, Redemption
from guerdon.runtime import Runtime
from guerdon.tenancy.schemas import Tenant
from guerdon_workers.actors import all_handlers

SHIP_TO = ShipTo(
    name="Ana Souza",
    line1="1 Market Street",
    city="San Francisco",
    region="CA",
    postal_code="94103",
    country="US",
    phone="+14155550123",
)

SECTIONS: dict[str, Any] = {
    "programme": {"name": "Copper Kettle", "currency": "USD", "languages": ["en", "pt-BR", "es"]},
    "points": {"earn_factor": "1", "price_factor": "100", "minimum_points_share_percent": 10,
               "fee": {"flat_minor": 50, "percent": "0"}},
    "catalogue": {"margin_percent": "0",
                  "categories": [{"key": "drinks", "name": {"en": "Drinks"}}]},
    "payments": {"provider": "stripe", "statement": "COPPER KETTLE"},
    "fulfilment": {"suppliers": [
        {"key": "counter", "provider": "counter"},
        {"key": "amazon", "provider": "amazon_business", "region": "US",
         "buyer_email": "buyer@kettle.example", "buying_group": "1234",
         "contact_phone": "+14155550100"},
    ]},
}  # fmt: skip


def product(
    slug: str,
    *,
    price: str,
    stock: int | None,
    supplier: str = "counter",
    delivery: str = "counter",
    external_id: str | None = None,
) -> ProductDefinition:
    return msgspec.convert(
        {
            "slug": slug, "category": "drinks", "supplier": supplier, "currency": "USD",
            "texts": {"en": {"name": slug.title()}}, "delivery": delivery,
            "variants": [{"sku": slug.upper(), "price": price, "stock": stock,
                          "external_id": external_id}],
        },
        ProductDefinition,
    )  # fmt: skip


@dataclass
class World:
    """One tenant and what the tests do with it."""

    rt: Runtime
    worker: Runtime
    tenant: Tenant
    variants: dict[str, UUID] = field(default_factory=dict)
    hook_id: str = ""
    push_id: str = ""

    @property
    def now(self) -> datetime:
        return self.rt.clock.now()

    async def stock_up(self, *definitions: ProductDefinition) -> None:
        snapshot = await self.rt.snapshot(self.tenant.id, self.now)
        categories = {c.key: c for c in snapshot[CatalogueParameters].categories}
        async with self.rt.db.write(self.tenant.id) as s:
            await apply_products(
                s, definitions=definitions, categories=categories,
                rules=price_rules(snapshot), now=self.now,
            )  # fmt: skip
            for definition in definitions:
                sku = definition.variants[0].sku
                self.variants[definition.slug] = await s.value(
                    "SELECT id FROM app.product_variant"
                    " WHERE tenant_id = %(tenant_id)s AND sku = %(sku)s",
                    {"sku": sku},
                )

    async def member(self, points: int = 0, *, phone: str = "", language: str = "en") -> Member:
        member_id = uuid7()
        async with self.rt.db.write(self.tenant.id) as s:
            who = await join(
                s, id=member_id, email=f"{member_id.hex}@mail.example", name="Ana Souza",
                snapshot=await self.rt.snapshot(self.tenant.id, self.now), now=self.now,
                phone=phone, language=language, email_verified=True,
            )  # fmt: skip
        if points:
            await self.earn(who, points)
        return who

    async def earn(self, who: Member, points: int) -> None:
        await earn(
            self.rt,
            tenant_id=self.tenant.id,
            event=Event(
                account_id=who.account_id, member_id=who.id, source="test",
                event_id=str(uuid7()), amount=Money(points * 100, "USD"), occurred_at=self.now,
            ),
            now=self.now,
        )  # fmt: skip

    async def quote(self, who: Member, slug: str, *, points: int | None = None,
                    quantity: int = 1) -> Quote:  # fmt: skip
        async with self.rt.db.write(self.tenant.id) as s:
            return await operations.quote(
                self.rt, s, member_id=who.id, wanted=[Wanted(self.variants[slug], quantity)],
                points=points, language=who.language or "en", now=self.now,
            )  # fmt: skip

    async def place(self, who: Member, quote: Quote, *, key: str | None = None,
                    ship_to: ShipTo | None = None) -> Placed:  # fmt: skip
        return await operations.place(
            self.rt, tenant_id=self.tenant.id, member_id=who.id, quote_id=quote.id,
            ship_to=ship_to if ship_to or not quote.ships else SHIP_TO,
            language=who.language or "en", return_url=None,
            principal=f"member:{who.id}", key=key or str(uuid7()), now=self.now,
        )  # fmt: skip

    async def cancel(self, redemption_id: UUID, who: Member) -> None:
        async with self.rt.db.write(self.tenant.id) as s:
            await operations.cancel(
                s, redemption_id=redemption_id, member_id=who.id, reason="member", now=self.now
            )

    async def read(self, redemption_id: UUID) -> Redemption:
        async with self.rt.db.read(self.tenant.id) as s:
            return await queries.redemption(s, redemption_id)

    async def steps(self, redemption_id: UUID) -> list[str]:
        async with self.rt.db.read(self.tenant.id) as s:
            return [step.kind for step in await queries.timeline(s, redemption_id)]

    async def drain(self, *, soon_s: int = 0, rounds: int = 60) -> None:
        """Run what is due, as a worker would, until nothing is; `soon_s` looks ahead."""
        runner = Runner(self.worker, all_handlers(), attempts_max=5)
        for _ in range(rounds):
            async with self.rt.db.read(self.tenant.id) as s:
                due = await s.all(
                    UUID,
                    """
                    SELECT id FROM app.outbox
                     WHERE tenant_id = %(tenant_id)s AND done_at IS NULL AND parked_at IS NULL
                       AND next_at <= now() + make_interval(secs => %(soon)s)
                     ORDER BY next_at, id
                    """,
                    {"soon": soon_s},
                )
            if not due:
                return
            for message_id in due:
                await runner.run(self.tenant.id, message_id)

    async def run(self, topic: str) -> list[Ran]:
        """Run the undone messages of one topic now, whatever their time."""
        runner = Runner(self.worker, all_handlers(), attempts_max=5)
        async with self.rt.db.read(self.tenant.id) as s:
            wanted = [row.id for row in await outbox.waiting(s, limit=1000) if row.topic == topic]
        return [await runner.run(self.tenant.id, one) for one in wanted]

    async def violations(self, *, drained: bool = True) -> list[queries.Violation]:
        async with self.rt.db.read(self.tenant.id) as s:
            return await queries.violations(s, drained=drained)

    async def available(self, who: Member) -> int:
        async with self.rt.db.read(self.tenant.id) as s:
            value: int = await s.value(
                "SELECT posted - held FROM app.ledger_account"
                " WHERE tenant_id = %(tenant_id)s AND id = %(id)s",
                {"id": who.account_id},
            )
        return value

    async def left(self, slug: str) -> int:
        async with self.rt.db.read(self.tenant.id) as s:
            value: int = await s.value(
                "SELECT coalesce(sum(on_hand), 0) FROM app.product_stock"
                " WHERE tenant_id = %(tenant_id)s AND variant_id = %(id)s",
                {"id": self.variants[slug]},
            )
        return int(value)

    async def connect(self, *, api_key: str, webhook_secret: str, amazon_client: str) -> None:
        """Credentials at the peers, and an address for webhooks."""
        async with self.rt.db.write(self.tenant.id) as s:
            for name, value in {
                "payments.stripe.api_key": api_key,
                "payments.stripe.webhook_secret": webhook_secret,
                "fulfilment.amazon.client_id": amazon_client,
                "fulfilment.amazon.client_secret": "secret",
                "fulfilment.amazon.refresh_token": "Atzr|grant",
            }.items():
                await self.rt.secrets.put(s, name, value)
            self.hook_id = await inbox.open_hook(s, provider=inbox.STRIPE)
            self.push_id = await inbox.open_hook(s, provider=inbox.AMAZON_BUSINESS)


async def pay(url: str, card: str = "4242424242424242") -> int:
    """Fill the hosted page in, as a browser without JavaScript would."""
    form = {"number": card, "expiry": "12 / 34", "cvc": "123", "name": "Ana"}
    async with httpx2.AsyncClient(trust_env=False, verify=calls.NO_AUTHORITIES) as browser:
        return (await browser.post(url, data=form, follow_redirects=False)).status_code


RACES = int(os.environ.get("GUERDON_TEST_RACES", "2000"))
