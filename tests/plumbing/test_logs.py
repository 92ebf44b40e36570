import io
import json
import logging
import sys
from collections.abc import Iterator

import psycopg
import pytest
import structlog

from guerdon.local.servers import PostgresServer
from guerdon.plumbing.logs import configure_logging
from guerdon.settings import Settings


@pytest.fixture
def lines(monkeypatch: pytest.MonkeyPatch) -> Iterator[io.StringIO]:
    out = io.StringIO()
    monkeypatch.setattr(sys, "stdout", out)
    root, handlers = logging.getLogger(), logging.getLogger().handlers[:]
    level = root.level
    configure_logging(Settings(), "web")
    yield out
    structlog.reset_defaults()
    root.handlers[:] = handlers
    root.setLevel(level)


def test_a_line_carries_request_and_tenant_and_masks_secrets(lines: io.StringIO) -> None:
    with structlog.contextvars.bound_contextvars(request_id="r1", tenant="aurora"):
        structlog.get_logger("x").info("sign_in", api_key="gk_live_abc", password="hunter2", n=3)
    line = json.loads(lines.getvalue())
    assert line["request_id"] == "r1"
    assert line["tenant"] == "aurora"
    assert line["process"] == "web"
    assert line["n"] == 3
    assert "gk_live_abc" not in lines.getvalue()
    assert "hunter2" not in lines.getvalue()


def test_a_librarys_line_is_json_too(lines: io.StringIO) -> None:
    logging.getLogger("some.library").warning("slow %s", "query")
    line = json.loads(lines.getvalue())
    assert line["event"] == "slow query"
    assert line["logger"] == "some.library"


def test_the_values_of_a_row_stay_in_the_database(
    lines: io.StringIO, postgres: PostgresServer
) -> None:
    with psycopg.connect(postgres.admin_dsn) as link:
        link.execute("CREATE TEMP TABLE t (email text PRIMARY KEY CHECK (email <> 'no@x.org'))")
        link.execute("INSERT INTO t VALUES ('ana@example.org')")
        for bad in ("ana@example.org", "no@x.org"):
            try:
                with link.transaction():
                    link.execute("INSERT INTO t VALUES (%s)", (bad,))
            except psycopg.Error as error:
                structlog.get_logger().exception("failed", reason=str(error))
    out = lines.getvalue()
    assert len(out.splitlines()) == 2
    assert "UniqueViolation" in out
    assert "CheckViolation" in out
    assert "ana@example.org" not in out
    assert "no@x.org" not in out
