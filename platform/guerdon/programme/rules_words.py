"""Rules over sections: words in every language, senders and looks that members can read."""

from collections.abc import Iterator, Mapping
from functools import lru_cache
from typing import Any, Final

from guerdon.catalogue.parameters import CatalogueParameters
from guerdon.identity.parameters import SecurityParameters
from guerdon.kit.paths import bundled
from guerdon.members.parameters import MemberParameters
from guerdon.notifications.parameters import NotificationParameters
from guerdon.parameters.sections import Finding, ProgrammeParameters, Sections
from guerdon.recommendations.parameters import RecommendationParameters
from guerdon.theming.colour import contrast
from guerdon.theming.palette import CONTROL
from guerdon.theming.parameters import BrandingParameters
from guerdon.theming.themes import choices
from guerdon.tiers.parameters import TierParameters

_WHITE: Final = "#ffffff"
# Ours come in every language that there is.
_OWN_PURPOSES: Final = MemberParameters().purposes


def _texts(sections: Sections) -> Iterator[tuple[str, Mapping[Any, Any]]]:
    """Every text per language that members read, with its path."""
    yield "programme.terms", sections[ProgrammeParameters].terms
    branding = sections[BrandingParameters]
    yield "branding.points_name", branding.points_name
    yield "branding.tagline", branding.tagline
    yield "branding.hero", branding.hero
    for n, category in enumerate(sections[CatalogueParameters].categories):
        yield f"catalogue.categories[{n}].name", category.name
    for n, tier in enumerate(sections[TierParameters].tiers):
        yield f"tiers.tiers[{n}].name", tier.name
    for n, purpose in enumerate(sections[MemberParameters].purposes):
        if purpose in _OWN_PURPOSES:
            continue
        yield f"members.purposes[{n}].title", purpose.title
        yield f"members.purposes[{n}].text", purpose.text
    for n, connection in enumerate(sections[SecurityParameters].connections):
        yield f"security.connections[{n}].title", connection.title
    recommendations = sections[RecommendationParameters]
    for n, placement in enumerate(recommendations.placements):
        yield f"recommendations.placements[{n}].name", placement.name
    for n, offer in enumerate(recommendations.offers):
        yield f"recommendations.offers[{n}].copy", offer.copy


def words_in_every_language(sections: Sections) -> Iterator[Finding]:
    """A text that exists is there in the default language, and better in all of them."""
    languages = sections[ProgrammeParameters].languages
    default = languages[0]
    for path, texts in _texts(sections):
        if not texts:
            continue
        if not texts.get(default):
            yield Finding(
                path,
                "default_language_missing",
                "The text in %(language)s is missing: it is what everybody sees for whom there is"
                " no other.",
                params={"language": default},
            )
            continue
        missing = [one for one in languages if not texts.get(one)]
        if missing:
            yield Finding(
                path,
                "language_missing",
                "There is no text in %(languages)s; members with that language would read"
                " %(default)s.",
                severity="warning",
                params={"languages": ", ".join(missing), "default": default},
            )
        unread = sorted(set(texts) - set(languages))
        if unread:
            yield Finding(
                path,
                "language_not_offered",
                "The text in %(languages)s is read by nobody: the programme does not offer that"
                " language. Add it to the languages or remove the text.",
                severity="warning",
                params={"languages": ", ".join(unread)},
            )


def senders(sections: Sections) -> Iterator[Finding]:
    """Who writes to members can be recognised, and answered."""
    told, programme = sections[NotificationParameters], sections[ProgrammeParameters]
    if told.sms_sender and told.sms and told.sms_sender.isdigit():
        yield Finding(
            "notifications.sms_sender",
            "sender_without_letter",
            "A sender of digits alone looks like a telephone number; networks ask for a letter.",
        )
    if told.sms_sender and not told.sms:
        yield Finding(
            "notifications.sms",
            "sms_sender_unused",
            "A sender of SMS is named, but nothing is sent by SMS.",
            severity="warning",
        )
    if programme.terms and not programme.support_email:
        yield Finding(
            "programme.support_email",
            "nobody_to_ask",
            "Members agree to terms and have no address to ask at; name one.",
            severity="warning",
        )


@lru_cache(maxsize=1)
def _themes() -> list[str]:
    """What the deployment has; it changes with a release only."""
    return sorted(choices(bundled("themes")))


def looks(sections: Sections) -> Iterator[Finding]:
    """The theme is there and the tiers' colours can be told from the page."""
    branding = sections[BrandingParameters]
    known = _themes()
    if branding.theme not in known:
        yield Finding(
            "branding.theme",
            "unknown_theme",
            "There is no theme %(theme)s; choose one of %(themes)s.",
            params={"theme": branding.theme, "themes": ", ".join(known)},
        )
    for n, tier in enumerate(sections[TierParameters].tiers):
        ratio = contrast(tier.colour, _WHITE)
        if ratio < CONTROL:
            yield Finding(
                f"tiers.tiers[{n}].colour",
                "unreadable_tier_colour",
                "%(colour)s has a contrast of %(ratio)s to 1 on a white page, and the tier's mark"
                " needs 3; choose a darker colour.",
                severity="warning",
                params={"colour": tier.colour, "ratio": f"{ratio:.1f}"},
            )


RULES: Final = (words_in_every_language, senders, looks)
