"""A slate as the API answers it.

What is said of an offer is the same for everybody of whom the same is true: it is written once and
kept as the bytes that go out. What was drawn is written anew.
"""

from collections import OrderedDict
from collections.abc import Mapping
from datetime import date, datetime
from typing import Any, Final, cast
from uuid import UUID

import msgspec

from guerdon.kit.money import Money as Amount
from guerdon.recommendations.candidates import ONE, Value
from guerdon.recommendations.offers import Kind
from guerdon.recommendations.scores import Source
from guerdon.recommendations.service import Answered, Item
from guerdon.recommendations.slate import SCORE_ONE, Arm
from guerdon.recommendations.wording import formats_of, words
from guerdon.theming.formats import Formats
from guerdon.wire.requests import ApiRequest
from guerdon.wire.values import Money, Out

_WRITTEN_MAX: Final = 10_000

Detail = str | int | Money


class Why(Out, frozen=True):
    """A reason: a code, what it speaks of, and the sentence."""

    code: str
    params: dict[str, Detail]
    text: str


class Part(Out, frozen=True):
    """A summand of the score before factors, as a decimal."""

    name: str
    value: str


class OfferedProduct(Out, frozen=True):
    """A product of the catalogue, priced for this member."""

    id: UUID
    slug: str
    sku: str
    name: str
    points: int
    picture: str | None


class _Said(Out, frozen=True):
    """What is said of an offer."""

    kind: Kind
    offer: str | None
    variant: str | None
    variant_name: str | None
    product: OfferedProduct | None
    title: str
    text: str
    call_to_action: str
    picture: str | None
    url: str | None
    details: dict[str, Detail]
    reason: Why


class _Drawn(Out, frozen=True):
    """What was drawn for this member, this time."""

    score: str
    score_parts: list[Part]
    factor: str
    weight: int | None
    explored: bool
    arm: Arm | None
    expires_at: datetime
    feedback_id: str


class Offered(Out, frozen=True):
    """One place of a slate. `score` is the sum of its parts times its factor.

    `arm` says whether the member sees the baseline, so that the lift can be measured. `url`: where
    the offer leads, an https address or a path of the member site.
    """

    kind: Kind
    offer: str | None
    variant: str | None
    variant_name: str | None
    product: OfferedProduct | None
    title: str
    text: str
    call_to_action: str
    picture: str | None
    url: str | None
    details: dict[str, Detail]
    reason: Why
    score: str
    score_parts: list[Part]
    factor: str
    weight: int | None
    explored: bool
    arm: Arm | None
    expires_at: datetime
    feedback_id: str


class Missing(Out, frozen=True):
    """Something that has no place, and why."""

    kind: Kind
    key: str
    variant: str | None
    code: str
    params: dict[str, Detail]


class Recommended(Out, frozen=True):
    """A slate, best first. `externalScores`: whether your own model's scores count, and of when."""

    slate_id: UUID
    placement: str
    heading: str
    language: str
    parameters_version: int
    model_version: str | None
    external_scores: Source
    items: list[Offered]
    missing: list[Missing] | None


def _details(values: Mapping[str, Value]) -> dict[str, Detail]:
    return {name: _detail(value) for name, value in values.items()}


def _detail(value: Value) -> Detail:
    if isinstance(value, Amount):
        return Money.of(value)
    return value.isoformat() if isinstance(value, date) else value


def decimal(value: int, one: int) -> str:
    """`value` out of `one`, a power of ten, without needless noughts."""
    whole, rest = divmod(abs(value), one)
    text = f"{whole}.{str(one + rest)[1:].rstrip('0')}" if rest else str(whole)
    return f"-{text}" if value < 0 else text


# Each with what it is about, so that no identity comes twice.
_written: OrderedDict[tuple[object, ...], tuple[bytes, object]] = OrderedDict()


def _said(item: Item, answered: Answered, formats: Formats) -> bytes:
    """What is said of an offer, without the last brace."""
    chosen, offer, product = item.chosen, item.chosen.offer, item.product
    candidate = chosen.candidate
    reason, personal = candidate.reason, candidate.personal
    key = (
        id(formats), id(offer), id(product), candidate.kind, chosen.variant, reason.code,
        tuple(personal.items()),
        None if reason.params is personal else tuple(reason.params.items()),
    )  # fmt: skip
    kept = _written.get(key)
    if kept is None:
        said = msgspec.json.encode(_words(item, answered, formats))[:-1]
        kept = _written[key] = (said, (formats, offer, product))
        if len(_written) > _WRITTEN_MAX:
            _written.popitem(last=False)
    return kept[0]


def _words(item: Item, answered: Answered, formats: Formats) -> _Said:
    chosen, said = item.chosen, words(item, language=answered.language, formats=formats)
    candidate, card = chosen.candidate, item.product.card if item.product else None
    return _Said(
        kind=candidate.kind,
        offer=candidate.offer or None,
        variant=chosen.variant or None,
        variant_name=said.variant_name or None,
        product=OfferedProduct(
            card.id, card.slug, item.product.sku, card.name, card.points, card.picture
        )
        if card and item.product
        else None,
        title=said.title,
        text=said.text,
        call_to_action=said.call_to_action,
        picture=card.picture if card else None,
        url=(chosen.offer.url if chosen.offer else "") or None,
        details=_details(candidate.personal),
        reason=Why(candidate.reason.code, _details(candidate.reason.params), said.reason),
    )


def _offered(item: Item, answered: Answered, formats: Formats) -> msgspec.Raw:
    """An `Offered`, written."""
    chosen = item.chosen
    candidate = chosen.candidate
    parts = [Part(part.name, decimal(part.value, ONE)) for part in candidate.parts]
    if chosen.base != candidate.base:
        parts = [Part("baseline", decimal(chosen.base, ONE))]
    drawn = _Drawn(
        score=decimal(chosen.score, SCORE_ONE),
        score_parts=parts,
        factor=decimal(chosen.factor, SCORE_ONE // ONE),
        weight=chosen.offer.weight if chosen.offer else None,
        explored=chosen.explored,
        arm=chosen.arm,
        expires_at=item.expires_at,
        feedback_id=item.feedback_id,
    )
    said = _said(item, answered, formats)
    return msgspec.Raw(b"%b,%b" % (said, msgspec.json.encode(drawn)[1:]))


def recommended(request: ApiRequest, answered: Answered, *, explain: bool) -> Recommended:
    """The slate in words."""
    formats = formats_of(request.snapshot, answered.language)
    names = {str(language): name for language, name in answered.placement.name.items()}
    items: list[Any] = [_offered(item, answered, formats) for item in answered.items]
    return Recommended(
        slate_id=answered.slate_id,
        placement=answered.placement.key,
        heading=names.get(answered.language) or next(iter(names.values()), ""),
        language=answered.language,
        parameters_version=answered.version,
        model_version=answered.model or None,
        external_scores=answered.scores,
        items=cast(list[Offered], items),
        missing=[
            Missing(w.kind, w.key, w.variant, w.code, _details(w.params)) for w in answered.withheld
        ]
        if explain
        else None,
    )
