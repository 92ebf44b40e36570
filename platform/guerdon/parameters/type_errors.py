"""What is wrong with a value, in words that can be translated: msgspec's messages are for us."""

import re

import msgspec

_KINDS = {
    "int": "a whole number",
    "str": "a text",
    "bool": "yes or no",
    "array": "a list",
    "object": "a group of fields",
    "date": "a day, as 2026-12-01",
    "null": "nothing",
}
# msgspec's message → code and our message, which names what the pattern found.
_FOUND = (
    (r"Expected `\w+` >= (?P<bound>\S+)", "out_of_range", "The least value is %(bound)s."),
    (r"Expected `\w+` <= (?P<bound>\S+)", "out_of_range", "The greatest value is %(bound)s."),
    (r"Expected `str` matching", "wrong_form", "The text does not have the form asked for."),
    (r"Expected `str` of length >= 1$", "too_short", "This cannot be empty."),
    (r"Expected `str` of length >= (?P<n>\d+)", "too_short", "At least %(n)s characters."),
    (r"Expected `str` of length <= (?P<n>\d+)", "too_long", "At most %(n)s characters."),
    (r"Expected `array` of length >= (?P<n>\d+)", "too_few", "At least %(n)s."),
    (r"Expected `array` of length <= (?P<n>\d+)", "too_many", "At most %(n)s."),
    (r"Object contains unknown field `(?P<name>.+)`", "unknown_field", "There is no %(name)s."),
    (r"Object missing required field `(?P<name>.+)`", "missing_field", "%(name)s is missing."),
    (r"Invalid enum value (?P<value>.+)", "not_a_choice", "%(value)s is not one of the choices."),
)
_RULES = tuple((re.compile(pattern), code, message) for pattern, code, message in _FOUND)
_OTHER = "%(reason)s."
_EXPECTED = re.compile(r"Expected `(\w+)(?: \| null)?`, got")


class TypeFault(msgspec.Struct, frozen=True):
    """Where a value is wrong, below its section, and why."""

    place: str
    code: str
    message: str
    params: dict[str, str]


def type_fault(error: msgspec.ValidationError) -> TypeFault:
    """What msgspec found."""
    reason, _, where = str(error).partition(" - at `")
    place = where.removesuffix("`").rpartition("$")[2]
    for pattern, code, message in _RULES:
        if found := pattern.match(reason):
            params = found.groupdict()
            if "name" in params:
                place = f"{place}.{params['name']}"
            return TypeFault(place, code, message, params)
    expected = _EXPECTED.match(reason)
    kind = _KINDS.get(expected[1]) if expected else None
    if kind is not None:
        return TypeFault(place, "wrong_type", f"Expected is {kind}.", {})
    return TypeFault(place, "wrong_type", _OTHER, {"reason": reason})


def messages() -> list[str]:
    """Every message that there can be."""
    return [
        *(message for _, _, message in _RULES),
        *(f"Expected is {kind}." for kind in _KINDS.values()),
        _OTHER,
    ]
