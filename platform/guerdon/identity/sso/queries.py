"""Reading connections, test logins and identities."""

from uuid import UUID

from guerdon.identity.sso.errors import UnknownConnectionError
from guerdon.identity.sso.schemas import Connection, Endpoint, TestLogin
from guerdon.plumbing.db import ReadSession
from guerdon.runtime import Runtime

_COLUMNS = (
    "tenant_id, id, kind, title, state, endpoint_id, draft, in_force, tested_hash, row_version,"
    " created_at, updated_at"
)
_TEST = (
    "id, connection_id, settings, started_by, started_at, finished_at, outcome, reason, detail,"
    " claims, groups, roles"
)


async def endpoint(rt: Runtime, *, endpoint_id: str) -> Endpoint:
    """Whose address this is; UnknownConnectionError if nobody's."""
    async with rt.db.control() as s:
        found = await s.all(
            Endpoint, "SELECT * FROM ctl.resolve_staff_endpoint_v1(%(id)s)", {"id": endpoint_id}
        )
    if not found:
        raise UnknownConnectionError
    return found[0]


async def connection(s: ReadSession, *, connection_id: UUID, lock: bool = False) -> Connection:
    """One connection; UnknownConnectionError if there is none. `lock` keeps others waiting."""
    found = await s.one_or_none(
        Connection,
        f"SELECT {_COLUMNS} FROM app.staff_connection"  # noqa: S608
        f" WHERE tenant_id = %(tenant_id)s AND id = %(id)s{' FOR UPDATE' if lock else ''}",
        {"id": connection_id},
    )
    if found is None:
        raise UnknownConnectionError
    return found


async def connections(s: ReadSession) -> list[Connection]:
    """All connections of the brand."""
    return await s.all(
        Connection,
        f"SELECT {_COLUMNS} FROM app.staff_connection"  # noqa: S608
        " WHERE tenant_id = %(tenant_id)s ORDER BY created_at, id",
    )


async def offered(s: ReadSession) -> list[Connection]:
    """The connections that the sign-in page shows."""
    return [one for one in await connections(s) if one.open]


async def test_login(s: ReadSession, *, connection_id: UUID, test_id: UUID) -> TestLogin:
    """One test login; NotFoundError if there is none."""
    return await s.one(
        TestLogin,
        f"SELECT {_TEST} FROM app.staff_connection_test"  # noqa: S608
        " WHERE tenant_id = %(tenant_id)s AND connection_id = %(connection)s AND id = %(id)s",
        {"connection": connection_id, "id": test_id},
    )


async def last_test(s: ReadSession, *, connection_id: UUID) -> TestLogin | None:
    """The test login that was started last."""
    return await s.one_or_none(
        TestLogin,
        f"SELECT {_TEST} FROM app.staff_connection_test"  # noqa: S608
        " WHERE tenant_id = %(tenant_id)s AND connection_id = %(connection)s"
        " ORDER BY started_at DESC, id DESC LIMIT 1",
        {"connection": connection_id},
    )


async def leader_tested(s: ReadSession, *, connection_id: UUID, settings_hash: str) -> bool:
    """Whether somebody who would be owner or administrator came through with these settings."""
    found: bool = await s.value(
        "SELECT EXISTS (SELECT FROM app.staff_connection_test"
        " WHERE tenant_id = %(tenant_id)s AND connection_id = %(connection)s"
        " AND settings_hash = %(hash)s AND outcome = 'passed'"
        " AND roles && '{owner,administrator}')",
        {"connection": connection_id, "hash": settings_hash},
    )
    return found
