"""Proving an address: a code goes there, and whoever types it has the mailbox.

Whether the address is known is told to nobody: there is one answer, and one way, for all. Tries
are counted for the address and for the network address they come from, exactly.
"""

from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from guerdon.identity import codes
from guerdon.identity.errors import CodeRefusedError
from guerdon.identity.keyring import mac_text
from guerdon.identity.staff import normal_email
from guerdon.onboarding import drafts
from guerdon.onboarding.schemas import Draft
from guerdon.plumbing.cache import key
from guerdon.plumbing.limits import Limit, take
from guerdon.runtime import Runtime
from guerdon.tenancy.operator import OPERATOR_ID

CODE_LIFETIME: Final = timedelta(minutes=15)
CODES_PER_EMAIL_H: Final = 6
TRIES_PER_CLIENT_H: Final = 30
BRANDS_PER_CLIENT_D: Final = 10
BRANDS_PER_DOMAIN_D: Final = 25
SEARCHES_PER_CLIENT_H: Final = 60
_HOUR_S: Final = 3_600
_DAY_S: Final = 86_400


async def ask(
    rt: Runtime, *, email: str, browser_id: str, client: str, language: str, now: datetime
) -> UUID:
    """Send a code to `email`; what it has to be typed for. Raises InvalidError,
    TooManyRequestsError."""
    norm = normal_email(email)
    await take(
        rt.valkey,
        [
            _limit(rt, "email", norm, CODES_PER_EMAIL_H, _HOUR_S),
            _limit(rt, "client", client, TRIES_PER_CLIENT_H, _HOUR_S),
        ],
    )
    async with rt.db.write(OPERATOR_ID) as s:
        return await codes.issue(
            s,
            purpose=codes.JOIN,
            email_norm=norm,
            member_id=None,
            browser_id=browser_id,
            language=language,
            lifetime=CODE_LIFETIME,
            now=now,
        )


async def prove(
    rt: Runtime,
    *,
    challenge_id: UUID,
    code: str,
    browser_id: str,
    client: str,
    language: str,
    now: datetime,
) -> Draft:
    """The sign-up of whoever typed the right code. Raises CodeRefusedError,
    TooManyRequestsError."""
    await take(rt.valkey, [_limit(rt, "client", client, TRIES_PER_CLIENT_H, _HOUR_S)])
    async with rt.db.write(OPERATOR_ID) as s:
        proved = await codes.check(
            s,
            rt.settings,
            challenge_id=challenge_id,
            purpose=codes.JOIN,
            code=code,
            browser_id=browser_id,
            now=now,
        )
        draft = proved and await drafts.begin(
            s, email_norm=proved.email_norm, language=language, now=now
        )
    if not draft:
        raise CodeRefusedError(field="code")
    return draft


async def charge_brand(rt: Runtime, *, draft: Draft, client: str) -> None:
    """Count a brand that is to be made. Raises TooManyRequestsError."""
    domain = draft.email_norm.rpartition("@")[2]
    await take(
        rt.valkey,
        [
            _limit(rt, "brand-client", client, BRANDS_PER_CLIENT_D, _DAY_S),
            _limit(rt, "brand-domain", domain, BRANDS_PER_DOMAIN_D, _DAY_S),
        ],
    )


async def charge_search(rt: Runtime, *, client: str) -> None:
    """Count a search at the supplier. Raises TooManyRequestsError."""
    await take(rt.valkey, [_limit(rt, "search-client", client, SEARCHES_PER_CLIENT_H, _HOUR_S)])


def _limit(rt: Runtime, what: str, whose: str, count: int, period_s: int) -> Limit:
    name = mac_text(rt.settings, "signup", OPERATOR_ID, what, whose)[:32]
    return Limit.per(key(OPERATOR_ID, "signup", what, name), count, period_s)
