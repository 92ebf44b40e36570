"""Training a brand's model: export, learn in a process of its own, keep the outcome.

The process gets files and gives a file; it knows no database and no secret. What was exported is
removed when it ends, so that no second copy of what members did outlives them. A model that is not
better than what everybody sees alike is refused: its row stays with what was measured, and what
personal model there was goes on serving.
"""

import asyncio
import os
import re
import shutil
import sys
from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import Any, Final
from uuid import UUID

import msgspec

from guerdon.kit.errors import ConflictError, GuerdonError, NotFoundError
from guerdon.kit.ids import uuid7
from guerdon.plumbing.db import ReadSession, WriteSession, jsonb
from guerdon.recommendations.learning.plan import Engine, Knobs, Outcome, Plan, Progress
from guerdon.recommendations.model_file import Method
from guerdon.recommendations.model_store import KEPT, ModelStore
from guerdon.runtime import Runtime
from guerdon.tenancy.changes import note_change

Tell = Callable[[Progress], Awaitable[None]]
_LINE_MAX: Final = 4_000_000
_ERROR: Final = re.compile(r"[\w.]+(Error|Exception)\b")

# Whoever objects to profiling is not learnt from, and has no list. What came to nothing or came
# back says nothing of what a member likes.
_EVENTS: Final = """
WITH objecting AS (
  SELECT member_id FROM (
    SELECT DISTINCT ON (member_id) member_id, granted FROM app.member_consent
     WHERE tenant_id = %(tenant_id)s AND purpose = 'profiling'
     ORDER BY member_id, id DESC) latest
   WHERE NOT granted
), dealings AS (
  SELECT r.member_id, l.variant_id, r.placed_at AS at, true AS redeemed
    FROM app.redemption r
    JOIN app.redemption_line l ON l.tenant_id = r.tenant_id AND l.redemption_id = r.id
   WHERE r.tenant_id = %(tenant_id)s
     AND r.state NOT IN ('refused', 'cancelled', 'expired', 'returned')
  UNION ALL
  SELECT e.member_id, v.id, e.at, false
    FROM app.recommendation_event e
    JOIN app.product_variant v ON v.tenant_id = e.tenant_id AND v.sku = e.sku
   WHERE e.tenant_id = %(tenant_id)s AND e.type IN ('view', 'click') AND e.member_id IS NOT NULL
     AND e.source <> 'generated'
)
SELECT d.member_id, v.product_id, extract(epoch FROM d.at)::bigint, d.redeemed
  FROM dealings d
  JOIN app.member m ON m.tenant_id = %(tenant_id)s AND m.id = d.member_id AND m.status <> 'erased'
  JOIN app.product_variant v ON v.tenant_id = %(tenant_id)s AND v.id = d.variant_id
 WHERE d.at <= %(now)s AND NOT EXISTS (SELECT FROM objecting o WHERE o.member_id = d.member_id)
"""
_PRODUCTS: Final = """
SELECT id, status = 'published' FROM app.product WHERE tenant_id = %(tenant_id)s
"""


class TrainingFailedError(GuerdonError):
    """The training process ended without a model (`reason`)."""

    code = "training_failed"
    title = "The training did not come to an end"


class ModelVersion(msgspec.Struct, frozen=True):
    """A trained model: whether it serves, and what it was worth."""

    version: int
    state: str
    method: Method
    engine: Engine
    file_hash: str | None
    size_bytes: int
    reason: str | None
    members: int
    products: int
    events: int
    parameters: dict[str, Any]
    metrics: dict[str, Any]
    made_by: str
    made_at: datetime


_COLUMNS: Final = (
    "version, state, method, engine, file_hash, size_bytes, reason, members, products, events,"
    " parameters, metrics, made_by, made_at"
)


async def versions(s: ReadSession, *, limit: int = 50) -> list[ModelVersion]:
    """The tenant's models, newest first."""
    return await s.all(
        ModelVersion,
        f"SELECT {_COLUMNS} FROM app.recommendation_model WHERE tenant_id = %(tenant_id)s"  # noqa: S608
        " ORDER BY version DESC LIMIT %(limit)s",
        {"limit": limit},
    )


async def silent(_: Progress) -> None:
    """Tell nobody."""


async def learn(
    rt: Runtime,
    *,
    tenant_id: UUID,
    now: datetime,
    engine: Engine = "one_machine",
    knobs: Knobs | None = None,
    tell: Tell = silent,
) -> Outcome:
    """Export what the tenant's members did until `now` and learn from it. The file of the outcome
    lies under its hash; nothing serves it before `keep`. Raises TrainingFailedError."""
    store = ModelStore(rt.settings.files_dir)
    folder = store.folder(tenant_id) / str(uuid7())
    plan = Plan(
        tenant_id=tenant_id, folder=str(folder), made_at=now, engine=engine, knobs=knobs or Knobs()
    )
    await asyncio.to_thread(folder.mkdir, parents=True)
    try:
        await tell(Progress("export"))
        async with rt.db.read_frozen(tenant_id) as s:
            await store.prune(tenant_id, keep=await _kept(s))
            for name, query in (("events.csv", _EVENTS), ("products.csv", _PRODUCTS)):
                await _write(folder / name, s.copied(query, {"now": now}))
        outcome = await _process(plan, tell)
        await store.take(tenant_id, Path(outcome.file), outcome.file_hash)
    finally:
        await asyncio.to_thread(shutil.rmtree, folder, ignore_errors=True)
    return outcome


async def _kept(s: ReadSession) -> set[str]:
    return set(
        await s.all(
            str,
            "SELECT file_hash FROM app.recommendation_model"
            " WHERE tenant_id = %(tenant_id)s AND file_hash IS NOT NULL"
            " ORDER BY version DESC LIMIT %(kept)s",
            {"kept": KEPT},
        )
    )


async def _write(path: Path, pieces: AsyncIterator[bytes]) -> None:
    with await asyncio.to_thread(path.open, "wb", 1 << 20) as file:
        async for piece in pieces:
            file.write(piece)


async def _process(plan: Plan, tell: Tell) -> Outcome:
    """Run the training process; its last line is the outcome."""
    # Of the deployment's settings, which have its secrets, the process gets none.
    environment = {n: v for n, v in os.environ.items() if not n.startswith("GUERDON_")}
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "guerdon.recommendations.learning",
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
        env=environment,
        limit=_LINE_MAX,
    )
    assert process.stdin is not None
    assert process.stdout is not None
    assert process.stderr is not None
    complaints = asyncio.create_task(process.stderr.read())
    outcome: Outcome | None = None
    try:
        process.stdin.write(msgspec.json.encode(plan))
        process.stdin.close()
        async for line in process.stdout:
            told = msgspec.json.decode(line, type=Progress | Outcome)
            if isinstance(told, Outcome):
                outcome = told
            else:
                await tell(told)
        status = await process.wait()
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
        said = (await complaints).decode(errors="replace").strip()
    if status or outcome is None:
        errors = [line for line in said.splitlines() if _ERROR.match(line)]
        last = errors[-1][:400] if errors else f"it ended with status {status}"
        if last.startswith("ModuleNotFoundError"):
            extra = "spark" if plan.engine == "spark" else "ml"
            last += f"; install guerdon[{extra}]"
        raise TrainingFailedError(f"The training process failed: {last}", reason=last)
    return outcome


async def keep(
    s: WriteSession,
    outcome: Outcome,
    *,
    engine: Engine,
    knobs: Knobs,
    made_by: str,
    now: datetime,
) -> list[ModelVersion]:
    """Write down what a training came to, and put a good model in force: every process that serves
    has it within a second. The new versions, the one that decides first.

    After a refusal the lists that are alike for everybody are put in force, as a version of their
    own, unless a personal model serves.
    """
    standing = await s.one_or_none(
        ModelVersion,
        f"SELECT {_COLUMNS} FROM app.recommendation_model"  # noqa: S608
        " WHERE tenant_id = %(tenant_id)s AND state = 'in_force' FOR UPDATE",
    )
    made: list[ModelVersion] = []
    insert = partial(_insert, s, outcome, engine=engine, knobs=knobs, made_by=made_by, now=now)
    if outcome.refusal is not None:
        made.append(await insert(reason=outcome.refusal))
    if outcome.refusal is None or standing is None or standing.method == "popularity":
        await s.execute(
            "UPDATE app.recommendation_model SET state = 'superseded'"
            " WHERE tenant_id = %(tenant_id)s AND state = 'in_force'"
        )
        made.append(await insert(reason=None))
        await note_change(s, "recommendations")
    return made


class ModelNotFoundError(NotFoundError):
    """There is no such version of a model."""

    code = "model_not_found"
    title = "There is no such model"


class ModelNotKeptError(ConflictError):
    """The version never served, serves already, or its file is gone (`state`)."""

    code = "model_not_kept"
    title = "This model cannot be put in force"


async def restore(s: WriteSession, store: ModelStore, *, version: int) -> ModelVersion:
    """Put an earlier version back in force: every process that serves has it within a second.

    Raises ModelNotFoundError, ModelNotKeptError.
    """
    found = await s.one_or_none(
        ModelVersion,
        f"SELECT {_COLUMNS} FROM app.recommendation_model"  # noqa: S608
        " WHERE tenant_id = %(tenant_id)s AND version = %(version)s FOR UPDATE",
        {"version": version},
    )
    if found is None:
        raise ModelNotFoundError
    if found.state != "superseded" or found.file_hash is None:
        raise ModelNotKeptError(state=found.state)
    path = store.path(s.tenant_id, found.file_hash)
    if not await asyncio.to_thread(path.is_file):
        raise ModelNotKeptError(
            f"Only the files of the last {KEPT} models are kept; train a new one.",
            state=found.state,
        )
    await s.execute(
        "UPDATE app.recommendation_model SET state = 'superseded'"
        " WHERE tenant_id = %(tenant_id)s AND state = 'in_force'"
    )
    await s.execute(
        "UPDATE app.recommendation_model SET state = 'in_force'"
        " WHERE tenant_id = %(tenant_id)s AND version = %(version)s",
        {"version": version},
    )
    await note_change(s, "recommendations")
    return msgspec.structs.replace(found, state="in_force")


async def _insert(
    s: WriteSession,
    outcome: Outcome,
    *,
    reason: str | None,
    engine: Engine,
    knobs: Knobs,
    made_by: str,
    now: datetime,
) -> ModelVersion:
    refused = reason is not None
    return await s.one(
        ModelVersion,
        f"""
        INSERT INTO app.recommendation_model (tenant_id, {_COLUMNS})
        SELECT %(tenant_id)s, coalesce(max(version), 0) + 1, %(state)s, %(method)s, %(engine)s,
               %(hash)s, %(size)s, %(reason)s, %(members)s, %(products)s, %(events)s,
               %(parameters)s, %(metrics)s, %(made_by)s, %(now)s
          FROM app.recommendation_model WHERE tenant_id = %(tenant_id)s
        RETURNING {_COLUMNS}
        """,  # noqa: S608
        {
            "state": "refused" if refused else "in_force",
            "method": outcome.tried if refused else outcome.method,
            "engine": engine,
            "hash": None if refused else outcome.file_hash,
            "size": 0 if refused else outcome.size_bytes,
            "reason": reason,
            "members": outcome.members,
            "products": outcome.products,
            "events": outcome.events,
            "parameters": jsonb(knobs),
            "metrics": jsonb(
                {
                    "evaluation": outcome.evaluation,
                    "seconds": outcome.seconds,
                    "cpu_seconds": outcome.cpu_seconds,
                    "peak_mb": outcome.peak_mb,
                }
            ),
            "made_by": made_by,
            "now": now,
        },
    )
