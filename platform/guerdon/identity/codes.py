"""One-time codes: six digits, sent by mail, good for minutes and five tries, once.

No code is stored anywhere: it is derived from its row's id with a key that the database does not
hold, once to be sent and once to be compared.
"""

from datetime import datetime, timedelta
from typing import Final
from uuid import UUID, uuid5

import msgspec

from guerdon.identity.jobs import CodesRefused, SendCode
from guerdon.identity.keyring import mac, same
from guerdon.kit.ids import uuid7
from guerdon.plumbing import outbox
from guerdon.plumbing.db import ReadSession, WriteSession
from guerdon.settings import Settings

SIGN_IN: Final = "sign_in"
JOIN: Final = "join"
STEP_UP: Final = "step_up"
CHANGE_EMAIL: Final = "change_email"
TRIES_MAX: Final = 5
LOOK_EVERY_S: Final = 15


class Challenge(msgspec.Struct, frozen=True):
    """A code that was given back in time by the browser that asked for it."""

    id: UUID
    purpose: str
    email_norm: str
    member_id: UUID | None


class CodeLetter(msgspec.Struct, frozen=True):
    """What the mail with a code needs."""

    to: str
    code: str
    purpose: str
    language: str
    minutes: int


class _Letter(msgspec.Struct, frozen=True):
    purpose: str
    email_norm: str
    language: str
    minutes: int


async def issue(
    s: WriteSession,
    *,
    purpose: str,
    email_norm: str,
    member_id: UUID | None,
    browser_id: str,
    language: str,
    lifetime: timedelta,
    now: datetime,
) -> UUID:
    """Write a challenge and the message that sends its code; the challenge's id.

    A sign-in for an unknown e-mail takes the same path (the message finds nobody to write to), so
    that neither the answer nor its time tells who is a member.
    """
    challenge_id = uuid7()
    # A new code replaces the browser's earlier one; a few that ran out are swept on the way.
    await s.execute(
        """
        DELETE FROM app.one_time_code
         WHERE tenant_id = %(tenant_id)s
           AND ((email_norm = %(email)s AND purpose = %(purpose)s AND browser_id = %(browser)s)
                OR id IN (SELECT id FROM app.one_time_code
                           WHERE tenant_id = %(tenant_id)s AND expires_at < %(now)s
                           ORDER BY expires_at LIMIT 20 FOR UPDATE SKIP LOCKED))
        """,
        {"now": now, "email": email_norm, "purpose": purpose, "browser": browser_id},
    )
    await s.execute(
        """
        INSERT INTO app.one_time_code
          (tenant_id, id, purpose, email_norm, member_id, browser_id, language,
           created_at, expires_at)
        VALUES (%(tenant_id)s, %(id)s, %(purpose)s, %(email)s, %(member_id)s, %(browser)s,
                %(language)s, %(now)s, %(expires_at)s)
        """,
        {
            "id": challenge_id,
            "purpose": purpose,
            "email": email_norm,
            "member_id": member_id,
            "browser": browser_id,
            "language": language,
            "now": now,
            "expires_at": now + lifetime,
        },
    )
    await outbox.put(s, SendCode(code_id=challenge_id))
    return challenge_id


async def check(
    s: WriteSession,
    settings: Settings,
    *,
    challenge_id: UUID,
    purpose: str,
    code: str,
    browser_id: str,
    now: datetime,
) -> Challenge | None:
    """The challenge if `code` is right; None if not, and a try is used up.

    The caller commits in both cases: a refusal that rolled back would give the try back.
    """
    challenge = await s.one_or_none(
        Challenge,
        """
        UPDATE app.one_time_code SET tries = tries + 1
         WHERE tenant_id = %(tenant_id)s AND id = %(id)s AND purpose = %(purpose)s
           AND browser_id = %(browser)s AND used_at IS NULL AND tries < %(max)s
           AND expires_at > %(now)s
        RETURNING id, purpose, email_norm, member_id
        """,
        {
            "id": challenge_id,
            "purpose": purpose,
            "browser": browser_id,
            "max": TRIES_MAX,
            "now": now,
        },
    )
    typed = "".join(c for c in code if c.isdigit() and c.isascii())
    if challenge is None:
        return None
    if not same(typed, _code(settings, s.tenant_id, challenge_id, purpose)):
        await _told(s, now)
        return None
    await s.execute(
        "UPDATE app.one_time_code SET used_at = %(now)s"
        " WHERE tenant_id = %(tenant_id)s AND id = %(id)s",
        {"id": challenge_id, "now": now},
    )
    return challenge


async def email_of(s: ReadSession, *, challenge_id: UUID) -> str | None:
    """To whom a code went: what its tries are counted for."""
    found = await s.value(
        "SELECT email_norm FROM app.one_time_code WHERE tenant_id = %(tenant_id)s AND id = %(id)s",
        {"id": challenge_id},
    )
    return found if isinstance(found, str) else None


async def letter(
    s: ReadSession, settings: Settings, *, code_id: UUID, now: datetime
) -> CodeLetter | None:
    """The mail to send, or None: nobody to write to, or too late."""
    row = await s.one_or_none(
        _Letter,
        """
        SELECT purpose, email_norm, language,
               ceil(extract(epoch FROM expires_at - created_at) / 60)::int AS minutes
          FROM app.one_time_code
         WHERE tenant_id = %(tenant_id)s AND id = %(id)s AND used_at IS NULL
           AND expires_at > %(now)s
           AND (member_id IS NOT NULL OR purpose = 'join')
        """,
        {"id": code_id, "now": now},
    )
    if row is None:
        return None
    return CodeLetter(
        to=row.email_norm,
        code=_code(settings, s.tenant_id, code_id, row.purpose),
        purpose=row.purpose,
        language=row.language,
        minutes=row.minutes,
    )


async def forget(s: WriteSession, *, member_id: UUID, email_norm: str) -> None:
    """Delete the codes of a member who is erased."""
    await s.execute(
        "DELETE FROM app.one_time_code WHERE tenant_id = %(tenant_id)s"
        " AND (member_id = %(member_id)s OR email_norm = %(email)s)",
        {"member_id": member_id, "email": email_norm},
    )


async def _told(s: WriteSession, now: datetime) -> None:
    """Have wrong codes looked at, once for all of the same few seconds."""
    slot, into = divmod(int(now.timestamp()), LOOK_EVERY_S)
    await outbox.put(
        s, CodesRefused(), id=uuid5(s.tenant_id, f"codes {slot}"), delay_s=LOOK_EVERY_S - into
    )


def _code(settings: Settings, tenant_id: UUID, challenge_id: UUID, purpose: str) -> str:
    raw = mac(settings, "one-time code", tenant_id, purpose, str(challenge_id))
    return f"{int.from_bytes(raw[:8], 'big') % 1_000_000:06d}"
