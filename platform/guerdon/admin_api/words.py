"""An edit in words, as a reviewer reads it: “Gold threshold 10,000 → 12,000 points”."""

import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from decimal import Decimal
from functools import lru_cache
from typing import Any

from babel import Locale
from babel.dates import format_date
from babel.numbers import format_currency, format_decimal
from msgspec import UNSET

from guerdon.kit.money import exponent
from guerdon.parameters.differences import Edit
from guerdon.parameters.paths import Item, Name, Order, Segment, key_field
from guerdon.parameters.schema import Schema, nodes_at
from guerdon.parameters.sections import Registry
from guerdon.theming.translations import LANGUAGES, Translator, babel_locale, translator

TEXT_LENGTH_MAX = 60
LIST_LENGTH_MAX = 12
_NUMBER = re.compile(r"\d{1,15}(\.\d{1,9})?")
_DECIMAL_PATTERNS = (r"^\d{1,", r"^(100")
_FILE = re.compile(r"[0-9a-f]{64}\.\w{2,5}")


class Words:
    """Sentences about the edits between two contents, in one language."""

    def __init__(
        self,
        registry: Registry,
        before: Mapping[str, Any],
        after: Mapping[str, Any],
        *,
        language: str,
    ) -> None:
        self._registry = registry
        self._items = (_Items(after), _Items(before))
        self._currency = str(after.get("programme", {}).get("currency", "USD"))
        self._language = language
        self._words: Translator = translator(language)
        self._locale = Locale.parse(babel_locale(language))

    def of(self, edit: Edit) -> str:
        """The sentence."""
        _ = self._words.text
        nodes = nodes_at(self._registry, edit.path)
        segment, schema = nodes[-1]
        what = self._what(nodes)
        before, after = _there(edit.before), _there(edit.after)
        if isinstance(segment, Order):
            names = [self._item((*_segments(nodes[:-1]), Item(key)), key) for key in after or ()]
            return _("%(what)s in a new order: %(order)s", what=what, order=", ".join(names))
        if isinstance(segment, Item):
            if after is None:
                return _("%(what)s removed", what=what)
            if before is None:
                return _("%(what)s added", what=what)
        if isinstance(after, bool):
            if after:
                return _("%(what)s switched on", what=what)
            return _("%(what)s switched off", what=what)
        return self._values(what, schema, before, after)

    def _values(self, what: str, schema: Schema, before: Any, after: Any) -> str:
        _ = self._words.text
        was, now = (None if _empty(v) else self._value(schema, v) for v in (before, after))
        if _empty(after):
            if was is None:
                return _("%(what)s removed", what=what)
            return _("%(what)s removed (it was %(before)s)", what=what, before=was)
        if _empty(before):
            if now is None:
                return _("%(what)s added", what=what)
            return _("%(what)s set to %(after)s", what=what, after=self._unit(schema, now))
        if was is None or now is None:
            return _("%(what)s rewritten", what=what)
        return f"{what} {self._unit(schema, f'{was} → {now}')}"

    def _what(self, nodes: Sequence[tuple[Segment, Schema]]) -> str:
        """The field's title, with the item or the group it stands in."""
        told = ""
        for place, (segment, schema) in enumerate(nodes):
            if not place or isinstance(segment, Order):
                continue
            if isinstance(segment, Item):
                # The list's own title says less than the item's name.
                key = self._item(tuple(s for s, _ in nodes[: place + 1]), segment.key)
                told = key if key != segment.key else f"{self._title(schema)} {key}"
            elif "title" in schema and segment.name in nodes[place - 1][1].get("properties", {}):
                told = self._joined(told, nodes[place - 1][0], self._title(schema))
            else:
                told = f"{told} ({_LANGUAGE_NAMES.get(segment.name, segment.name)})"
        return told

    def _joined(self, told: str, parent: Segment, title: str) -> str:
        if not told:
            return title
        if not title[1:2].isupper():
            title = title[:1].lower() + title[1:]
        if isinstance(parent, Item):
            return self._words.text("%(item)s %(field)s", item=told, field=title)
        return f"{told}, {title}"

    def _title(self, schema: Schema) -> str:
        title = str(schema.get("title", "")).removesuffix(" parameters")
        return self._words.text(title) if title else ""

    def _item(self, path: tuple[Segment, ...], key: str) -> str:
        """What an item calls itself in the reader's language, else its key."""
        for items in self._items:
            found = items.at(path)
            for field in ("name", "title"):
                name = found.get(field) if isinstance(found, dict) else None
                if isinstance(name, dict) and name:
                    name = name.get(self._language) or name.get("en") or next(iter(name.values()))
                if isinstance(name, str) and name.strip():
                    return name
        return key

    def _value(self, schema: Schema, value: Any) -> str | None:
        """The value as text, without its unit; None if it is too much to tell."""
        if isinstance(value, bool):
            return self._words.text("on") if value else self._words.text("off")
        if isinstance(value, list):
            told = [self._value(_item_schema(schema), v) for v in value]
            if any(t is None for t in told) or len(told) > LIST_LENGTH_MAX:
                return None
            return ", ".join(t for t in told if t is not None)
        if isinstance(value, dict) or value is None:
            return None
        labels = _first(schema, "x-labels") or {}
        if str(value) in labels:
            return self._words.text(labels[str(value)])
        if isinstance(value, int | float):
            return self._number(schema, Decimal(str(value)))
        return self._text(schema, str(value))

    def _text(self, schema: Schema, value: str) -> str | None:
        pattern = str(_first(schema, "pattern") or "")
        if pattern.startswith(_DECIMAL_PATTERNS) and _NUMBER.fullmatch(value):
            return self._number(schema, Decimal(value))
        if _FILE.fullmatch(value) or len(value) > TEXT_LENGTH_MAX or "\n" in value:
            return None
        if _first(schema, "enum") is not None:
            return value.replace("_", " ")
        if _first(schema, "format") == "date":
            return str(format_date(date.fromisoformat(value), "medium", locale=self._locale))
        return f"“{value}”" if " " in value else value

    def _number(self, schema: Schema, value: Decimal) -> str:
        unit = schema.get("x-unit", "")
        if unit == "minor units":
            amount = value.scaleb(-exponent(self._currency))
            return str(format_currency(amount, self._currency, locale=self._locale))
        number = _decimal(value, self._language)
        if unit == "%":
            return f"{number}\u00a0%" if self._language == "es" else f"{number}%"
        return f"×{number}" if unit == "×" else number

    def _unit(self, schema: Schema, told: str) -> str:
        unit = str(schema.get("x-unit", ""))
        if unit in ("", "%", "×", "minor units"):
            return told
        return f"{told} {self._words.text(unit)}"


@lru_cache(maxsize=4096)
def _decimal(value: Decimal, language: str) -> str:
    locale = babel_locale(language)
    return str(format_decimal(value, locale=locale, decimal_quantization=False))


class _Items:
    """Items of a content by path, each list read once."""

    def __init__(self, content: Mapping[str, Any]) -> None:
        self._content = content
        self._known: dict[tuple[Segment, ...], Any] = {}

    def at(self, path: tuple[Segment, ...]) -> Any:
        """What stands there, or None."""
        if not path:
            return self._content
        if path not in self._known:
            outer, last = self.at(path[:-1]), path[-1]
            if isinstance(last, Name):
                self._known[path] = outer.get(last.name) if isinstance(outer, Mapping) else None
            else:
                self._known[path] = None
                field = key_field(outer) if outer else None
                for item in outer if field else ():
                    self._known[*path[:-1], Item(item[field])] = item
        return self._known[path]


_LANGUAGE_NAMES = LANGUAGES


def _segments(nodes: Sequence[tuple[Segment, Schema]]) -> Iterator[Segment]:
    return (segment for segment, _ in nodes)


def _there(value: Any) -> Any:
    return None if value is UNSET else value


def _empty(value: Any) -> bool:
    return value is None or value in ("", [], {})


def _first(schema: Schema, name: str) -> Any:
    """The keyword of the schema, or of the first shape that has it."""
    return next((s[name] for s in (schema, *schema.get("anyOf", ())) if name in s), None)


def _item_schema(schema: Schema) -> Schema:
    found = _first(schema, "items")
    return found if isinstance(found, dict) else {}
