"""Export and erase: everything is handed out, and nothing that names a person stays."""

import io
import json
import zipfile
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import msgspec
import pytest
from psycopg import errors

from guerdon.identity import api_keys, codes, external, passwords, sessions, tokens
from guerdon.identity.jobs import EndingSessions, EndSessions
from guerdon.identity.tokens import GRANT_LIFETIME
from guerdon.kit.ids import uuid7
from guerdon.ledger.opening import OpeningBalance, opening_balances
from guerdon.members import addresses, consents, operations, personal_data, queries
from guerdon.members.errors import MemberNotActiveError
from guerdon.members.schemas import Address, Member
from guerdon.runtime import Runtime
from guerdon.tenancy.schemas import Tenant

NOW = datetime(2026, 11, 12, 12, 0, tzinfo=UTC)
MARKS = ("zelda.quill@example.com", "zelda", "quill", "+34612345678", "zq-4711", "calle del pez")


async def full_member(rt: Runtime, tenant: Tenant) -> Member:
    """A member of whom everything is kept that can be."""
    snapshot = await rt.snapshot(tenant.id, NOW)
    hashed = await passwords.hash_password("correct horse battery")
    async with rt.db.write(tenant.id) as s:
        member = await operations.join(
            s, id=uuid7(), email="Zelda.Quill@example.com", name="Zelda Quill", snapshot=snapshot,
            now=NOW, phone="+34 612 345 678", external_id="ZQ-4711", terms_version="1",
            consent_choices={"offers_mail": True}, email_verified=True,
        )  # fmt: skip
        await addresses.save(
            s,
            member_id=member.id,
            address=Address(
                "Zelda Quill", "Calle del Pez 7", "ES", city="Madrid", region="Madrid",
                postal_code="28004",
            ),
            now=NOW,
        )  # fmt: skip
        await passwords.store(s, member_id=member.id, hashed=hashed, now=NOW)
        await external.link(
            s, member_id=member.id, connection="own", issuer="https://id.example",
            subject="zelda.quill@example.com", now=NOW,
        )  # fmt: skip
        await codes.issue(
            s, purpose=codes.SIGN_IN, email_norm="zelda.quill@example.com", member_id=member.id,
            browser_id="b" * 22, language="en", lifetime=timedelta(minutes=10), now=NOW,
        )  # fmt: skip
        await opening_balances(
            s, [OpeningBalance(member.id, member.account_id, 900, None, 1)], snapshot=snapshot,
            now=NOW,
        )  # fmt: skip
        await s.execute(
            "INSERT INTO app.token_grant (tenant_id, id, member_id, client_id, scopes, generation,"
            " created_at, rotated_at, expires_at) VALUES (%(tenant_id)s, %(id)s, %(member)s, 'app',"
            " '{me:read}', 1, %(now)s, %(now)s, %(end)s)",
            {"id": uuid7(), "member": member.id, "now": NOW, "end": NOW + GRANT_LIFETIME},
        )
    return member


async def everything(rt: Runtime, tenant: Tenant) -> str:
    """All rows of all tables of the tenant, as text."""
    async with rt.db.read(tenant.id) as s:
        tables = await s.all(
            str,
            "SELECT c.relname::text FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace"
            " WHERE n.nspname = 'app' AND c.relkind IN ('r', 'p')"
            " AND has_table_privilege(c.oid, 'SELECT') ORDER BY 1",
        )
        assert len(tables) > 12
        rows = [
            await s.value(
                f"SELECT string_agg(t::text, chr(10)) FROM app.{table} t"
                " WHERE tenant_id = %(tenant_id)s"
            )
            for table in tables
        ]
    return "\n".join(row for row in rows if row).lower()


async def test_an_export_holds_everything(rt: Runtime, tenant: Tenant) -> None:
    member = await full_member(rt, tenant)
    async with rt.db.read(tenant.id) as s:
        packed = await personal_data.export_zip(s, member_id=member.id, now=NOW)
    with zipfile.ZipFile(io.BytesIO(packed)) as archive:
        files = {name: json.loads(archive.read(name)) for name in archive.namelist()}
    assert files["profile.json"]["email"] == "Zelda.Quill@example.com"
    assert files["profile.json"]["phone"] == "+34612345678"
    assert files["addresses.json"][0]["line1"] == "Calle del Pez 7"
    assert [(p["points"], p["kind"]) for p in files["points.json"]] == [(900, "adjust")]
    assert {"redemptions.json", "messages.json", "recommendations.json"} < set(files)
    assert [c["purpose"] for c in files["consents.json"]] == ["terms", "offers_mail"]
    assert files["sign_in.json"]["password"] is True
    assert files["sign_in.json"]["outside_identities"][0]["issuer"] == "https://id.example"
    assert files["sign_in.json"]["apps"][0]["client_id"] == "app"


async def test_erasing_leaves_nothing_that_names_a_person(rt: Runtime, tenant: Tenant) -> None:
    member = await full_member(rt, tenant)
    before = await everything(rt, tenant)
    assert all(mark in before for mark in MARKS)
    async with rt.db.write(tenant.id) as s:
        await personal_data.erase(s, member_id=member.id, requested_by="member", now=NOW)
    after = await everything(rt, tenant)
    assert [mark for mark in MARKS if mark in after] == []
    async with rt.db.write(tenant.id) as s:
        gone = await queries.member(s, member_id=member.id)
        assert (gone.status, gone.email, gone.number, gone.erased_at) == ("erased", None, None, NOW)
        assert gone.account_id == member.account_id
        balance = await s.value(
            "SELECT posted FROM app.ledger_account WHERE tenant_id = %(tenant_id)s AND id = %(id)s",
            {"id": member.account_id},
        )
        assert balance == 900
        assert await personal_data.tombstones(s) == [member.id]
        assert len(await consents.history(s, member_id=member.id)) == 2
        assert await tokens.grants(s, member_id=member.id, now=NOW) == []
        # A second time changes nothing, and nothing can be written about an erased member.
        await personal_data.erase(s, member_id=member.id, requested_by="brand", now=NOW)
        assert await personal_data.tombstones(s) == [member.id]
    snapshot = await rt.snapshot(tenant.id, NOW)
    with pytest.raises(MemberNotActiveError):
        async with rt.db.write(tenant.id) as s:
            await operations.update(
                s, member_id=member.id, snapshot=snapshot, name="Zelda", now=NOW
            )
    with pytest.raises(errors.CheckViolation):
        async with rt.db.write(tenant.id) as s:
            await s.execute(
                "UPDATE app.member SET name = 'Zelda'"
                " WHERE tenant_id = %(tenant_id)s AND id = %(id)s",
                {"id": member.id},
            )


async def test_sessions_end_with_the_erasure(
    rt: Runtime, worker_rt: Runtime, tenant: Tenant
) -> None:
    member = await full_member(rt, tenant)
    token, _ = await sessions.start(
        rt.valkey, tenant_id=tenant.id, member_id=member.id, host="h", method="code",
        idle=timedelta(hours=1), absolute=timedelta(days=1), now=NOW,
    )  # fmt: skip
    async with rt.db.write(tenant.id) as s:
        await personal_data.erase(s, member_id=member.id, requested_by="member", now=NOW)
        payloads = await s.all(
            str,
            "SELECT payload::text FROM app.outbox WHERE tenant_id = %(tenant_id)s"
            " AND topic = 'identity.end_sessions'",
        )
    message = msgspec.json.decode(payloads[0], type=EndSessions)
    assert message.member_id == member.id
    async with worker_rt.db.write(tenant.id) as s:
        await EndingSessions().apply(worker_rt, s, message, NOW)
    read = await sessions.read(
        rt.valkey, tenant_id=tenant.id, token=token, host="h", idle=timedelta(hours=1), now=NOW
    )
    assert read is None


async def test_an_erasure_is_repeated_after_a_restore(rt: Runtime, tenant: Tenant) -> None:
    member = await full_member(rt, tenant)
    async with rt.db.write(tenant.id) as s:
        # A restored backup holds the member and not yet the tombstone.
        assert await personal_data.repeat_erasures(s, erased=[member.id], now=NOW) == 1
        assert await personal_data.repeat_erasures(s, erased=[member.id], now=NOW) == 0
    assert "quill" not in await everything(rt, tenant)


async def test_the_list_of_the_erased_is_replayed_by_command(
    rt: Runtime, tenant: Tenant, guerdon: Any, tmp_path: Path
) -> None:
    member = await full_member(rt, tenant)
    listed = tmp_path / "erased"
    listed.write_text(f"{member.id}\n{uuid7()}\n")
    done = await guerdon("members", "erase-again", str(listed), "--tenant", tenant.slug)
    assert (done.returncode, done.stdout) == (0, "1 of 2 had come back and are erased again\n")
    printed = await guerdon("members", "tombstones", "--tenant", tenant.slug)
    assert printed.stdout == f"{member.id}\n"
    assert "quill" not in await everything(rt, tenant)


async def test_erasing_through_the_api_empties_kept_answers(
    rt: Runtime, tenant: Tenant, http: Any
) -> None:
    """Kept answers to idempotency keys speak of the member, and so do logs of events."""
    async with rt.db.write(tenant.id) as s:
        key = await api_keys.create(
            s, name="CRM", scopes=("members:read", "members:write"), mode="live", now=NOW
        )
    client = await http(tenant, headers={"authorization": f"Bearer {key.secret}"})
    made = await client.post(
        "/api/v1/members",
        headers={"idempotency-key": "first"},
        json={"email": "zelda.quill@example.com", "name": "Zelda Quill", "externalId": "ZQ-4711",
              "phone": "+34612345678"},
    )  # fmt: skip
    assert made.status_code == 201
    path = f"/api/v1/members/{made.json()['id']}"
    changed = await client.patch(
        path, headers={"idempotency-key": "second"}, json={"email": "z.quill@example.com"}
    )
    assert changed.json()["email"] == "z.quill@example.com"
    assert "zelda.quill@example.com" in await everything(rt, tenant)
    erased = await client.delete(path, headers={"idempotency-key": "third"})
    assert erased.status_code == 200
    after = await everything(rt, tenant)
    assert [mark for mark in (*MARKS, "z.quill") if mark in after] == []
    again = await client.post(
        "/api/v1/members",
        headers={"idempotency-key": "first"},
        json={"email": "zelda.quill@example.com", "name": "Zelda Quill", "externalId": "ZQ-4711",
              "phone": "+34612345678"},
    )  # fmt: skip
    assert (again.status_code, again.json()) == (201, {"erased": True})
    assert "quill" not in await everything(rt, tenant)
