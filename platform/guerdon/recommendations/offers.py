"""What can be recommended: offers, their variants and their words."""

from collections import Counter
from collections.abc import Iterator, Mapping
from datetime import date
from typing import Annotated, Literal
from urllib.parse import urlsplit

import msgspec
from msgspec import Meta, field

from guerdon.parameters.sections import PER_LANGUAGE, Finding, Language, field_meta
from guerdon.recommendations.blanks import known_blanks, unknown_blanks
from guerdon.recommendations.eligibility import check_rule

Kind = Literal["co_branded_card", "ancillary", "club", "catalogue"]
KINDS: dict[Kind, str] = {
    "co_branded_card": "co-branded card",
    "ancillary": "ancillary product",
    "club": "club package",
    "catalogue": "product of the catalogue",
}

# What can be added to a journey; which of them makes sense follows from the ticket.
Product = Literal[
    "baggage", "seat", "travel_insurance", "hotel", "car_rental", "ride_credit", "theme_parks",
    "excursions", "cruise",
]  # fmt: skip
PRODUCTS: dict[str, str] = {
    "baggage": "baggage",
    "seat": "seat",
    "travel_insurance": "travel insurance",
    "hotel": "hotel",
    "car_rental": "car rental",
    "ride_credit": "ride credit",
    "theme_parks": "theme parks",
    "excursions": "excursions",
    "cruise": "cruise",
}
ContextKind = Literal["itinerary", "stay", "policy", "basket"]
CONTEXTS: dict[str, str] = {
    "itinerary": "ticket",
    "stay": "hotel booking",
    "policy": "insurance policy",
    "basket": "basket",
}
Cabin = Literal["economy", "premium_economy", "business", "first"]
CABINS: dict[str, str] = {
    "economy": "economy",
    "premium_economy": "premium economy",
    "business": "business",
    "first": "first",
}

Key = Annotated[str, Meta(pattern=r"^[a-z0-9]([_.-]?[a-z0-9]){0,59}$")]
CategoryKey = Annotated[str, Meta(pattern=r"^[a-z0-9]([_-]?[a-z0-9]){0,39}$")]
# 0 to 100 with up to four digits after the point; 0 itself is refused by a rule with a reason.
Factor = Annotated[str, Meta(pattern=r"^(100(\.0{1,4})?|\d{1,2}(\.\d{1,4})?)$")]
# Who may see it, in the programme's rule language. Empty: everybody.
Eligibility = Annotated[str, Meta(max_length=2000)]
Names = Annotated[dict[Language, Annotated[str, Meta(max_length=80)]], PER_LANGUAGE]


class Copy(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The words of one language."""

    title: Annotated[str, field_meta("Title", min_length=1, max_length=80)]
    text: Annotated[str, field_meta("Text", max_length=400)] = ""
    call_to_action: Annotated[str, field_meta("Button", max_length=40)] = ""


Copies = Annotated[dict[Language, Copy], PER_LANGUAGE]


class Lifespan(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How long something may be recommended. Days are the programme's; what is empty is no limit.

    The period is half-open: `valid_to` is the first day on which it is not shown any more.
    """

    valid_from: Annotated[date | None, field_meta("First day", risk="medium")] = None
    valid_to: Annotated[
        date | None, field_meta("Ends on", "The first day without it.", risk="medium")
    ] = None
    age_days_max: Annotated[
        Annotated[int, Meta(ge=1, le=3650)] | None,
        field_meta(
            "Oldest", "Days since the recommendation was generated.", unit="days", risk="medium"
        ),
    ] = None
    impressions_max: Annotated[
        Annotated[int, Meta(ge=1, le=10**9)] | None,
        field_meta("Shown at most", "Over its whole life, to all members.", unit="times"),
    ] = None

    def check(self, at: str) -> Iterator[Finding]:
        if self.valid_from and self.valid_to and self.valid_from >= self.valid_to:
            yield Finding(
                f"{at}.valid_to",
                "empty_period",
                "It would end on %(end)s, before its first day %(start)s is over; set a later end.",
                params={"end": str(self.valid_to), "start": str(self.valid_from)},
            )


class Caps(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How much of one offer a member, or everybody, gets to see."""

    impressions_per_day: Annotated[
        Annotated[int, Meta(ge=1, le=10**9)] | None,
        field_meta("Shown a day", "To all members together.", unit="times"),
    ] = None
    impressions_per_member: Annotated[
        Annotated[int, Meta(ge=1, le=10_000)] | None,
        field_meta("Shown to one member", "Over its whole life.", unit="times"),
    ] = None
    accepted_max: Annotated[
        Annotated[int, Meta(ge=1, le=10**9)] | None,
        field_meta("Taken up at most", "By all members together.", unit="times", risk="medium"),
    ] = None


class Variant(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One form of an offer, as a card's International, Gold, Platinum and Infinite."""

    key: Annotated[Key, field_meta("Key")]
    name: Annotated[Names, field_meta("Name", "Text per language.")]
    enabled: Annotated[bool, field_meta("Enabled", risk="medium")] = True
    weight: Annotated[
        int, field_meta("Weight", "Its share among the variants.", risk="medium", ge=0, le=100)
    ] = 50
    eligibility: Annotated[Eligibility, field_meta("For whom", risk="medium")] = ""
    copy: Annotated[Copies, field_meta("Words")] = field(default_factory=dict)


class Package(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What a club's package costs and brings; the arithmetic that a member is shown."""

    price_minor: Annotated[
        int,
        field_meta("Price a month", unit="minor units", risk="high", ge=0, le=10**9),
    ]
    points_a_month: Annotated[
        int, field_meta("Points a month", unit="points", risk="high", ge=0, le=10**9)
    ]
    months_min: Annotated[
        int, field_meta("Shortest stay", unit="months", risk="medium", ge=0, le=60)
    ] = 0


class Offer(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One thing that can be recommended."""

    key: Annotated[Key, field_meta("Key", "Names it in reports; never changes.")]
    kind: Annotated[Kind, field_meta("Kind", risk="medium", labels=KINDS)]
    enabled: Annotated[bool, field_meta("Enabled", risk="medium")] = True
    name: Annotated[Names, field_meta("Name", "Text per language.")] = field(default_factory=dict)
    category: Annotated[
        str,
        field_meta(
            "Category",
            "Counted by the caps of its kind.",
            pattern=r"^([a-z0-9]([_-]?[a-z0-9]){0,39})?$",
        ),
    ] = ""
    product: Annotated[
        Product | None,
        field_meta(
            "Ancillary",
            "Shown where it makes sense; empty: wherever its contexts are.",
            risk="medium",
            labels=PRODUCTS,
        ),
    ] = None
    contexts: Annotated[
        tuple[ContextKind, ...],
        field_meta(
            "After buying",
            "Of an ancillary product. Empty: after any purchase.",
            risk="medium",
            max_length=4,
            labels=CONTEXTS,
        ),
    ] = ()
    sku: Annotated[
        str, field_meta("Product", "SKU, where the offer is a product.", max_length=60)
    ] = ""
    url: Annotated[
        str,
        field_meta(
            "Leads to",
            "An https:// address, or a path of the member site such as /catalogue. Empty: its"
            " product, else a mail to your support.",
            risk="medium",
            max_length=500,
        ),
    ] = ""
    bank: Annotated[str, field_meta("Bank", "Issuer of a co-branded card.", max_length=80)] = ""
    package: Annotated[Package | None, field_meta("Package", "Of a club.", risk="high")] = None
    weight: Annotated[
        int, field_meta("Weight", "Its share among its kind.", risk="medium", ge=0, le=100)
    ] = 50
    factor: Annotated[
        Factor, field_meta("Factor", "Multiplies its score.", unit="×", risk="high")
    ] = "1"
    eligibility: Annotated[Eligibility, field_meta("For whom", risk="medium")] = ""
    lifespan: Annotated[Lifespan, field_meta("Lifespan")] = Lifespan()
    caps: Annotated[Caps, field_meta("Caps")] = Caps()
    variants: Annotated[tuple[Variant, ...], field_meta("Variants", max_length=20)] = ()
    copy: Annotated[Copies, field_meta("Words")] = field(default_factory=dict)

    def check(self, at: str) -> Iterator[Finding]:
        yield from self.lifespan.check(f"{at}.lifespan")
        yield from check_rule(self.eligibility, f"{at}.eligibility")
        if is_zero(self.factor):
            yield zero_factor(f"{at}.factor")
        if self.kind == "co_branded_card" and not self.bank:
            yield Finding(
                f"{at}.bank", "bank_missing", "A co-branded card names the bank that issues it."
            )
        if self.kind == "club" and self.package is None:
            yield Finding(
                f"{at}.package",
                "package_missing",
                "A club has a package: its price, its points a month and its shortest stay.",
            )
        if self.kind != "ancillary" and (self.product is not None or self.contexts):
            yield Finding(
                f"{at}.product" if self.product is not None else f"{at}.contexts",
                "not_ancillary",
                "Only an ancillary product follows from a purchase; change the kind or empty this.",
            )
        if self.kind == "catalogue" and not self.sku:
            yield Finding(
                f"{at}.sku", "product_missing", "An offer of the catalogue names its product's SKU."
            )
        if self.url and not leads_somewhere(self.url):
            yield Finding(
                f"{at}.url",
                "bad_address",
                "It leads to https:// and a host, or to a path that begins with one /.",
            )
        if self.variants:
            yield from self._check_variants(f"{at}.variants")
        yield from self._check_blanks(at)

    def _check_blanks(self, at: str) -> Iterator[Finding]:
        """A blank that nothing fills would be read by members as it stands."""
        known = known_blanks(self.kind, self.product)
        copies = [(f"{at}.copy", self.copy)]
        copies += [(f"{at}.variants[{n}].copy", v.copy) for n, v in enumerate(self.variants)]
        for path, copy in copies:
            for language, words in copy.items():
                for name in unknown_blanks(
                    f"{words.title} {words.text} {words.call_to_action}", known
                ):
                    yield Finding(
                        f"{path}.{language}",
                        "unknown_blank",
                        "Nothing fills the blank {%(blank)s} here; it can be %(known)s.",
                        params={"blank": name, "known": ", ".join(sorted(known))},
                    )

    def _check_variants(self, at: str) -> Iterator[Finding]:
        yield from duplicates((v.key for v in self.variants), at)
        for place, variant in enumerate(self.variants):
            yield from check_rule(variant.eligibility, f"{at}[{place}].eligibility")
            if not any(variant.name.values()):
                yield Finding(f"{at}[{place}].name", "no_name", "A variant needs a name.")
        live = [variant for variant in self.variants if variant.enabled]
        if self.enabled and live and not any(variant.weight for variant in live):
            yield Finding(
                at,
                "weightless_variants",
                "Every enabled variant has weight 0, so none could be chosen; give one a weight"
                " or disable the offer.",
            )


def leads_somewhere(url: str) -> bool:
    """Whether it is an address that a member's browser may be sent to: https, or a path of ours."""
    if any(c.isspace() or c == "\\" or ord(c) < 32 for c in url):
        return False
    try:
        parts = urlsplit(url)
    except ValueError:
        return False
    if url.startswith("/"):
        return not parts.netloc
    return parts.scheme == "https" and bool(parts.hostname) and parts.username is None


def called(names: Mapping[Language, str], language: str) -> str:
    """The name in a language, else in English, else any; empty without one."""
    named = {str(known): name for known, name in names.items()}
    return named.get(language) or named.get("en") or next(iter(named.values()), "")


def is_zero(number: str) -> bool:
    """Whether a decimal text is nought."""
    return not number.strip("0.")


def zero_factor(path: str) -> Finding:
    """A factor that would take away what `enabled` is there for."""
    return Finding(path, "zero_factor", "A factor of 0 hides everything; disable it instead.")


def duplicates(keys: Iterator[str], at: str) -> Iterator[Finding]:
    """A finding for each key that stands more than once."""
    for key, times in Counter(keys).items():
        if times > 1:
            yield Finding(
                at,
                "duplicate_key",
                "The key %(key)s stands %(times)s times; give each its own.",
                params={"key": key, "times": times},
            )
