"""Every table × two tenants × every role × {select, update, delete, move, insert}: nothing crosses.

Twice: with the grants as they are, and with every privilege on every table given away, so that
the guard alone has to hold.
"""

from collections import Counter
from typing import Any
from uuid import UUID

import psycopg
import pytest

# The relay rings workers for every tenant: of the outbox it may see which rows are due and put
# them off, by column grants that name no payload. Nothing else of it may cross.
RELAY_SEES = {("guerdon_relay", "outbox")}
OPERATIONS = ("select", "update", "delete", "move", "insert")


def statement(table: Any, operation: str, own: UUID, foreign: UUID, n: int) -> str:
    """An attempt of `own`'s session at `foreign`'s rows."""
    name = f'app."{table.name}"'
    column = next(c for c in table.columns if c != "tenant_id")
    return {
        "select": f"SELECT count(*) FROM {name} t WHERE tenant_id = '{foreign}'",
        "update": f"UPDATE {name} SET {column} = {column} WHERE tenant_id = '{foreign}'",
        "delete": f"DELETE FROM {name} WHERE tenant_id = '{foreign}'",
        "move": f"UPDATE {name} SET tenant_id = '{foreign}' WHERE tenant_id = '{own}'",
        "insert": table.insert(foreign, "planted", n),
    }[operation]


def attempt(
    connection: psycopg.Connection[Any], context: str, text: str, operation: str
) -> tuple[bool, bool]:
    """Whether the attempt crossed, and whether the guard (not a missing grant) met it."""
    try:
        with connection.transaction(force_rollback=True):
            connection.execute("SELECT app.enter(%s)", (context,))
            cursor = connection.execute(text.encode())
            if operation == "select":
                row = cursor.fetchone()
                return row is None or row[0] != 0, True
            return cursor.rowcount != 0, True
    except psycopg.errors.InsufficientPrivilege as error:
        return False, "row-level security" in str(error)


def run_matrix(house: Any, roles: tuple[str, ...]) -> tuple[dict[str, Counter[str]], list[str]]:
    """By table: tried, met by the guard, crossed. What crossed."""
    found = {table.name: Counter(statements=0, by_guard=0, crossed=0) for table in house.tables}
    crossed = []
    for role in roles:
        connection = house.role(role)
        for own, foreign in (house.tenants, house.tenants[::-1]):
            context = house.sign(role, own)
            for table in house.tables:
                for operation in OPERATIONS:
                    if (role, table.name) in RELAY_SEES and operation in ("select", "update"):
                        continue
                    of = found[table.name]
                    of["statements"] += 1
                    text = statement(table, operation, own, foreign, 100 + of["statements"])
                    leaked, guarded = attempt(connection, context, text, operation)
                    of["by_guard"] += guarded
                    of["crossed"] += leaked
                    if leaked:
                        crossed.append(f"{role} {operation} {table.name}")
    return found, crossed


def count(house: Any, table: Any, tenant_id: UUID) -> int:
    query = f"SELECT count(*) FROM app.\"{table.name}\" WHERE tenant_id = '{tenant_id}'"
    row = house.admin.execute(query.encode()).fetchone()
    return int(row[0])


def test_every_table_has_rows_of_both(house: Any) -> None:
    assert len(house.tables) >= 6
    for table in house.tables:
        assert {count(house, table, t) for t in house.tenants} <= {1, 3}, table.name


def test_nothing_crosses_with_the_grants_as_they_are(house: Any, report: Any) -> None:
    before = [house.fingerprint(t) for t in house.tenants]
    found, crossed = run_matrix(house, house.roles)
    report.cover("tables", {f"{name}, with its grants": of for name, of in found.items()})
    assert crossed == []
    assert [house.fingerprint(t) for t in house.tenants] == before


def test_nothing_crosses_with_everything_granted(
    house: Any, report: Any, everything_granted: None
) -> None:
    before = [house.fingerprint(t) for t in house.tenants]
    roles = tuple(r for r in house.roles if r != "guerdon_relay")
    found, crossed = run_matrix(house, roles)
    report.cover("tables", {f"{name}, everything granted": of for name, of in found.items()})
    assert crossed == []
    assert [name for name, of in found.items() if of["by_guard"] != of["statements"]] == []
    assert [house.fingerprint(t) for t in house.tenants] == before


def test_the_relay_sees_no_payload(house: Any) -> None:
    connection = house.role("guerdon_relay")
    for text in (
        "SELECT payload FROM app.outbox",
        "SELECT last_error FROM app.outbox",
        "UPDATE app.outbox SET payload = '{}'",
        "DELETE FROM app.outbox",
    ):
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            connection.execute(text.encode())


def test_a_forgotten_tenant_fails_loudly(house: Any, report: Any, everything_granted: None) -> None:
    tried = 0
    for role in house.roles:
        if role == "guerdon_relay":  # No policy lets it in, tenant or not: it sees empty tables.
            continue
        for table in house.tables:
            for text in (
                f'SELECT * FROM app."{table.name}"',
                f'UPDATE app."{table.name}" SET tenant_id = tenant_id',
                f'DELETE FROM app."{table.name}"',
                table.insert(house.tenants[0], "x", 99),
            ):
                tried += 1
                with pytest.raises(psycopg.errors.InsufficientPrivilege, match=r"tenant|policy"):
                    house.role(role).execute(text.encode())
    report.add("no brand at all", crossed=0, statements=tried)


def test_a_widened_policy_is_still_guarded(house: Any, everything_granted: None) -> None:
    """The guard is restrictive: a later permissive policy cannot open it."""
    table = next(t for t in house.tables if t.name == "secret")
    house.admin.execute("CREATE POLICY slip ON app.secret USING (true) WITH CHECK (true)")
    try:
        for role in [r for r in house.roles if r != "guerdon_relay"]:
            context = house.sign(role, house.tenants[0])
            text = statement(table, "select", house.tenants[0], house.tenants[1], 1)
            assert attempt(house.role(role), context, text, "select") == (False, True)
    finally:
        house.admin.execute("DROP POLICY slip ON app.secret")


def test_the_matrix_can_fail(house: Any) -> None:
    """Without the guard, the same attempt crosses."""
    table = next(t for t in house.tables if t.name == "secret")
    context = house.sign("guerdon_app", house.tenants[0])
    text = statement(table, "select", house.tenants[0], house.tenants[1], 1)
    house.admin.execute("ALTER TABLE app.secret DISABLE ROW LEVEL SECURITY")
    try:
        assert attempt(house.role("guerdon_app"), context, text, "select") == (True, True)
    finally:
        house.admin.execute("ALTER TABLE app.secret ENABLE ROW LEVEL SECURITY")
    assert attempt(house.role("guerdon_app"), context, text, "select") == (False, True)
