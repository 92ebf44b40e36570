"""`guerdon relay`: ring workers for the outbox."""

import click

from guerdon.cli._processes import become


@click.command()
def command() -> None:
    """Ring a worker for each outbox row that is due. Any number may run."""
    become("relay")
