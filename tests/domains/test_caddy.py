"""A real Caddy, with the deployment's own configuration, gets a certificate from a real authority.

It answers for a domain that a brand has proved; for another it has none, and asks nobody for one.
"""

import asyncio
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import msgspec
import pytest
from tests.domains.authority import Caddies
from tests.domains.conftest import Prover, fresh_domain
from tests.faults.fleet import environment
from tests.outside import Outside
from tests.ports import free_port

from guerdon.settings import Settings


class Front(NamedTuple):
    """The proxy, and how it reaches the web process."""

    caddies: Caddies
    web: int


@pytest.fixture
def front(settings: Settings, outside: Outside, root: Path, tmp_path: Path) -> Iterator[Front]:
    """A web process of the deployment with Caddy before it."""
    web = free_port()
    told = msgspec.structs.replace(
        settings, ask_host=f"127.0.0.1:{web}", trusted_proxies=("127.0.0.1",)
    )
    log = (tmp_path / "web.log").open("wb")
    process = subprocess.Popen(
        [sys.executable, "-m", "guerdon.cli", "web", f"--port={web}"],
        env=environment(told), stdout=log, stderr=log,
    )  # fmt: skip
    caddies = Caddies(tmp_path, free_port, outside.name_server)
    try:
        caddyfile = (root / "docker/Caddyfile").read_text().replace("web:8000", f"127.0.0.1:{web}")
        caddies.start(caddyfile, GUERDON_OPERATOR_EMAIL="ops@platform.example")
        caddies.wait_for(web)
        yield Front(caddies, web)
    finally:
        caddies.stop()
        process.terminate()
        process.wait(60)


async def test_a_proved_domain_gets_a_certificate_and_another_does_not(
    front: Front, prover: Prover
) -> None:
    caddies, names = front.caddies, prover.names
    domain, unproved = fresh_domain(), fresh_domain()
    # Both names lead here; the brand has proved one.
    names.addresses |= {domain: "127.0.0.1", unproved: "127.0.0.1"}
    await prover.claim(unproved)
    assert await asyncio.to_thread(caddies.visit, domain, "/sign-in") is None
    await prover.prove(domain)
    await prover.choose(domain)

    shown = await asyncio.to_thread(caddies.obtained, domain, "/sign-in")
    assert (shown.names, shown.status) == ((domain,), 200)
    assert shown.headers["Strict-Transport-Security"] == "max-age=31536000"
    assert await asyncio.to_thread(caddies.visit, unproved, "/") is None
    assert await asyncio.to_thread(caddies.visit, "127-0-0-1.evil.example", "/") is None
    # The authority went to the name by its address, and was asked for no other.
    assert set(caddies.forward.proved) == {domain}
    assert caddies.kept() == [domain]
    # Nobody asks through the proxy.
    asked = await asyncio.to_thread(
        caddies.visit, domain, f"/certificate?domain={domain}", host=f"127.0.0.1:{front.web}"
    )
    assert asked is not None
    assert asked.status == 421
