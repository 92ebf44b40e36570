"""`guerdon worker`: act on jobs."""

import click

from guerdon.cli._processes import become


@click.command()
@click.option("--processes", default=1, show_default=True, type=click.IntRange(1, 64))
@click.option("--threads", default=8, show_default=True, type=click.IntRange(1, 128))
def command(processes: int, threads: int) -> None:
    """Act on jobs. On SIGTERM jobs under way are finished first."""
    become("worker", f"--processes={processes}", f"--threads={threads}")
