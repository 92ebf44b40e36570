"""The command `guerdon`. Each file of this package whose name has no underscore is one command.

A command file holds `command`, a click command or group; nothing needs to be registered.
"""

import importlib
import pkgutil
import sys

import click

from guerdon.cli._environment import load_local_environment
from guerdon.kit.errors import GuerdonError
from guerdon.settings import SettingsError


class _Commands(click.Group):
    """Loads a command's file when it is called for, so that `guerdon web` starts quickly."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        names = (m.name for m in pkgutil.iter_modules(__path__))
        return sorted(n.replace("_", "-") for n in names if not n.startswith("_"))

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in self.list_commands(ctx):
            return None
        module = importlib.import_module(f"{__name__}.{cmd_name.replace('-', '_')}")
        command: click.Command = module.command
        return command


@click.group(cls=_Commands, context_settings={"help_option_names": ["-h", "--help"]})
@click.pass_context
def _guerdon(ctx: click.Context) -> None:
    """Run and look after a Guerdon deployment. Settings come from GUERDON_* variables."""
    # The demo makes its settings; those of its last run would pass for servers that are there.
    if ctx.invoked_subcommand != "demo":
        load_local_environment()


def main() -> None:
    """Run the command line; an expected refusal is one line and exit status 1 (settings: 2)."""
    try:
        _guerdon(prog_name="guerdon")
    except GuerdonError as refusal:
        where = f" ({refusal.field})" if refusal.field else ""
        click.echo(f"{refusal.code}: {refusal.detail}{where}", err=True)
        sys.exit(1)
    except SettingsError as error:
        click.echo(f"settings: {error}", err=True)
        sys.exit(2)
