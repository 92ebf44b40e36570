"""Letters to owners about the platform's terms that wait for them: new, soon in force, in force."""

from datetime import datetime, timedelta
from typing import Final

from guerdon.identity import staff
from guerdon.identity.jobs import SendStaffLetter
from guerdon.identity.staff_letters import StaffLetter
from guerdon.notifications.letters import Brand, Letter
from guerdon.plumbing import outbox
from guerdon.plumbing.db import WriteSession
from guerdon.tenancy.terms import VERSIONS, Asked, Terms, Version
from guerdon.theming.translations import Translator

SOON: Final = timedelta(days=7)


async def tell_owners(s: WriteSession, terms: Terms, *, now: datetime) -> None:
    """One letter per owner at each stage; of stages that are reached together, the last."""
    if len(terms.editions) == 1:
        return
    asked = terms.asked([one.version for one in await s.all(Version, VERSIONS)])
    if asked is None:
        return
    new = [
        stage
        for stage in _stages(asked, now)
        if await s.execute(
            """
            INSERT INTO app.platform_terms_notice (tenant_id, version, stage, told_at)
            VALUES (%(tenant_id)s, %(version)s, %(stage)s, %(now)s) ON CONFLICT DO NOTHING
            """,
            {"version": asked.version, "stage": stage, "now": now},
        )
    ]
    if not new:
        return
    for owner in await staff.active_owners(s):
        await outbox.put(
            s,
            SendStaffLetter(
                kind="platform_terms",
                staff_id=owner,
                at=asked.effective_at,
                what=f"{asked.version} {new[-1]}",
            ),
        )


def _stages(asked: Asked, now: datetime) -> list[str]:
    reached = ["new"]
    if now >= asked.effective_at - SOON:
        reached.append("soon")
    if asked.due(now):
        reached.append("due")
    return reached


def terms_letter(found: StaffLetter, *, t: Translator, at: str, brand: Brand) -> Letter:
    """The letter; `found.what` holds the version and the stage."""
    version, _, stage = found.what.partition(" ")
    if stage == "due":
        heading = t.text("The console of %(brand)s waits for you", brand=brand.name)
        paragraphs = [
            t.text(
                "Version %(version)s of the platform's terms is in force since %(day)s, and no"
                " owner has accepted it yet.",
                version=version,
                day=at,
            ),
            t.text("Until one does, nothing can be changed in the console."),
        ]
    else:
        heading = (
            t.text("New terms still wait for %(brand)s", brand=brand.name)
            if stage == "soon"
            else t.text("New terms for %(brand)s", brand=brand.name)
        )
        paragraphs = [
            t.text(
                "The platform's terms for brands have a new version, %(version)s. It holds for you"
                " from %(day)s.",
                version=version,
                day=at,
            ),
            t.text(
                "Please read it and accept it for your brand until then. After that day nothing"
                " can be changed in the console until an owner has accepted."
            ),
        ]
    paragraphs.append(t.text("Members notice nothing of it."))
    return Letter(
        subject=heading,
        heading=heading,
        paragraphs=tuple(paragraphs),
        action=(t.text("Read the terms"), found.url),
        short=heading,
    )
