"""The draft of a sign-up: bound to an address that is proved, kept for two weeks, one at a time.

All of it are rows of the operator. What a step answers replaces what it answered before.
"""

from datetime import datetime, timedelta
from typing import Any, Final
from uuid import UUID

import msgspec
import psycopg

from guerdon.kit.ids import uuid7
from guerdon.onboarding import names
from guerdon.onboarding.errors import DraftClosedError, DraftIncompleteError, NameRefusedError
from guerdon.onboarding.schemas import STEPS, Answers, Draft
from guerdon.plumbing.db import ReadSession, WriteSession, jsonb
from guerdon.tenancy.terms import Terms

LIFETIME: Final = timedelta(days=14)
# After this long, work on a brand that nobody heard of again may be taken up.
LEASE: Final = timedelta(seconds=60)
_COLUMNS: Final = (
    "id, brand_id, email_norm, language, state, slug, answers, fault, created_at, changed_at,"
    " expires_at, founded_at"
)


async def begin(s: WriteSession, *, email_norm: str, language: str, now: datetime) -> Draft:
    """The draft of an address that has just been proved: the one there is, else a new one.

    A brand that was made of the last one is shown again until another is begun.
    """
    await _sweep(s, now)
    await s.execute(
        f"""
        INSERT INTO app.signup ({_COLUMNS}, tenant_id)
        SELECT %(id)s, %(brand)s, %(email)s, %(language)s, 'open', NULL, '{{}}', '', %(now)s,
               %(now)s, %(ends)s, NULL, %(tenant_id)s
         WHERE NOT EXISTS (
           SELECT FROM app.signup WHERE tenant_id = %(tenant_id)s AND email_norm = %(email)s
              AND state IN ('open', 'founding', 'founded'))
        ON CONFLICT DO NOTHING
        """,  # noqa: S608
        {
            "id": uuid7(), "brand": uuid7(), "email": email_norm, "language": language,
            "now": now, "ends": now + LIFETIME,
        },
    )  # fmt: skip
    return await s.one(
        Draft,
        f"SELECT {_COLUMNS} FROM app.signup WHERE tenant_id = %(tenant_id)s"  # noqa: S608
        " AND email_norm = %(email)s AND state <> 'expired' ORDER BY created_at DESC, id DESC"
        " LIMIT 1",
        {"email": email_norm},
    )


async def another(s: WriteSession, *, draft: Draft, now: datetime) -> Draft:
    """A further brand of somebody whose last one is there. Raises DraftClosedError."""
    if draft.state != "founded":
        raise DraftClosedError("Finish this brand first.", state=draft.state)
    await s.execute(
        f"""
        INSERT INTO app.signup ({_COLUMNS}, tenant_id)
        VALUES (%(id)s, %(brand)s, %(email)s, %(language)s, 'open', NULL, %(answers)s, '', %(now)s,
                %(now)s, %(ends)s, NULL, %(tenant_id)s)
        ON CONFLICT DO NOTHING
        """,  # noqa: S608
        {
            "id": uuid7(), "brand": uuid7(), "email": draft.email_norm,
            "language": draft.language, "now": now, "ends": now + LIFETIME,
            "answers": jsonb(
                Answers(person=draft.answers.person, company=draft.answers.company)
            ),
        },
    )  # fmt: skip
    return await s.one(
        Draft,
        f"SELECT {_COLUMNS} FROM app.signup WHERE tenant_id = %(tenant_id)s"  # noqa: S608
        " AND email_norm = %(email)s AND state IN ('open', 'founding')",
        {"email": draft.email_norm},
    )


async def find(s: ReadSession, draft_id: UUID, *, now: datetime) -> Draft | None:
    """The draft if it is still there."""
    return await s.one_or_none(
        Draft,
        f"SELECT {_COLUMNS} FROM app.signup"  # noqa: S608
        " WHERE tenant_id = %(tenant_id)s AND id = %(id)s AND state <> 'expired'"
        "   AND (state <> 'open' OR expires_at > %(now)s)",
        {"id": draft_id, "now": now},
    )


async def locked(s: WriteSession, draft_id: UUID, *, now: datetime) -> Draft:
    """The draft under its lock, open for answers. Raises NotFoundError, DraftClosedError."""
    found = await s.one(
        Draft,
        f"SELECT {_COLUMNS} FROM app.signup"  # noqa: S608
        " WHERE tenant_id = %(tenant_id)s AND id = %(id)s AND state <> 'expired'"
        "   AND (state <> 'open' OR expires_at > %(now)s) FOR UPDATE",
        {"id": draft_id, "now": now},
    )
    if found.state != "open":
        raise DraftClosedError(
            "The brand is there: change it in its console."
            if found.state == "founded"
            else "The brand is being made. Wait a moment.",
            state=found.state,
        )
    return found


async def answer(
    s: WriteSession, draft: Draft, *, now: datetime, language: str = "", **given: Any
) -> Draft:
    """Keep what a step was told; the draft lives on from now."""
    answers = msgspec.structs.replace(draft.answers, **given)
    return await s.one(
        Draft,
        f"UPDATE app.signup SET answers = %(answers)s, changed_at = %(now)s, fault = '',"  # noqa: S608
        " expires_at = %(ends)s, language = coalesce(nullif(%(language)s, ''), language)"
        f" WHERE tenant_id = %(tenant_id)s AND id = %(id)s RETURNING {_COLUMNS}",
        {
            "id": draft.id, "answers": jsonb(answers), "now": now, "ends": now + LIFETIME,
            "language": language,
        },
    )  # fmt: skip


async def hold_name(s: WriteSession, draft: Draft, *, slug: str, now: datetime) -> None:
    """Keep a short name for the draft while it lives. Raises NameRefusedError."""
    await _sweep(s, now)
    await names.check_free(s, slug, own=draft.slug)
    try:
        async with s.part():
            await s.execute(
                "UPDATE app.signup SET slug = %(slug)s"
                " WHERE tenant_id = %(tenant_id)s AND id = %(id)s",
                {"id": draft.id, "slug": slug},
            )
    except psycopg.errors.UniqueViolation as error:
        raise NameRefusedError("This name is taken.", field="slug", reason="taken") from error


def open_step(draft: Draft, *, terms: Terms) -> str:
    """The first step that has no good answer yet; `review` when all have one."""
    given = draft.answers
    done = {
        "company": given.company is not None,
        "terms": terms.in_force(given.terms),
        "brand": given.brand is not None and draft.slug is not None,
        "blueprint": bool(given.blueprint),
        "look": given.look is not None,
        "points": given.points is not None,
        "catalogue": given.catalogue is not None,
    }
    return next((step for step in STEPS if not done.get(step, False)), "review")


def require(draft: Draft, step: str, *, terms: Terms) -> None:
    """Raise DraftIncompleteError unless everything before `step` is answered."""
    first = open_step(draft, terms=terms)
    if STEPS.index(first) < STEPS.index(step):
        raise DraftIncompleteError(f"The step “{first}” comes first.", step=first)


async def claim(s: WriteSession, draft: Draft, *, terms: Terms, now: datetime) -> bool:
    """Take the draft to make its brand; False while somebody else is at it.

    Raises DraftIncompleteError.
    """
    require(draft, "review", terms=terms)
    touched = await s.execute(
        "UPDATE app.signup SET state = 'founding', changed_at = %(now)s, fault = ''"
        " WHERE tenant_id = %(tenant_id)s AND id = %(id)s"
        "   AND (state = 'open' OR (state = 'founding' AND changed_at < %(lapsed)s))",
        {"id": draft.id, "now": now, "lapsed": now - LEASE},
    )
    return touched == 1


async def release(s: WriteSession, draft: Draft, *, fault: str, now: datetime) -> None:
    """Open it again: the brand could not be made, and `fault` tells why."""
    await s.execute(
        "UPDATE app.signup SET state = 'open', fault = %(fault)s, changed_at = %(now)s,"
        " slug = CASE WHEN %(fault)s = 'name_refused' THEN NULL ELSE slug END"
        " WHERE tenant_id = %(tenant_id)s AND id = %(id)s AND state = 'founding'",
        {"id": draft.id, "fault": fault, "now": now},
    )


async def close(s: WriteSession, draft: Draft, *, now: datetime) -> None:
    """The brand is there."""
    await s.execute(
        "UPDATE app.signup SET state = 'founded', founded_at = %(now)s, changed_at = %(now)s"
        " WHERE tenant_id = %(tenant_id)s AND id = %(id)s AND state = 'founding'",
        {"id": draft.id, "now": now},
    )


async def _sweep(s: WriteSession, now: datetime) -> None:
    """Let go of drafts that nobody came back to, with what they held."""
    await s.execute(
        """
        UPDATE app.signup SET state = 'expired', slug = NULL, answers = '{}'
         WHERE tenant_id = %(tenant_id)s AND id IN (
           SELECT id FROM app.signup
            WHERE tenant_id = %(tenant_id)s AND state = 'open' AND expires_at <= %(now)s
            ORDER BY expires_at LIMIT 50 FOR UPDATE SKIP LOCKED)
        """,
        {"now": now},
    )
