"""The platform's operator: a house of its own beside the brands, and the only one of its kind.

Its people are accounts like any brand's, with sessions, second factors, connections and a trail.
It has no site, no members and no keys: whatever enumerates brands or finds one by name or host
passes it by, and who wants it asks for it by `OPERATOR_ID`.
"""

from typing import Final
from uuid import UUID

# Made by a migration under this id, so that SQL and Python mean the same row.
OPERATOR_ID: Final = UUID("0197a000-0000-7000-8000-000000000001")
# The word of its console's addresses; no brand can take it.
OPERATOR_SLUG: Final = "platform"
