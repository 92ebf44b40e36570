"""Peers as processes: they keep their state, and do not outlive who started them."""

import os
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest
from tests import calls
from tests.peers import Peer

from guerdon.sandbox.store import Store

SPAWNS = """
import subprocess, sys, time
peer = subprocess.Popen([sys.executable, "-m", "guerdon.sandbox", "stripe", "--state", sys.argv[1]],
                        stdout=subprocess.PIPE, text=True)
print(peer.pid, peer.stdout.readline().strip(), flush=True)
time.sleep(60)
"""


@pytest.fixture
def state(tmp_path: Path) -> Path:
    return tmp_path / "state"


def test_state_survives_a_restart(state: Path) -> None:
    headers = {"authorization": "Bearer sk_test_restart123"}
    form = {
        "mode": "payment",
        "success_url": "https://x.test/",
        "line_items[0][quantity]": "1",
        "line_items[0][price_data][currency]": "usd",
        "line_items[0][price_data][unit_amount]": "1000",
        "line_items[0][price_data][product_data][name]": "Mug",
    }
    first = Peer("stripe", state).start()
    made = calls.post(f"{first.url}/v1/checkout/sessions", data=form, headers=headers).json()
    first.stop()
    second = Peer("stripe", state).start()
    kept = calls.get(f"{second.url}/v1/checkout/sessions/{made['id']}", headers=headers).json()
    second.stop()
    assert kept["id"] == made["id"]
    assert kept["amount_total"] == 1000


def test_it_dies_with_its_parent(state: Path) -> None:
    parent = subprocess.Popen(
        [sys.executable, "-c", SPAWNS, str(state)], stdout=subprocess.PIPE, text=True
    )
    assert parent.stdout is not None
    pid, ready, url = parent.stdout.readline().split()
    assert ready == "READY"
    assert calls.get(url).status_code == 200
    parent.kill()
    parent.wait()
    until = time.monotonic() + 5
    while time.monotonic() < until and _alive(int(pid)):
        time.sleep(0.05)
    assert not _alive(int(pid))


def _alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
        return "Z" not in Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except (ProcessLookupError, FileNotFoundError):
        return False


def test_what_is_kept_is_bounded(tmp_path: Path) -> None:
    store = Store(tmp_path, keep=100)
    for n in range(500):
        store.put("thing", str(n), {"n": n})
    newest: list[Any] = list(store.newest("thing", dict))
    assert newest[0] == {"n": 499}
    assert 100 <= len(newest) <= 111
    assert store.get("thing", "0", dict) is None
    store.put("thing", "499", {"n": -1})
    assert store.get("thing", "499", dict) == {"n": -1}
