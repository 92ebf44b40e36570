import secrets
import threading
import time
from collections.abc import Iterator

import psycopg
import pytest
from click.testing import CliRunner, Result

from guerdon.cli.db import command
from guerdon.local import places
from guerdon.local.servers import PostgresServer, free_port
from guerdon.plumbing import provision
from guerdon.settings import SettingsError


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[PostgresServer]:
    """A cluster nobody has prepared, reached by password over TCP as in production."""
    data = tmp_path_factory.mktemp("cluster") / "data"
    with PostgresServer(data, port=free_port(), durable=False) as server:
        yield server
    places.remove_place(data)


@pytest.fixture(scope="module")
def environment(server: PostgresServer) -> dict[str, str]:
    passwords = ",".join(
        f'"guerdon_{role}": "{secrets.token_hex(8)}"' for role in provision.LOGIN_ROLES
    )
    return {
        "GUERDON_DATABASE_URL": f"postgresql://{{role}}:{{password}}@127.0.0.1:{server.port}/shop",
        "GUERDON_DATABASE_PASSWORDS": f"{{{passwords}}}",
        "GUERDON_CONTEXT_KEY": secrets.token_hex(32),
        "GUERDON_MASTER_KEY": secrets.token_hex(32),
        "GUERDON_ADMIN_URL": server.tcp_url("postgres"),
    }


def _run(environment: dict[str, str], *arguments: str) -> Result:
    return CliRunner().invoke(command, arguments, env=environment, catch_exceptions=False)


def test_from_an_empty_cluster_to_a_ready_database(environment: dict[str, str]) -> None:
    for _ in range(2):  # the second time changes nothing
        assert "database shop are ready" in _run(environment, "init").output
    assert "schema empty → " in _run(environment, "migrate").output
    assert _run(environment, "check").output == "the database is ready for this release\n"


def test_a_strange_key_is_found(environment: dict[str, str]) -> None:
    result = _run(environment | {"GUERDON_CONTEXT_KEY": secrets.token_hex(32)}, "check")
    assert result.exit_code == 1
    assert result.stderr == "GUERDON_CONTEXT_KEY is not a key that this database knows\n"


def test_a_role_that_may_too_much_is_found_and_mended(
    environment: dict[str, str], server: PostgresServer
) -> None:
    with psycopg.connect(server.admin_dsn, autocommit=True) as admin:
        admin.execute("ALTER ROLE guerdon_app BYPASSRLS")
    result = _run(environment, "check")
    assert result.exit_code == 1
    assert "the role guerdon_app may more than it should" in result.stderr
    _run(environment, "init")
    assert _run(environment, "check").exit_code == 0


def test_a_migration_gives_way_to_a_busy_table(
    environment: dict[str, str], server: PostgresServer
) -> None:
    dsn = server.url("guerdon_migrator", "shop")
    held = threading.Event()

    def hold() -> None:
        with psycopg.connect(server.url("postgres", "shop")) as link:
            link.execute("LOCK TABLE app_private.alembic_version IN ACCESS EXCLUSIVE MODE")
            held.set()
            time.sleep(1.5)  # longer than a migration waits for its lock

    with psycopg.connect(dsn, autocommit=True) as owner:
        owner.execute("SET ROLE guerdon_owner")
        before = owner.execute("SELECT version_num FROM app_private.alembic_version").fetchall()
    thread = threading.Thread(target=hold)
    thread.start()
    held.wait(10)
    provision.migrate(dsn)
    thread.join()
    with psycopg.connect(dsn, autocommit=True) as owner:
        owner.execute("SET ROLE guerdon_owner")
        assert owner.execute("SELECT version_num FROM app_private.alembic_version").fetchall() == (
            before
        )


def test_settings_at_fault_are_named() -> None:
    with pytest.raises(SettingsError, match="GUERDON_CONTEXT_KEY"):
        _run({"GUERDON_CONTEXT_KEY": "00"}, "check")
