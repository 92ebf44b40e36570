"""Hand-off from the brand's app (IDN-08): a short signed token says which member is there.

The brand signs with a key whose public half is in its parameters. Key id, algorithm, issuer and
audience are exact; a token lives two minutes at most and works once.
"""

from datetime import datetime

import msgspec
from joserfc import jws, jwt
from joserfc.errors import JoseError
from joserfc.jwk import ECKey, OKPKey, RSAKey
from joserfc.jwt import JWTClaimsRegistry

from guerdon.identity.errors import ConnectionRefusedByPolicyError
from guerdon.identity.keyring import digest
from guerdon.identity.parameters import HandOffKey, SecurityParameters
from guerdon.plumbing.cache import key, reach
from guerdon.runtime import Runtime
from guerdon.tenancy.schemas import Tenant

LIFETIME_MAX_S = 120
CONNECTION = "hand_off"
_LEEWAY_S = 10


class HandOff(msgspec.Struct, frozen=True):
    """Whom the brand vouches for. `subject` is the brand's own id of the member."""

    issuer: str
    subject: str
    email: str | None
    name: str | None


async def accept(
    rt: Runtime, *, tenant: Tenant, security: SecurityParameters, token: str, now: datetime
) -> HandOff:
    """The hand-off in `token`, used up; ConnectionRefusedByPolicyError if it does not hold."""
    if len(token) > 8192:
        raise _refused("too long")
    try:
        chosen = _key_of(security, token)
        claims = jwt.decode(token, _public(chosen), algorithms=[chosen.algorithm]).claims
        JWTClaimsRegistry(
            now=int(now.timestamp()),
            leeway=_LEEWAY_S,
            iss={"essential": True, "value": chosen.issuer},
            aud={"essential": True, "value": audience(rt, tenant)},
            sub={"essential": True},
            exp={"essential": True},
            iat={"essential": True},
            jti={"essential": True},
        ).validate(claims)
    except (JoseError, ValueError, TypeError, KeyError) as error:
        raise _refused(type(error).__name__) from error
    subject, jti = claims["sub"], claims["jti"]
    if claims["aud"] not in (audience(rt, tenant), [audience(rt, tenant)]):
        raise _refused("more than one audience")
    if not 0 < claims["exp"] - claims["iat"] <= LIFETIME_MAX_S:
        raise _refused("lives too long")
    if not (0 < len(subject) <= 255 and 8 <= len(jti) <= 255):
        raise _refused("sub or jti")
    first = await reach(
        rt.valkey.set(
            key(tenant.id, "hand-off", digest(f"{claims['iss']}\x1f{jti}")),
            b"1",
            nx=True,
            ex=LIFETIME_MAX_S + 2 * _LEEWAY_S + 60,
        )
    )
    if not first:
        raise _refused("used before")
    return HandOff(
        issuer=claims["iss"],
        subject=subject,
        email=_text(claims.get("email")),
        name=_text(claims.get("name")),
    )


def audience(rt: Runtime, tenant: Tenant) -> str:
    """What `aud` must be: the address of the tenant's site."""
    return rt.settings.tenant_url(tenant.canonical_host)


def _key_of(security: SecurityParameters, token: str) -> HandOffKey:
    header = jws.extract_compact(token.encode()).headers()
    for one in security.hand_off:
        if one.kid == header.get("kid"):
            if header.get("alg") != one.algorithm:
                raise ValueError("algorithm")
            return one
    raise KeyError("kid")


def _public(chosen: HandOffKey) -> RSAKey | ECKey | OKPKey:
    kind: type[RSAKey | ECKey | OKPKey]
    if chosen.algorithm.startswith(("RS", "PS")):
        kind = RSAKey
    else:
        kind = ECKey if chosen.algorithm.startswith("ES") else OKPKey
    loaded = kind.import_key(chosen.public_key)
    if loaded.is_private:
        raise ValueError("a private key in the parameters")
    return loaded


def _text(value: object) -> str | None:
    return value[:320] if isinstance(value, str) and value else None


def _refused(reason: str) -> ConnectionRefusedByPolicyError:
    return ConnectionRefusedByPolicyError(f"The hand-off was refused ({reason}).", reason=reason)
