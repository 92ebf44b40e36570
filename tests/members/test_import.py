"""Importing members: every hostile line is an error of its own, and running again is a no-op."""

import io
import random
import resource
from collections.abc import Awaitable
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any, Protocol

import msgspec
import pytest

from guerdon.kit.ids import uuid7
from guerdon.members import imports, operations, queries
from guerdon.members.import_rows import LINE_BYTES_MAX, ImportFileError, RowError
from guerdon.members.imports import Totals
from guerdon.runtime import Runtime
from guerdon.tenancy.schemas import Tenant

NOW = datetime(2026, 11, 12, 12, 0, tzinfo=UTC)


class Done(Protocol):
    """A finished command."""

    returncode: int
    stdout: str
    stderr: str


class Guerdon(Protocol):
    """Runs `guerdon` with arguments."""

    def __call__(self, *arguments: str) -> Awaitable[Done]: ...


HEAD = "e-mail,name,phone,language,external id,joined date,opening balance,expiry\n"
GOOD = HEAD + (
    "ana@example.com,Ana Lima,+55 11 91234-5678,en,crm-1,2024-05-01,1200,2027-01-31\n"
    '"bia@example.com","Bia ""B."" Souza",,,,,,\n'
    "caio@example.com,Caio,,,crm-3,,300,\n"
)


async def bring_in(
    rt: Runtime, tenant: Tenant, content: str | bytes, **more: Any
) -> tuple[Totals, list[RowError]]:
    raw = content.encode() if isinstance(content, str) else content
    errors: list[RowError] = []
    totals = await imports.run(
        rt,
        tenant_id=tenant.id,
        file=io.BytesIO(raw),
        snapshot=await rt.snapshot(tenant.id, NOW),
        now=NOW,
        on_error=errors.append,
        **more,
    )
    return totals, errors


async def books(rt: Runtime, tenant: Tenant) -> tuple[int, int, int]:
    """Members, wallets, points in wallets."""
    async with rt.db.read(tenant.id) as s:
        members = await s.value("SELECT count(*) FROM app.member WHERE tenant_id = %(tenant_id)s")
        wallets = await s.value(
            "SELECT count(*) FROM app.ledger_account WHERE tenant_id = %(tenant_id)s"
        )
        points = await s.value(
            "SELECT coalesce(sum(posted), 0)::bigint FROM app.ledger_account"
            " WHERE tenant_id = %(tenant_id)s"
        )
    return members, wallets, points


class Told(msgspec.Struct):
    """What an event of an import says."""

    members: int
    points: int


async def told(rt: Runtime, tenant: Tenant) -> list[Told]:
    """What was told of members who came in, in the order of telling."""
    async with rt.db.read(tenant.id) as s:
        return await s.all(
            Told,
            "SELECT (payload #>> '{data,members}')::int AS members,"
            " (payload #>> '{data,points}')::int AS points FROM app.outbox"
            " WHERE tenant_id = %(tenant_id)s AND topic = 'domain.event'"
            " AND payload ->> 'type' = 'member.imported' ORDER BY id",
        )


async def test_members_come_with_their_points(rt: Runtime, tenant: Tenant) -> None:
    totals, errors = await bring_in(rt, tenant, GOOD)
    assert errors == []
    assert totals == Totals(
        rows=3, created=3, unchanged=0, rejected=0,
        points_in_file=1500, points_booked=1500, points_there=0,
    )  # fmt: skip
    assert totals.reconciled
    assert await books(rt, tenant) == (3, 3, 1500)
    assert await told(rt, tenant) == [Told(3, 1500)]
    async with rt.db.read(tenant.id) as s:
        ana = await queries.find_by_email(s, email_norm="ana@example.com")
        assert ana is not None
        assert (ana.name, ana.phone, ana.external_id) == ("Ana Lima", "+5511912345678", "crm-1")
        assert ana.joined_at == datetime(2024, 5, 1, tzinfo=UTC)
        lot = await s.value(
            "SELECT expires_on FROM app.ledger_lot"
            " WHERE tenant_id = %(tenant_id)s AND account_id = %(id)s",
            {"id": ana.account_id},
        )
        assert lot == date(2027, 1, 31)
        bia = await queries.find_by_email(s, email_norm="bia@example.com")
        assert bia is not None
        assert bia.name == 'Bia "B." Souza'


async def test_a_second_run_changes_nothing(rt: Runtime, tenant: Tenant) -> None:
    await bring_in(rt, tenant, GOOD)
    async with rt.db.read(tenant.id) as s:
        before = (await queries.listing(s)).items
    totals, errors = await bring_in(rt, tenant, GOOD)
    assert errors == []
    assert totals == Totals(rows=3, unchanged=3, points_in_file=1500, points_there=1500)
    async with rt.db.read(tenant.id) as s:
        assert (await queries.listing(s)).items == before
    assert await books(rt, tenant) == (3, 3, 1500)
    assert await told(rt, tenant) == [Told(3, 1500)]


async def test_a_dry_run_says_the_same_and_writes_nothing(rt: Runtime, tenant: Tenant) -> None:
    totals, errors = await bring_in(rt, tenant, GOOD, dry_run=True)
    assert (totals.created, totals.points_booked, errors) == (3, 1500, [])
    assert await books(rt, tenant) == (0, 0, 0)
    assert await told(rt, tenant) == []


async def test_a_run_that_was_cut_off_is_finished(
    rt: Runtime, tenant: Tenant, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(imports, "CHUNK", 2)
    lines = "".join(f"m{n}@example.com,M{n},,,,,10,\n" for n in range(7))

    class PowerCutError(Exception):
        pass

    def cut(done_bytes: int) -> None:
        raise PowerCutError

    with pytest.raises(PowerCutError):
        await bring_in(rt, tenant, HEAD + lines, on_progress=cut)
    assert await books(rt, tenant) == (2, 2, 20)
    totals, errors = await bring_in(rt, tenant, HEAD + lines)
    assert (totals.created, totals.unchanged, errors) == (5, 2, [])
    assert (totals.points_booked, totals.points_there, totals.reconciled) == (50, 20, True)
    assert await books(rt, tenant) == (7, 7, 70)
    # What both runs told comes to what there is.
    assert await told(rt, tenant) == [Told(2, 20), Told(2, 20), Told(2, 20), Told(1, 10)]


async def test_contradictions_are_errors_and_nothing_is_overwritten(
    rt: Runtime, tenant: Tenant
) -> None:
    await bring_in(rt, tenant, GOOD)
    content = HEAD + (
        "ana@example.com,Other Name,,,crm-1,,1300,2027-01-31\n"
        "caio@example.com,Caio,,,crm-9,,300,\n"
        "dan@example.com,Dan,,,crm-3,,5,\n"
        "eva@example.com,Eva,,,crm-5,,7,\n"
        "EVA@example.com,Eva,,,,,7,\n"
        "fay@example.com,Fay,,,crm-5,,,\n"
    )
    totals, errors = await bring_in(rt, tenant, content)
    assert sorted((e.line, e.column, e.reason) for e in errors) == [
        (2, "opening_balance", "differs"),
        (3, "external_id", "differs"),
        (4, "external_id", "differs"),
        (6, "email", "duplicate"),
        (7, "external_id", "duplicate"),
    ]
    assert (totals.created, totals.points_booked, totals.reconciled) == (1, 7, True)
    assert await books(rt, tenant) == (4, 4, 1507)
    async with rt.db.read(tenant.id) as s:
        ana = await queries.find_by_email(s, email_norm="ana@example.com")
    assert ana is not None
    assert ana.name == "Ana Lima"


async def test_a_member_who_was_there_gets_the_opening_once(rt: Runtime, tenant: Tenant) -> None:
    snapshot = await rt.snapshot(tenant.id, NOW)
    async with rt.db.write(tenant.id) as s:
        await operations.join(
            s, id=uuid7(), email="ana@example.com", name="Ana", snapshot=snapshot, now=NOW
        )
    for booked, there in ((1200, 0), (0, 1200)):
        totals, errors = await bring_in(rt, tenant, "email;name;points\nana@example.com;Ana;1200\n")
        assert errors == []
        assert (totals.unchanged, totals.points_booked, totals.points_there) == (1, booked, there)
    assert await books(rt, tenant) == (1, 1, 1200)


HOSTILE: list[tuple[bytes, str, str]] = [
    (b"x@example.com,\xe9\xe8", "", "encoding"),
    (b"x@example.com,\xc3\x28", "", "encoding"),
    (b"x@example.com,A\x00B", "", "nul"),
    (b'x@example.com,"never closed', "", "quotes"),
    (b'x@example.com,"closed" early', "", "quotes"),
    (b"x@example.com,a\rb", "", "quotes"),
    (b"x@example.com", "", "columns"),
    (b"x@example.com,Ana,1", "", "columns"),
    (b"x@example.com," + b"A" * (LINE_BYTES_MAX + 5), "", "too_long"),
    (b"x@example.com," + b"A" * 300, "name", "length"),
    (b"x@example.com,\"=cmd|' /C calc'!A0\"", "name", "formula"),
    (b"x@example.com,@SUM(1+1)", "name", "formula"),
    (b"x@example.com,-2+3", "name", "formula"),
    (b"+x@example.com,Ana", "email", "formula"),
    (b"not an e-mail,Ana", "email", "email"),
    (b"x@example.com,", "name", "required"),
    ("x@example.com,A\u202eB\ue000".encode(), "name", "control"),
]


async def test_hostile_lines_fail_alone(rt: Runtime, tenant: Tenant) -> None:
    """Each bad line stands between good ones, which all come in."""
    body, wanted = b"\xef\xbb\xbfEmail,Name\r\n", []
    for n, (line, column, reason) in enumerate(HOSTILE):
        body += f"good{n}@example.com,Good\r\n".encode() + line + b"\r\n"
        wanted.append((2 * n + 3, column, reason))
    totals, errors = await bring_in(rt, tenant, body)
    assert [(e.line, e.column, e.reason) for e in errors] == wanted
    assert (totals.rows, totals.created, totals.rejected) == (
        2 * len(HOSTILE), len(HOSTILE), len(HOSTILE),
    )  # fmt: skip
    assert all(e.text.isprintable() and len(e.text) <= 62 for e in errors)
    assert not any(e.text.startswith(("=", "+", "-", "@")) for e in errors)


@pytest.mark.parametrize(
    ("cells", "column", "reason"),
    [
        (",,,,1.5,", "opening_balance", "points"),
        (",,,,-5,", "opening_balance", "points"),
        (",,,,9007199254740992,", "opening_balance", "points"),
        (",,,,1e9,", "opening_balance", "points"),
        (",,,,٣,", "opening_balance", "points"),
        (",,,,,2027-01-31", "expiry", "expiry"),
        (",,,,5,2026-11-11", "expiry", "past"),
        (",,,,5,31/01/2027", "expiry", "date"),
        (",,,2026-02-30,,", "joined", "date"),
        (",,,2027-01-01,,", "joined", "date"),
        (",,,1066-10-14,,", "joined", "date"),
        ("12345,,,,,", "phone", "phone"),
        (",tlh,,,,", "language", "language"),
        (f",,{'x' * 201},,,", "external_id", "length"),
    ],
)
async def test_bad_values_name_line_and_column(
    rt: Runtime, tenant: Tenant, cells: str, column: str, reason: str
) -> None:
    totals, errors = await bring_in(rt, tenant, f"{HEAD}ana@example.com,Ana,{cells}\n")
    assert [(e.line, e.column, e.reason) for e in errors] == [(2, column, reason)]
    assert (totals.created, await books(rt, tenant)) == (0, (0, 0, 0))


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", "heading"),
        (b"\n", "heading"),
        (GOOD.encode("utf-16"), "encoding"),
        (b"PK\x03\x04\x14\x00\x06\x00\x08\x00", "heading"),
        (b"name,phone\nAna,\n", "missing_column"),
        (b"email,name,password\n", "unknown_column"),
        (b"email,name,e-mail\n", "duplicate_column"),
        (b'"email,name\n', "heading"),
        (b"e" * (LINE_BYTES_MAX * 3), "heading"),
        ("ñ".encode("latin-1") + b",name\n", "encoding"),
    ],
)
async def test_a_file_without_a_usable_heading(
    rt: Runtime, tenant: Tenant, content: bytes, reason: str
) -> None:
    with pytest.raises(ImportFileError) as refused:
        await bring_in(rt, tenant, content)
    assert refused.value.params["reason"] == reason


async def test_random_bytes_never_stop_an_import(rt: Runtime, tenant: Tenant) -> None:
    seed = random.randrange(2**32)
    noise = random.Random(seed).randbytes(200_000).replace(b"\n\n", b"\n")
    body = b"email,name\n" + noise + b"\nlast@example.com,Last\n"
    totals, errors = await bring_in(rt, tenant, body)
    assert totals.created == 1, seed
    assert len(errors) == totals.rejected == totals.rows - 1


class Endless(io.RawIOBase):
    """A file of `rows` lines that is never in memory as a whole."""

    def __init__(self, rows: int) -> None:
        self._lines = (
            f"m{n}@example.com,Member {n},,,x-{n},2024-01-0{n % 9 + 1},"
            f"{25 if n % 10 == 0 else 0},\n".encode()
            for n in range(rows)
        )
        self._left = HEAD.encode()
        self._told = 0

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        while len(self._left) < len(buffer):
            line = next(self._lines, None)
            if line is None:
                break
            self._left += line
        part, self._left = self._left[: len(buffer)], self._left[len(buffer) :]
        buffer[: len(part)] = part
        self._told += len(part)
        return len(part)

    def tell(self) -> int:
        return self._told


def resident_bytes() -> int:
    return int(Path("/proc/self/statm").read_text().split()[1]) * resource.getpagesize()


async def test_memory_does_not_grow_with_the_file(rt: Runtime, tenant: Tenant) -> None:
    """30,000 rows: three quarters of the file add nothing to what the first took."""
    sizes: list[int] = []

    def sample(_: int) -> None:
        sizes.append(resident_bytes())

    totals = await imports.run(
        rt,
        tenant_id=tenant.id,
        file=io.BufferedReader(Endless(30_000), 65_536),
        snapshot=await rt.snapshot(tenant.id, NOW),
        now=NOW,
        on_progress=sample,
    )
    assert (totals.rows, totals.created, totals.points_booked) == (30_000, 30_000, 75_000)
    assert totals.reconciled
    assert len(sizes) == 16
    assert max(sizes[4:]) - max(sizes[:4]) < 12_000_000


async def test_the_command_prints_a_reconciliation(
    rt: Runtime, tenant: Tenant, tmp_path: Path, guerdon: Guerdon
) -> None:
    file = tmp_path / "members.csv"
    file.write_text(GOOD + "broken,Dan,,,,,,\n")
    done = await guerdon("members", "import", str(file), "--tenant", tenant.slug)
    assert done.returncode == 3
    assert "4 lines: 3 created" in done.stdout
    assert "1500 = 1500 booked now + 0 booked before: reconciled." in done.stdout
    assert "line 5, email: This is not an e-mail address." in done.stderr
    rejects = (tmp_path / "members.csv.rejects.csv").read_text().splitlines()
    assert rejects == [
        "line,column,reason,message,value",
        "5,email,email,This is not an e-mail address.,broken",
    ]
    assert await books(rt, tenant) == (3, 3, 1500)
