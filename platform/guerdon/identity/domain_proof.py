"""Proving that a domain is a brand's own: a random text that stands in the domain name system.

A proof is looked at again and again. A text that is gone does not end it at once, and a name
server that is down says nothing about it.
"""

from datetime import datetime, timedelta
from typing import Final, TypeVar

import msgspec

from guerdon.audit import operations as audit
from guerdon.identity.keyring import same
from guerdon.plumbing import dns
from guerdon.plumbing.db import WriteSession
from guerdon.runtime import Runtime

LABEL: Final = "_guerdon-challenge"
PREFIX: Final = "guerdon-domain-verification="
# A record that went with a move of the name servers is back before anybody is shut out.
GRACE: Final = timedelta(days=3)


class Claim(msgspec.Struct, frozen=True):
    """A domain that the brand claims. `problem`: why the last look found no proof.

    `missing_since`: the first look in a row that did not find what had been proved before.
    """

    domain: str
    token: str
    created_at: datetime
    verified_at: datetime | None
    checked_at: datetime | None
    problem: str
    missing_since: datetime | None

    @property
    def lapses_at(self) -> datetime | None:
        """When the proof stops counting unless the text is back."""
        return None if self.missing_since is None else self.missing_since + GRACE

    @property
    def record_name(self) -> str:
        """Where the text has to stand."""
        return f"{LABEL}.{self.domain}"

    @property
    def record_value(self) -> str:
        """The text."""
        return PREFIX + self.token


C = TypeVar("C", bound=Claim)

COLUMNS: Final = "domain, token, created_at, verified_at, checked_at, problem, missing_since"


async def look(rt: Runtime, claimed: Claim) -> str:
    """Why the proof cannot be seen now, or an empty text. Asks the domain name system."""
    try:
        found = await dns.texts(claimed.record_name, rt.settings.dns_servers)
    except dns.DnsFailedError:
        return "no_answer"
    if any(same(text.strip(), claimed.record_value) for text in found):
        return ""
    return "other_text" if found else "no_text"


def seen(before: C, *, problem: str, now: datetime) -> C:
    """The domain after a look at it that had this outcome."""
    verified, missing = before.verified_at, before.missing_since
    if not problem:
        verified, missing = verified or now, None
    elif verified is not None and problem != "no_answer":
        missing = missing or now
        if now >= missing + GRACE:
            verified, missing = None, None
    return msgspec.structs.replace(
        before, verified_at=verified, checked_at=now, problem=problem, missing_since=missing
    )


def told(before: Claim, after: Claim) -> str | None:
    """What a look changed: `lapsed`, `missing`, `found`, or nothing."""
    if before.verified_at is not None and after.verified_at is None:
        return "lapsed"
    if (before.missing_since is None) == (after.missing_since is None):
        return None
    return "found" if after.missing_since is None else "missing"


async def tell(s: WriteSession, before: Claim, after: Claim, *, kind: str, now: datetime) -> None:
    """Write what a look changed into the trail, as `{kind}.{change}`; nothing if nothing did."""
    change = told(before, after)
    if change is None:
        return
    await audit.record(
        s,
        actor="system",
        action=f"{kind}.{change}",
        subject=f"{kind}:{after.domain}",
        summary={
            "domain": after.domain,
            "problem": after.problem,
            "lapses_at": after.lapses_at and after.lapses_at.isoformat(),
        },
        now=now,
    )
