"""New terms of the platform: owners are asked, once; from their day on the console waits."""

import hashlib
import shutil
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import msgspec
import pytest
from tests.admin_api.routes import calls
from tests.brand_api.conftest import issue
from tests.conftest import create_tenant, http_client, serving, signed_in_console

from guerdon.app import Application
from guerdon.kit.clock import MovableClock
from guerdon.plumbing import outbox
from guerdon.plumbing.runner import Ran, Runner
from guerdon.programme.life import EndState
from guerdon.runtime import Runtime
from guerdon.settings import Settings
from guerdon.tenancy import terms
from guerdon.tenancy.schemas import Tenant
from guerdon.tenancy.terms import Accepted, Terms
from guerdon_workers.actors import all_handlers

FIRST, SECOND, THIRD = "2026-11", "second", "third"
# What goes on while the console waits: looking, one's own account, orders and bills on their way,
# the till where members stand, sending somebody away, and leaving.
GOES_ON = (":read", ":export", "anybody", "public", "orders:act", "orders:refund", "brand:pay",
           "till:use", "support:consent")  # fmt: skip
LEAVING = {"closeBrand", "acceptPlatformTerms"}
SHUTTING_OUT = {"revokeApiKey", "suspendPerson", "endSessionsOf", "disableConnection"}


def edition(folder: Path, version: str, effective: datetime) -> None:
    """One more edition, as a release brings it."""
    with (folder / "editions.toml").open("a") as file:
        file.write(f'[[edition]]\nversion = "{version}"\neffective = {effective:%Y-%m-%d}\n')
    for language in terms.LANGUAGES:
        text = f"Changes\n{version} in {language}.\n\nLeaving\nYou can leave.\n"
        (folder / f"{version}.{language}.txt").write_text(text)


@pytest.fixture(scope="module")
def folder(root: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The release's terms, an edition in force since yesterday, and one to come."""
    made = tmp_path_factory.mktemp("editions") / "terms"
    shutil.copytree(root / "platform/guerdon/tenancy/terms", made)
    # No edition of the past began before the first one did.
    first = Terms("").newest.effective_at
    edition(made, SECOND, max(first, datetime.now(UTC) - timedelta(days=1)))
    edition(made, THIRD, datetime.now(UTC) + timedelta(days=40))
    return made


@pytest.fixture(scope="module")
async def renewed(settings: Settings, folder: Path) -> AsyncIterator[Application]:
    """The application of a deployment whose terms have changed."""
    async with serving(msgspec.structs.replace(settings, terms_dir=str(folder))) as app:
        yield app


async def brand(rt: Runtime, *accepted: str) -> Tenant:
    """A brand whose owner accepted these editions."""
    tenant = await create_tenant(rt)
    async with rt.db.write(tenant.id) as s:
        for days, version in enumerate(accepted, start=-60):
            at = datetime.now(UTC) + timedelta(days=days)
            await terms.keep(s, Accepted(version, "0" * 64, "en", at), by="founder@a.example")
    return tenant


class Told(msgspec.Struct):
    """An entry of the trail."""

    actor: str
    summary: dict[str, str]


async def told(rt: Runtime, tenant: Tenant) -> list[Told]:
    """What the brand's trail says of its terms."""
    async with rt.db.read(tenant.id) as s:
        return await s.all(
            Told,
            "SELECT actor, summary FROM app.audit_entry WHERE tenant_id = %(tenant_id)s"
            " AND action = 'platform_terms.accepted' ORDER BY seq",
        )


async def test_an_owner_is_asked_accepts_and_is_not_asked_again(
    renewed: Application, rt: Runtime, folder: Path
) -> None:
    tenant = await brand(rt, FIRST, SECOND)
    day = Terms(str(folder)).newest.effective_at
    async with (
        signed_in_console(renewed, rt, tenant) as owner,
        signed_in_console(renewed, rt, tenant, roles=("administrator",), name="Ada") as other,
    ):
        notice = {
            "version": THIRD, "effectiveAt": day.isoformat().replace("+00:00", "Z"), "due": False,
            "owners": ["Olga Owner"],
        }  # fmt: skip
        for client in (owner, other):
            assert (await client.get(f"{owner.brand}/notices")).json()["terms"] == notice
        shown = (await other.get(f"{owner.brand}/terms", params={"language": "es"})).json()
        assert shown["parts"][0] == {"heading": "Changes", "text": "third in es."}
        assert (shown["asked"], shown["due"], shown["owners"]) == (True, False, ["Olga Owner"])
        assert [one["version"] for one in shown["accepted"]] == [SECOND, FIRST]
        # Until its day nothing waits for it.
        tried = await other.post(f"{owner.brand}/change-sets", json={})
        assert tried.status_code == 422

        there, read = f"{owner.brand}/terms/accept", {"version": THIRD, "language": "pt-BR"}
        refused = await other.post(there, json=read)
        assert (refused.status_code, refused.json()["code"]) == (403, "permission_missing")
        earlier = await owner.post(there, json={**read, "version": SECOND})
        assert (earlier.status_code, earlier.json()["code"]) == (409, "platform_terms")
        unread = await owner.post(there, json={**read, "language": "fr"})
        assert unread.status_code == 422
        assert await told(rt, tenant) == []

        first = await owner.post(there, json=read)
        again = await owner.post(there, json=read)
        assert (first.status_code, again.status_code) == (200, 200)
        assert first.json() == again.json()
        got = first.json()
        digest = hashlib.sha256((folder / f"{THIRD}.pt-BR.txt").read_bytes()).hexdigest()
        (kept, *_) = got["accepted"]
        assert (got["asked"], len(got["accepted"])) == (False, 3)
        assert (kept["version"], kept["language"], kept["textSha256"], kept["acceptedBy"]) == (
            THIRD, "pt-BR", digest, f"{owner.staff_id.hex}@staff.example",
        )  # fmt: skip
        for client in (owner, other):
            assert (await client.get(f"{owner.brand}/notices")).json()["terms"] is None
    assert await told(rt, tenant) == [
        Told(
            f"staff:{owner.staff_id}",
            {"version": THIRD, "language": "pt-BR", "textSha256": digest},
        )
    ]


async def test_a_brand_of_the_operators_own_hand_is_not_asked(
    renewed: Application, rt: Runtime
) -> None:
    tenant = await brand(rt)
    async with signed_in_console(renewed, rt, tenant) as owner:
        assert (await owner.get(f"{owner.brand}/notices")).json()["terms"] is None
        shown = (await owner.get(f"{owner.brand}/terms", params={"language": "en"})).json()
        assert (shown["asked"], shown["due"], shown["accepted"]) == (False, False, [])


async def test_from_the_day_on_every_change_waits_and_members_notice_nothing(
    renewed: Application, rt: Runtime
) -> None:
    tenant = await brand(rt, FIRST)
    async with (
        signed_in_console(renewed, rt, tenant) as owner,
        http_client(renewed, tenant.canonical_host) as site,
    ):

        async def waiting() -> set[str]:
            found = set()
            for call in every:
                answer = await super(type(owner), owner).request(
                    call.method, call.address(tenant.slug),
                    headers={
                        "sec-fetch-site": "same-origin", "x-csrf-token": owner.csrf_token,
                        "content-type": "application/json",
                    },
                )  # fmt: skip
                if answer.status_code == 409 and answer.json()["code"] == "platform_terms_due":
                    assert THIRD in answer.json()["detail"]
                    found.add(call.operation)
            return found

        # Signing out is the one call that would end the asking.
        every = [
            one for one in calls(renewed.litestar)
            if not one.of_platform and one.operation != "signOut"
        ]  # fmt: skip
        expected = {
            one.operation
            for one in every
            if one.method != "GET"
            and not one.permission.endswith(GOES_ON)
            and one.operation not in LEAVING | SHUTTING_OUT
        }
        assert await waiting() == expected
        assert len(expected) >= 75
        assert (await owner.get(f"{owner.brand}/notices")).json()["terms"]["due"] is True

        assert (await site.get("/")).status_code == 200
        key = {"authorization": f"Bearer {await issue(rt, tenant)}"}
        joined = await site.post(
            "/api/v1/members", json={"email": f"a{tenant.slug}@example.com", "name": "Ana"},
            headers={**key, "idempotency-key": tenant.slug},
        )  # fmt: skip
        assert joined.status_code == 201, joined.text

        accepted = await owner.post(
            f"{owner.brand}/terms/accept", json={"version": THIRD, "language": "en"}
        )
        assert accepted.status_code == 200, accepted.text
        assert (await owner.post(f"{owner.brand}/change-sets", json={})).status_code == 422


async def test_owners_are_written_to_once_at_each_stage(
    rt: Runtime, worker_rt: Runtime, folder: Path, renewed: Application
) -> None:
    tenant, calm = await brand(rt, FIRST, SECOND), await brand(rt)
    changed = replace(worker_rt, terms=Terms(str(folder)))
    day = changed.terms.newest.effective_at

    async def hour(at: datetime, of: Tenant = tenant) -> list[str]:
        async with rt.db.write(of.id) as s:
            message = await outbox.put(s, EndState())
        worker = replace(changed, clock=MovableClock(at))
        assert await Runner(worker, all_handlers()).run(of.id, message) is Ran.DONE
        async with rt.db.read(of.id) as s:
            return await s.all(
                str, "SELECT payload ->> 'what' FROM app.outbox WHERE tenant_id = %(tenant_id)s"
                " AND topic = 'identity.send_staff_letter' ORDER BY id",
            )  # fmt: skip

    async with (
        signed_in_console(renewed, rt, tenant) as owner,
        signed_in_console(renewed, rt, tenant, roles=("analyst",), name="Ada"),
        signed_in_console(renewed, rt, calm),
    ):
        assert await hour(day - timedelta(days=30), calm) == []
        assert await hour(day - timedelta(days=30)) == ["third new"]
        assert await hour(day - timedelta(days=8)) == ["third new"]
        assert await hour(day - timedelta(days=7)) == ["third new", "third soon"]
        answer = await owner.post(
            f"{owner.brand}/terms/accept", json={"version": THIRD, "language": "en"}
        )
        assert answer.status_code == 200
        assert await hour(day) == ["third new", "third soon"]


@pytest.mark.parametrize(
    ("listed", "told_of"),
    [
        ("", "lists the editions"),
        ('[[edition]]\nversion = "a"\neffective = 2027-01-01\n' * 2, "each version once"),
        ('[[edition]]\nversion = "a"\n', "effective"),
        ('[[edition]]\nversion = "a"\neffective = 2027-01-01\n', "a.en.txt"),
    ],
)
def test_a_folder_that_lacks_something_says_so(tmp_path: Path, listed: str, told_of: str) -> None:
    (tmp_path / "editions.toml").write_text(listed)
    with pytest.raises((ValueError, OSError), match=told_of):
        Terms(str(tmp_path))
