"""pgbench, as the application's role, with prepared statements."""

import re
import subprocess
import tempfile
from collections.abc import Mapping

from guerdon.local.servers import bindir


def run(
    dsn: str, script: str, *, clients: int, transactions: int, variables: Mapping[str, str | int]
) -> float:
    """Transactions per second, connecting excluded; every one must succeed."""
    with tempfile.NamedTemporaryFile("w", suffix=".sql") as file:
        file.write(script)
        file.flush()
        done = subprocess.run(
            [
                bindir() / "pgbench",
                "--no-vacuum",
                "--protocol=prepared",
                f"--client={clients}",
                "--jobs=2",
                f"--transactions={transactions // clients}",
                f"--file={file.name}",
                *(f"--define={k}={v}" for k, v in variables.items()),
                dsn,
            ],
            capture_output=True,
            text=True,
            check=False,
        )
    if done.returncode != 0 or "aborted" in done.stderr:
        raise AssertionError(f"pgbench: {done.stdout}\n{done.stderr}")
    failed = re.search(r"number of failed transactions: (\d+)", done.stdout)
    if failed and failed[1] != "0":
        raise AssertionError(done.stdout)
    found = re.search(r"tps = ([\d.]+) \(without initial connection time\)", done.stdout)
    assert found is not None, done.stdout
    return float(found[1])
