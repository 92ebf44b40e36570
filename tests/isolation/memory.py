"""Where processes keep something between requests: read from the sources, so that a new cache is
in by existing."""

import ast
import gc
import importlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

SOURCES = Path(__file__).parents[2] / "platform"
# Programs of their own, and peers: no request is served there.
_ASIDE = ("guerdon.sandbox", "guerdon.local", "guerdon.cli", "guerdon.recommendations.learning")
_KEEPING = ("cache", "lru_cache", "functools.cache", "functools.lru_cache")


class Cache(NamedTuple):
    """A dictionary that lives on, of a module or of the objects of a class (`owner`)."""

    module: str
    owner: str
    name: str

    def label(self) -> str:
        return ".".join(part for part in self if part)

    def found(self) -> Iterator[dict[Any, Any]]:
        """Those that there are in this process."""
        module = importlib.import_module(self.module)
        if not self.owner:
            yield getattr(module, self.name)
            return
        kind = getattr(module, self.owner)
        for one in gc.get_objects():
            if type(one) is kind:
                yield getattr(one, self.name)


def _modules() -> Iterator[tuple[str, ast.Module]]:
    for path in sorted((SOURCES / "guerdon").rglob("*.py")):
        name = ".".join(path.relative_to(SOURCES).with_suffix("").parts).removesuffix(".__init__")
        if not name.startswith(_ASIDE):
            yield name, ast.parse(path.read_text(encoding="utf-8"))


def remembering() -> list[str]:
    """Functions that keep what they answered, by all that they were given."""
    return [
        f"{module}.{node.name}"
        for module, tree in _modules()
        for node in ast.walk(tree)
        if isinstance(node, ast.FunctionDef)
        for kept in node.decorator_list
        if ast.unparse(kept).partition("(")[0] in _KEEPING
    ]


def dictionaries() -> list[Cache]:
    """Dictionaries by the id of a brand, or of something, that are filled as requests come."""
    return [
        Cache(module, owner, node.target.attr if owner else node.target.id)  # type: ignore[union-attr]
        for module, tree in _modules()
        for owner, node in _assigned(tree)
        if "dict[" in (kind := ast.unparse(node.annotation))
        and "UUID" in kind
        and node.value is not None
        and ast.unparse(node.value) == "{}"
    ]


def _assigned(tree: ast.Module) -> Iterator[tuple[str, ast.AnnAssign]]:
    for node in tree.body:
        if isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name):
            yield "", node
        if isinstance(node, ast.ClassDef):
            for inner in ast.walk(node):
                if isinstance(inner, ast.AnnAssign) and isinstance(inner.target, ast.Attribute):
                    yield node.name, inner
