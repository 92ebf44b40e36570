"""Letters to the owners of a brand: where it stands now, and what that means."""

from datetime import datetime

from guerdon.identity import staff
from guerdon.identity.jobs import SendStaffLetter
from guerdon.identity.staff_letters import StaffLetter
from guerdon.notifications.letters import Brand, Letter
from guerdon.plumbing import outbox
from guerdon.plumbing.db import WriteSession
from guerdon.plumbing.jobs import Effect
from guerdon.runtime import Runtime
from guerdon.tenancy.lifecycle import State
from guerdon.tenancy.messages import StateChanged
from guerdon.theming.translations import Translator

# A step of setting up, at which the owner is present.
_UNTOLD = frozenset({(State.PENDING, State.SANDBOX)})


class TellOwners(Effect[StateChanged]):
    """One letter per owner who can sign in."""

    message = StateChanged

    async def apply(self, rt: Runtime, s: WriteSession, m: StateChanged, now: datetime) -> None:
        if (State(m.source), State(m.target)) in _UNTOLD:
            return
        for owner in await staff.active_owners(s):
            await outbox.put(
                s,
                SendStaffLetter(
                    kind="state_changed",
                    staff_id=owner,
                    at=m.ends_at,
                    what=f"{m.source} {m.target}",
                    why=m.reason,
                ),
            )


def state_letter(found: StaffLetter, *, t: Translator, at: str, brand: Brand) -> Letter:
    """The letter; `found.what` holds the state that was left and the one that was reached."""
    source, _, target = found.what.partition(" ")
    name = brand.name
    paragraphs: list[str]
    match target:
        case "live" if source == "sandbox":
            heading = t.text("%(brand)s is live", brand=name)
            paragraphs = [
                t.text("Members join, earn and redeem for real from now on."),
                t.text("Point them to %(url)s.", url=brand.url),
            ]
        case "past_due":
            heading = t.text("A payment for the plan of %(brand)s failed", brand=name)
            paragraphs = [
                t.text("Members notice nothing. Settle it by %(day)s in the console.", day=at),
                t.text("After that day the site of the programme is paused until it is paid."),
            ]
        case "suspended":
            heading = t.text("%(brand)s is suspended", brand=name)
            paragraphs = [
                t.text(
                    "Members see a page that says that the programme is paused. Their points keep"
                    " their dates, and orders on their way are seen through."
                ),
                t.text(
                    "In the console everything can be read. If you do not know why, answer the"
                    " platform's support."
                ),
            ]
        case "closing":
            heading = t.text("%(brand)s is closing", brand=name)
            paragraphs = [
                t.text(
                    "Members spend their points until %(day)s; nobody joins and no points are"
                    " credited any more. An owner can take it back until then.",
                    day=at,
                ),
                t.text("Deliver, cancel or refund every open order until that day."),
            ]
        case "closed":
            heading = t.text("%(brand)s is closed", brand=name)
            paragraphs = [t.text("The programme has ended. Its site and its console are shut.")]
        case _:
            heading = t.text("%(brand)s goes on", brand=name)
            paragraphs = [
                t.text("The interruption is over: the programme stands as it did before."),
            ]
    if found.why:
        paragraphs.append(t.text("The reason given: %(reason)s", reason=found.why))
    return Letter(
        subject=heading,
        heading=heading,
        paragraphs=tuple(paragraphs),
        action=None if target == "closed" else (t.text("See where the brand stands"), found.url),
        short=heading,
    )
