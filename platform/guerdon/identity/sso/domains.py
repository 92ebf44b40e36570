"""E-mail domains that a brand has proved to be its own, by a text in the domain name system.

A proof makes the provider's word for an address of the domain count, and leads whoever types such
an address on the sign-in page to this brand's connections. It is looked at again every day: a text
that is gone is told to the owners at once, and the proof stops counting if it stays away.
"""

from datetime import datetime
from typing import Final, Literal

from guerdon.identity import staff
from guerdon.identity.domain_proof import COLUMNS, Claim, seen
from guerdon.identity.jobs import SendStaffLetter
from guerdon.identity.sso.errors import (
    ConnectionSettingsError,
    ConnectionStateError,
    DomainUnprovedError,
)
from guerdon.identity.sso.rules import DOMAIN
from guerdon.kit.errors import NotFoundError
from guerdon.kit.ids import secret_token
from guerdon.plumbing import outbox
from guerdon.plumbing.db import ReadSession, WriteSession

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


class Domain(Claim, frozen=True):
    """An e-mail domain that the brand claims."""


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


async def one(s: ReadSession, *, domain: str, lock: bool = False) -> Domain:
    """A claimed domain; NotFoundError if it is not claimed. `lock` keeps others waiting."""
    return await s.one(
        Domain,
        f"SELECT {COLUMNS} FROM app.staff_domain"  # noqa: S608
        f" WHERE tenant_id = %(tenant_id)s AND domain = %(domain)s{' FOR UPDATE' if lock else ''}",
        {"domain": domain},
    )


async def listing(s: ReadSession) -> list[Domain]:
    """All claimed domains."""
    return await s.all(
        Domain,
        f"SELECT {COLUMNS} FROM app.staff_domain"  # noqa: S608
        " WHERE tenant_id = %(tenant_id)s ORDER BY domain",
    )


async def proved(s: ReadSession) -> frozenset[str]:
    """The domains whose proof was found."""
    return frozenset(one.domain for one in await listing(s) if one.verified_at is not None)


async def note(s: WriteSession, *, domain: str, problem: str, now: datetime) -> Domain:
    """Keep what a look at the domain found. Owners are told when a proof goes missing or lapses."""
    before = await one(s, domain=domain, lock=True)
    after = seen(before, problem=problem, now=now)
    await s.execute(
        "UPDATE app.staff_domain SET checked_at = %(now)s, problem = %(problem)s,"
        " verified_at = %(verified_at)s, missing_since = %(missing_since)s"
        " WHERE tenant_id = %(tenant_id)s AND domain = %(domain)s",
        {
            "domain": domain,
            "problem": problem,
            "now": now,
            "verified_at": after.verified_at,
            "missing_since": after.missing_since,
        },
    )
    await _tell_control(s, domain, after.verified_at is not None)
    if before.verified_at is not None and after.verified_at is None:
        await _tell_owners(s, "domain_lapsed", domain, now)
    elif before.missing_since is None and after.missing_since is not None:
        await _tell_owners(s, "domain_missing", domain, after.lapses_at)
    return after


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


async def _tell_owners(
    s: WriteSession,
    kind: Literal["domain_missing", "domain_lapsed"],
    domain: str,
    at: datetime | None,
) -> None:
    for owner in await staff.active_owners(s):
        await outbox.put(s, SendStaffLetter(kind=kind, staff_id=owner, what=domain, at=at))
