"""SVG that may be shown beside a member's data: shapes and paint, nothing that runs."""

import re
from xml.etree import ElementTree

from guerdon.kit.errors import InvalidError

_SVG = "{http://www.w3.org/2000/svg}"
_ELEMENTS = frozenset(
    f"{_SVG}{name}"
    for name in (
        "svg", "g", "defs", "path", "rect", "circle", "ellipse", "line", "polyline", "polygon",
        "linearGradient", "radialGradient", "stop", "clipPath", "mask", "title", "desc",
    )
)  # fmt: skip
_ATTRIBUTES = frozenset(
    (
        "width", "height", "viewBox", "preserveAspectRatio", "id", "d", "x", "y", "x1", "y1", "x2",
        "y2", "cx", "cy", "r", "rx", "ry", "fx", "fy", "points", "transform", "fill", "fill-rule",
        "fill-opacity", "stroke", "stroke-width", "stroke-linecap", "stroke-linejoin",
        "stroke-dasharray", "stroke-opacity", "stroke-miterlimit", "opacity", "offset",
        "stop-color", "stop-opacity", "gradientUnits", "gradientTransform", "spreadMethod",
        "clip-path", "clip-rule", "clipPathUnits", "mask", "maskUnits", "version",
    )
)  # fmt: skip
_REFERENCE = re.compile(r"url\(\s*['\"]?(?!#)", re.IGNORECASE)
SVG_BYTES_MAX = 500_000


def check_svg(content: bytes, *, field: str) -> None:
    """Raise InvalidError, naming what is wrong, unless the picture is shapes and paint only."""
    if len(content) > SVG_BYTES_MAX:
        raise InvalidError("An SVG has at most 500 kB.", field=field)
    if b"<!" in content.replace(b"<!--", b""):
        raise InvalidError("An SVG has no document type and no CDATA.", field=field)
    try:
        # Entities cannot be declared without the document type refused above.
        root = ElementTree.fromstring(content)  # noqa: S314
    except ElementTree.ParseError as error:
        raise InvalidError(f"This is no SVG: {error}.", field=field) from error
    for element in root.iter():
        if element.tag not in _ELEMENTS:
            name = str(element.tag).rpartition("}")[2]
            raise InvalidError(f"The element <{name}> is not taken.", field=field)
        for name, value in element.attrib.items():
            if name not in _ATTRIBUTES:
                raise InvalidError(f"The attribute {name} is not taken.", field=field)
            if _REFERENCE.search(value):
                raise InvalidError(f"The attribute {name} refers to the outside.", field=field)
    if root.tag != f"{_SVG}svg":
        raise InvalidError("The outermost element is not <svg>.", field=field)
