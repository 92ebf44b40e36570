"""Parameters that can be edited, versioned and exported while what reads them is still to come."""

from collections.abc import Mapping

# A section, or a field in one → what will read it. Nothing reads it before: not a stand-in either.
UNBUILT: Mapping[str, str] = {}


def is_built(field: str) -> bool:
    """Whether something reads the field, as `recommendations.offers[].bank`."""
    return not any(field == one or field.startswith(f"{one}.") for one in UNBUILT)
