"""`guerdon web`: the web server."""

import importlib
import logging
from pathlib import Path
from typing import Any

import click
from granian import Granian
from granian.constants import Interfaces, Loops

from guerdon.plumbing.logs import configure_logging
from guerdon.plumbing.process import die_with_parent, settle
from guerdon.plumbing.tracing import configure_tracing
from guerdon.settings import load_settings


@click.command()
@click.option("--host", default="127.0.0.1", show_default=True)
@click.option("--port", default=8000, show_default=True, type=click.IntRange(1, 65535))
@click.option("--workers", default=1, show_default=True, type=click.IntRange(1, 64))
@click.option("--socket", type=click.Path(path_type=Path), help="Listen on a unix socket instead.")
def command(host: str, port: int, workers: int, socket: Path | None) -> None:
    """Serve member sites and API. On SIGTERM requests under way are finished first."""
    settings = load_settings()  # a wrong variable is told here, once, not by every worker
    logging.getLogger("_granian").setLevel(logging.WARNING)
    # Its processes are forked from this one: what is loaded here, none of them loads again, also
    # when one has crashed and the next takes its place.
    importlib.import_module("guerdon.app")
    Granian(
        "guerdon.app:create_app",
        address=host,
        port=port,
        uds=socket,
        interface=Interfaces.ASGI,
        factory=True,
        workers=workers,
        loop=Loops.uvloop,
        log_access=False,
        log_level="warning",  # type: ignore[arg-type]
        respawn_failed_workers=True,
        workers_kill_timeout=settings.drain_s,
        websockets=False,
    ).serve(target_loader=_load, wrap_loader=False)


def _load() -> Any:
    die_with_parent()
    settings = load_settings()
    configure_logging(settings, "web")
    configure_tracing(settings, "web")
    app = importlib.import_module("guerdon.app").create_app()
    settle()
    return app
