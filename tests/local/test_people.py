"""The demo's people: made once, and connected to the corporate provider wherever it listens."""

import json
from pathlib import Path

import pytest

from guerdon.identity import staff, staff_credentials
from guerdon.identity.sso import domains, queries
from guerdon.identity.sso.schemas import OidcSettings
from guerdon.local import people
from guerdon.local.home import IDENTITY_URL, PROVIDER_FILE, Home
from guerdon.runtime import Runtime
from guerdon.tenancy.schemas import Tenant

TOLD = {
    "title": "Corporate",
    "domain": "brand.example",
    "roles": {"Owners": "owner"},
    "people": [{"name": "Olga", "user": "olga", "password": "a long one", "groups": ["Owners"]}],
}
STAFF = [
    {"name": "Kate", "email": "kate@brand.example", "password": "tin-drum-morning",
     "roles": ["owner"], "break_glass": True},
]  # fmt: skip


async def test_accounts_are_made_once(rt: Runtime, tenant: Tenant) -> None:
    now = rt.clock.now()
    for _ in range(2):
        assert await people.ensure_staff(rt, tenant, STAFF, now) == [
            {"email": "kate@brand.example", "password": "tin-drum-morning", "roles": ["owner"]}
        ]
    async with rt.db.read(tenant.id) as s:
        kate = await staff.by_email(s, "kate@brand.example")
        assert kate is not None
        assert (kate.roles, kate.break_glass) == (("owner",), True)
        ways = await staff_credentials.ways(s, staff_id=kate.id)
    assert ways.any


async def test_the_connection_follows_the_provider(
    rt: Runtime, tenant: Tenant, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    home, now = Home(tmp_path), rt.clock.now()
    assert await people.ensure_connection(rt, home, tenant, TOLD, now) == []
    origins = list(rt.settings.egress_allowed_origins)
    for issuer in (origins[0], origins[1], origins[1]):
        monkeypatch.setenv(IDENTITY_URL, issuer)
        named = await people.ensure_connection(rt, home, tenant, TOLD, now)
        assert named == [{"user": "olga", "password": "a long one", "roles": ["owner"]}]
        async with rt.db.read(tenant.id) as s:
            (connection,) = await queries.connections(s)
            assert await domains.proved(s) == {"brand.example"}
        assert isinstance(connection.draft, OidcSettings)
        assert connection.draft.issuer == issuer
        assert connection.draft.secret
    file = json.loads((tmp_path / PROVIDER_FILE).read_text())
    assert file["people"][0]["email"] == "olga@brand.example"
    (client,) = file["clients"]
    assert client["redirect_uris"] == [
        f"{rt.settings.console_url}/sso/{connection.endpoint_id}/callback"
    ]
