"""`guerdon demo`: everything on this machine."""

import os
import sys

import click


@click.command(context_settings={"ignore_unknown_options": True})
@click.argument("arguments", nargs=-1, type=click.UNPROCESSED)
def command(arguments: tuple[str, ...]) -> None:
    """Start servers, sandbox peers and all processes with the demo brands; Ctrl-C stops them."""
    os.execv(  # noqa: S606
        sys.executable, [sys.executable, "-m", "guerdon.local", *arguments]
    )
