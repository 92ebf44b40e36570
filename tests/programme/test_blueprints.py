"""A brand made from a blueprint earns and redeems at once."""

from typing import Any

import pytest

from guerdon.earning.operations import earn
from guerdon.earning.schemas import Event
from guerdon.kit.errors import NotFoundError
from guerdon.kit.ids import uuid7
from guerdon.kit.money import Money
from guerdon.members.operations import join
from guerdon.parameters.sections import ProgrammeParameters
from guerdon.plumbing.runner import Runner
from guerdon.programme.blueprints import from_blueprint, names
from guerdon.programme.folder import apply_folder
from guerdon.redemption import operations, queries
from guerdon.redemption.quotes import Wanted
from guerdon.runtime import Runtime
from guerdon.tiers.parameters import TierParameters
from guerdon_workers.actors import all_handlers


def test_there_is_one_for_each_kind_of_business() -> None:
    assert names() == ["airline", "coffee", "retail"]
    with pytest.raises(NotFoundError, match="airline, coffee, retail"):
        from_blueprint("bank", slug="x1", title="X")


@pytest.mark.parametrize("name", names())
async def test_it_earns_and_redeems_at_once(rt: Runtime, worker_rt: Runtime, name: str) -> None:
    now = rt.clock.now()
    slug = f"bp-{uuid7().hex[-10:]}"
    folder = from_blueprint(name, slug=slug, title="Bean There")
    tenant = (await apply_folder(rt, folder, author="test", now=now)).tenant
    await rt.snapshots.load(tenant.id)
    snapshot = await rt.snapshot(tenant.id, now)
    programme = snapshot[ProgrammeParameters]
    assert programme.name == "Bean There"
    assert len(snapshot[TierParameters].tiers) >= 3
    async with rt.db.write(tenant.id) as s:
        member = await join(
            s, id=uuid7(), email="ana@mail.example", name="Ana", snapshot=snapshot, now=now,
            phone="", language=programme.languages[0], email_verified=True,
        )  # fmt: skip
    earned = await earn(
        rt, tenant_id=tenant.id, now=now,
        event=Event(account_id=member.account_id, member_id=member.id, source="till",
                    event_id="1", amount=Money(600_000, programme.currency), occurred_at=now),
    )  # fmt: skip
    assert earned.points > 0
    async with rt.db.read(tenant.id) as s:
        variant = await s.value(
            "SELECT id FROM app.product_variant WHERE tenant_id = %(tenant_id)s"
            " ORDER BY sku LIMIT 1"
        )
    async with rt.db.write(tenant.id) as s:
        quote = await operations.quote(
            rt, s, member_id=member.id, wanted=[Wanted(variant, 1)], points=None,
            language=programme.languages[0], now=now,
        )  # fmt: skip
    placed = await operations.place(
        rt, tenant_id=tenant.id, member_id=member.id, quote_id=quote.id, ship_to=None,
        language=programme.languages[0], return_url=None, principal=f"member:{member.id}",
        key="1", now=now,
    )  # fmt: skip
    runner = Runner(worker_rt, all_handlers(), attempts_max=3)
    for _ in range(20):
        async with rt.db.read(tenant.id) as s:
            due = [m.id for m in await _due(s)]
        for message in due:
            await runner.run(tenant.id, message)
        if not due:
            break
    async with rt.db.read(tenant.id) as s:
        assert (await queries.redemption(s, placed.id)).state in ("confirmed", "shipped")


async def _due(s: Any) -> list[Any]:
    from guerdon.plumbing import outbox

    return [m for m in await outbox.waiting(s) if m.due]


async def test_the_command_makes_one_and_refuses_a_second(guerdon: Any) -> None:
    slug = f"bp-{uuid7().hex[-10:]}"
    first = await guerdon("tenants", "create", slug, "--blueprint", "coffee", "--name", "Café Um")
    assert (first.returncode, first.stdout) == (0, f"{slug}: lives at http://{slug}.localhost\n")
    again = await guerdon("tenants", "create", slug, "--blueprint", "coffee", "--name", "Café Um")
    assert (again.returncode, again.stderr) == (
        1, f"invalid: There is a brand '{slug}' already. (slug)\n",
    )  # fmt: skip
