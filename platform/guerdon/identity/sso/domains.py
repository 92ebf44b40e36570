"""E-mail domains that a brand has proved to be its own, by a text in the domain name system.

A proof makes the provider's word for an address of the domain count, and leads whoever types such
an address on the sign-in page to this brand's connections. It is looked at again every day.
"""

from datetime import datetime
from typing import Final
from uuid import UUID

import msgspec

from guerdon.identity.keyring import same
from guerdon.identity.sso.errors import (
    ConnectionSettingsError,
    ConnectionStateError,
    DomainUnprovedError,
)
from guerdon.identity.sso.rules import DOMAIN
from guerdon.kit.errors import NotFoundError
from guerdon.kit.ids import secret_token
from guerdon.plumbing import dns
from guerdon.plumbing.db import ReadSession, WriteSession
from guerdon.runtime import Runtime

LABEL: Final = "_guerdon-challenge"
PREFIX: Final = "guerdon-domain-verification="
DOMAINS_MAX = 50

# Anybody can have an address there, so it proves nothing about a brand.
PUBLIC_MAIL: Final = frozenset(
    {
        "aol.com", "bol.com.br", "fastmail.com", "gmail.com", "gmx.com", "gmx.de", "gmx.net",
        "googlemail.com", "hotmail.com", "hotmail.com.br", "icloud.com", "live.com", "mail.com",
        "mail.ru", "me.com", "msn.com", "outlook.com", "outlook.com.br", "outlook.es",
        "proton.me", "protonmail.com", "qq.com", "terra.com.br", "uol.com.br", "web.de",
        "yahoo.com", "yahoo.com.br", "yahoo.es", "yandex.com", "yandex.ru", "zoho.com",
    }
)  # fmt: skip


class Domain(msgspec.Struct, frozen=True):
    """A domain that the brand claims. `problem`: why the last look found no proof."""

    domain: str
    token: str
    created_at: datetime
    verified_at: datetime | None
    checked_at: datetime | None
    problem: str

    @property
    def record_name(self) -> str:
        """Where the text has to stand."""
        return f"{LABEL}.{self.domain}"

    @property
    def record_value(self) -> str:
        """The text."""
        return PREFIX + self.token


_COLUMNS = "domain, token, created_at, verified_at, checked_at, problem"


def normal(domain: str) -> str:
    """The domain in the form it is kept in; ConnectionSettingsError if it is none of a brand's."""
    text = domain.strip().lower().removeprefix("@").rstrip(".")
    try:
        text = text.encode("idna").decode() if not text.isascii() else text
    except UnicodeError as error:
        raise ConnectionSettingsError(_NO_DOMAIN, field="domain") from error
    if not DOMAIN.fullmatch(text):
        raise ConnectionSettingsError(_NO_DOMAIN, field="domain")
    if text in PUBLIC_MAIL:
        raise ConnectionSettingsError(
            f"Anybody can have an address at {text}. Give a domain of your own.", field="domain"
        )
    return text


_NO_DOMAIN = "Give the part of your e-mail addresses after the @, such as brand.example."


async def claim(s: WriteSession, *, domain: str, now: datetime) -> Domain:
    """Start proving a domain: a random token that has to be published. Safe to repeat."""
    name = normal(domain)
    if len(await listing(s)) >= DOMAINS_MAX:
        raise ConnectionStateError(f"A brand has {DOMAINS_MAX} domains at most.")
    await s.execute(
        "INSERT INTO app.staff_domain (tenant_id, domain, token, created_at)"
        " VALUES (%(tenant_id)s, %(domain)s, %(token)s, %(now)s) ON CONFLICT DO NOTHING",
        {"domain": name, "token": secret_token(24), "now": now},
    )
    return await one(s, domain=name)


async def one(s: ReadSession, *, domain: str) -> Domain:
    """A claimed domain; NotFoundError if it is not claimed."""
    return await s.one(
        Domain,
        f"SELECT {_COLUMNS} FROM app.staff_domain"  # noqa: S608
        " WHERE tenant_id = %(tenant_id)s AND domain = %(domain)s",
        {"domain": domain},
    )


async def listing(s: ReadSession) -> list[Domain]:
    """All claimed domains."""
    return await s.all(
        Domain,
        f"SELECT {_COLUMNS} FROM app.staff_domain"  # noqa: S608
        " WHERE tenant_id = %(tenant_id)s ORDER BY domain",
    )


async def proved(s: ReadSession) -> frozenset[str]:
    """The domains whose proof was found."""
    return frozenset(one.domain for one in await listing(s) if one.verified_at is not None)


async def look(rt: Runtime, *, tenant_id: UUID, domain: str) -> str:
    """Why the proof cannot be seen now, or an empty text. Asks the domain name system."""
    async with rt.db.read(tenant_id) as s:
        claimed = await one(s, domain=domain)
    try:
        found = await dns.texts(claimed.record_name, rt.settings.dns_servers)
    except dns.DnsFailedError:
        return "no_answer"
    if any(same(text.strip(), claimed.record_value) for text in found):
        return ""
    return "other_text" if found else "no_text"


async def note(s: WriteSession, *, domain: str, problem: str, now: datetime) -> Domain:
    """Keep what a look at the domain found. A proof that is gone stops counting."""
    changed = await s.execute(
        "UPDATE app.staff_domain SET checked_at = %(now)s, problem = %(problem)s,"
        # A name server that is down says nothing about the proof.
        " verified_at = CASE WHEN %(problem)s = '' THEN coalesce(verified_at, %(now)s)"
        "                    WHEN %(problem)s = 'no_answer' THEN verified_at END"
        " WHERE tenant_id = %(tenant_id)s AND domain = %(domain)s",
        {"domain": domain, "problem": problem, "now": now},
    )
    if not changed:
        raise NotFoundError
    noted = await one(s, domain=domain)
    await _tell_control(s, domain, noted.verified_at is not None)
    return noted


async def remove(s: WriteSession, *, domain: str) -> None:
    """Give a domain up."""
    removed = await s.execute(
        "DELETE FROM app.staff_domain WHERE tenant_id = %(tenant_id)s AND domain = %(domain)s",
        {"domain": domain},
    )
    if not removed:
        raise NotFoundError
    await _tell_control(s, domain, False)


def require_proved(found: Domain) -> None:
    """DomainUnprovedError with what to publish where, unless the proof was found."""
    if found.verified_at is not None:
        return
    said = {
        "no_answer": "The domain's name servers do not answer at present.",
        "other_text": "There is a TXT record, but with another text.",
        "no_text": "There is no TXT record yet; new records can take an hour to be seen.",
    }.get(found.problem, "")
    raise DomainUnprovedError(
        f"{said} Publish a TXT record at {found.record_name} with the text {found.record_value}.",
        field="domain",
        reason=found.problem,
    )


async def _tell_control(s: WriteSession, domain: str, verified: bool) -> None:
    await s.value(
        "SELECT ctl.save_proved_domain_v1(%(tenant_id)s, %(domain)s, %(verified)s)",
        {"domain": domain, "verified": verified},
    )
