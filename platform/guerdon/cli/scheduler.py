"""`guerdon scheduler`: what happens again and again."""

import click

from guerdon.cli._processes import become


@click.command()
def command() -> None:
    """Fire the schedules of every tenant. Any number may run."""
    become("scheduler")
