"""Who works for a demo brand: accounts of its own, and the corporate provider behind others.

`demo.toml` names them; the provider's file is written for `scripts/canaille/serve.py`.
"""

import os
from datetime import datetime
from typing import Any, Final

import msgspec

from guerdon.identity import passwords, staff, staff_credentials, totp
from guerdon.identity.sso import domains, operations, queries
from guerdon.identity.sso.endpoints import address
from guerdon.identity.sso.schemas import Connection, GroupRole, OidcSettings
from guerdon.kit.ids import uuid7
from guerdon.local.home import IDENTITY_URL, PROVIDER_FILE, Home
from guerdon.plumbing.db import WriteSession
from guerdon.runtime import Runtime
from guerdon.tenancy.schemas import Tenant

CLIENT_ID: Final = "guerdon-console"
_SCOPES = ("openid", "email", "profile", "groups")


# The platform's own staff: they see every brand at the staff host.
PLATFORM: Final[list[dict[str, Any]]] = [
    {
        "name": "Petra Platform",
        "email": "petra@guerdon.example",
        "roles": ["owner"],
        "password": "Harbour-Lantern-Petra-21",
    },
    {
        "name": "Sam Support",
        "email": "sam@guerdon.example",
        "roles": ["support"],
        "password": "Harbour-Lantern-Sam-22",
    },
]


async def ensure_staff(
    rt: Runtime, tenant: Tenant, told: list[dict[str, Any]], now: datetime
) -> list[dict[str, Any]]:
    """Make the brand's own accounts when they are missing; who can sign in with them."""
    for each in told:
        async with rt.db.write(tenant.id) as s:
            if await staff.by_email(s, each["email"]) is None:
                await _add(rt, s, each, now)
    return [
        {"email": one["email"], "password": one["password"], "roles": one["roles"]} for one in told
    ]


async def _add(rt: Runtime, s: WriteSession, each: dict[str, Any], now: datetime) -> None:
    staff_id = uuid7()
    await staff.add(
        s,
        id=staff_id,
        email=each["email"],
        name=each["name"],
        roles=each["roles"],
        language=each.get("language", "en"),
        break_glass=each.get("break_glass", False),
        now=now,
    )
    hashed = await passwords.hash_password(each["password"])
    await staff_credentials.store_password(s, staff_id=staff_id, hashed=hashed, now=now)
    await staff_credentials.put_totp(rt, s, staff_id=staff_id, totp_key=totp.new_key(), now=now)


async def ensure_connection(
    rt: Runtime, home: Home, tenant: Tenant, told: dict[str, Any] | None, now: datetime
) -> list[dict[str, Any]]:
    """Connect the brand to the corporate provider of this run, as a draft at first; who works
    there. The provider's own file is left in the home."""
    issuer = os.environ.get(IDENTITY_URL, "")
    if told is None or not issuer:
        return []
    secret = home.secret(f"identity-{tenant.slug}")
    async with rt.db.write(tenant.id) as s:
        connection = await _connection(rt, s, told, issuer, secret, now)
        await domains.claim(s, domain=told["domain"], now=now)
        # The brand does not exist, and neither does its domain: the demo's word has to do.
        await domains.note(s, domain=told["domain"], problem="", now=now)
    people = [
        {
            "user_name": one["user"],
            "name": one["name"],
            "email": f"{one['user']}@{told['domain']}",
            "password": one["password"],
            "groups": one["groups"],
        }
        for one in told["people"]
    ]
    home.write_private(
        PROVIDER_FILE,
        msgspec.json.encode(
            {
                "name": told["title"],
                "key": home.key_pair("identity-provider")[0],
                "people": people,
                "clients": [
                    {
                        "id": CLIENT_ID,
                        "secret": secret,
                        "name": tenant.name,
                        "uri": rt.settings.tenant_url(tenant.canonical_host),
                        "redirect_uris": [
                            address(rt, connection.tenant_id, connection.endpoint_id, "callback")
                        ],
                    }
                ],
            }
        ).decode(),
    )
    return [
        {
            "user": one["user"],
            "password": one["password"],
            "roles": [told["roles"][group] for group in one["groups"]],
        }
        for one in told["people"]
    ]


async def _connection(
    rt: Runtime,
    s: WriteSession,
    told: dict[str, Any],
    issuer: str,
    secret: str,
    now: datetime,
) -> Connection:
    settings = OidcSettings(
        issuer=issuer,
        client_id=CLIENT_ID,
        scopes=_SCOPES,
        roles=tuple(GroupRole(group, role) for group, role in told["roles"].items()),
    )
    found = next((c for c in await queries.connections(s) if c.title == told["title"]), None)
    if found is None:
        found = await operations.create(
            rt, s, id=uuid7(), title=told["title"], settings=settings, now=now
        )
        return await operations.set_secret(rt, s, connection_id=found.id, value=secret, now=now)
    before = found.draft
    if isinstance(before, OidcSettings) and before.issuer != issuer:
        # Only the address moved: what people changed in the console stays.
        found = await operations.edit(
            rt,
            s,
            connection_id=found.id,
            row_version=found.row_version,
            title=found.title,
            settings=msgspec.structs.replace(before, issuer=issuer),
            now=now,
        )
    return found
