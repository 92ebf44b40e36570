"""The platform's terms for brands: versions, and who accepted which, word for word by its hash."""

import hashlib
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Final

import msgspec

from guerdon.onboarding.errors import TermsNotAcceptedError
from guerdon.plumbing.db import ReadSession, WriteSession

# The version in force: a new one is a new set of files beside these, never a change of them.
VERSION: Final = "2026-11"
_FOLDER: Final = Path(__file__).parent / "terms"


class Accepted(msgspec.Struct, frozen=True):
    """That somebody accepted a version, in the language in which they read it."""

    version: str
    text_sha256: str
    language: str
    accepted_at: datetime


@cache
def text(language: str, version: str = VERSION) -> str:
    """The terms: paragraphs parted by empty lines, each with its heading on the first line."""
    return (_FOLDER / f"{version}.{language}.txt").read_text(encoding="utf-8")


def accept(*, version: str, language: str, now: datetime) -> Accepted:
    """That the terms in force are accepted. Raises TermsNotAcceptedError for another version."""
    if version != VERSION:
        raise TermsNotAcceptedError(
            f"The terms in force are those of version {VERSION}: read and accept them.",
            field="terms", version=VERSION,
        )  # fmt: skip
    return Accepted(version, hashlib.sha256(text(language).encode()).hexdigest(), language, now)


def in_force(accepted: Accepted | None) -> bool:
    """Whether this is the acceptance of what is in force now."""
    return accepted is not None and accepted.version == VERSION


async def keep(s: WriteSession, accepted: Accepted, *, by: str) -> None:
    """Write it down for the brand in context; a version is accepted once."""
    await s.execute(
        """
        INSERT INTO app.platform_terms
          (tenant_id, version, text_sha256, language, accepted_by, accepted_at)
        VALUES (%(tenant_id)s, %(version)s, %(text_sha256)s, %(language)s, %(by)s, %(accepted_at)s)
        ON CONFLICT (tenant_id, version) DO NOTHING
        """,
        {**msgspec.structs.asdict(accepted), "by": by},
    )


async def latest(s: ReadSession) -> Accepted | None:
    """What the brand in context accepted last."""
    return await s.one_or_none(
        Accepted,
        "SELECT version, text_sha256, language, accepted_at FROM app.platform_terms"
        " WHERE tenant_id = %(tenant_id)s ORDER BY accepted_at DESC LIMIT 1",
    )
