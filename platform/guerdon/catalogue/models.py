"""The catalogue's tables, described for the drift check."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import (
    BigInteger,
    Boolean,
    ForeignKeyConstraint,
    Index,
    Integer,
    LargeBinary,
    SmallInteger,
    Text,
    UniqueConstraint,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB, TIMESTAMP
from sqlalchemy.orm import Mapped, mapped_column

from guerdon.plumbing.models import Base

_WORD = Text(collation="C")
_PRODUCT = ["app.product.tenant_id", "app.product.id"]


class CatalogueStateRow(Base):
    """The revision of a tenant's catalogue."""

    __tablename__ = "catalogue_state"
    __table_args__ = {"schema": "app"}
    tenant_id: Mapped[UUID] = mapped_column(primary_key=True)
    revision: Mapped[int] = mapped_column(BigInteger, server_default="1")


class ProductRow(Base):
    """A product: what a member sees on one page."""

    __tablename__ = "product"
    __table_args__ = (
        UniqueConstraint("tenant_id", "slug"),
        Index(
            "product_by_cost", "tenant_id", "category", "cost_currency", "cost_minor", "id",
            postgresql_where=text("status = 'published'"),
        ),
        Index(
            "product_by_feature", "tenant_id", "featured", "id",
            postgresql_where=text("status = 'published'"),
        ),
        Index("product_by_change", "tenant_id", "changed_at", "id"),
        Index(
            "product_by_age", "tenant_id", "published_at", "id",
            postgresql_where=text("status = 'published'"),
        ),
        {"schema": "app"},
    )  # fmt: skip
    tenant_id: Mapped[UUID] = mapped_column(primary_key=True)
    id: Mapped[UUID] = mapped_column(primary_key=True)
    slug: Mapped[str] = mapped_column(Text)
    category: Mapped[str] = mapped_column(Text)
    supplier: Mapped[str] = mapped_column(Text)
    cost_currency: Mapped[str] = mapped_column(Text)
    cost_minor: Mapped[int] = mapped_column(BigInteger)
    status: Mapped[str] = mapped_column(Text)
    valid_from: Mapped[datetime] = mapped_column(TIMESTAMP(timezone=True))
    valid_to: Mapped[datetime | None] = mapped_column(TIMESTAMP(timezone=True))
    delivery: Mapped[str] = mapped_column(Text)
    delivery_days_min: Mapped[int] = mapped_column(SmallInteger, server_default="0")
    delivery_days_max: Mapped[int] = mapped_column(SmallInteger, server_default="0")
    return_days: Mapped[int] = mapped_column(SmallInteger, server_default="0")
    featured: Mapped[int] = mapped_column(Integer, server_default="0")
    texts: Mapped[dict[str, Any]] = mapped_column(JSONB)
    fingerprint: Mapped[bytes] = mapped_column(LargeBinary)
    published_at: Mapped[datetime | None] = mapped_column(TIMESTAMP(timezone=True))
    changed_at: Mapped[datetime] = mapped_column(TIMESTAMP(timezone=True))
    row_version: Mapped[int] = mapped_column(Integer, server_default="1")


class ProductVariantRow(Base):
    """A SKU: what is ordered. `offer` is the supplier's word for the offer that was picked."""

    __tablename__ = "product_variant"
    __table_args__ = (
        UniqueConstraint("tenant_id", "sku"),
        ForeignKeyConstraint(["tenant_id", "product_id"], _PRODUCT),
        Index("product_variant_product", "tenant_id", "product_id", "position"),
        {"schema": "app"},
    )  # fmt: skip
    tenant_id: Mapped[UUID] = mapped_column(primary_key=True)
    id: Mapped[UUID] = mapped_column(primary_key=True)
    product_id: Mapped[UUID]
    position: Mapped[int] = mapped_column(SmallInteger)
    sku: Mapped[str] = mapped_column(Text)
    external_id: Mapped[str | None] = mapped_column(Text)
    offer: Mapped[str | None] = mapped_column(Text)
    restriction: Mapped[str | None] = mapped_column(Text)
    cost_minor: Mapped[int] = mapped_column(BigInteger)
    label: Mapped[dict[str, Any]] = mapped_column(JSONB, server_default=text("'{}'"))
    unlimited: Mapped[bool] = mapped_column(Boolean, server_default=text("false"))
    active: Mapped[bool] = mapped_column(Boolean, server_default=text("true"))


class ProductStockRow(Base):
    """Pieces on hand, in slots, so that buyers of one variant rarely wait for each other."""

    __tablename__ = "product_stock"
    __table_args__ = (
        ForeignKeyConstraint(
            ["tenant_id", "variant_id"],
            ["app.product_variant.tenant_id", "app.product_variant.id"],
        ),
        {"schema": "app"},
    )
    tenant_id: Mapped[UUID] = mapped_column(primary_key=True)
    variant_id: Mapped[UUID] = mapped_column(primary_key=True)
    slot: Mapped[int] = mapped_column(SmallInteger, primary_key=True, autoincrement=False)
    on_hand: Mapped[int] = mapped_column(Integer)


class ProductPictureRow(Base):
    """A picture of a product, in order; `file` is a name in the tenant's file store."""

    __tablename__ = "product_picture"
    __table_args__ = (
        ForeignKeyConstraint(["tenant_id", "product_id"], _PRODUCT),
        {"schema": "app"},
    )  # fmt: skip
    tenant_id: Mapped[UUID] = mapped_column(primary_key=True)
    product_id: Mapped[UUID] = mapped_column(primary_key=True)
    position: Mapped[int] = mapped_column(SmallInteger, primary_key=True, autoincrement=False)
    file: Mapped[str] = mapped_column(Text)
    alt: Mapped[dict[str, Any]] = mapped_column(JSONB, server_default=text("'{}'"))


class ProductWordRow(Base):
    """A folded word of a product's texts and its weight."""

    __tablename__ = "product_word"
    __table_args__ = (
        ForeignKeyConstraint(["tenant_id", "product_id"], _PRODUCT),
        Index("product_word_product", "tenant_id", "product_id"),
        {"schema": "app"},
    )  # fmt: skip
    tenant_id: Mapped[UUID] = mapped_column(primary_key=True)
    word: Mapped[str] = mapped_column(_WORD, primary_key=True)
    product_id: Mapped[UUID] = mapped_column(primary_key=True)
    weight: Mapped[int] = mapped_column(SmallInteger)


class SearchFormRow(Base):
    """A word under one of its forms."""

    __tablename__ = "search_form"
    __table_args__ = {"schema": "app"}
    tenant_id: Mapped[UUID] = mapped_column(primary_key=True)
    form: Mapped[str] = mapped_column(_WORD, primary_key=True)
    word: Mapped[str] = mapped_column(_WORD, primary_key=True)


class CatalogueImportRow(Base):
    """A file of products on its way into the catalogue."""

    __tablename__ = "catalogue_import"
    __table_args__ = (
        Index("catalogue_import_time", "tenant_id", text("created_at DESC"), "id"),
        {"schema": "app"},
    )
    tenant_id: Mapped[UUID] = mapped_column(primary_key=True)
    id: Mapped[UUID] = mapped_column(primary_key=True)
    file_name: Mapped[str] = mapped_column(Text)
    size_bytes: Mapped[int] = mapped_column(BigInteger)
    state: Mapped[str] = mapped_column(Text)
    position: Mapped[int] = mapped_column(BigInteger, server_default="0")
    line: Mapped[int] = mapped_column(Integer, server_default="0")
    seen: Mapped[bytes] = mapped_column(LargeBinary, server_default=text("''"))
    totals: Mapped[dict[str, Any]] = mapped_column(JSONB)
    checked_totals: Mapped[dict[str, Any] | None] = mapped_column(JSONB)
    errors: Mapped[list[Any]] = mapped_column(JSONB, server_default=text("'[]'"))
    fault: Mapped[str | None] = mapped_column(Text)
    fault_field: Mapped[str | None] = mapped_column(Text)
    created_by: Mapped[str] = mapped_column(Text)
    created_at: Mapped[datetime] = mapped_column(TIMESTAMP(timezone=True))
    applied_by: Mapped[str | None] = mapped_column(Text)
    changed_at: Mapped[datetime] = mapped_column(TIMESTAMP(timezone=True))


class PriceListRow(Base):
    """Negotiated prices of one supplier for a time."""

    __tablename__ = "price_list"
    __table_args__ = (UniqueConstraint("tenant_id", "key"), {"schema": "app"})
    tenant_id: Mapped[UUID] = mapped_column(primary_key=True)
    id: Mapped[UUID] = mapped_column(primary_key=True)
    key: Mapped[str] = mapped_column(Text)
    supplier: Mapped[str] = mapped_column(Text)
    name: Mapped[str] = mapped_column(Text)
    currency: Mapped[str] = mapped_column(Text)
    valid_from: Mapped[datetime] = mapped_column(TIMESTAMP(timezone=True))
    valid_to: Mapped[datetime | None] = mapped_column(TIMESTAMP(timezone=True))
    fingerprint: Mapped[bytes] = mapped_column(LargeBinary)
    changed_at: Mapped[datetime] = mapped_column(TIMESTAMP(timezone=True))
    row_version: Mapped[int] = mapped_column(Integer, server_default="1")


class PriceListLineRow(Base):
    """A negotiated unit price from a quantity on."""

    __tablename__ = "price_list_line"
    __table_args__ = (
        ForeignKeyConstraint(
            ["tenant_id", "price_list_id"], ["app.price_list.tenant_id", "app.price_list.id"]
        ),
        ForeignKeyConstraint(
            ["tenant_id", "variant_id"],
            ["app.product_variant.tenant_id", "app.product_variant.id"],
        ),
        Index("price_list_line_variant", "tenant_id", "variant_id"),
        {"schema": "app"},
    )
    tenant_id: Mapped[UUID] = mapped_column(primary_key=True)
    price_list_id: Mapped[UUID] = mapped_column(primary_key=True)
    variant_id: Mapped[UUID] = mapped_column(primary_key=True)
    min_quantity: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    unit_minor: Mapped[int] = mapped_column(BigInteger)
