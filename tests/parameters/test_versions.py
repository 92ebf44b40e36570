"""Typed sections, immutable versions, snapshots."""

import asyncio
from datetime import UTC, datetime, timedelta

import psycopg
import pytest

from guerdon.parameters.operations import publish
from guerdon.parameters.sections import InvalidParametersError, ProgrammeParameters
from guerdon.runtime import Runtime
from guerdon.tenancy.schemas import Tenant

NOW = datetime(2026, 11, 12, 12, 0, tzinfo=UTC)


async def _publish(rt: Runtime, tenant: Tenant, content, **kwargs):
    async with rt.db.write(tenant.id) as s:
        return await publish(
            s, registry=rt.snapshots.registry, content=content, author="test", now=NOW, **kwargs
        )


async def test_the_same_content_publishes_nothing(rt: Runtime, tenant: Tenant) -> None:
    first = await _publish(rt, tenant, {"programme": {"name": "Miles"}})
    again = await _publish(rt, tenant, {"programme": {"name": "Miles"}})
    assert (first.version, first.changed) == (2, True)
    assert (again.version, again.changed) == (2, False)


async def test_every_process_follows_within_a_second(
    rt: Runtime, worker_rt: Runtime, tenant: Tenant
) -> None:
    await worker_rt.snapshot(tenant.id, NOW)
    await _publish(rt, tenant, {"programme": {"name": "Changed"}})
    async with asyncio.timeout(1):
        while True:
            snapshot = worker_rt.snapshots.current(tenant.id, NOW)
            if snapshot[ProgrammeParameters].name == "Changed":
                break
            await asyncio.sleep(0.02)
    assert snapshot.version == 2


async def test_a_scheduled_version_is_chosen_by_the_instant(rt: Runtime, tenant: Tenant) -> None:
    later = datetime.now(UTC) + timedelta(days=1)
    await _publish(rt, tenant, {"programme": {"name": "Tomorrow"}}, effective_at=later)
    await rt.snapshots.load(tenant.id)
    before = rt.snapshots.current(tenant.id, later - timedelta(microseconds=1))
    at = rt.snapshots.current(tenant.id, later)
    assert (before.version, at.version) == (1, 2)
    assert at[ProgrammeParameters].name == "Tomorrow"


@pytest.mark.parametrize(
    ("content", "path", "code"),
    [
        ({"programme": {"currency": "dollars"}}, "programme.currency", "wrong_form"),
        ({"programme": {"time_zone": "Mars/Base"}}, "programme.time_zone", "unknown_time_zone"),
        ({"programme": {"languages": ["en", "en"]}}, "programme.languages", "duplicate_language"),
        ({"programme": {"languages": ["fr"]}}, "programme.languages[0]", "not_a_choice"),
        ({"nonsense": {}}, "nonsense", "unknown_section"),
        ({"programme": {"nam": "x"}}, "programme.nam", "unknown_field"),
        ({"programme": {"name": 5}}, "programme.name", "wrong_type"),
    ],
)
async def test_bad_parameters_name_field_and_reason(
    rt: Runtime, tenant: Tenant, content, path: str, code: str
) -> None:
    with pytest.raises(InvalidParametersError) as caught:
        await _publish(rt, tenant, content)
    assert [(f.path, f.code) for f in caught.value.findings] == [(path, code)]
    async with rt.db.read(tenant.id) as s:
        assert await s.value("SELECT max(version) FROM app.parameter_version") == 1


async def test_versions_cannot_be_changed(rt: Runtime, tenant: Tenant) -> None:
    with pytest.raises(psycopg.errors.InsufficientPrivilege):
        async with rt.db.write(tenant.id) as s:
            await s.execute("UPDATE app.parameter_version SET note = 'x'")
