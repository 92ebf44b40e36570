"""Consents per purpose and acceptance of the terms, each with the version of its text and time."""

import hashlib
from collections.abc import Mapping
from datetime import datetime
from typing import cast
from uuid import UUID

from guerdon.kit.errors import InvalidError
from guerdon.kit.ids import uuid7
from guerdon.members.errors import TermsNotAcceptedError
from guerdon.members.parameters import MemberParameters
from guerdon.members.schemas import Consent
from guerdon.parameters.sections import Language, ProgrammeParameters, Texts
from guerdon.parameters.snapshot import Snapshot
from guerdon.plumbing.db import ReadSession, WriteSession

TERMS = "terms"
# Not asked for: allowed until the member objects.
PROFILING = "profiling"
_PROFILING_VERSION = "1"
_PROFILING_TEXT = "Recommend what fits me, from what I did in this programme."


async def in_force(s: ReadSession, *, member_id: UUID) -> dict[str, Consent]:
    """What the member last said, by purpose; the terms are under `terms`."""
    rows = await s.all(
        Consent,
        """
        SELECT DISTINCT ON (purpose) purpose, granted, text_version, language, given_at
          FROM app.member_consent
         WHERE tenant_id = %(tenant_id)s AND member_id = %(member_id)s
         ORDER BY purpose, id DESC
        """,
        {"member_id": member_id},
    )
    return {row.purpose: row for row in rows}


async def history(s: ReadSession, *, member_id: UUID) -> list[Consent]:
    """Everything the member ever said, oldest first."""
    return await s.all(
        Consent,
        "SELECT purpose, granted, text_version, language, given_at FROM app.member_consent"
        " WHERE tenant_id = %(tenant_id)s AND member_id = %(member_id)s ORDER BY id",
        {"member_id": member_id},
    )


async def terms_are_current(s: ReadSession, *, member_id: UUID, snapshot: Snapshot) -> bool:
    """Whether the member accepted the version of the terms that is in force."""
    accepted = (await in_force(s, member_id=member_id)).get(TERMS)
    version = snapshot[ProgrammeParameters].terms_version
    return accepted is not None and accepted.granted and accepted.text_version == version


async def choose(
    s: WriteSession,
    *,
    member_id: UUID,
    choices: Mapping[str, bool],
    snapshot: Snapshot,
    language: str,
    now: datetime,
) -> None:
    """Record what the member says about purposes; saying the same again records nothing."""
    parameters = snapshot[MemberParameters]
    before = await in_force(s, member_id=member_id)
    for key, granted in choices.items():
        purpose = parameters.purpose(key)
        if purpose is None:
            raise InvalidError("There is no such purpose.", field=f"consents.{key}"[:80])
        last = before.get(key)
        if last is not None and (last.granted, last.text_version) == (granted, purpose.version):
            continue
        if last is None and not granted:
            continue
        text = _in(purpose.text, language)
        await _record(s, member_id, key, granted, purpose.version, text, language, now)


async def allow_profiling(
    s: WriteSession, *, member_id: UUID, allowed: bool, language: str, now: datetime
) -> None:
    """Record whether recommendations may follow from what the member did."""
    last = (await in_force(s, member_id=member_id)).get(PROFILING)
    if (last is None or last.granted) != allowed:
        await _record(
            s, member_id, PROFILING, allowed, _PROFILING_VERSION, _PROFILING_TEXT, language, now
        )


async def profiling_allowed(s: ReadSession, *, member_id: UUID) -> bool:
    """Whether the member did not object to it."""
    last = (await in_force(s, member_id=member_id)).get(PROFILING)
    return last is None or last.granted


async def accept_terms(
    s: WriteSession,
    *,
    member_id: UUID,
    version: str | None,
    snapshot: Snapshot,
    language: str,
    now: datetime,
) -> None:
    """Record that the member accepts the terms in force; TermsNotAcceptedError for other ones."""
    programme = snapshot[ProgrammeParameters]
    if version != programme.terms_version:
        raise TermsNotAcceptedError(field="terms", version=programme.terms_version)
    if not await terms_are_current(s, member_id=member_id, snapshot=snapshot):
        text = _in(programme.terms, language)
        await _record(s, member_id, TERMS, True, version, text, language, now)


def _in(texts: Texts, language: str) -> str:
    return texts.get(cast(Language, language)) or next(iter(texts.values()), "")


async def _record(
    s: WriteSession,
    member_id: UUID,
    purpose: str,
    granted: bool,
    version: str,
    text: str,
    language: str,
    now: datetime,
) -> None:
    await s.execute(
        """
        INSERT INTO app.member_consent
          (tenant_id, id, member_id, purpose, granted, text_version, text_hash, language, given_at)
        VALUES (%(tenant_id)s, %(id)s, %(member_id)s, %(purpose)s, %(granted)s, %(version)s,
                %(hash)s, %(language)s, %(now)s)
        """,
        {
            "id": uuid7(),
            "member_id": member_id,
            "purpose": purpose,
            "granted": granted,
            "version": version,
            "hash": hashlib.sha256(text.encode()).digest(),
            "language": language,
            "now": now,
        },
    )
