"""`guerdon worker`: act on jobs."""

import click

from guerdon.cli._processes import become


@click.command()
@click.option("--processes", default=1, show_default=True, type=click.IntRange(1, 64))
@click.option("--threads", type=click.IntRange(1, 128), help="Jobs at once in each.")
def command(processes: int, threads: int | None) -> None:
    """Act on jobs. On SIGTERM jobs under way are finished first."""
    become("worker", f"--processes={processes}", *([f"--threads={threads}"] if threads else []))
