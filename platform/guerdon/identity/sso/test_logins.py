"""Test logins: what a provider says with the settings as they stand, and what would follow."""

from datetime import datetime, timedelta
from uuid import UUID

from guerdon.audit import operations as audit
from guerdon.identity.sso import claims, queries
from guerdon.identity.sso.errors import SsoRefusedError
from guerdon.identity.sso.schemas import (
    Arrived,
    Connection,
    Person,
    TestLogin,
    settings_hash,
)
from guerdon.plumbing.db import ReadSession, WriteSession, jsonb
from guerdon.runtime import Runtime

PATIENCE = timedelta(minutes=15)
KEPT = 20


async def start(
    s: WriteSession,
    *,
    id: UUID,  # noqa: A002
    connection_id: UUID,
    started_by: UUID,
    now: datetime,
) -> TestLogin:
    """Begin a test login with the draft as it stands now."""
    connection = await queries.connection(s, connection_id=connection_id)
    await s.execute(
        "INSERT INTO app.staff_connection_test (tenant_id, id, connection_id, settings,"
        " settings_hash, started_by, started_at) VALUES (%(tenant_id)s, %(id)s, %(connection)s,"
        " %(settings)s, %(hash)s, %(by)s, %(now)s)",
        {
            "id": id,
            "connection": connection_id,
            "settings": jsonb(connection.draft),
            "hash": settings_hash(connection.draft),
            "by": started_by,
            "now": now,
        },
    )
    # What people's tokens said is kept no longer than it is needed.
    await s.execute(
        "DELETE FROM app.staff_connection_test t WHERE t.tenant_id = %(tenant_id)s"
        " AND t.connection_id = %(connection)s AND t.id NOT IN ("
        "  SELECT k.id FROM app.staff_connection_test k WHERE k.tenant_id = %(tenant_id)s"
        "  AND k.connection_id = %(connection)s ORDER BY k.started_at DESC, k.id DESC"
        "  LIMIT %(kept)s)",
        {"connection": connection_id, "kept": KEPT},
    )
    return await queries.test_login(s, connection_id=connection_id, test_id=id)


async def waiting(
    s: ReadSession, *, connection_id: UUID, test_id: UUID, now: datetime
) -> TestLogin:
    """The test login, if it is under way; SsoRefusedError otherwise."""
    found = await queries.test_login(s, connection_id=connection_id, test_id=test_id)
    if found.outcome != "waiting" or now - found.started_at > PATIENCE:
        raise SsoRefusedError("test_over", "This test login is over. Start another one.")
    return found


async def finish(
    rt: Runtime,
    *,
    tenant_id: UUID,
    connection: Connection,
    test_id: UUID,
    arrived: Arrived,
    person: Person,
    now: datetime,
) -> None:
    """Keep what the provider said. The test is passed if this person would come in."""
    if person.roles:
        outcome, reason, detail = "passed", "", ""
    else:
        outcome, reason = "failed", "no_role"
        detail = "None of this person's groups is mapped to a role, so they would not come in."
    async with rt.db.write(tenant_id) as s:
        if outcome == "passed":
            tested = (
                await queries.test_login(s, connection_id=connection.id, test_id=test_id)
            ).settings
            await s.execute(
                "UPDATE app.staff_connection SET tested_hash = %(hash)s,"
                " state = CASE WHEN state = 'draft' AND draft = %(draft)s THEN 'tested'"
                "              ELSE state END"
                " WHERE tenant_id = %(tenant_id)s AND id = %(id)s AND draft = %(draft)s",
                {"id": connection.id, "hash": settings_hash(tested), "draft": jsonb(tested)},
            )
        await _keep(s, connection.id, test_id, outcome, reason, detail, arrived, person, now)


async def fail(
    rt: Runtime,
    *,
    tenant_id: UUID,
    connection_id: UUID,
    test_id: UUID,
    refusal: SsoRefusedError,
    arrived: Arrived | None,
    now: datetime,
) -> None:
    """Keep why a test login did not work."""
    async with rt.db.write(tenant_id) as s:
        await _keep(
            s, connection_id, test_id, "failed", refusal.reason, refusal.detail, arrived, None, now
        )


async def _keep(
    s: WriteSession,
    connection_id: UUID,
    test_id: UUID,
    outcome: str,
    reason: str,
    detail: str,
    arrived: Arrived | None,
    person: Person | None,
    now: datetime,
) -> None:
    """Keep how it went, once; told to the trail."""
    kept = await s.execute(
        "UPDATE app.staff_connection_test SET outcome = %(outcome)s, reason = %(reason)s,"
        " detail = %(detail)s, claims = %(claims)s, groups = %(groups)s, roles = %(roles)s,"
        " finished_at = %(now)s WHERE tenant_id = %(tenant_id)s AND id = %(id)s"
        " AND connection_id = %(connection)s AND outcome = 'waiting'",
        {
            "id": test_id,
            "connection": connection_id,
            "outcome": outcome,
            "reason": reason,
            "detail": detail,
            "claims": jsonb({} if arrived is None else claims.preview(arrived.claims)),
            "groups": [] if person is None else list(person.groups),
            "roles": [] if person is None else sorted(person.roles),
            "now": now,
        },
    )
    if kept == 0:
        return
    test = await queries.test_login(s, connection_id=connection_id, test_id=test_id)
    await audit.record(
        s,
        actor=f"staff:{test.started_by}",
        action="connection.tested" if outcome == "passed" else "connection.test_failed",
        subject=f"connection:{connection_id}",
        summary={"test": str(test_id), "reason": reason, "roles": list(test.roles)},
        now=now,
    )
