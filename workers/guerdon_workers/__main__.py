"""`python -m guerdon_workers worker|relay|scheduler`: one process each, ended by SIGTERM."""

import argparse
import asyncio
import signal
import subprocess
import sys
import threading
from collections.abc import Awaitable, Callable

from guerdon.plumbing import failpoints
from guerdon.plumbing.logs import configure_logging
from guerdon.plumbing.process import HANG_UP_S, die_with_parent, end_within
from guerdon.plumbing.tracing import configure_tracing
from guerdon.programme import SECTIONS
from guerdon.runtime import Runtime, open_runtime
from guerdon.settings import Settings, load_settings
from guerdon_workers.actors import all_schedules
from guerdon_workers.broker import open_broker
from guerdon_workers.relay import run_relay
from guerdon_workers.scheduler import run_scheduler
from guerdon_workers.worker import THREADS, run_worker

_STOPPING = (signal.SIGTERM, signal.SIGINT)


async def _until_signal(
    settings: Settings, work: Callable[[Runtime, asyncio.Event], Awaitable[None]]
) -> None:
    stop = asyncio.Event()

    def ending() -> None:
        # Being told again gives it no more time.
        if not stop.is_set():
            end_within(settings.drain_s + HANG_UP_S)
        stop.set()

    for each in _STOPPING:
        asyncio.get_running_loop().add_signal_handler(each, ending)
    async with open_runtime(settings, role="relay", sections=SECTIONS, pool_size=2) as rt:
        await work(rt, stop)


def _stop_on_signal(settings: Settings) -> threading.Event:
    stop = threading.Event()

    def ending(*_: object) -> None:
        if not stop.is_set():
            end_within(settings.drain_s + HANG_UP_S)
        stop.set()

    for each in _STOPPING:
        signal.signal(each, ending)
    return stop


def _worker(settings: Settings, processes: int, threads: int) -> None:
    stop = _stop_on_signal(settings)
    if processes == 1:
        run_worker(settings, stop, threads=threads)
        return
    command = [sys.executable, "-m", "guerdon_workers", "worker", f"--threads={threads}"]
    children = [subprocess.Popen(command) for _ in range(processes)]  # noqa: S603
    while not stop.wait(timeout=1):
        children = [
            child if child.poll() is None else subprocess.Popen(command)  # noqa: S603
            for child in children
        ]
    for child in children:
        child.terminate()
    for child in children:
        child.wait()


def _relay(settings: Settings) -> None:
    broker = open_broker(settings.broker_url)
    asyncio.run(_until_signal(settings, lambda rt, stop: run_relay(rt, broker, stop)))
    broker.close()


def _scheduler(settings: Settings) -> None:
    asyncio.run(_until_signal(settings, lambda rt, stop: run_scheduler(rt, all_schedules(), stop)))


def main(arguments: list[str]) -> None:
    """Run the process that the first argument names."""
    parser = argparse.ArgumentParser(prog="python -m guerdon_workers")
    parser.add_argument("process", choices=("worker", "relay", "scheduler"))
    parser.add_argument("--processes", type=int, default=1, help="worker processes")
    parser.add_argument("--threads", type=int, default=THREADS, help="jobs at once in each")
    chosen = parser.parse_args(arguments)
    die_with_parent()
    failpoints.process = chosen.process
    settings = load_settings()
    configure_logging(settings, chosen.process)
    configure_tracing(settings, chosen.process)
    if chosen.process == "worker":
        _worker(settings, chosen.processes, chosen.threads)
    elif chosen.process == "relay":
        _relay(settings)
    else:
        _scheduler(settings)


if __name__ == "__main__":
    main(sys.argv[1:])
