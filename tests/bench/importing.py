"""A file of members against COPY into a table beside and a merge from there, without any check.

The limit writes the same rows into the same tables, as an owner whom no guard binds: members with
number, e-mail, phone and own id, their words and wallets, and for every balance a transaction, two
entries, a lot and its movement. It reads no CSV, checks nothing and knows no plan.
"""

import io
import os
import re
import subprocess
import sys
import time
from datetime import date, timedelta
from pathlib import Path
from uuid import UUID

import psycopg
from tests.bench.deployment import DATABASE, Deployment
from tests.bench.programme import Programme

from guerdon.members import imports
from guerdon.members.numbers import new_number

HEADING = "email,name,phone,language,external id,joined,points,expiry,tier\n"
_NAMES = ("Maria Lima", "João Souza", "Ana Clara Nunes", "Pedro Alves", "Inês Prado")

_STAGE = """
CREATE TEMP TABLE staged (email text, name text, phone text, language text, external_id text,
  joined timestamptz, points bigint, expires_on date, number text,
  id uuid DEFAULT uuidv7(), account_id uuid DEFAULT uuidv7(), txn uuid DEFAULT uuidv7())
"""
_MERGE = (
    """
INSERT INTO app.ledger_account (tenant_id, id, posted, opened_at)
SELECT %(t)s, account_id, points, now() FROM staged
""",
    """
INSERT INTO app.member (tenant_id, id, account_id, number, external_id, email, email_norm, name,
                        phone, language, joined_at, updated_at)
SELECT %(t)s, id, account_id, number, external_id, email, email, name, phone, language, joined,
       now() FROM staged
""",
    """
INSERT INTO app.ledger_txn (tenant_id, id, account_id, kind, points, balance_after, occurred_at,
       parameters_version, idempotency_key, fingerprint, explanation, answer)
SELECT %(t)s, txn, account_id, 'adjust', points, points, now(), 1, 'opening:' || id,
       sha256(account_id::text::bytea),
       jsonb_build_object('rule', 'opening_balance', 'points', points, 'line', 1),
       jsonb_build_object('transaction_id', txn, 'points', points, 'posted', points, 'held', 0)
  FROM staged
""",
    """
INSERT INTO app.ledger_entry (tenant_id, txn_id, account_id, amount)
SELECT %(t)s, txn, side.account, side.amount FROM staged CROSS JOIN LATERAL
       (VALUES (account_id, points), (app.ledger_system_v1('adjusted'), -points))
         AS side(account, amount)
""",
    """
INSERT INTO app.ledger_lot_move (tenant_id, txn_id, lot, expires_on, points)
SELECT %(t)s, txn, txn, expires_on, points FROM staged
""",
    """
INSERT INTO app.ledger_lot (tenant_id, account_id, expires_on, lot, remaining)
SELECT %(t)s, account_id, expires_on, txn, points FROM staged
""",
)


def row(batch: str, n: int) -> list[str]:
    """A member of a file, every column filled in."""
    return [
        f"{batch}.{n}@bench.example",
        f"{_NAMES[n % len(_NAMES)]} {n % 997}",
        f"+55119{10_000_000 + n % 80_000_000}",
        "en",
        f"{batch}-{n}",
        str(date(2024, 1, 1) + timedelta(days=n % 600)),
        str(100 + n % 5_000),
        "2031-12-31",
    ]


def members_file(batch: str, count: int) -> io.BytesIO:
    """A file of members as a brand sends it."""
    text = "".join(f"{','.join(row(batch, n))},\n" for n in range(count))
    return io.BytesIO((HEADING + text).encode())


async def imported(p: Programme, file: io.BytesIO, count: int) -> float:
    """Members a second, through the import."""
    now = p.rt.clock.now()
    snapshot = await p.rt.snapshot(p.tenant.id, now)
    began = time.perf_counter()
    totals = await imports.run(p.rt, tenant_id=p.tenant.id, file=file, snapshot=snapshot, now=now)
    taken = time.perf_counter() - began
    assert (totals.created, totals.rejected, totals.reconciled) == (count, 0, True), totals
    return count / taken


def merged(d: Deployment, tenant_id: UUID, batch: str, count: int) -> float:
    """Members a second, staged and merged by the database alone."""
    rows = [(*row(batch, n), new_number()) for n in range(count)]
    content = "".join("\t".join(each) + "\n" for each in rows)
    with psycopg.connect(d.postgres.url("postgres", DATABASE)) as link:
        link.execute(_STAGE)
        link.commit()
        began = time.perf_counter()
        with (
            link.cursor() as cursor,
            cursor.copy(
                "COPY staged (email, name, phone, language, external_id, joined, points,"
                " expires_on, number) FROM STDIN"
            ) as copy,
        ):
            copy.write(content)
        for statement in _MERGE:
            link.execute(statement, {"t": tenant_id})
        link.commit()
        return count / (time.perf_counter() - began)


def peak_mb(p: Programme, folder: Path, batch: str, count: int) -> tuple[float, float]:
    """`guerdon members import` in a process of its own: its largest memory, and seconds."""
    file = folder / f"{batch}.csv"
    with file.open("w") as out:
        out.write(HEADING)
        for n in range(count):
            out.write(f"{','.join(row(batch, n))},\n")
    command = [sys.executable, "-m", "guerdon.cli", "members", "import", str(file)]
    began = time.perf_counter()
    with (folder / f"{batch}.log").open("w+") as log:
        child = subprocess.Popen(
            [*command, "--tenant", p.tenant.slug], env=os.environ, stdout=log, stderr=log
        )
        peak_kb = 0
        while child.poll() is None:
            peak_kb = max(peak_kb, _peak_kb(child.pid))
            time.sleep(0.1)  # the kernel keeps the peak; it is gone with the process
        log.seek(0)
        said = log.read()
    taken = time.perf_counter() - began
    assert child.returncode == 0, said
    assert f"{count} lines: {count} created" in said, said
    assert "reconciled" in said, said
    file.unlink()
    return peak_kb / 1024, taken


def _peak_kb(pid: int) -> int:
    """The most that a process had in memory so far; what its parent had does not count."""
    try:
        told = Path(f"/proc/{pid}/status").read_text()
    except OSError:
        return 0
    found = re.search(r"VmHWM:\s+(\d+) kB", told)
    return int(found[1]) if found else 0
