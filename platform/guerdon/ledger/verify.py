"""The proof: what the ledger of one tenant must be, each rule looked at in one statement.

Every check is a query that returns only what is wrong, and the database does the adding up; so
memory stays small however long the ledger is. A finding names the row.
"""

from collections.abc import AsyncIterator, Callable, Mapping
from typing import Any, Final
from uuid import UUID

import msgspec

from guerdon.ledger.checks import CHECKS
from guerdon.plumbing.db import ReadSession

# More findings of one kind than this say nothing new.
FINDINGS_MAX: Final = 100

Progress = Callable[[str], None]


class Finding(msgspec.Struct, frozen=True, order=True):
    """One thing that is not as it must be: which rule, which row, and in what way."""

    check: str
    subject: str
    detail: str


class Report(msgspec.Struct, frozen=True, kw_only=True):
    """What was looked at, and what is wrong. `head` is the last seal's hash, to keep elsewhere:
    a chain that was cut short is only seen by who remembers its end."""

    transactions: int
    accounts: int
    sealed: int
    seals: int
    head: str | None
    findings: list[Finding]

    @property
    def proven(self) -> bool:
        """Whether nothing is wrong."""
        return not self.findings


class _Counts(msgspec.Struct):
    transactions: int
    accounts: int


class _Seal(msgspec.Struct):
    seq: int
    previous: bytes
    hash: bytes
    chained: bytes
    txns: list[UUID]
    stored: bytes
    computed: bytes


async def verify(s: ReadSession, *, progress: Progress = lambda _: None) -> Report:
    """Prove the tenant's ledger, or name what is wrong with it."""
    await unhurried(s)
    findings: list[Finding] = []
    for name, sql in CHECKS.items():
        progress(name)
        findings.extend(await run_check(s, name, sql))
    sealed = seals = 0
    head = bytes(32)
    async for seal in _seals(s):
        findings.extend(_judge(seal, seals + 1, head))
        seals, head = seal.seq, seal.hash
        sealed += len(seal.txns)
        progress(f"seal {seal.seq}: {sealed} transactions")
    counts = await s.one(
        _Counts,
        """
        SELECT (SELECT count(*) FROM app.ledger_txn
                 WHERE tenant_id = %(tenant_id)s) AS transactions,
               (SELECT count(*) FROM app.ledger_account
                 WHERE tenant_id = %(tenant_id)s) AS accounts
        """,
    )
    return Report(
        transactions=counts.transactions,
        accounts=counts.accounts,
        sealed=sealed,
        seals=seals,
        head=head.hex() if seals else None,
        findings=sorted(findings),
    )


async def unhurried(s: ReadSession) -> None:
    """Let the statements of this transaction take their time."""
    await s.value("SELECT set_config('statement_timeout', '0', true)")


async def run_check(
    s: ReadSession, name: str, sql: str, params: Mapping[str, Any] | None = None
) -> list[Finding]:
    """What one query finds, at most FINDINGS_MAX of it."""
    async with s.sweeping():
        rows = await s.all(
            _Row,
            f"SELECT c.subject::text AS subject, c.detail::text AS detail FROM ({sql}) c"  # noqa: S608
            " ORDER BY 1, 2 LIMIT %(most)s",
            {"most": FINDINGS_MAX, **(params or {})},
        )
    return [Finding(name, row.subject, row.detail) for row in rows]


class _Row(msgspec.Struct):
    subject: str
    detail: str


async def _seals(s: ReadSession) -> AsyncIterator[_Seal]:
    seq = 0
    while True:
        seal = await s.one_or_none(
            _Seal,
            """
            SELECT seq, previous, hash, sha256(previous || digests) AS chained, txns,
                   digests AS stored, app.ledger_digests_v1(%(tenant_id)s, txns) AS computed
              FROM app.ledger_seal WHERE tenant_id = %(tenant_id)s AND seq > %(seq)s
             ORDER BY seq LIMIT 1
            """,
            {"seq": seq},
        )
        if seal is None:
            return
        yield seal
        seq = seal.seq


def _judge(seal: _Seal, seq: int, head: bytes) -> list[Finding]:
    found = []
    if seal.seq != seq:
        found.append(Finding("seal_missing", str(seq), f"the next one is {seal.seq}"))
    elif seal.previous != head:
        found.append(Finding("seal_unchained", str(seal.seq), "it does not follow the one before"))
    if seal.chained != seal.hash:
        found.append(Finding("seal_broken", str(seal.seq), "its hash is not that of its digests"))
    for n, txn in enumerate(seal.txns):
        part = slice(32 * n, 32 * n + 32)
        if seal.stored[part] == seal.computed[part]:
            continue
        gone = seal.computed[part] == bytes(32)
        found.append(
            Finding(
                "sealed_transaction_missing" if gone else "sealed_transaction_changed",
                str(txn),
                f"seal {seal.seq}",
            )
        )
    return found


async def chain_holds(s: ReadSession, *, head: str) -> bool:
    """Whether a seal still has the hash `head` (hex), as it was noted outside."""
    found = await s.value(
        "SELECT 1 FROM app.ledger_seal WHERE tenant_id = %(tenant_id)s"
        " AND encode(hash, 'hex') = %(head)s",
        {"head": head.lower()},
    )
    return found is not None
