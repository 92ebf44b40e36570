"""Sections: typed groups of parameters, each owned by the feature that reads it.

A section is a msgspec Struct. Its fields carry title, help, bounds (`msgspec.Meta`) and, in
`extra_json_schema`, unit and risk class; its JSON Schema draws the form, the same Struct
validates. Decimals are strings: `DecimalText`.
"""

import hashlib
import re
from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence
from decimal import Decimal
from typing import Annotated, Any, ClassVar, Literal, NamedTuple, TypeVar, cast
from zoneinfo import ZoneInfo, available_timezones

import msgspec
from msgspec import Meta

from guerdon.kit.errors import InvalidError
from guerdon.parameters.secret_texts import may_hold_a_secret, secret_texts
from guerdon.parameters.type_errors import type_fault
from guerdon.plumbing.db import ReadSession

Severity = Literal["error", "warning"]
Risk = Literal["low", "medium", "high"]
Area = Literal["brand", "commercial", "catalogue", "payments", "technical", "security"]
Language = Literal["en", "pt-BR", "es"]

# A decimal as people write it: no exponent, no sign, at most 9 digits after the point.
DecimalText = Annotated[str, Meta(pattern=r"^\d{1,9}(\.\d{1,9})?$")]
Percent = Annotated[str, Meta(pattern=r"^(100|\d{1,2}(\.\d{1,4})?)$")]
# Marks what stands once per language, which JSON Schema cannot say.
PER_LANGUAGE = Meta(extra_json_schema={"x-per": "language"})
Texts = Annotated[dict[Language, str], PER_LANGUAGE]

KEEP_IT_SEALED = (
    "This looks like a secret. Keep it under Secrets, where nobody can read it; here everybody"
    " who may see parameters would."
)


def field_meta(
    title: str,
    description: str = "",
    *,
    unit: str = "",
    risk: Risk = "low",
    area: Area | None = None,
    labels: Mapping[str, str] | None = None,
    secret: bool = False,
    **bounds: Any,
) -> Meta:
    """`Meta` for a parameter: what the form shows, how risky a change is, who may propose it.

    `area` overrides the section's for this field and what is inside it; `labels` are words for
    the values of a choice; `secret` marks a field that holds the name of a kept secret.
    """
    extra: dict[str, Any] = {"x-risk": risk}
    if unit:
        extra["x-unit"] = unit
    if area is not None:
        extra["x-area"] = area
    if labels is not None:
        extra["x-labels"] = dict(labels)
    if secret:
        extra["x-secret"] = True
    return Meta(title=title, description=description, extra_json_schema=extra, **bounds)


class Finding(msgspec.Struct, frozen=True):
    """What validation says of a configuration. `path` names the field, as `tiers.tiers[1].key`.

    `message` is English and can be translated as it stands; what varies stands in `params` and is
    named in it, as `%(tier)s`. An error cannot be published; a warning can.
    """

    path: str
    code: str
    message: str
    severity: Severity = "error"
    params: dict[str, str | int] = {}

    def text(self, translate: Callable[[str], str] = str) -> str:
        """The message with its parameters, in the language of `translate`."""
        message = translate(self.message)
        return message % self.params if self.params else message


class Section(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Base of all sections; `section` is its name in tenant.toml and in the API."""

    section: ClassVar[str]
    title: ClassVar[str] = ""
    area: ClassVar[Area] = "commercial"
    # False while what will read the section is still to come.
    built: ClassVar[bool] = True

    def check(self) -> Iterator[Finding]:
        """Rules that no single field can express; paths start at the section's name."""
        return iter(())


S = TypeVar("S", bound=Section)


class Sections:
    """Every section of one content: `sections[TierParameters]`."""

    __slots__ = ("by_type",)

    def __init__(self, by_type: Mapping[type[Section], Section]) -> None:
        self.by_type = by_type

    def __getitem__(self, section: type[S]) -> S:
        return cast(S, self.by_type[section])


# What a brand has, as plain data or typed.
Content = Mapping[str, Any] | Sections

# A rule over several sections; paths of its findings start at a section's name.
Rule = Callable[[Sections], Iterator[Finding]]


class Change(NamedTuple):
    """What a brand would go over to. `before` is None for its first version."""

    before: Sections | None
    after: Sections


# A rule that asks the brand's own data: what members hold, what products need.
LiveRule = Callable[[ReadSession, Change], Awaitable[list[Finding]]]


class Rules(NamedTuple):
    """Every rule that spans sections."""

    of_content: Sequence[Rule] = ()
    of_change: Sequence[LiveRule] = ()


NO_RULES = Rules()


def is_mail_address(text: str) -> bool:
    """Whether `text` looks like the address of a mailbox."""
    return re.fullmatch(r"[^@\s<>,;]+@[^@\s<>,;.]+(\.[^@\s<>,;.]+)+", text) is not None


class ProgrammeParameters(Section, frozen=True):
    """What the programme is, where and in which languages."""

    section: ClassVar[str] = "programme"
    title: ClassVar[str] = "Programme"

    name: Annotated[str, field_meta("Name", min_length=1, max_length=80)] = "Rewards"
    legal_name: Annotated[str, field_meta("Legal entity", max_length=200)] = ""
    currency: Annotated[
        str, field_meta("Currency", "ISO 4217 code.", risk="high", pattern="^[A-Z]{3}$")
    ] = "USD"
    time_zone: Annotated[
        str,
        field_meta("Time zone", "Days, tiers and expiry follow it.", risk="medium", max_length=64),
    ] = "UTC"
    languages: Annotated[
        tuple[Language, ...], field_meta("Languages", "The first is the default.", min_length=1)
    ] = ("en",)
    support_email: Annotated[str, field_meta("Support address", max_length=200)] = ""
    terms_version: Annotated[
        str, field_meta("Version of the terms", risk="medium", min_length=1, max_length=40)
    ] = "1"
    terms: Annotated[Texts, field_meta("Terms", "Text per language.")] = {}

    @property
    def zone(self) -> ZoneInfo:
        """The programme's time zone."""
        return ZoneInfo(self.time_zone)

    def check(self) -> Iterator[Finding]:
        if self.time_zone not in available_timezones():
            yield Finding(
                "programme.time_zone",
                "unknown_time_zone",
                "%(zone)s is no time zone.",
                params={"zone": self.time_zone},
            )
        if len(set(self.languages)) != len(self.languages):
            yield Finding("programme.languages", "duplicate_language", "A language stands twice.")
        if self.support_email and not is_mail_address(self.support_email):
            yield Finding(
                "programme.support_email",
                "bad_email",
                "%(address)s is no mail address; it looks like help@brand.example.",
                params={"address": self.support_email},
            )


class InvalidParametersError(InvalidError):
    """The parameters break rules; `findings` names each."""

    code = "invalid_parameters"
    title = "The parameters cannot be accepted"

    def __init__(self, findings: Sequence[Finding]) -> None:
        first = findings[0]
        super().__init__(f"{first.path}: {first.text()}", field=first.path)
        self.findings = tuple(findings)


class Registry:
    """The sections of the product, by name and by type, and the rules that span them."""

    def __init__(
        self,
        sections: Sequence[type[Section]],
        rules: Sequence[Rule] = (),
        live_rules: Sequence[LiveRule] = (),
    ) -> None:
        every: list[type[Section]] = [ProgrammeParameters, *sections]
        self.by_name: dict[str, type[Section]] = {s.section: s for s in every}
        self._rules = tuple(rules)
        self._live_rules = tuple(live_rules)
        if len(self.by_name) != len(sections) + 1:
            raise ValueError("two sections share a name")

    def convert(self, content: Mapping[str, Any]) -> dict[type[Section], Section]:
        """Typed sections from plain data; an absent section has its defaults.

        Types and bounds only, as for what was published before a rule was made. Raises
        InvalidParametersError with one error of each section.
        """
        findings: list[Finding] = []
        decoded: dict[type[Section], Section] = {}
        for unknown in sorted(set(content) - set(self.by_name)):
            findings.append(Finding(unknown, "unknown_section", "There is no such section."))
        for name, kind in self.by_name.items():
            try:
                decoded[kind] = msgspec.convert(content.get(name, {}), kind)
            except msgspec.ValidationError as error:
                fault = type_fault(error)
                findings.append(
                    Finding(name + fault.place, fault.code, fault.message, params={**fault.params})
                )
        if findings:
            raise InvalidParametersError(findings)
        return decoded

    def review(self, decoded: Mapping[type[Section], Section]) -> list[Finding]:
        """Everything the rules say of these sections, errors and warnings."""
        findings: list[Finding] = []
        for section in decoded.values():
            findings.extend(section.check())
        sections = Sections(decoded)
        for rule in self._rules:
            findings.extend(rule(sections))
        if may_hold_a_secret(self._json(decoded)):
            for path in secret_texts(self.encode(decoded)):
                findings.append(Finding(path, "looks_like_a_secret", KEEP_IT_SEALED))
        return findings

    async def review_change(
        self, s: ReadSession, before: Content | None, after: Content
    ) -> list[Finding]:
        """What the brand's own data say to going over from `before` to `after`.

        Beside `review`, not in its place. Raises InvalidParametersError for a wrong type.
        """
        change = Change(None if before is None else self._typed(before), self._typed(after))
        return [found for rule in self._live_rules for found in await rule(s, change)]

    def decode(self, content: Mapping[str, Any]) -> dict[type[Section], Section]:
        """Typed sections from plain data that break no rule; warnings are let pass.

        Raises InvalidParametersError with every type error, else with every broken rule.
        """
        decoded = self.convert(content)
        errors = [f for f in self.review(decoded) if f.severity == "error"]
        if errors:
            raise InvalidParametersError(errors)
        return decoded

    def encode(self, sections: Mapping[type[Section], Section]) -> dict[str, Any]:
        """Plain data, every section and field present."""
        plain: dict[str, Any] = msgspec.json.decode(self._json(sections))
        return plain

    def _json(self, sections: Mapping[type[Section], Section]) -> bytes:
        typed = {name: sections[kind] for name, kind in sorted(self.by_name.items())}
        return msgspec.json.encode(typed)

    def _typed(self, content: Content) -> Sections:
        return content if isinstance(content, Sections) else Sections(self.convert(content))


def content_hash(content: Mapping[str, Any]) -> bytes:
    """SHA-256 of the canonical JSON of a version's content."""
    return hashlib.sha256(msgspec.json.encode(content, order="deterministic")).digest()


def decimal(text: str) -> Decimal:
    """The number in a `DecimalText` or `Percent`."""
    return Decimal(text)
