"""Sections that can be edited, versioned and exported while what reads them is still to come."""

from collections.abc import Mapping

# Section → what will read it. Nothing reads it before: not a stand-in either.
UNBUILT: Mapping[str, str] = {"recommendations": "Recommendations engine"}
