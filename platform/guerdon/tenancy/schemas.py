"""What the rest of the house knows of a tenant."""

from uuid import UUID

import msgspec


class Tenant(msgspec.Struct, frozen=True):
    """A brand on the deployment. `hosts` are verified; links use `canonical_host`."""

    id: UUID
    slug: str
    name: str
    status: str
    canonical_host: str
    hosts: tuple[str, ...]

    @property
    def open(self) -> bool:
        """Whether members and the brand's systems are served."""
        return self.status in {"active", "sandbox", "closing"}
