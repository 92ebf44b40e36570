"""Co-branded cards: offered to nobody but the members whom a bank approved, with its variant."""

from datetime import datetime, timedelta
from typing import Final

from guerdon.kit.money import Money
from guerdon.recommendations.candidates import (
    ApprovedCard,
    Candidate,
    Found,
    Reason,
    ScorePart,
    SlateFacts,
    Value,
    Withheld,
)
from guerdon.recommendations.offers import Offer, Variant
from guerdon.recommendations.offers_of_kind import of_kind
from guerdon.recommendations.parameters import RecommendationParameters

_WORTH: Final = 800_000
_ENDING: Final = 100_000
_ENDING_DAYS: Final = 7


def candidates(facts: SlateFacts, parameters: RecommendationParameters) -> Found:
    """Every card: for whom a bank approved it, in the variant that it approved."""
    shown: list[Candidate] = []
    withheld: list[Withheld] = []
    approvals: dict[str, ApprovedCard] = {}
    for card in facts.approved_cards:
        if card.valid_until >= facts.today:
            approvals.setdefault(card.bank.casefold(), card)
    for offer in of_kind(parameters, "co_branded_card"):
        approval = approvals.get(offer.bank.casefold())
        if approval is None:
            withheld.append(Withheld("co_branded_card", offer.key, "not_pre_approved"))
            continue
        variant = next((v for v in offer.variants if v.key == approval.variant), None)
        if offer.variants and variant is None:
            params = {"variant": approval.variant}
            withheld.append(
                Withheld(
                    "co_branded_card", offer.key, "variant_not_offered", params, approval.variant
                )
            )
            continue
        shown.append(_candidate(offer, variant, approval, facts))
    return shown, withheld


def _candidate(
    offer: Offer, variant: Variant | None, approval: ApprovedCard, facts: SlateFacts
) -> Candidate:
    called = approval.variant if variant is None else _called(variant, facts.member.language)
    days = (approval.valid_until - facts.today).days
    limit = approval.limit_minor
    personal: dict[str, Value] = {
        "bank": offer.bank,
        "variant": called,
        "until": approval.valid_until,
        # The brand's words may ask for it, whether the bank said one or not.
        "limit": "" if limit is None else Money(limit, approval.currency),
    }
    after = approval.valid_until + timedelta(days=1)
    return Candidate(
        kind="co_branded_card",
        offer=offer.key,
        variant=approval.variant if variant is not None else None,
        reason=Reason("approved_card", personal),
        parts=(
            ScorePart("approved", _WORTH),
            ScorePart("ending", _ENDING if days < _ENDING_DAYS else 0),
        ),
        generated_at=approval.imported_at,
        expires_at=datetime(after.year, after.month, after.day, tzinfo=facts.zone),
        personal=personal,
    )


def _called(variant: Variant, language: str) -> str:
    named = {str(known): name for known, name in variant.name.items()}
    return named.get(language) or named.get("en") or next(iter(named.values()), variant.key)
