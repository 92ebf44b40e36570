"""A brand of the demo leaves it: what people see of it, its end, and what is left of it."""

import asyncio
import json
import re
import subprocess
import sys
from collections.abc import Coroutine, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, TypeVar

import psycopg
from tests.e2e.demo import eventually
from tests.e2e.elsewhere import Deployment, database, settings_of
from tests.e2e.visitor import Visitor

from guerdon.plumbing import outbox
from guerdon.programme import RULES, SECTIONS
from guerdon.programme.life import EndState
from guerdon.runtime import open_runtime
from guerdon.settings import load_settings
from guerdon.tenancy.lifecycle import CLOSING_GRACE, State, Who
from guerdon.tenancy.transitions import change_state

T = TypeVar("T")
OVER = CLOSING_GRACE + timedelta(minutes=1)


def apart(work: Coroutine[Any, Any, T]) -> T:
    """Run to the end in a thread of its own: this one's loop belongs to the browser."""
    with ThreadPoolExecutor(1) as pool:
        return pool.submit(asyncio.run, work).result()


def seen(member: Visitor) -> dict[str, str]:
    """What a member reads of points and orders."""
    found = {}
    for page in ("/activity", "/orders"):
        answer = member.page.goto(f"{member.base}{page}")
        assert answer is not None
        assert answer.status == 200, page
        found[page] = re.sub(r"\s+", " ", member.page.inner_text("main"))
    csv = "async () => (await fetch('/activity.csv')).text()"
    return found | {"/activity.csv": str(member.page.evaluate(csv))}


def waiting(home: Path, slug: str) -> tuple[str, str, str]:
    """Somebody's order that waits at the counter: the address, the order, its code."""
    with psycopg.connect(database(settings_of(home), "postgres")) as admin:
        row = admin.execute(
            "SELECT m.email_norm, r.id::text, r.pickup_code FROM app.redemption r"
            "  JOIN app.member m ON m.tenant_id = r.tenant_id AND m.id = r.member_id"
            "  JOIN ctl.tenant t ON t.id = r.tenant_id"
            " WHERE t.slug = %s AND r.state = 'confirmed' AND r.pickup_code IS NOT NULL"
            " ORDER BY r.placed_at LIMIT 1",
            (slug,),
        ).fetchone()
    assert row is not None
    return row


def settle(brand: Visitor, home: Path) -> None:
    """Hand over what waits at the counter: a brand with open orders does not close."""

    def left() -> list[str]:
        with psycopg.connect(database(settings_of(home), "postgres")) as admin:
            return [
                code
                for (code,) in admin.execute(
                    "SELECT r.pickup_code FROM app.redemption r"
                    "  JOIN ctl.tenant t ON t.id = r.tenant_id"
                    " WHERE t.slug = %s AND r.state NOT IN"
                    " ('settled', 'refused', 'cancelled', 'expired', 'returned')",
                    (brand.slug,),
                )
            ]

    for code in left():
        brand.api("POST", "/counter/collect", {"code": code})
    eventually(lambda: not left(), 30, left)


async def end(home: Path, slug: str) -> None:
    """Closing was asked for a month ago, and the scheduler's hour is struck; workers go on."""
    settings = load_settings(settings_of(home))
    async with open_runtime(settings, role="app", sections=SECTIONS, rules=RULES) as rt:
        tenant = await rt.directory.by_slug(slug)
        async with rt.db.write(tenant.id) as s:
            await change_state(
                s, to=State.CLOSING, by=Who.OWNER, actor="cli", reason="We go elsewhere.",
                now=datetime.now(UTC) - OVER,
            )  # fmt: skip
        async with rt.db.write(tenant.id) as s:
            await outbox.put(s, EndState())


@contextmanager
def elsewhere(home: Path, folder: Path) -> Iterator[Deployment]:
    """An empty deployment, gone at the end."""
    made = Deployment(home, folder)
    try:
        yield made
    finally:
        made.forget()


def proved_alone(export: Path) -> str:
    """What the program inside an export says last, without this installation."""
    done = subprocess.run(
        [sys.executable, "-I", "-S", str(export / "verify.py")],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    return done.stdout.splitlines()[-1]


def certified(home: Path, slug: str) -> dict[str, Any]:
    """The certificate of deletion, when workers are done. They wait for minutes before they begin,
    so that the last letters are out, and here they do not."""

    def made() -> Any:
        with psycopg.connect(database(settings_of(home), "postgres")) as admin:
            admin.execute(
                "UPDATE app.outbox SET next_at = now()"
                " WHERE topic = 'tenancy.remove_data' AND next_at > now() + interval '1 minute'"
            )
            row = admin.execute(
                "SELECT r.certificate FROM ctl.tenant_removal r"
                "  JOIN ctl.tenant t ON t.id = r.tenant_id WHERE t.slug = %s",
                (slug,),
            ).fetchone()
        return row and row[0]

    def log() -> str:
        return (home / "logs/worker.log").read_text()[-3000:]

    return dict(eventually(made, 60, log))


def holding(home: Path, needle: str) -> list[str]:
    """The product's tables, files, logs and traces in which a text stands."""
    found = []
    with psycopg.connect(database(settings_of(home), "postgres")) as admin:
        tables = admin.execute(
            "SELECT c.oid::regclass::text FROM pg_class c"
            "  JOIN pg_namespace n ON n.oid = c.relnamespace"
            " WHERE n.nspname IN ('app', 'ctl', 'app_private') AND c.relkind IN ('r', 'p')"
        ).fetchall()
        for (table,) in tables:
            query = f"SELECT FROM {table} t WHERE t::text LIKE %s LIMIT 1"
            if admin.execute(query.encode(), (f"%{needle}%",)).rowcount:
                found.append(table)
    written = [home / "logs" / f"{name}.log" for name in ("web", "relay", "worker", "scheduler")]
    for file in (*(home / "files").rglob("*"), *written, home / "traces.jsonl"):
        if needle in str(file) or (file.is_file() and needle.encode() in file.read_bytes()):
            found.append(str(file.relative_to(home)))
    return found


def manifest(folder: Path) -> dict[str, Any]:
    """What an export says of itself."""
    made: dict[str, Any] = json.loads((folder / "manifest.json").read_bytes())
    return made
