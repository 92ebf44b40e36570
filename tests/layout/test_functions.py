"""What runs in the database is what the repository says: hot functions, and one line of
migrations."""

import re
from pathlib import Path

import psycopg
import pytest
from alembic.script import ScriptDirectory

from guerdon.local.servers import PostgresServer
from guerdon.plumbing.provision import alembic_config

ROOT = Path(__file__).parents[2]
DATABASE = "guerdon_test"
_FUNCTION = re.compile(
    r"CREATE\s+(?:OR\s+REPLACE\s+)?FUNCTION\s+(app\.\w+)\s*\(.*?AS\s+(\$\w*\$)(.*?)\2", re.S | re.I
)


def declared(root: Path) -> dict[str, str]:
    """Name and body of every function in a `sql/<name>_vN.sql` file."""
    found = {}
    for path in sorted(root.rglob("sql/*_v*.sql")):
        for name, _, body in _FUNCTION.findall(path.read_text()):
            assert name not in found, f"{name} stands in two files"
            found[name] = body
    return found


def running(connection: psycopg.Connection[tuple[str, str]]) -> dict[str, str]:
    """Name and body of every function in the database's schema `app`, triggers aside."""
    rows = connection.execute(
        "SELECT 'app.' || proname, prosrc FROM pg_proc"
        " WHERE pronamespace = 'app'::regnamespace AND prorettype <> 'trigger'::regtype"
    ).fetchall()
    return dict(rows)


def drift(files: dict[str, str], database: dict[str, str]) -> list[str]:
    """Functions whose body in the database is missing or another than in the file."""
    return [name for name, body in files.items() if database.get(name) != body]


def test_no_hot_function_has_drifted(postgres: PostgresServer) -> None:
    files = declared(ROOT / "platform" / "guerdon")
    assert len(files) >= 20
    with psycopg.connect(postgres.admin_dsn, dbname=DATABASE) as connection:
        assert drift(files, running(connection)) == []


def test_every_function_has_a_version_or_belongs_to_the_foundation(
    postgres: PostgresServer,
) -> None:
    files = declared(ROOT / "platform" / "guerdon")
    with psycopg.connect(postgres.admin_dsn, dbname=DATABASE) as connection:
        loose = sorted(set(running(connection)) - set(files))
    unversioned = [name for name in loose if not re.search(r"_v\d+$", name)]
    assert unversioned == ["app.current_tenant", "app.enter", "app.refuse"]


def test_drift_is_seen(postgres: PostgresServer) -> None:
    files = declared(ROOT / "platform" / "guerdon")
    name = next(iter(files))
    with psycopg.connect(postgres.admin_dsn, dbname=DATABASE) as connection:
        database = running(connection)
    assert drift({name: files[name] + " "}, database) == [name]
    assert drift({"app.nowhere_v1": ""}, database) == ["app.nowhere_v1"]


def test_migrations_stand_in_one_line() -> None:
    scripts = ScriptDirectory.from_config(alembic_config("postgresql://nobody@localhost/none"))
    assert len(scripts.get_heads()) == 1
    line = [revision.revision for revision in scripts.walk_revisions()]
    assert line == sorted(line, reverse=True)
    names = sorted(path.name[:4] for path in (ROOT / "migrations" / "versions").glob("0*.py"))
    assert sorted(line) == names


@pytest.mark.parametrize("statement", ["DROP TABLE", "DROP COLUMN"])
def test_a_migration_does_not_destroy(statement: str) -> None:
    """Expand first; what an older version still reads goes in a later release."""
    for path in (ROOT / "migrations" / "versions").glob("0*.py"):
        upgrade = path.read_text().split("def downgrade")[0]
        assert statement not in upgrade, path.name
