"""`guerdon health`: what a container's health check runs."""

import json
import urllib.error
import urllib.request

import click


@click.command()
@click.option("--port", default=8000, show_default=True, type=click.IntRange(1, 65535))
@click.option("--ready", is_flag=True, help="Ask whether the whole can serve, not only this one.")
def command(port: int, ready: bool) -> None:
    """Exit with 0 when the web process on this machine is well."""
    address = f"http://127.0.0.1:{port}/health/{'ready' if ready else 'live'}"
    try:
        with urllib.request.urlopen(address, timeout=4) as answer:
            click.echo(answer.read().decode())
    except urllib.error.HTTPError as error:
        parts = json.loads(error.read()).get("parts", {})
        down = ", ".join(name for name, state in parts.items() if state != "ok")
        raise click.ClickException(f"not ready: {down}") from error
    except OSError as error:
        raise click.ClickException(f"nobody answers at {address}") from error
