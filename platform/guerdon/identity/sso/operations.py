"""Setting a connection up: draft, tested, enabled, enforced. Nothing untested goes into force."""

from datetime import datetime
from uuid import UUID

import msgspec

from guerdon.identity.sso import lock_out, queries
from guerdon.identity.sso.errors import (
    ConnectionSettingsError,
    ConnectionStateError,
    StaleConnectionError,
    UntestedConnectionError,
)
from guerdon.identity.sso.rules import require_usable
from guerdon.identity.sso.schemas import Connection, OidcSettings, Settings
from guerdon.kit.ids import secret_token
from guerdon.plumbing.db import WriteSession, jsonb
from guerdon.runtime import Runtime

CONNECTIONS_MAX = 10
_SECRET_MAX = 2000


async def create(
    rt: Runtime,
    s: WriteSession,
    *,
    id: UUID,  # noqa: A002
    title: str,
    settings: Settings,
    now: datetime,
) -> Connection:
    """A new draft with addresses of its own. Raises ConnectionSettingsError."""
    if len(await queries.connections(s)) >= CONNECTIONS_MAX:
        raise ConnectionStateError(
            f"A brand has {CONNECTIONS_MAX} connections at most. Delete one that is not used."
        )
    _require_title(title)
    require_usable(settings, rt.egress, tenant_id=s.tenant_id)
    endpoint_id = secret_token(24)
    await s.value(
        "SELECT ctl.save_staff_endpoint_v1(%(tenant_id)s, %(id)s, %(endpoint)s)",
        {"id": id, "endpoint": endpoint_id},
    )
    await s.execute(
        "INSERT INTO app.staff_connection (tenant_id, id, kind, title, state, endpoint_id, draft,"
        " row_version, created_at, updated_at) VALUES (%(tenant_id)s, %(id)s, %(kind)s, %(title)s,"
        " 'draft', %(endpoint)s, %(draft)s, 1, %(now)s, %(now)s)",
        {
            "id": id,
            "kind": settings.__struct_config__.tag,
            "title": title.strip(),
            "endpoint": endpoint_id,
            "draft": jsonb(settings),
            "now": now,
        },
    )
    return await queries.connection(s, connection_id=id)


async def edit(
    rt: Runtime,
    s: WriteSession,
    *,
    connection_id: UUID,
    row_version: int,
    title: str,
    settings: Settings,
    now: datetime,
) -> Connection:
    """Change the draft. What is in force stays until the new settings were tested and enabled.

    The client secret is not among what is edited. Raises ConnectionSettingsError,
    StaleConnectionError.
    """
    found = await _fresh(s, connection_id, row_version)
    _require_title(title)
    if type(settings) is not type(found.draft):
        raise ConnectionSettingsError("A connection keeps its protocol; add another.", field="kind")
    if isinstance(settings, OidcSettings) and isinstance(found.draft, OidcSettings):
        settings = msgspec.structs.replace(settings, secret=found.draft.secret)
    require_usable(settings, rt.egress, tenant_id=s.tenant_id)
    return await _save(s, found, now, title=title.strip(), draft=settings)


async def set_secret(
    rt: Runtime, s: WriteSession, *, connection_id: UUID, value: str, now: datetime
) -> Connection:
    """Seal a new client secret for the draft; sign-ins use the one before until then."""
    found = await queries.connection(s, connection_id=connection_id, lock=True)
    if not isinstance(found.draft, OidcSettings):
        raise ConnectionStateError("Only OpenID Connect has a client secret.")
    if not 0 < len(value) <= _SECRET_MAX or not value.isprintable() or value.strip() != value:
        raise ConnectionSettingsError(
            "Paste the secret's value as the provider shows it, without spaces around it.",
            field="secret",
        )
    name = f"sso.{connection_id.hex}.{secret_token(6)}"
    await rt.secrets.put(s, name, value)
    before = found.draft.secret
    saved = await _save(s, found, now, draft=msgspec.structs.replace(found.draft, secret=name))
    await _drop_unused(s, saved, before)
    return saved


async def enable(s: WriteSession, *, connection_id: UUID, now: datetime) -> Connection:
    """Put the tested draft into force.

    Raises UntestedConnectionError; LockOutError where single sign-on is enforced and nobody who
    would lead the brand has come through with these settings.
    """
    found = await queries.connection(s, connection_id=connection_id, lock=True)
    if not found.tested:
        raise UntestedConnectionError(
            "These settings have not seen a successful test login. Make one, then enable them."
        )
    if found.state == "enforced":
        await lock_out.require_leader(s, found)
    before = found.in_force
    state = "enforced" if found.state == "enforced" else "enabled"
    saved = await _save(s, found, now, in_force=found.draft, state=state)
    if isinstance(before, OidcSettings):
        await _drop_unused(s, saved, before.secret)
    return saved


async def enforce(s: WriteSession, *, connection_id: UUID, now: datetime) -> Connection:
    """People sign in by a connection only. Raises LockOutError, ConnectionStateError."""
    found = await queries.connection(s, connection_id=connection_id, lock=True)
    if found.state != "enabled":
        raise ConnectionStateError("Enable the connection first; then it can be enforced.")
    if found.pending:
        raise ConnectionStateError(
            "Changes wait for a test login. Test and enable them, or take them back, first."
        )
    await lock_out.require_leader(s, found)
    await lock_out.require_break_glass(s)
    return await _save(s, found, now, state="enforced")


async def relax(s: WriteSession, *, connection_id: UUID, now: datetime) -> Connection:
    """Let people sign in with passkeys and passwords again."""
    found = await queries.connection(s, connection_id=connection_id, lock=True)
    if found.state != "enforced":
        raise ConnectionStateError("The connection is not enforced.")
    return await _save(s, found, now, state="enabled")


async def disable(s: WriteSession, *, connection_id: UUID, now: datetime) -> Connection:
    """Nobody comes in by it any more. Raises LockOutError where somebody would be stranded."""
    found = await queries.connection(s, connection_id=connection_id, lock=True)
    if not found.open:
        raise ConnectionStateError("The connection is not enabled.")
    await lock_out.require_other_way_in(s, found)
    state = "tested" if found.tested else "draft"
    return await _save(s, found, now, state=state, in_force=None)


async def delete(s: WriteSession, *, connection_id: UUID) -> Connection:
    """Remove a connection that is not enabled, with its secret, its addresses and identities."""
    found = await queries.connection(s, connection_id=connection_id, lock=True)
    if found.open:
        raise ConnectionStateError("People sign in by this connection. Disable it first.")
    await s.value("SELECT ctl.drop_staff_endpoint_v1(%(tenant_id)s, %(id)s)", {"id": connection_id})
    for table in ("staff_identity", "staff_connection_invite", "staff_connection_test"):
        await s.execute(
            f"DELETE FROM app.{table}"  # noqa: S608
            " WHERE tenant_id = %(tenant_id)s AND connection_id = %(id)s",
            {"id": connection_id},
        )
    await s.execute(
        "DELETE FROM app.staff_connection WHERE tenant_id = %(tenant_id)s AND id = %(id)s",
        {"id": connection_id},
    )
    if isinstance(found.draft, OidcSettings):
        await _forget_secret(s, found.draft.secret)
    return found


async def _fresh(s: WriteSession, connection_id: UUID, row_version: int) -> Connection:
    found = await queries.connection(s, connection_id=connection_id, lock=True)
    if found.row_version != row_version:
        raise StaleConnectionError(
            "Somebody changed this connection while you were editing. Load it again.",
            field="rowVersion",
        )
    return found


async def _save(
    s: WriteSession, before: Connection, now: datetime, **changes: object
) -> Connection:
    after = msgspec.structs.replace(
        before, **changes, row_version=before.row_version + 1, updated_at=now
    )
    if not after.open:
        state = "tested" if after.tested else "draft"
        after = msgspec.structs.replace(after, state=state, in_force=None)
    await s.execute(
        "UPDATE app.staff_connection SET title = %(title)s, state = %(state)s, draft = %(draft)s,"
        " in_force = %(in_force)s, row_version = %(row_version)s, updated_at = %(now)s"
        " WHERE tenant_id = %(tenant_id)s AND id = %(id)s",
        {
            "id": after.id,
            "title": after.title,
            "state": after.state,
            "draft": jsonb(after.draft),
            "in_force": None if after.in_force is None else jsonb(after.in_force),
            "row_version": after.row_version,
            "now": now,
        },
    )
    return after


async def _drop_unused(s: WriteSession, now_kept: Connection, name: str) -> None:
    used = {
        one.secret for one in (now_kept.draft, now_kept.in_force) if isinstance(one, OidcSettings)
    }
    if name not in used:
        await _forget_secret(s, name)


async def _forget_secret(s: WriteSession, name: str) -> None:
    if name:
        await s.execute(
            "DELETE FROM app.secret WHERE tenant_id = %(tenant_id)s AND name = %(name)s",
            {"name": name},
        )


def _require_title(title: str) -> None:
    if not 0 < len(title.strip()) <= 80 or not title.isprintable():
        raise ConnectionSettingsError(
            "Give a name of at most 80 characters; people see it on the sign-in page.",
            field="title",
        )
