"""What the platform tells everybody who works in a brand's console."""

from datetime import datetime, timedelta
from typing import Final, Literal
from uuid import UUID

import msgspec

from guerdon.audit.operations import record
from guerdon.kit.errors import InvalidError, NotFoundError
from guerdon.plumbing.db import ControlSession, ReadSession, WriteSession, jsonb

LANGUAGES: Final = ("en", "pt-BR", "es")
TEXT_LENGTH_MAX: Final = 500
LASTS_MAX: Final = timedelta(days=90)
Level = Literal["info", "warning", "critical"]


class Announcement(msgspec.Struct, frozen=True):
    """Something that is told from one instant until another, in each language of the console."""

    id: UUID
    level: Level
    texts: dict[str, str]
    from_at: datetime
    until_at: datetime


class Written(Announcement, frozen=True):
    """An announcement as those see it who write them."""

    created_by: str
    created_at: datetime
    withdrawn_at: datetime | None


def text_in(texts: dict[str, str], language: str) -> str:
    """The text in a language, or in English."""
    return texts.get(language) or texts["en"]


async def current(s: ControlSession, now: datetime) -> list[Announcement]:
    """What is told now, newest first."""
    return await s.all(Announcement, "SELECT * FROM ctl.announcements_v1(%(now)s)", {"now": now})


async def listing(s: ReadSession, *, limit: int = 100) -> list[Written]:
    """Everything that was ever told, newest first."""
    return await s.all(
        Written, "SELECT * FROM ctl.list_announcements_v1(%(limit)s)", {"limit": limit}
    )


async def save(
    s: WriteSession, *, id: UUID, level: Level, texts: dict[str, str],  # noqa: A002
    from_at: datetime, until_at: datetime, actor: str, now: datetime, address: str = "",
    request_id: str = "",
) -> None:  # fmt: skip
    """Tell something, or tell it otherwise; in the operator's context only."""
    told = {language: " ".join(texts.get(language, "").split()) for language in LANGUAGES}
    for language in texts:
        if language not in LANGUAGES:
            raise InvalidError(
                f"The console speaks {', '.join(LANGUAGES)}, not {language}.", field="texts"
            )
    for language, text in told.items():
        if not 1 <= len(text) <= TEXT_LENGTH_MAX:
            raise InvalidError(
                f"Write 1 to {TEXT_LENGTH_MAX} characters in each language; {language} has"
                f" {len(text)}.",
                field=f"texts.{language}",
            )
    if not from_at < until_at <= from_at + LASTS_MAX or until_at <= now:
        raise InvalidError(
            f"The end has to lie ahead, later than the beginning and within {LASTS_MAX.days} days"
            " of it.",
            field="untilAt",
        )
    await s.execute(
        "SELECT ctl.save_announcement_v1(%(id)s, %(level)s, %(texts)s, %(from)s, %(until)s,"
        " %(by)s, %(now)s)",
        {
            "id": id, "level": level, "texts": jsonb(told), "from": from_at, "until": until_at,
            "by": actor, "now": now,
        },
    )  # fmt: skip
    await record(
        s, actor=actor, action="announcement.saved", subject=f"announcement:{id}",
        summary={"level": level, "text": told["en"], "from": from_at, "until": until_at}, now=now,
        address=address, request_id=request_id,
    )  # fmt: skip


async def withdraw(
    s: WriteSession, *, announcement_id: UUID, actor: str, now: datetime, address: str = "",
    request_id: str = "",
) -> None:  # fmt: skip
    """Tell it no longer; NotFoundError where there is none, or it was withdrawn."""
    if not await s.value(
        "SELECT ctl.withdraw_announcement_v1(%(id)s, %(now)s)",
        {"id": announcement_id, "now": now},
    ):
        raise NotFoundError("There is no such announcement, or it was withdrawn before.")
    await record(
        s, actor=actor, action="announcement.withdrawn", subject=f"announcement:{announcement_id}",
        summary={}, now=now, address=address, request_id=request_id,
    )  # fmt: skip
