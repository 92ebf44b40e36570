"""Which names a member site can have."""

import ipaddress
import re
from typing import Final

import idna
from publicsuffixlist import PublicSuffixList

from guerdon.domains.errors import DomainNameError
from guerdon.settings import Settings

_LABEL: Final = r"[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?"
_NAME: Final = re.compile(rf"(?=.{{4,253}}$)({_LABEL}\.)+[a-z]([a-z0-9-]{{0,61}}[a-z0-9])")
# The challenge's label is put in front of the name, which has to stay a name.
_LENGTH_MAX: Final = 253 - len("_guerdon-challenge.")
# Answered by the machine that asks, or by nobody: no proof in public can stand there.
_INWARD: Final = frozenset({"localhost", "local", "internal", "arpa", "onion", "invalid"})
_suffixes: Final = PublicSuffixList()


def normal(settings: Settings, domain: str) -> str:
    """The name in the form hosts are compared in (IDNA, lower case); DomainNameError if none."""
    text = domain.strip().rstrip(".")
    bare = text.removeprefix("[").removesuffix("]")
    if _is_address(bare):
        raise DomainNameError(
            "Give a name such as club.brand.example, not a network address.",
            field="domain",
            reason="address",
        )
    try:
        name = idna.encode(text, uts46=True, std3_rules=True).decode()
    except (idna.IDNAError, UnicodeError) as error:
        raise _malformed() from error
    if not _NAME.fullmatch(name) or len(name) > _LENGTH_MAX:
        raise _malformed() if "." in name or not name else _too_short(name)
    if name.rpartition(".")[2] in _INWARD:
        raise DomainNameError(
            f"Nobody outside can find {name}. Give a name that the whole internet knows.",
            field="domain",
            reason="malformed",
        )
    if any(_within(name, own) for own in _own(settings)):
        raise DomainNameError(
            "This name belongs to the platform. Give a domain of your own.",
            field="domain",
            reason="platform",
        )
    if _suffixes.privatesuffix(name) is None:
        raise DomainNameError(
            f"Under {name} everybody registers domains of their own. Give yours, such as"
            f" club.brand.{name}.",
            field="domain",
            reason="public_suffix",
        )
    return name


def shown(name: str) -> str:
    """The name as people write it."""
    try:
        return idna.decode(name)
    except idna.IDNAError:
        return name


def home(settings: Settings, slug: str) -> str:
    """The host that every brand has from the start."""
    return f"{slug}.{settings.base_domain}"


def _own(settings: Settings) -> list[str]:
    hosts = (settings.base_host, settings.console_authority, settings.staff_authority,
             settings.hooks_authority, settings.ask_host)  # fmt: skip
    return [host.partition(":")[0].lower() for host in hosts if host]


def _within(name: str, own: str) -> bool:
    return name == own or name.endswith(f".{own}")


def _is_address(text: str) -> bool:
    try:
        ipaddress.ip_address(text)
    except ValueError:
        return False
    return True


def _malformed() -> DomainNameError:
    return DomainNameError(
        "Give a name such as club.brand.example, without https:// and without a path.",
        field="domain",
        reason="malformed",
    )


def _too_short(name: str) -> DomainNameError:
    return DomainNameError(
        f"{name!r} has no domain above it. Give a name such as club.brand.example.",
        field="domain",
        reason="too_short",
    )
