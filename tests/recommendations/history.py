"""A brand's year of views and redemptions, written as rows: the doors would take an hour."""

from collections.abc import Iterable
from datetime import UTC, datetime
from uuid import UUID, uuid5

import psycopg
from tests.recommendations.structured import Events

_SPACE = UUID("7c9e6679-7425-40de-944b-e07fc1f90ae7")


class History:
    """Rows of one tenant; ids follow from the tenant, so that two tenants share none."""

    def __init__(self, admin_dsn: str, tenant_id: UUID, *, members: int, products: int) -> None:
        self._dsn = admin_dsn
        self._tenant_id = tenant_id
        self.members = [self._id("member", n) for n in range(members)]
        self.products = [self._id("product", n) for n in range(products)]
        self.skus = [f"SKU-{n}" for n in range(products)]

    def _id(self, kind: str, n: int) -> UUID:
        return uuid5(_SPACE, f"{self._tenant_id} {kind} {n}")

    def write(self, events: Events) -> None:
        """Members and products, and what happened."""
        with psycopg.connect(self._dsn, dbname="guerdon_test") as link:
            # Neither keys nor triggers: the rows stand for a year of work of the whole product.
            link.execute("SET session_replication_role = replica")
            with link.cursor() as cursor:
                self._copy(cursor, "member", "id, account_id, number, email, email_norm, name,"
                    " language, joined_at, updated_at", (
                    (m, m, f"{n:012}", f"{n}@x.example", f"{n}@x.example", "M", "en", _T, _T)
                    for n, m in enumerate(self.members)))  # fmt: skip
                self._copy(cursor, "product", "id, slug, category, supplier, cost_currency,"
                    " cost_minor, status, valid_from, delivery, texts, fingerprint, changed_at", (
                    (p, f"p{n}", "home", "own", "USD", 100, "published", _T, "parcel", "{}",
                     b"", _T)
                    for n, p in enumerate(self.products)))  # fmt: skip
                self._copy(cursor, "product_variant", "id, product_id, position, sku, cost_minor", (
                    (p, p, 0, self.skus[n], 100) for n, p in enumerate(self.products)))  # fmt: skip
                columns = (events.member, events.product, events.at, events.redeemed)
                told = list(zip(*(column.tolist() for column in columns), strict=True))
                self._copy(cursor, "recommendation_event", "id, at, type, member_id, kind, sku,"
                    " parameters_version", (
                    (self._id("view", n), datetime.fromtimestamp(at, UTC), "view", self.members[m],
                     "catalogue", self.skus[p], 1)
                    for n, (m, p, at, redeemed) in enumerate(told) if not redeemed))  # fmt: skip
                bought = [(n, m, p, at) for n, (m, p, at, redeemed) in enumerate(told) if redeemed]
                self._copy(cursor, "redemption", "id, number, member_id, account_id, quote_id,"
                    " supplier, points, money_minor, fee_minor, currency, parameters_version,"
                    " state, points_leg, money_leg, order_leg, stock_leg, language, placed_at,"
                    " confirmed_at", (
                    (self._id("redemption", n), f"R{n:07}", self.members[m], self.members[m],
                     self._id("quote", n), "own", 1, 0, 0, "USD", 1, "settled", "posted", "none",
                     "placed", "taken", "en", datetime.fromtimestamp(at, UTC), _T)
                    for n, m, _, at in bought))  # fmt: skip
                self._copy(cursor, "redemption_line", "redemption_id, line, variant_id, sku,"
                    " supplier_sku, title, quantity, points, money_minor, cost_minor,"
                    " cost_currency, fx_rate", (
                    (self._id("redemption", n), 1, self.products[p], self.skus[p], self.skus[p],
                     "{}", 1, 1, 0, 100, "USD", 1)
                    for n, _, p, _ in bought))  # fmt: skip

    def execute(self, sql: str, *values: object) -> None:
        """A change of rows, with `%s` first for the tenant."""
        with psycopg.connect(self._dsn, dbname="guerdon_test") as link:
            link.execute("SET session_replication_role = replica")
            link.execute(sql.encode(), (self._tenant_id, *values))

    def _copy(
        self,
        cursor: "psycopg.Cursor[tuple[object, ...]]",
        table: str,
        columns: str,
        rows: Iterable[tuple[object, ...]],
    ) -> None:
        statement = f"COPY app.{table} (tenant_id, {columns}) FROM STDIN"
        with cursor.copy(statement.encode()) as copy:
            for row in rows:
                copy.write_row((self._tenant_id, *row))


_T = datetime(2025, 12, 1, tzinfo=UTC)
