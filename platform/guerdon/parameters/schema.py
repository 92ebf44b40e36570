"""What the fields of a section are: JSON Schema for forms, and risk, area and words of each field.

The schema is one tree without references. Every node carries the risk and the area that count
there: a field is as risky as the riskiest thing around it, and belongs to the nearest area told.
"""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import cache, lru_cache
from typing import Any

import msgspec
from msgspec import UNSET

from guerdon.parameters.differences import Edit, same
from guerdon.parameters.paths import Item, Name, Segment, UnknownPathError, parse
from guerdon.parameters.sections import Area, Registry, Risk, Section

Schema = dict[str, Any]
RISKS: tuple[Risk, ...] = ("low", "medium", "high")
_WORDS = ("title", "description", "x-unit")


@cache
def section_schema(section: type[Section]) -> Schema:
    """The schema of a section, in English."""
    whole = msgspec.json.schema(section)
    root = _inline({"$ref": whole["$ref"]}, whole.get("$defs", {}))
    root["title"] = section.title
    root["description"] = (section.__doc__ or "").strip().split("\n")[0]
    _annotate(root, "low", section.area)
    return root


def translated(schema: Schema, translate: Callable[[str], str]) -> Schema:
    """The schema with its words in another language."""
    made: Schema = {}
    for name, value in schema.items():
        if name in _WORDS and value:
            made[name] = translate(value)
        elif name == "x-labels":
            made[name] = {key: translate(label) for key, label in value.items()}
        elif name == "properties":
            made[name] = {key: translated(inner, translate) for key, inner in value.items()}
        elif name in ("items", "additionalProperties") and isinstance(value, dict):
            made[name] = translated(value, translate)
        elif name == "anyOf":
            made[name] = [translated(inner, translate) for inner in value]
        else:
            made[name] = value
    return made


def words(schema: Schema) -> Iterator[str]:
    """Every text of the schema that a person reads."""
    for name, value in schema.items():
        if name in _WORDS and value:
            yield value
        elif name == "x-labels":
            yield from value.values()
        elif name == "properties":
            for inner in value.values():
                yield from words(inner)
        elif name in ("items", "additionalProperties") and isinstance(value, dict):
            yield from words(value)
        elif name == "anyOf":
            for inner in value:
                yield from words(inner)


def _inline(node: Schema, definitions: Mapping[str, Schema]) -> Schema:
    made = dict(node)
    if (reference := made.pop("$ref", None)) is not None:
        name = reference.rpartition("/")[2]
        there = dict(definitions[name])
        # What a class calls itself is for programmers; a list's items are called by it in words.
        there.pop("description", None)
        there["title"] = _spaced(there.get("title", name))
        made = there | made
    if not made.get("description"):
        made.pop("description", None)
    if "properties" in made:
        made["properties"] = {k: _inline(v, definitions) for k, v in made["properties"].items()}
    for name in ("items", "additionalProperties"):
        if isinstance(made.get(name), dict):
            made[name] = _inline(made[name], definitions)
    if "anyOf" in made:
        made["anyOf"] = [_inline(one, definitions) for one in made["anyOf"]]
    return made


def _spaced(name: str) -> str:
    """`HandOffKey` as `Hand off key`."""
    return re.sub(r"(?<=[a-z])[A-Z]", lambda m: f" {m[0].lower()}", name)


def _annotate(node: Schema, risk: Risk, area: Area) -> None:
    node["x-risk"] = risk = riskiest(risk, node.get("x-risk", "low"))
    node["x-area"] = area = node.get("x-area", area)
    for inner in _children(node):
        _annotate(inner, risk, area)


def _children(node: Schema) -> Iterator[Schema]:
    yield from node.get("properties", {}).values()
    for name in ("items", "additionalProperties"):
        if isinstance(node.get(name), dict):
            yield node[name]
    yield from node.get("anyOf", ())


def riskiest(*risks: Risk) -> Risk:
    """The highest of these; `low` if there is none."""
    return max(risks, key=RISKS.index, default="low")


def nodes_at(registry: Registry, path: str) -> Sequence[tuple[Segment, Schema]]:
    """Each segment of the path with the schema there, the section's first.

    UnknownPathError if no content can have such a path.
    """
    first = parse(path)[0]
    section = registry.by_name.get(first.name) if isinstance(first, Name) else None
    if section is None:
        raise UnknownPathError(f"There is no section {first}.", field=path)
    return _nodes(section, path)


@lru_cache(maxsize=20_000)
def _nodes(section: type[Section], path: str) -> tuple[tuple[Segment, Schema], ...]:
    first, *rest = parse(path)
    found = [(first, section_schema(section))]
    for segment in rest:
        inner = _step(found[-1][1], segment)
        if inner is None:
            raise UnknownPathError(f"There is no parameter {path}.", field=path)
        found.append((segment, inner))
    return tuple(found)


def _step(node: Schema, segment: Segment) -> Schema | None:
    for shape in (node, *node.get("anyOf", ())):
        if isinstance(segment, Name):
            below = shape.get("properties", {}).get(segment.name, shape.get("additionalProperties"))
        elif isinstance(segment, Item):
            below = shape.get("items")
        else:
            below = shape if "items" in shape else None
        if isinstance(below, dict):
            return below
    return None


def risk_of(registry: Registry, edit: Edit) -> Risk:
    """How risky a change is: of a whole item, as its riskiest value that is not the default."""
    node = nodes_at(registry, edit.path)[-1][1]
    inside = [n["x-risk"] for value in (edit.before, edit.after) for n in _set_in(node, value)]
    return riskiest(node["x-risk"], *inside)


def areas_of(registry: Registry, edit: Edit) -> frozenset[Area]:
    """Whose matter a change is: every area that it touches."""
    node = nodes_at(registry, edit.path)[-1][1]
    inside = [n["x-area"] for value in (edit.before, edit.after) for n in _set_in(node, value)]
    return frozenset([node["x-area"], *inside])


def _set_in(node: Schema, value: Any) -> Iterator[Schema]:
    """The schema of each value inside a container that is not what it would be anyway."""
    if isinstance(value, dict):
        for name, inner in value.items():
            below = _step(node, Name(name))
            if below is not None and not same(inner, below.get("default", UNSET)):
                yield below
                yield from _set_in(below, inner)
    elif isinstance(value, list):
        item = _step(node, Item(""))
        if item is not None:
            for inner in value:
                yield item
                yield from _set_in(item, inner)
