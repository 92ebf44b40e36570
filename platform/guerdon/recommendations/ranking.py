"""Products for one member: by the brand's model where there is one, else by what its members redeem
most, with what the member did lately laid over either."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from uuid import UUID

import msgspec

from guerdon.catalogue.cards import Reader
from guerdon.catalogue.parameters import CatalogueParameters
from guerdon.catalogue.rules import price_rules
from guerdon.parameters.sections import ProgrammeParameters
from guerdon.parameters.snapshot import Snapshot
from guerdon.recommendations import catalogue
from guerdon.recommendations.candidates import Found, SlateFacts
from guerdon.recommendations.contexts import Basket
from guerdon.recommendations.figures import Popular
from guerdon.recommendations.overlay import AT_HAND_MAX, IN_BASKET, LOOKED_AT, Ranked, overlaid
from guerdon.recommendations.personal import Personal, personal
from guerdon.recommendations.products import Products, Shown
from guerdon.recommendations.reading import Known
from guerdon.recommendations.steering import Steering
from guerdon.runtime import Runtime


class ProductsFound(msgspec.Struct, frozen=True):
    """Candidates of the kind `catalogue`, the products by SKU, the model's version."""

    found: Found
    of_sku: Mapping[str, Shown]
    model: str


async def products_for(
    rt: Runtime,
    shelves: Products,
    *,
    snapshot: Snapshot,
    steering: Steering,
    member: Known,
    facts: SlateFacts,
    popular: Sequence[Popular],
    held: bool,
    looking_at: str | None = None,
) -> ProductsFound:
    """What of the catalogue could be offered. `held`: the member sees the baseline. `looking_at`:
    the SKU of the product whose page it is."""
    tenant_id = snapshot.tenant_id
    reader = Reader(
        rules=price_rules(snapshot),
        categories=tuple(c.key for c in snapshot[CatalogueParameters].categories),
        language=facts.member.language,
        fallback=snapshot[ProgrammeParameters].languages[0],
        tier=member.tier,
        now=facts.now,
    )
    model = await personal(rt, tenant_id)
    ranked, own, made_at = _ranked(model, facts, popular, held=held)
    because = catalogue.NO_REASONS
    at_hand = _at_hand(facts, looking_at)
    if (member.lately or at_hand) and not held:
        known = await shelves.of(
            tenant_id,
            version=snapshot.version,
            reader=reader,
            ids=(),
            skus=[*member.lately, *at_hand],
        )
        ranked, because = overlaid(
            ranked,
            member.lately,
            known.by_sku,
            similar=model.similar if model is not None else _no_neighbours,
            own=own,
            now=facts.now,
            at_hand=at_hand,
        )
    shelf = await shelves.of(
        tenant_id,
        version=snapshot.version,
        reader=reader,
        ids=[i for i, _ in ranked[: catalogue.LISTED]],
        skus=steering.of_sku,
    )
    found = catalogue.candidates(
        facts, steering, ranked=ranked, personal=own, made_at=made_at,
        by_id=shelf.by_id, by_sku=shelf.by_sku, because=because,
    )  # fmt: skip
    return ProductsFound(found, shelf.shown, str(model.version) if model is not None else "")


def _ranked(
    model: Personal | None, facts: SlateFacts, popular: Sequence[Popular], *, held: bool
) -> tuple[Ranked, bool, datetime | None]:
    """Products best first, whether they are this member's own, and how old the model is."""
    if model is None:
        return catalogue.popular_scores(popular), False, None
    if facts.member.profiled and not held:
        own = model.top(facts.member.id)
        if own:
            return own, True, model.made_at
    return model.trending() or model.popular(), False, model.made_at


def _at_hand(facts: SlateFacts, looking_at: str | None) -> Mapping[str, str]:
    """SKUs of what is looked at or in the basket, each with the reason for what goes with it."""
    found: dict[str, str] = {}
    if isinstance(facts.context, Basket):
        found = dict.fromkeys([item.sku for item in facts.context.items[:AT_HAND_MAX]], IN_BASKET)
    if looking_at is not None:
        found = {looking_at: LOOKED_AT} | {s: why for s, why in found.items() if s != looking_at}
    return found


def _no_neighbours(_: UUID) -> Ranked:
    return ()
