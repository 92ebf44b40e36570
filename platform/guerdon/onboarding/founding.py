"""Who makes a brand out of a draft: a floor above this one, which knows every parameter section.

The composition root hands it to the face.
"""

from datetime import datetime
from typing import Protocol

from guerdon.onboarding.schemas import Draft
from guerdon.runtime import Runtime
from guerdon.tenancy.schemas import Tenant


class Founder(Protocol):
    """Makes the draft's brand, all of it or nothing that anybody sees; again is as once."""

    async def __call__(self, rt: Runtime, draft: Draft, *, now: datetime) -> Tenant: ...
