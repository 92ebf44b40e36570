"""Sections: typed groups of parameters, each owned by the feature that reads it.

A section is a msgspec Struct. Its fields carry title, help, bounds (`msgspec.Meta`) and, in
`extra_json_schema`, unit and risk class; its JSON Schema draws the form, the same Struct
validates. Decimals are strings: `DecimalText`.
"""

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal
from typing import Annotated, Any, ClassVar, Literal
from zoneinfo import ZoneInfo, available_timezones

import msgspec
from msgspec import Meta

from guerdon.kit.errors import InvalidError

Severity = Literal["error", "warning"]
Risk = Literal["low", "medium", "high"]
Language = Literal["en", "pt-BR", "es"]

# A decimal as people write it: no exponent, no sign, at most 9 digits after the point.
DecimalText = Annotated[str, Meta(pattern=r"^\d{1,9}(\.\d{1,9})?$")]
Percent = Annotated[str, Meta(pattern=r"^(100|\d{1,2}(\.\d{1,4})?)$")]
Texts = dict[Language, str]


def field_meta(
    title: str, description: str = "", *, unit: str = "", risk: Risk = "low", **bounds: Any
) -> Meta:
    """`Meta` for a parameter: what the form shows and how risky a change is."""
    extra = {"x-risk": risk} | ({"x-unit": unit} if unit else {})
    return Meta(title=title, description=description, extra_json_schema=extra, **bounds)


class Finding(msgspec.Struct, frozen=True):
    """What validation says of a configuration. `path` names the field, as `tiers.tiers[1].key`."""

    path: str
    code: str
    message: str
    severity: Severity = "error"


class Section(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Base of all sections; `section` is its name in tenant.toml and in the API."""

    section: ClassVar[str]
    title: ClassVar[str] = ""

    def check(self) -> Iterator[Finding]:
        """Rules that no single field can express; paths start at the section's name."""
        return iter(())


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
                "programme.time_zone", "unknown_time_zone", f"{self.time_zone!r} is no time zone."
            )
        if len(set(self.languages)) != len(self.languages):
            yield Finding("programme.languages", "duplicate_language", "A language stands twice.")


class InvalidParametersError(InvalidError):
    """The parameters break rules; `findings` names each."""

    code = "invalid_parameters"
    title = "The parameters cannot be accepted"

    def __init__(self, findings: Sequence[Finding]) -> None:
        first = findings[0]
        super().__init__(f"{first.path}: {first.message}", field=first.path)
        self.findings = tuple(findings)


class Registry:
    """The sections of the product, by name and by type."""

    def __init__(self, sections: Sequence[type[Section]]) -> None:
        every: list[type[Section]] = [ProgrammeParameters, *sections]
        self.by_name: dict[str, type[Section]] = {s.section: s for s in every}
        if len(self.by_name) != len(sections) + 1:
            raise ValueError("two sections share a name")

    def decode(self, content: Mapping[str, Any]) -> dict[type[Section], Section]:
        """Typed sections from plain data; an absent section has its defaults.

        Raises InvalidParametersError with every type error and every broken rule.
        """
        findings: list[Finding] = []
        decoded: dict[type[Section], Section] = {}
        for unknown in sorted(set(content) - set(self.by_name)):
            findings.append(Finding(unknown, "unknown_section", "There is no such section."))
        for name, kind in self.by_name.items():
            try:
                decoded[kind] = msgspec.convert(content.get(name, {}), kind)
            except msgspec.ValidationError as error:
                reason, _, where = str(error).partition(" - at `$")
                path = name + where.removesuffix("`")
                findings.append(Finding(path, "wrong_type", reason))
        for section in decoded.values():
            findings.extend(section.check())
        errors = [f for f in findings if f.severity == "error"]
        if errors:
            raise InvalidParametersError(errors)
        return decoded

    def encode(self, sections: Mapping[type[Section], Section]) -> dict[str, Any]:
        """Plain data, every section and field present."""
        typed = {name: sections[kind] for name, kind in sorted(self.by_name.items())}
        plain: dict[str, Any] = msgspec.json.decode(msgspec.json.encode(typed))
        return plain


def content_hash(content: Mapping[str, Any]) -> bytes:
    """SHA-256 of the canonical JSON of a version's content."""
    return hashlib.sha256(msgspec.json.encode(content, order="deterministic")).digest()


def decimal(text: str) -> Decimal:
    """The number in a `DecimalText` or `Percent`."""
    return Decimal(text)
