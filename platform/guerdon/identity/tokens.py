"""Tokens for the brand's mobile app: authorization code with PKCE, refresh with rotation.

Access tokens are opaque, 256 bits, stored hashed in Valkey for minutes. A refresh token is a
generation of its grant, authenticated with a key that no store holds: the database keeps only the
number of the generation in force. Giving an old generation back ends the grant, except for the
one before the current within half a minute: its answer may have been lost on a bad line, and
then it gets the same successor again.
"""

import hashlib
import re
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

import msgspec

from guerdon.identity.errors import TokenRefusedError
from guerdon.identity.keyring import as_text, digest, encode, mac_text, same
from guerdon.identity.parameters import MobileApp, SecurityParameters
from guerdon.identity.policy import MEMBER_SCOPES
from guerdon.identity.principals import MEMBER_APP, MemberPrincipal
from guerdon.kit.ids import secret_token, uuid7
from guerdon.plumbing.cache import key, reach
from guerdon.plumbing.db import ReadSession, WriteSession
from guerdon.runtime import Runtime

CODE_LIFETIME_S: Final = 60
ACCESS_LIFETIME_S: Final = 900
GRANT_LIFETIME: Final = timedelta(days=180)
_REPLAY_GRACE: Final = timedelta(seconds=30)
_USED_CODE_KEPT_S: Final = 600
_VERIFIER = re.compile(r"[A-Za-z0-9._~-]{43,128}")
_CHALLENGE = re.compile(r"[A-Za-z0-9_-]{43}")


class TokenSet(msgspec.Struct, frozen=True):
    """The answer of a token endpoint (RFC 6749 5.1), names as on the wire."""

    access_token: str
    refresh_token: str
    scope: str
    expires_in: int = ACCESS_LIFETIME_S
    token_type: str = "Bearer"  # noqa: S105


class Grant(msgspec.Struct, frozen=True):
    """An app that a member has allowed in."""

    id: UUID
    client_id: str
    scopes: tuple[str, ...]
    created_at: datetime
    last_used_at: datetime


class _Code(msgspec.Struct, frozen=True):
    client_id: str
    redirect_uri: str
    challenge: str
    member_id: UUID
    scopes: tuple[str, ...]
    grant_id: UUID


class _Access(msgspec.Struct, frozen=True):
    member_id: UUID
    grant_id: UUID
    scopes: tuple[str, ...]
    ends_at: datetime


class _GrantRow(msgspec.Struct, frozen=True):
    member_id: UUID
    client_id: str
    scopes: tuple[str, ...]
    generation: int
    rotated_at: datetime
    expires_at: datetime
    revoked_at: datetime | None


class _Outcome(msgspec.Struct, frozen=True):
    """A rotation as it was committed; `reused` means that the grant has just been ended."""

    row: _GrantRow | None
    generation: int = 0
    reused: bool = False


def app_of(
    security: SecurityParameters, *, client_id: str, redirect_uri: str | None = None
) -> MobileApp:
    """The registered app, with exactly this redirect address; TokenRefusedError otherwise.

    Until this has passed, nobody may be redirected anywhere.
    """
    for app in security.apps:
        if app.client_id == client_id:
            if redirect_uri is not None and redirect_uri not in app.redirect_uris:
                raise _refused("invalid_request", "redirect_uri is not registered")
            return app
    raise _refused("invalid_client", "client_id is not registered")


async def authorize(
    rt: Runtime,
    *,
    tenant_id: UUID,
    app: MobileApp,
    member_id: UUID,
    redirect_uri: str,
    response_type: str,
    scope: str,
    code_challenge: str,
    code_challenge_method: str,
) -> str:
    """An authorization code for a member who is signed in and agrees; good once, for a minute."""
    if redirect_uri not in app.redirect_uris:
        raise _refused("invalid_request", "redirect_uri is not registered")
    if response_type != "code":
        raise _refused("unsupported_response_type", "only response_type=code")
    if code_challenge_method != "S256" or not _CHALLENGE.fullmatch(code_challenge):
        raise _refused("invalid_request", "PKCE with code_challenge_method=S256 is required")
    scopes = tuple(scope.split()) or app.scopes
    if not set(scopes) <= set(app.scopes) & set(MEMBER_SCOPES):
        raise _refused("invalid_scope", f"scopes of this app: {' '.join(app.scopes)}")
    code = secret_token(32)
    record = _Code(
        client_id=app.client_id,
        redirect_uri=redirect_uri,
        challenge=code_challenge,
        member_id=member_id,
        scopes=scopes,
        grant_id=uuid7(),
    )
    await reach(
        rt.valkey.set(
            key(tenant_id, "code", digest(code)), msgspec.json.encode(record), ex=CODE_LIFETIME_S
        )
    )
    return code


async def exchange(
    rt: Runtime,
    *,
    tenant_id: UUID,
    client_id: str,
    code: str,
    redirect_uri: str,
    code_verifier: str,
    now: datetime,
) -> TokenSet:
    """Tokens for a code (RFC 6749 4.1.3, RFC 7636). A code given back twice ends its grant."""
    hashed = digest(code)
    raw = await reach(rt.valkey.getdel(key(tenant_id, "code", hashed)))
    if raw is None:
        used = await reach(rt.valkey.get(key(tenant_id, "used-code", hashed)))
        if used is not None:
            await end_grant(rt, tenant_id=tenant_id, grant_id=UUID(as_text(used)), now=now)
        raise _refused("invalid_grant", "the code is unknown, expired or used")
    record = msgspec.json.decode(raw, type=_Code)
    await reach(
        rt.valkey.set(
            key(tenant_id, "used-code", hashed), str(record.grant_id), ex=_USED_CODE_KEPT_S
        )
    )
    if record.client_id != client_id or record.redirect_uri != redirect_uri:
        raise _refused("invalid_grant", "the code was issued to another app or address")
    challenge = encode(hashlib.sha256(code_verifier.encode()).digest())
    if not _VERIFIER.fullmatch(code_verifier) or not same(challenge, record.challenge):
        raise _refused("invalid_grant", "code_verifier does not fit")
    async with rt.db.write(tenant_id) as s:
        await s.execute(
            """
            INSERT INTO app.token_grant
              (tenant_id, id, member_id, client_id, scopes, generation, created_at, rotated_at,
               expires_at)
            VALUES (%(tenant_id)s, %(id)s, %(member_id)s, %(client_id)s, %(scopes)s, 1,
                    %(now)s, %(now)s, %(expires_at)s)
            """,
            {
                "id": record.grant_id,
                "member_id": record.member_id,
                "client_id": client_id,
                "scopes": list(record.scopes),
                "now": now,
                "expires_at": now + GRANT_LIFETIME,
            },
        )
    return await _tokens(
        rt, tenant_id, record.grant_id, record.member_id, record.scopes, 1, now=now
    )


async def refresh(
    rt: Runtime, *, tenant_id: UUID, client_id: str, refresh_token: str, now: datetime
) -> TokenSet:
    """New tokens for a refresh token, which is used up (RFC 9700 4.14)."""
    parsed = _parse(rt, tenant_id, refresh_token)
    if parsed is None:
        raise _refused("invalid_grant", "the refresh token is not valid")
    grant_id, generation = parsed
    async with rt.db.write(tenant_id) as s:
        outcome = await _rotate(s, grant_id, generation, client_id, now)
    if outcome.reused:
        await _drop_access(rt, tenant_id, grant_id)
    if outcome.row is None or outcome.reused:
        raise _refused("invalid_grant", "the refresh token is used, expired or revoked")
    return await _tokens(
        rt,
        tenant_id,
        grant_id,
        outcome.row.member_id,
        outcome.row.scopes,
        outcome.generation,
        now=now,
    )


async def _rotate(
    s: WriteSession, grant_id: UUID, generation: int, client_id: str, now: datetime
) -> _Outcome:
    row = await s.one_or_none(
        _GrantRow,
        "SELECT member_id, client_id, scopes, generation, rotated_at, expires_at, revoked_at"
        "  FROM app.token_grant WHERE tenant_id = %(tenant_id)s AND id = %(id)s FOR UPDATE",
        {"id": grant_id},
    )
    if row is None or row.revoked_at is not None or row.expires_at <= now:
        return _Outcome(None)
    if row.client_id == client_id and generation == row.generation:
        await s.execute(
            "UPDATE app.token_grant SET generation = generation + 1, rotated_at = %(now)s"
            " WHERE tenant_id = %(tenant_id)s AND id = %(id)s",
            {"id": grant_id, "now": now},
        )
        return _Outcome(row, row.generation + 1)
    lost_answer = generation == row.generation - 1 and now - row.rotated_at <= _REPLAY_GRACE
    if row.client_id == client_id and lost_answer:
        return _Outcome(row, row.generation)
    await s.execute(
        "UPDATE app.token_grant SET revoked_at = %(now)s"
        " WHERE tenant_id = %(tenant_id)s AND id = %(id)s",
        {"id": grant_id, "now": now},
    )
    return _Outcome(row, reused=True)


async def introspect(
    rt: Runtime, *, tenant_id: UUID, access_token: str, now: datetime
) -> MemberPrincipal | None:
    """Who holds this access token at this tenant, or None."""
    raw = await reach(rt.valkey.get(key(tenant_id, "access", digest(access_token))))
    if raw is None:
        return None
    access = msgspec.json.decode(raw, type=_Access)
    if access.ends_at <= now:
        return None
    return MemberPrincipal(
        tenant_id=tenant_id,
        member_id=access.member_id,
        session_id=None,
        audience=MEMBER_APP,
        grant_id=access.grant_id,
        scopes=frozenset(access.scopes),
    )


async def revoke(rt: Runtime, *, tenant_id: UUID, token: str, now: datetime) -> None:
    """End the grant behind a refresh or an access token (RFC 7009); unknown tokens are fine."""
    parsed = _parse(rt, tenant_id, token)
    if parsed is not None:
        await end_grant(rt, tenant_id=tenant_id, grant_id=parsed[0], now=now)
        return
    principal = await introspect(rt, tenant_id=tenant_id, access_token=token, now=now)
    if principal is not None and principal.grant_id is not None:
        await end_grant(rt, tenant_id=tenant_id, grant_id=principal.grant_id, now=now)


async def end_grant(rt: Runtime, *, tenant_id: UUID, grant_id: UUID, now: datetime) -> None:
    """End one grant: its refresh token and its access tokens."""
    async with rt.db.write(tenant_id) as s:
        await s.execute(
            "UPDATE app.token_grant SET revoked_at = coalesce(revoked_at, %(now)s)"
            " WHERE tenant_id = %(tenant_id)s AND id = %(id)s",
            {"id": grant_id, "now": now},
        )
    await _drop_access(rt, tenant_id, grant_id)


async def grants(s: ReadSession, *, member_id: UUID, now: datetime) -> list[Grant]:
    """The apps that the member has let in."""
    return await s.all(
        Grant,
        "SELECT id, client_id, scopes, created_at, rotated_at AS last_used_at"
        "  FROM app.token_grant WHERE tenant_id = %(tenant_id)s AND member_id = %(member_id)s"
        "   AND revoked_at IS NULL AND expires_at > %(now)s ORDER BY created_at DESC",
        {"member_id": member_id, "now": now},
    )


async def end_grants(s: WriteSession, *, member_id: UUID, now: datetime) -> None:
    """End all grants of a member; their access tokens end with `drop_access_of`."""
    await s.execute(
        "UPDATE app.token_grant SET revoked_at = %(now)s"
        " WHERE tenant_id = %(tenant_id)s AND member_id = %(member_id)s AND revoked_at IS NULL",
        {"member_id": member_id, "now": now},
    )


async def drop_access_of(rt: Runtime, *, tenant_id: UUID, member_id: UUID) -> None:
    """Delete every access token of a member."""
    raw = await reach(rt.valkey.smembers(key(tenant_id, "apps", member_id)))
    for grant_id in raw:
        await _drop_access(rt, tenant_id, UUID(as_text(grant_id)))


async def _drop_access(rt: Runtime, tenant_id: UUID, grant_id: UUID) -> None:
    index = key(tenant_id, "grant", grant_id)
    hashes = [as_text(m) for m in await reach(rt.valkey.smembers(index))]
    await reach(rt.valkey.delete(index, *[key(tenant_id, "access", h) for h in hashes]))


async def _tokens(
    rt: Runtime,
    tenant_id: UUID,
    grant_id: UUID,
    member_id: UUID,
    scopes: tuple[str, ...],
    generation: int,
    *,
    now: datetime,
) -> TokenSet:
    access_token = f"gat_{secret_token(32)}"
    hashed = digest(access_token)
    record = _Access(
        member_id=member_id,
        grant_id=grant_id,
        scopes=scopes,
        ends_at=now + timedelta(seconds=ACCESS_LIFETIME_S),
    )
    async with rt.valkey.pipeline(transaction=True) as pipe:
        pipe.set(
            key(tenant_id, "access", hashed), msgspec.json.encode(record), ex=ACCESS_LIFETIME_S
        )
        pipe.sadd(key(tenant_id, "grant", grant_id), hashed)
        pipe.expire(key(tenant_id, "grant", grant_id), ACCESS_LIFETIME_S)
        pipe.sadd(key(tenant_id, "apps", member_id), str(grant_id))
        pipe.expire(key(tenant_id, "apps", member_id), ACCESS_LIFETIME_S)
        await reach(pipe.execute())
    return TokenSet(
        access_token=access_token,
        refresh_token=_refresh_token(rt, tenant_id, grant_id, generation),
        scope=" ".join(scopes),
    )


def _refresh_token(rt: Runtime, tenant_id: UUID, grant_id: UUID, generation: int) -> str:
    code = mac_text(rt.settings, "refresh token", tenant_id, grant_id.hex, str(generation))
    return f"grt_{grant_id.hex}_{generation}_{code}"


def _parse(rt: Runtime, tenant_id: UUID, token: str) -> tuple[UUID, int] | None:
    match = re.fullmatch(r"grt_([0-9a-f]{32})_(\d{1,9})_([A-Za-z0-9_-]{43})", token, re.ASCII)
    if match is None:
        return None
    code = mac_text(rt.settings, "refresh token", tenant_id, match[1], match[2])
    return (UUID(match[1]), int(match[2])) if same(code, match[3]) else None


def _refused(error: str, detail: str) -> TokenRefusedError:
    return TokenRefusedError(detail, error=error)
