"""The demo as a process: what it starts, what it says, and what it leaves behind."""

import json
import os
import signal
import socket
import subprocess
import sys
import threading
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from tests.ports import free_neighbourhood

from guerdon.local.home import Home
from guerdon.local.supervisor import marked

pytestmark = pytest.mark.faults

_TENANT = """
[tenant]
slug = "corner"
name = "Corner Shop"
"""
_MEMBERS = """
[[members]]
name = "Ana Lima"
email = "ana@example.org"
password = "corner-lantern-82"
"""


class Run:
    """One `python -m guerdon.local demo`, its output read up to the table."""

    def __init__(self, home: Path, tenants: Path, port: int) -> None:
        self.home, self.port = home, port
        self.process = subprocess.Popen(
            [sys.executable, "-m", "guerdon.local", "demo"],
            env={
                **{k: v for k, v in os.environ.items() if not k.startswith("GUERDON_")},
                "GUERDON_HOME": str(home),
                "GUERDON_TENANTS_DIR": str(tenants),
                "PORT": str(port),
                "MAKELEVEL": "",
            },
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            start_new_session=True,
        )
        self.output = ""

    def wait_ready(self) -> dict[str, Any]:
        assert self.process.stdout is not None
        for line in self.process.stdout:
            self.output += line
            if "Ctrl-C stops everything" in line:
                told: dict[str, Any] = json.loads((self.home / "demo.json").read_text())
                return told
        raise AssertionError(self.output)

    def wait_for(self, words: str) -> None:
        assert self.process.stdout is not None
        for line in self.process.stdout:
            self.output += line
            if words in line:
                return
        raise AssertionError(self.output)

    def wait_end(self) -> int:
        assert self.process.stdout is not None
        self.output += self.process.stdout.read()
        return self.process.wait(60)


@pytest.fixture
def tenants(tmp_path: Path) -> Path:
    brand = tmp_path / "tenants" / "demo" / "corner"
    brand.mkdir(parents=True)
    (brand / "tenant.toml").write_text(_TENANT)
    (brand / "demo.toml").write_text(_MEMBERS)
    return tmp_path / "tenants"


@pytest.fixture
def home(tmp_path: Path) -> Iterator[Path]:
    path = tmp_path / "home"
    yield path
    for pid in marked(str(path)):
        os.kill(pid, signal.SIGKILL)
    Home(path).remove()
    assert not path.exists()


def _get(port: int, path: str) -> tuple[int, bytes]:
    with urllib.request.urlopen(f"http://127.0.0.1:{port}{path}", timeout=5) as answer:
        return answer.status, answer.read()


def _gone(home: Path) -> bool:
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        if not marked(str(home)):
            return True
        time.sleep(0.1)  # nobody's children any more: nothing tells when they end
    return False


def test_a_demo_lives_is_killed_and_lives_again(home: Path, tenants: Path) -> None:
    port = free_neighbourhood()
    first = Run(home, tenants, port)
    told = first.wait_ready()
    assert told["base_url"] == f"http://localhost:{port}"
    (brand,) = told["tenants"]
    assert brand["slug"] == "corner"
    assert brand["host"] == f"corner.localhost:{port}"
    assert brand["url"] == f"http://corner.localhost:{port}"
    assert brand["members"] == [{"email": "ana@example.org", "password": "corner-lantern-82"}]
    assert brand["api_key"].startswith("gk_test_")
    assert set(told["sandbox"]) == {
        "mailbox_url", "supplier_url", "payments_url", "amazon_pay_url", "identity_url",
    }  # fmt: skip
    assert told["docs_url"].startswith(told["base_url"])
    for name, url in told["sandbox"].items():
        # The identity provider follows, where a brand has one.
        if name == "identity_url":
            continue
        assert _get(int(url.rpartition(":")[2]), "/")[0] == 200
    status, body = _get(port, "/health/ready")
    assert status == 200
    assert json.loads(body)["parts"] == {"database": "ok", "valkey": "ok", "worker": "ok"}
    for name in ("demo.json", "demo.env", "context-key.secret", "master-key.secret"):
        assert (home / name).stat().st_mode & 0o777 == 0o600
    keys = [(home / f"{n}.secret").read_text() for n in ("context-key", "master-key")]

    second = Run(home, tenants, free_neighbourhood())
    assert second.wait_end() == 1
    assert f"already runs on {home} (process {first.process.pid})" in second.output

    # A database that takes its time to end still holds its port when the next run begins.
    database = int((home / "postgres/postmaster.pid").read_text().split()[0])
    os.kill(database, signal.SIGSTOP)
    first.process.kill()
    first.process.wait()
    assert _gone(home)

    third = Run(home, tenants, port)
    threading.Timer(2, os.kill, (database, signal.SIGCONT)).start()
    third.wait_for("processes that a killed run had left")
    again = third.wait_ready()
    assert "brands" not in third.output  # nothing has changed: nothing is prepared again
    third.wait_for(f"console ready: http://admin.localhost:{port}")
    page = urllib.request.Request(
        f"http://127.0.0.1:{port}/corner", headers={"Host": f"admin.localhost:{port}"}
    )
    with urllib.request.urlopen(page, timeout=5) as answer:
        assert b'<div id="root">' in answer.read()
    assert again["tenants"] == told["tenants"]
    assert keys == [(home / f"{n}.secret").read_text() for n in ("context-key", "master-key")]
    environment = {k: v for k, v in os.environ.items() if not k.startswith("GUERDON_")}
    listed = subprocess.run(
        [sys.executable, "-m", "guerdon.cli", "tenants", "list"],
        env=environment | {"GUERDON_HOME": str(home)},
        capture_output=True,
        text=True,
        check=True,
    )
    assert listed.stdout.split()[:2] == ["corner", "live"]

    third.process.send_signal(signal.SIGINT)
    assert third.wait_end() == 0
    assert _gone(home)
    assert not (home / "demo.json").exists()
    with pytest.raises(OSError, match="refused"):
        socket.create_connection(("127.0.0.1", port), timeout=1)


def test_a_port_that_is_taken_is_said_at_once(home: Path, tenants: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        run = Run(home, tenants, port)
        assert run.wait_end() == 1
        assert f"port {port} is taken by another program: `PORT=8100 make demo`" in run.output
    assert not (home / "postgres").exists()
