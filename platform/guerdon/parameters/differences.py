"""What differs between two contents, field by field; putting it in; merging two changes of one.

Contents are plain data. Lists whose items have keys are compared item by item, all others as a
whole.
"""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Literal

import msgspec
from msgspec import UNSET

from guerdon.parameters.paths import (
    ORDER,
    Item,
    Name,
    Path,
    Segment,
    UnknownPathError,
    key_field,
    parse,
    text_of,
)

Take = Literal["yours", "theirs"]


class Edit(msgspec.Struct, frozen=True, omit_defaults=True):
    """One difference. A value that is not there is UNSET, and absent in JSON."""

    path: str
    before: Any = UNSET
    after: Any = UNSET


class Conflict(msgspec.Struct, frozen=True, omit_defaults=True):
    """A place that two changes of one content made different. UNSET as in `Edit`."""

    path: str
    base: Any = UNSET
    yours: Any = UNSET
    theirs: Any = UNSET


class Merged(msgspec.Struct, frozen=True):
    """`theirs` with the changes of `yours`; where both made one, `theirs` stands."""

    content: dict[str, Any]
    conflicts: list[Conflict]


def same(a: Any, b: Any) -> bool:
    """Equal as JSON: 1, 1.0 and true differ."""
    if type(a) is not type(b) or a != b:
        return False
    # Python takes 1 and True inside for equal; their JSON differs.
    return not isinstance(a, dict | list) or _json(a) == _json(b)


def _json(value: Any) -> bytes:
    return msgspec.json.encode(value, order="deterministic")


def diff(before: Mapping[str, Any], after: Mapping[str, Any]) -> list[Edit]:
    """Every field that differs: `apply(before, diff(before, after))` is `after`."""
    return list(_diff(before, after, ()))


def _diff(before: Any, after: Any, path: Path) -> Iterator[Edit]:
    if isinstance(before, Mapping) and isinstance(after, Mapping):
        for name in sorted(before.keys() | after.keys()):
            one, other = before.get(name, UNSET), after.get(name, UNSET)
            if not same(one, other):
                yield from _diff(one, other, (*path, Name(name)))
    elif (before or after) and (field := key_field(before, after)) is not None:
        yield from _diff_items(before, after, field, path)
    elif not same(before, after):
        yield Edit(text_of(path), before, after)


def _diff_items(before: list[Any], after: list[Any], field: str, path: Path) -> Iterator[Edit]:
    old = {item[field]: item for item in before}
    new = {item[field]: item for item in after}
    for key in [*old, *(k for k in new if k not in old)]:
        one, other = old.get(key, UNSET), new.get(key, UNSET)
        if not same(one, other):
            yield from _diff(one, other, (*path, Item(key)))
    left = [k for k in old if k in new] + [k for k in new if k not in old]
    if left != list(new):
        yield Edit(text_of((*path, ORDER)), list(old), list(new))


def value_at(content: Any, path: str) -> Any:
    """What stands at the path; UNSET if nothing does."""
    node = content
    for segment in parse(path):
        if isinstance(segment, Name):
            node = node.get(segment.name, UNSET) if isinstance(node, dict) else UNSET
        else:
            field = key_field(node)
            if field is None:
                return UNSET
            by_key = {item[field]: item for item in node}
            node = list(by_key) if segment == ORDER else by_key.get(_key(segment), UNSET)
    return node


def _key(segment: Segment) -> str:
    return segment.key if isinstance(segment, Item) else ""


class _Step:
    """Where edits go on from here; `edit` replaces what stands here."""

    __slots__ = ("edit", "path", "steps")

    def __init__(self, path: Path) -> None:
        self.path = path
        self.edit: Edit | None = None
        self.steps: dict[Segment, _Step] = {}


class Together:
    """Edits that `apply` can put in at once, as if one after the other."""

    def __init__(self) -> None:
        self.edits: list[Edit] = []
        self._places: set[Path] = set()
        self._ways: set[Path] = set()

    def add(self, edit: Edit) -> bool:
        """Take the edit, unless it stands inside another's place or around it."""
        path = parse(edit.path)
        place = path[:-1] if path[-1] == ORDER else path
        way = [place[:n] for n in _depths(place)]
        if place in self._ways or not self._places.isdisjoint(way):
            return False
        self._places.add(place)
        self._ways.update(way)
        self.edits.append(edit)
        return True


def apply(content: Mapping[str, Any], edits: Iterable[Edit]) -> dict[str, Any]:
    """The content with every edit's `after` put in, no edit inside another's place.

    What is given stays as it is. UnknownPathError for a path that leads nowhere.
    """
    root = _Step(())
    for edit in edits:
        step, path = root, parse(edit.path)
        for depth, segment in enumerate(path, 1):
            inner = step.steps.get(segment)
            if inner is None:
                inner = step.steps[segment] = _Step(path[:depth])
            step = inner
        step.edit = edit
    changed: dict[str, Any] = _apply(dict(content), root)
    return changed


def _apply(node: Any, step: _Step) -> Any:
    if step.edit is not None:
        return step.edit.after
    if isinstance(node, Mapping):
        return _apply_names(node, step)
    field = _field_for(node, step)
    if field is None:
        raise _nowhere(next(iter(step.steps.values())))
    return _apply_items(node, step, field)


def _apply_names(node: Mapping[str, Any], step: _Step) -> dict[str, Any]:
    made = dict(node)
    for segment, inner in step.steps.items():
        if not isinstance(segment, Name):
            raise _nowhere(inner)
        value = _apply(made.get(segment.name, UNSET), inner)
        if value is UNSET:
            made.pop(segment.name, None)
        else:
            made[segment.name] = value
    return made


def _apply_items(node: list[Any], step: _Step, field: str) -> list[Any]:
    items = {item[field]: item for item in node}
    for segment, inner in step.steps.items():
        if not isinstance(segment, Item):
            continue
        value = _apply(items.get(segment.key, UNSET), inner)
        if value is UNSET:
            items.pop(segment.key, None)
        elif isinstance(value, dict) and (inner.edit is None or value.get(field) == segment.key):
            items[segment.key] = value
        else:
            raise UnknownPathError(
                f"The item at {text_of(inner.path)} has to have the {field} {segment.key!r}.",
                field=text_of(inner.path),
            )
    order = step.steps.get(ORDER)
    if order is None or order.edit is None or order.edit.after is UNSET:
        return list(items.values())
    return [items[key] for key in _ordered(list(items), order.edit.after)]


def _field_for(node: Any, step: _Step) -> str | None:
    """By what the items of the list are told apart; an empty one follows what is put in."""
    if not isinstance(node, list) or any(isinstance(s, Name) for s in step.steps):
        return None
    if node:
        return key_field(node)
    added = [s.edit.after for s in step.steps.values() if s.edit and s.edit.after is not UNSET]
    return key_field([one for one in added if isinstance(one, dict)])


def _ordered(keys: list[str], wanted: Any) -> list[str]:
    """The keys in the order wanted; what it does not name stays after its neighbour."""
    there = set(keys)
    listed = [k for k in dict.fromkeys(wanted if isinstance(wanted, list) else ()) if k in there]
    named = set(listed)
    for place, key in enumerate(keys):
        if key not in named:
            listed.insert(listed.index(keys[place - 1]) + 1 if place else 0, key)
            named.add(key)
    return listed


def _nowhere(step: _Step) -> UnknownPathError:
    path = text_of(step.path)
    return UnknownPathError(f"There is no parameter {path}.", field=path)


def merge(
    base: Mapping[str, Any],
    yours: Mapping[str, Any],
    theirs: Mapping[str, Any],
    resolutions: Mapping[str, Take] | None = None,
) -> Merged:
    """Three-way: both started from `base`. `resolutions` say which side holds at a conflict."""
    decided = resolutions or {}
    mine, other = diff(base, yours), diff(base, theirs)
    kept: dict[Path, Edit] = {parse(e.path): e for e in mine}
    clashes = _clashes(kept, {parse(e.path): e for e in other})
    conflicts: list[Conflict] = []
    put: list[Edit] = []
    for path in sorted(clashes, key=text_of):
        text = text_of(path)
        ours, rival = value_at(yours, text), value_at(theirs, text)
        if same(ours, rival):
            continue
        if decided.get(text) == "yours":
            put.append(Edit(text, rival, ours))
        elif text not in decided:
            conflicts.append(Conflict(text, value_at(base, text), ours, rival))
    free = [e for path, e in kept.items() if not any(path[:n] in clashes for n in _depths(path))]
    return Merged(apply(theirs, [*free, *put]), conflicts)


def _depths(path: Path) -> range:
    return range(1, len(path) + 1)


def _clashes(mine: Mapping[Path, Edit], other: Mapping[Path, Edit]) -> set[Path]:
    """Places that both changed: the outer one where one lies inside the other."""
    found: set[Path] = set()
    outer = {path[:n] for path in other for n in _depths(path)}
    for path, edit in mine.items():
        if (rival := other.get(path)) is not None:
            if not (path[-1] == ORDER and _agree(edit, rival)):
                found.add(path)
        elif path in outer:
            found.add(path)
        else:
            found.update(path[:n] for n in _depths(path) if path[:n] in other)
    return {p for p in found if not any(p[:n] in found for n in range(1, len(p)))}


def _agree(one: Edit, two: Edit) -> bool:
    """Whether two orders put what both name in the same order."""
    a, b = list(one.after), list(two.after)
    return [k for k in a if k in set(b)] == [k for k in b if k in set(a)]
