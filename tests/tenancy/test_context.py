"""The signed, transaction-bound, write-once tenant context."""

from uuid import UUID

import psycopg
import pytest

from guerdon.kit.ids import uuid7
from guerdon.plumbing.db import NoTenantError
from guerdon.runtime import Runtime
from guerdon.tenancy.schemas import Tenant


async def test_a_session_sees_its_tenant_only(rt: Runtime, tenant: Tenant, make_tenant) -> None:
    other = await make_tenant()
    async with rt.db.write(tenant.id) as s:
        await rt.secrets.put(s, "key", "mine")
    async with rt.db.read(other.id) as s:
        assert await s.value("SELECT count(*) FROM app.secret") == 0
    async with rt.db.read(tenant.id) as s:
        assert await rt.secrets.get(s, "key") == "mine"


async def test_no_tenant_no_transaction(rt: Runtime) -> None:
    with pytest.raises(NoTenantError):
        async with rt.db.read(None):  # type: ignore[arg-type]
            pass


async def test_statements_without_a_tenant_fail_loudly(rt: Runtime) -> None:
    with pytest.raises(psycopg.errors.InsufficientPrivilege, match="no tenant in context"):
        async with rt.db.control() as s:
            await s.value("SELECT count(*) FROM app.secret")


async def test_a_transaction_keeps_its_tenant(rt: Runtime, tenant: Tenant, make_tenant) -> None:
    other = await make_tenant()
    with pytest.raises(psycopg.errors.InsufficientPrivilege, match="already bound"):
        async with rt.db.read(tenant.id) as s:
            await s.value("SELECT app.enter(%(ctx)s)", {"ctx": rt.db.sign(other.id)})


@pytest.mark.parametrize("change", ["tenant", "expiry", "mac", "role"])
async def test_an_altered_context_is_refused(
    rt: Runtime, worker_rt: Runtime, tenant: Tenant, change: str
) -> None:
    parts = rt.db.sign(tenant.id).split(".")
    if change == "tenant":
        parts[2] = str(uuid7())
    elif change == "expiry":
        parts[3] = str(int(parts[3]) + 1)
    elif change == "mac":
        parts[4] = parts[4][:-1] + ("0" if parts[4][-1] != "0" else "1")
    else:
        parts = worker_rt.db.sign(tenant.id).split(".")
    with pytest.raises(psycopg.errors.InsufficientPrivilege, match="bad tenant context"):
        async with rt.db.control() as s:
            await s.value("SELECT app.enter(%(ctx)s)", {"ctx": ".".join(parts)})


async def test_residue_of_a_session_level_setting_is_absent(rt: Runtime, tenant: Tenant) -> None:
    context = rt.db.sign(tenant.id)
    async with rt.db.control() as s:
        await s.value("SELECT set_config('app.ctx', %(ctx)s, false)", {"ctx": context})
        await s.value("SELECT set_config('app.ctx_at', '1', false)")
    for _ in range(10):
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            async with rt.db.control() as s:
                await s.value("SELECT count(*) FROM app.secret")
    async with rt.db.read(tenant.id) as s:
        assert await s.value("SELECT app.current_tenant()") == tenant.id


async def test_a_reader_cannot_write(rt: Runtime, tenant: Tenant) -> None:
    with pytest.raises(psycopg.errors.ReadOnlySqlTransaction):
        async with rt.db.read(tenant.id) as s:
            await s.value(
                "INSERT INTO app.secret (tenant_id, name, sealed)"
                " VALUES (%(tenant_id)s, 'x', 'y') RETURNING name"
            )


async def test_a_failure_rolls_back(rt: Runtime, tenant: Tenant) -> None:
    with pytest.raises(RuntimeError, match="on purpose"):
        async with rt.db.write(tenant.id) as s:
            await rt.secrets.put(s, "half", "done")
            raise RuntimeError("on purpose")
    async with rt.db.read(tenant.id) as s:
        assert await rt.secrets.get(s, "half") is None


async def test_one_round_trip_fetch(rt: Runtime, tenant: Tenant) -> None:
    assert await rt.db.fetch(tenant.id, UUID, "SELECT app.current_tenant()") == [tenant.id]


async def test_a_sealed_value_does_not_open_elsewhere(rt: Runtime, tenant: Tenant) -> None:
    from guerdon.plumbing.crypto import SealBrokenError

    async with rt.db.write(tenant.id) as s:
        await rt.secrets.put(s, "one", "value")
        await s.execute(
            "INSERT INTO app.secret (tenant_id, name, sealed)"
            " SELECT tenant_id, 'two', sealed FROM app.secret"
            " WHERE tenant_id = %(tenant_id)s AND name = 'one'"
        )
    async with rt.db.read(tenant.id) as s:
        with pytest.raises(SealBrokenError):
            await rt.secrets.get(s, "two")
