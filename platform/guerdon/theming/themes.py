"""Themes: a look as a folder, with fallback to `base`, rendered in a sandbox.

A template is named `theme:path`. What it includes or extends stays in its theme; a file that a
theme does not have comes from `base`, and `super/path` is always the file of `base`. Templates
are reviewed by the operator; the sandbox is the second fence, and they are fed plain data only.
"""

import tomllib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import msgspec
from jinja2 import FunctionLoader, StrictUndefined, TemplateNotFound
from jinja2.sandbox import ImmutableSandboxedEnvironment

from guerdon.theming.assets import Assets

BASE = "base"


class ThemeFile(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """`theme.toml`: what the theme is called, and its own design tokens (CSS custom properties)."""

    name: str
    description: str
    fonts: str
    styles: tuple[str, ...]
    tokens: dict[str, str] = {}
    symbols: dict[str, str] = {}


class Theme(msgspec.Struct, frozen=True):
    """A theme as read: its file and its style sheets' text in order, those of `base` first."""

    key: str
    file: ThemeFile
    styles: str


def choices(folder: Path) -> dict[str, ThemeFile]:
    """Every theme of a folder by its name, without its templates and static files."""
    return {
        path.parent.name: msgspec.convert(tomllib.loads(path.read_text()), ThemeFile)
        for path in sorted(folder.glob("*/theme.toml"))
    }


class _Environment(ImmutableSandboxedEnvironment):
    def join_path(self, template: str, parent: str) -> str:
        return template if ":" in template else f"{parent.split(':', 1)[0]}:{template}"


class Themes:
    """All themes of a folder, their templates and static files."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self.assets = Assets(folder)
        self._themes = {
            path.parent.name: self._read(path) for path in sorted(folder.glob("*/theme.toml"))
        }
        if BASE not in self._themes:
            raise FileNotFoundError(f"{folder} has no theme named {BASE}")
        self._environment = _Environment(
            loader=FunctionLoader(self._load),
            autoescape=True,
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
            auto_reload=False,
            cache_size=2000,
        )
        self._environment.globals["asset"] = self.assets.url

    def _read(self, path: Path) -> Theme:
        file = msgspec.convert(tomllib.loads(path.read_text()), ThemeFile)
        key = path.parent.name
        folders = [self._folder / BASE] if key == BASE else [self._folder / BASE, path.parent]
        texts: list[str] = []
        for folder in folders:
            listed = tomllib.loads((folder / "theme.toml").read_text())["styles"]
            texts.extend((folder / "styles" / name).read_text() for name in listed)
        return Theme(key, file, "\n".join(texts))

    def _load(self, name: str) -> tuple[str, str, Callable[[], bool]]:
        theme, _, path = name.partition(":")
        if theme not in self._themes or ".." in Path(path).parts or path.startswith("/"):
            raise TemplateNotFound(name)
        chain = [theme, BASE]
        if path.startswith("super/"):
            chain, path = [BASE], path.removeprefix("super/")
        for key in chain:
            file = self._folder / key / "templates" / path
            if file.is_file():
                return file.read_text(), str(file), lambda: True
        raise TemplateNotFound(name)

    def __contains__(self, key: object) -> bool:
        return key in self._themes

    @property
    def keys(self) -> tuple[str, ...]:
        """The names of all themes."""
        return tuple(self._themes)

    def theme(self, key: str) -> Theme:
        """The theme, or `base` when there is none of that name (any more)."""
        return self._themes.get(key, self._themes[BASE])

    def render(self, theme: str, path: str, context: dict[str, Any]) -> str:
        """The template `path` as `theme` has it, filled with plain data."""
        return self._environment.get_template(f"{self.theme(theme).key}:{path}").render(context)

    def render_block(self, theme: str, path: str, block: str, context: dict[str, Any]) -> str:
        """One block of a template, for an htmx fragment."""
        template = self._environment.get_template(f"{self.theme(theme).key}:{path}")
        if block not in template.blocks:
            raise TemplateNotFound(f"{path}#{block}")
        return "".join(template.blocks[block](template.new_context(context)))
