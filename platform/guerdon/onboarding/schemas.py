"""What a sign-up knows so far, as it is kept between two pages."""

from datetime import datetime
from typing import Final, Literal
from uuid import UUID

import msgspec

from guerdon.catalogue.schemas import ProductDefinition
from guerdon.onboarding.companies import Company
from guerdon.tenancy.terms import Accepted

State = Literal["open", "founding", "founded", "expired"]
# In the order in which they are asked; a later one may need an earlier one's answer.
STEPS: Final = ("company", "terms", "brand", "blueprint", "look", "points", "catalogue", "review")


class BrandName(msgspec.Struct, frozen=True):
    """What the brand is called; its short name stands in the draft's own column."""

    name: str
    language: str


class Style(msgspec.Struct, frozen=True):
    """How the brand looks: its colour, its logo in the operator's file store, and the colours
    that were found in it."""

    colour: str
    logo: str = ""
    found: tuple[str, ...] = ()


class PointsChoice(msgspec.Struct, frozen=True):
    """What points are called, in what money, how they are earned and asked."""

    one: str
    other: str
    currency: str
    earn_factor: str
    price_factor: str


class CatalogueChoice(msgspec.Struct, frozen=True):
    """Where rewards come from: the blueprint's, a file of the owner's, looked through, or goods
    of the supplier as they were when they were chosen."""

    source: Literal["blueprint", "file", "supplier"]
    upload_id: UUID | None = None
    file_name: str = ""
    products: int = 0
    refused: int = 0
    goods: tuple[ProductDefinition, ...] = ()


class Answers(msgspec.Struct, frozen=True, omit_defaults=True):
    """The answers given so far, by step."""

    person: str = ""
    company: Company | None = None
    terms: Accepted | None = None
    brand: BrandName | None = None
    blueprint: str = ""
    look: Style | None = None
    points: PointsChoice | None = None
    catalogue: CatalogueChoice | None = None


class Draft(msgspec.Struct, frozen=True):
    """A sign-up as it stands."""

    id: UUID
    brand_id: UUID
    email_norm: str
    language: str
    state: State
    slug: str | None
    answers: Answers
    fault: str
    created_at: datetime
    changed_at: datetime
    expires_at: datetime
    founded_at: datetime | None
