"""Forks web, worker, relay and scheduler processes out of one that has imported everything.

Each child runs the process' real `main`; only the seconds of importing are saved. Reads a process
with its options per line from standard input, answers with the child's pid.
"""

import os
import signal
import sys

import guerdon.app  # noqa: F401
from guerdon.cli import web
from guerdon_workers import __main__ as processes
from guerdon_workers.actors import all_handlers


def serve() -> None:
    """Fork until standard input ends."""
    all_handlers()
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    for line in sys.stdin:
        child = os.fork()
        if child == 0:
            signal.signal(signal.SIGCHLD, signal.SIG_DFL)
            os.close(0)
            log = os.open(os.environ["NURSERY_LOG"], os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
            os.dup2(log, 1)
            os.dup2(log, 2)
            name, *options = line.split()
            if name == "web":
                web.command.main(options)
            else:
                processes.main([name, *options])
            os._exit(0)
        sys.stdout.write(f"{child}\n")
        sys.stdout.flush()


if __name__ == "__main__":
    serve()
