"""`guerdon settings`: every deployment setting, as docs/settings.md shows it."""

from typing import Any, get_type_hints

import click
import msgspec

from guerdon.settings import PREFIX, Settings

_HEAD = """# Settings

A deployment is set by environment variables, read once when a process starts; a wrong one stops \
it and is named. Nothing here belongs to a tenant: a brand's own settings are parameters \
(`tenants/<slug>/tenant.toml`). Written by `guerdon settings`; change the text in \
`platform/guerdon/settings.py`.

| variable | takes | default | meaning |
|---|---|---|---|
"""

# Read outside of the settings: by one command or by the demo only.
_OTHERS = """
Not settings of a process, but read by commands:

| variable | read by | meaning |
|---|---|---|
| `GUERDON_ADMIN_URL` | `guerdon db init`, `guerdon restore` | The database administrator's \
address. No process knows it. |
| `GUERDON_HOME` | `make demo`, every `guerdon` command | Folder of the demo's data and settings; \
`.guerdon` by default. Commands take their settings from its `demo.env` when the environment has \
none. |
| `PORT` | `make demo` | Port of the demo; 8000 by default. |
| `GUERDON_THEMES_DIR`, `GUERDON_TENANTS_DIR`, `GUERDON_MIGRATIONS_DIR` | all | Where these \
folders are, when not beside the code. |
| `GUERDON_OPERATOR_EMAIL` | Caddy (`docker/`) | Whom the certificate authority may write to. |
"""

_KINDS = {
    str: "text",
    int: "number",
    bool: "true or false",
    tuple[str, ...]: "list, with commas",
    dict[str, str]: "JSON object",
}


def document() -> str:
    """The text of docs/settings.md."""
    bare, full = get_type_hints(Settings), get_type_hints(Settings, include_extras=True)
    rows = []
    for field in msgspec.structs.fields(Settings):
        meaning = next(
            m.description or "" for m in full[field.name].__metadata__ if m.description
        ).replace("|", "\\|")
        rows.append(
            f"| `{PREFIX}{field.name.upper()}` | {_KINDS[bare[field.name]]} "
            f"| {_default(field.default)} | {meaning} |\n"
        )
    return _HEAD + "".join(rows) + _OTHERS


def _default(value: Any) -> str:
    if value in ("", (), {}) or value is msgspec.NODEFAULT:
        return "—"
    if isinstance(value, bool):
        return f"`{str(value).lower()}`"
    return f"`{value}`"


@click.command()
def command() -> None:
    """Print every setting as Markdown."""
    click.echo(document(), nl=False)
