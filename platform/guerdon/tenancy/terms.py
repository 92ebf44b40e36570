"""The platform's terms for brands: editions, and who accepted which, word for word by its hash.

An edition is announced by being in the folder. A brand that accepted an earlier one is asked for
it, and from its day on the brand's console takes no change until an owner has accepted. A brand
that accepted none was made by the operator's hand, under a contract of its own: nobody is asked.
"""

import hashlib
import tomllib
from datetime import UTC, date, datetime, time
from pathlib import Path
from typing import Final

import msgspec

from guerdon.plumbing.db import ReadSession, WriteSession
from guerdon.tenancy.errors import TermsDueError, TermsNotAcceptedError

LANGUAGES: Final = ("en", "pt-BR", "es")
_OWN: Final = Path(__file__).parent / "terms"
VERSIONS: Final = "SELECT version FROM app.platform_terms WHERE tenant_id = %(tenant_id)s"


class Edition(msgspec.Struct, frozen=True):
    """A version of the terms, and from when on it holds for brands that were there before."""

    version: str
    effective_at: datetime


class Accepted(msgspec.Struct, frozen=True):
    """That somebody accepted a version, in the language in which they read it."""

    version: str
    text_sha256: str
    language: str
    accepted_at: datetime


class Kept(Accepted, frozen=True):
    """An acceptance as it is kept of a brand: by whom, too."""

    accepted_by: str


class Version(msgspec.Struct, frozen=True):
    """What the database answers to VERSIONS."""

    version: str


class Asked(msgspec.Struct, frozen=True):
    """What a brand is asked to accept, and from when on its console waits for it."""

    version: str
    effective_at: datetime

    def due(self, now: datetime) -> bool:
        """Whether the console waits."""
        return now >= self.effective_at


class Terms:
    """The editions of a deployment; made once per process."""

    def __init__(self, folder: str) -> None:
        """Read `folder`, the platform's own where it is empty; ValueError if something lacks."""
        place = Path(folder) if folder else _OWN
        told = tomllib.loads((place / "editions.toml").read_text(encoding="utf-8"))
        listed = [msgspec.convert(one, _Listed) for one in told.get("edition", [])]
        self.editions = tuple(
            Edition(one.version, datetime.combine(one.effective, time(), UTC)) for one in listed
        )
        versions = [one.version for one in self.editions]
        days = [one.effective_at for one in self.editions]
        if not versions or len(set(versions)) < len(versions) or days != sorted(days):
            raise ValueError(
                f"{place / 'editions.toml'} lists the editions of the terms, oldest first, each"
                " version once."
            )
        self._texts = {
            (version, language): (place / f"{version}.{language}.txt").read_text(encoding="utf-8")
            for version in versions
            for language in LANGUAGES
        }

    @property
    def newest(self) -> Edition:
        """What somebody new accepts."""
        return self.editions[-1]

    def text(self, language: str) -> str:
        """The newest: paragraphs parted by empty lines, each with its heading on the first line."""
        return self._texts[self.newest.version, language]

    def parts(self, language: str) -> list[tuple[str, str]]:
        """The newest as headings and paragraphs."""
        found = (part.partition("\n") for part in self.text(language).strip().split("\n\n"))
        return [(head, body) for head, _, body in found]

    def accept(self, *, version: str, language: str, now: datetime) -> Accepted:
        """That the newest is accepted. Raises TermsNotAcceptedError for another version."""
        newest = self.newest.version
        if version != newest:
            raise TermsNotAcceptedError(
                f"The terms in force are those of version {newest}: read and accept them.",
                field="terms", version=newest,
            )  # fmt: skip
        digest = hashlib.sha256(self.text(language).encode()).hexdigest()
        return Accepted(version, digest, language, now)

    def in_force(self, accepted: Accepted | None) -> bool:
        """Whether this is the acceptance of the newest."""
        return accepted is not None and accepted.version == self.newest.version

    def asked(self, versions: list[str]) -> Asked | None:
        """What a brand that has accepted these is asked for; None: nothing."""
        if not versions:
            return None
        known = [n for n, one in enumerate(self.editions) if one.version in versions]
        later = self.editions[max(known, default=-1) + 1 :]
        return Asked(self.newest.version, later[0].effective_at) if later else None


class _Listed(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    version: str
    effective: date


async def keep(s: WriteSession, accepted: Accepted, *, by: str) -> bool:
    """Write it down for the brand in context; False where the version was accepted before."""
    added = await s.execute(
        """
        INSERT INTO app.platform_terms
          (tenant_id, version, text_sha256, language, accepted_by, accepted_at)
        VALUES (%(tenant_id)s, %(version)s, %(text_sha256)s, %(language)s, %(by)s, %(accepted_at)s)
        ON CONFLICT (tenant_id, version) DO NOTHING
        """,
        {**msgspec.structs.asdict(accepted), "by": by},
    )
    return added == 1


async def kept(s: ReadSession) -> list[Kept]:
    """What the brand in context accepted, the latest first."""
    return await s.all(
        Kept,
        "SELECT version, text_sha256, language, accepted_at, accepted_by FROM app.platform_terms"
        " WHERE tenant_id = %(tenant_id)s ORDER BY accepted_at DESC",
    )


def require(asked: Asked | None, now: datetime) -> None:
    """TermsDueError while the console waits."""
    if asked is not None and asked.due(now):
        raise TermsDueError(
            f"The platform's terms have a new version, {asked.version}, in force since"
            f" {asked.effective_at:%Y-%m-%d}. An owner of the brand reads and accepts it in the"
            " console; until then nothing is changed here. Members notice nothing.",
            version=asked.version, effective_at=asked.effective_at.isoformat(),
        )  # fmt: skip
