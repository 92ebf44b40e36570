"""Every job × foreign ids: work of one brand that names another's rows is as if there were none.

Messages are read from the handlers, their fields filled by name and type, in the database in
which every table has rows of two brands. A third brand, with nothing but parameters, gets every
message with each of the other's ids, and with ids that nobody has: the outcomes must not differ,
and the other must not change.
"""

import re
from collections import Counter
from collections.abc import AsyncIterator, Iterator, Mapping
from datetime import date, datetime
from typing import Any, Literal, Union, get_args, get_origin, get_type_hints
from uuid import UUID, uuid4

import msgspec
import pytest
from structlog.testing import capture_logs
from tests.conftest import create_tenant
from tests.isolation.conftest import DATABASE, House
from tests.isolation.report import Report

from guerdon.local.servers import PostgresServer
from guerdon.plumbing import outbox
from guerdon.plumbing.outbox import Message
from guerdon.plumbing.runner import Ran, Runner
from guerdon.programme import RULES, SECTIONS
from guerdon.runtime import Runtime, open_runtime
from guerdon.settings import Settings
from guerdon.tenancy.schemas import Tenant
from guerdon_workers.actors import all_handlers

# Which rows an id in a message names.
TABLES = {
    "about": "staff", "code_id": "one_time_code", "delivery_id": "webhook_delivery",
    "event_id": "outbox", "export_id": "tenant_export", "import_id": "catalogue_import",
    "link_id": "staff_link", "log_id": "message_log", "member_id": "member",
    "move_id": "clock_move", "redemption_id": "redemption", "refund_id": "redemption_refund",
    "run_id": "simulation_run", "staff_id": "staff", "attempt": "plan_charge.attempt",
    "key": "redemption",
}  # fmt: skip
# Where a field's rows depend on what the message is about.
OF_TOPIC = {("members.import", "import_id"): "member_import"}
# It starts a process that learns for seconds, and names nothing.
SLOW = {"recommendations.train", "recommendations.train_nightly"}
NOW = "2026-01-01T00:00:00Z"
NO_LETTERS = re.compile(r"[^A-Za-z]+")


class UnknownFieldError(Exception):
    """A message has a field that nothing here can fill."""


@pytest.fixture
async def worker(
    house: House, postgres: PostgresServer, settings: Settings
) -> AsyncIterator[Runtime]:
    """A worker of the database in which every table has rows."""
    own = msgspec.structs.replace(settings, database_url=postgres.url("{role}", DATABASE))
    async with open_runtime(own, role="worker", sections=SECTIONS, rules=RULES) as rt:
        yield rt


@pytest.fixture
async def third(house: House, postgres: PostgresServer, settings: Settings) -> Tenant:
    """A brand that has nothing."""
    own = msgspec.structs.replace(settings, database_url=postgres.url("{role}", DATABASE))
    async with open_runtime(own, role="app", sections=SECTIONS, rules=RULES) as rt:
        return await create_tenant(rt)


def filled(kind: type[Any], ids: dict[str, UUID]) -> dict[str, Any]:
    """Every field of a message, or of a part of one."""
    hints = get_type_hints(kind)
    return {name: value(name, hints[name], ids) for name in kind.__struct_fields__}


def value(name: str, kind: Any, ids: dict[str, UUID]) -> Any:
    """Something of a type; an id by the name of its field."""
    if get_origin(kind) is Literal:
        return get_args(kind)[0]
    kinds = [one for one in get_args(kind) if one is not type(None)]
    if type(None) in get_args(kind) or get_origin(kind) is Union:
        return value(name, kinds[0], ids)
    if kind is UUID:
        if name not in ids:
            raise UnknownFieldError(name)
        return str(ids[name])
    if get_origin(kind) is Mapping:
        return {"x": 1}
    if get_origin(kind) is dict:
        return {"redemptionId": str(ids["redemption_id"]), "memberId": str(ids["member_id"])}
    if get_origin(kind) in (list, tuple):
        return []
    if isinstance(kind, type) and issubclass(kind, msgspec.Struct):
        return filled(kind, ids)
    plain = {int: 1, str: "x", bool: False, datetime: NOW, date: NOW[:10]}
    if kind not in plain:
        raise UnknownFieldError(f"{name}: {kind}")
    return plain[kind]


def messages(ids: dict[str, UUID]) -> Iterator[tuple[str, Message]]:
    """A message of every topic."""
    handlers = all_handlers()
    for topic in sorted(handlers.topics - SLOW):
        handler = handlers.find(topic)
        assert handler is not None
        own = {
            field: ids[f"{of} {field}"]
            for of, field in OF_TOPIC
            if of == topic and f"{of} {field}" in ids
        }
        yield topic, msgspec.convert(filled(handler.message, {**ids, **own}), handler.message)


def ids_of(house: House, tenant_id: UUID) -> dict[str, UUID]:
    """A row's id of a brand for every field."""
    found = {}
    named = {f"{topic} {field}": place for (topic, field), place in OF_TOPIC.items()}
    for name, place in (TABLES | named).items():
        table, _, column = place.partition(".")
        query = f"SELECT {column or 'id'} FROM app.{table} WHERE tenant_id = '{tenant_id}' LIMIT 1"
        row = house.admin.execute(query.encode()).fetchone()
        assert row is not None, place
        found[name] = row[0]
    return found


async def outcome(worker: Runtime, tenant_id: UUID, message: Message) -> tuple[Ran, str]:
    """What comes of a message, and the error that its row keeps."""
    async with worker.db.write(tenant_id) as s:
        made = await outbox.put(s, message)
    ran = await Runner(worker, all_handlers()).run(tenant_id, made)
    async with worker.db.read(tenant_id) as s:
        error = await s.value(
            "SELECT last_error FROM app.outbox WHERE tenant_id = %(tenant_id)s AND id = %(id)s",
            {"id": made},
        )
    return ran, str(error or "")


async def test_a_job_knows_nothing_of_another_brand(
    house: House, worker: Runtime, third: Tenant, report: Report
) -> None:
    other = house.tenants[1]
    theirs, nobodys = ids_of(house, other), {name: uuid4() for name in TABLES}
    before = [house.fingerprint(one) for one in house.tenants]
    found: dict[str, Counter[str]] = {}
    differing = []
    with capture_logs() as logs:
        for (topic, foreign), (_, unknown) in zip(messages(theirs), messages(nobodys), strict=True):
            first = await outcome(worker, third.id, foreign)
            second = await outcome(worker, third.id, unknown)
            told = [(ran, NO_LETTERS.sub("", error)[:40]) for ran, error in (first, second)]
            same = told[0] == told[1] and house.canary(other) not in first[1]
            found[topic] = Counter(ids=sum(str(i) in str(foreign) for i in theirs.values()))
            found[topic]["crossed"] = int(not same)
            if not same:
                differing.append(f"{topic}: {first} != {second}")
    report.cover("jobs", found)
    assert differing == []
    assert house.canary(other) not in str(logs)
    assert [house.fingerprint(one) for one in house.tenants] == before
    assert len(found) >= 45
    assert sum(of["ids"] > 0 for of in found.values()) >= 25


def test_a_field_that_nothing_fills_is_seen() -> None:
    with pytest.raises(UnknownFieldError, match="export_id"):
        list(messages({name: uuid4() for name in TABLES if name != "export_id"}))
