"""The servers and settings that the tests of one process share."""

import secrets
from collections.abc import Callable, Iterator

import msgspec
import pytest
from tests.outside import Outside
from tests.peers import Peers

from guerdon.local.servers import PostgresServer, ValkeyServer
from guerdon.plumbing.provision import (
    install_context_key,
    migrate,
    provision_cluster,
    provision_database,
)
from guerdon.settings import Settings

CONTEXT_KEY = secrets.token_hex(32)
MASTER_KEY = secrets.token_hex(32)
DATABASE = "guerdon_test"


@pytest.fixture(scope="session")
def postgres(tmp_path_factory: pytest.TempPathFactory) -> Iterator[PostgresServer]:
    """A throw-away PostgreSQL of this test process, migrated by Alembic and nothing else."""
    server = PostgresServer(tmp_path_factory.mktemp("pg") / "data", durable=False)
    with server:
        provision_cluster(server.admin_dsn, {})
        provision_database(server.admin_dsn, DATABASE)
        migrate(server.url("guerdon_migrator", DATABASE))
        install_context_key(server.url("guerdon_migrator", DATABASE), bytes.fromhex(CONTEXT_KEY))
        yield server


@pytest.fixture(scope="session")
def valkey_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ValkeyServer]:
    """A throw-away Valkey of this test process."""
    with ValkeyServer(tmp_path_factory.mktemp("valkey") / "data", append_only=False) as server:
        yield server


@pytest.fixture(scope="session")
def deployment(
    postgres: PostgresServer,
    valkey_server: ValkeyServer,
    peers: Peers,
    outside: Outside,
    tmp_path_factory: pytest.TempPathFactory,
) -> Settings:
    """Settings of the test deployment."""
    return Settings(
        environment="test",
        base_host="localhost",
        base_scheme="http",
        database_url=postgres.url("{role}", DATABASE),
        redis_url=valkey_server.url,
        broker_url=valkey_server.url.replace("/0", "/1"),
        context_key=CONTEXT_KEY,
        master_key=MASTER_KEY,
        stripe_api_base=peers.stripe.url,
        platform_stripe_key="sk_test_platform_of_the_tests",
        platform_stripe_webhook_secret="whsec_platform_of_the_tests",
        amazon_pay_base=peers.amazon_pay.url,
        amazon_business_base=peers.amazon.url,
        lwa_token_url=f"{peers.amazon.url}/auth/o2/token",
        smtp_url=f"smtp://127.0.0.1:{peers.mailbox.smtp_port}",
        sns_endpoint=peers.mailbox.url,
        egress_allowed_origins=(
            *(peer.url for peer in peers),
            f"http://127.0.0.1:{outside.hostile_provider}",
            f"http://127.0.0.1:{outside.canaille}",
            f"http://127.0.0.1:{outside.simplesaml}",
            f"http://127.0.0.1:{outside.brand_identity}",
            f"http://127.0.0.1:{outside.scores}",
        ),
        dns_servers=(f"127.0.0.1:{outside.name_server}",),
        files_dir=str(tmp_path_factory.mktemp("files")),
        log_format="console",
    )


@pytest.fixture(scope="session")
def settings(deployment: Settings) -> Settings:
    """The settings that tests run with; a folder may put others in their place."""
    return deployment


@pytest.fixture(scope="session")
def empty_database(deployment: Settings, postgres: PostgresServer) -> Callable[[str], Settings]:
    """`empty_database(name)`: the settings with a migrated database that no other test fills."""

    def make(name: str) -> Settings:
        provision_database(postgres.admin_dsn, name)
        migrator = postgres.url("guerdon_migrator", name)
        migrate(migrator)
        install_context_key(migrator, bytes.fromhex(deployment.context_key))
        return msgspec.structs.replace(deployment, database_url=postgres.url("{role}", name))

    return make
