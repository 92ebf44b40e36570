"""What a quiet demo has nothing of, put there for the pictures by the product's own operations."""

from pathlib import Path
from uuid import UUID

from tests.e2e.seats import with_runtime

from guerdon.identity import staff
from guerdon.identity.parameters import SecurityParameters
from guerdon.identity.support import access
from guerdon.runtime import Runtime
from guerdon.support import signs
from guerdon.support.thresholds import Kind
from guerdon.tenancy.operator import OPERATOR_SLUG
from guerdon.tenancy.schemas import Tenant

# Where support is at work; with other brands it is not, so that both are seen.
WATCHED = "kettle"
LOOKING, ASKING = "petra@guerdon.example", "sam@guerdon.example"
MINUTES = 120
_SIGNS = (
    (Kind.VELOCITY, "member:screens", {"hour": 9, "day": 14}),
    (Kind.SURGE, "brand", {"hour": 240, "week_before": 12}),
)


def stage(home: Path) -> None:
    """Support looks into a brand and asks for more, and there are signs of abuse."""

    async def people(rt: Runtime, platform: Tenant) -> dict[str, tuple[UUID, str]]:
        async with rt.db.read(platform.id) as s:
            found = {email: await staff.by_email(s, email) for email in (LOOKING, ASKING)}
        return {email: (one.id, one.name) for email, one in found.items() if one is not None}

    known = with_runtime(home, OPERATOR_SLUG, people)

    async def access_and_signs(rt: Runtime, brand: Tenant) -> None:
        now = rt.clock.now()
        security = (await rt.snapshot(brand.id, now))[SecurityParameters]
        async with rt.db.write(brand.id) as s:
            (owner, *_) = await staff.active_owners(s)
            here = {one.staff_id for one in await access.listing(s) if one.ended_at is None}
            for email, writes in ((LOOKING, False), (ASKING, True)):
                staff_id, name = known[email]
                if staff_id in here:
                    continue
                asked = await access.ask(
                    s, security=security, staff_id=staff_id, staff_name=name,
                    reason="Orders of yesterday evening wait for their supplier: may we look?",
                    minutes=MINUTES, writes=writes, now=now,
                )  # fmt: skip
                if email == LOOKING:
                    await access.consent(
                        s, access_id=asked.id, writes=False, by=f"staff:{owner}", now=now
                    )
            for kind, subject, facts in _SIGNS:
                await signs.raise_sign(s, kind=kind, subject=subject, facts=facts, now=now)

    with_runtime(home, WATCHED, access_and_signs)
