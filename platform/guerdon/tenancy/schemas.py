"""What the rest of the house knows of a tenant."""

from datetime import datetime
from uuid import UUID

import msgspec

from guerdon.kit.clock import TenantClock
from guerdon.tenancy import lifecycle
from guerdon.tenancy.errors import refused
from guerdon.tenancy.lifecycle import Act, State


class Tenant(msgspec.Struct, frozen=True):
    """A brand on the deployment. `hosts` are verified; links use `canonical_host`.

    `status_since` is when the state began; `came_from` where an interruption leads back to.
    `clock` is the programme's time, which only a sandbox can move.
    """

    id: UUID
    slug: str
    name: str
    status: State
    canonical_host: str
    hosts: tuple[str, ...]
    status_since: datetime
    came_from: tuple[State, ...] = ()
    clock: TenantClock = TenantClock()

    def time(self, real: datetime) -> datetime:
        """The programme's instant at a real one."""
        return self.clock.at(real)

    @property
    def status_ends_at(self) -> datetime | None:
        """When the system ends the state, if it does not last."""
        way = lifecycle.ending(self.status)
        return None if way is None else self.status_since + way.after

    def allows(self, act: Act) -> bool:
        """Whether the brand's state lets `act` happen."""
        return lifecycle.allows(self.status, act)

    def require(self, act: Act) -> None:
        """Raise what a person or a system is told where `act` may not happen."""
        if not self.allows(act):
            raise refused(self.status, act)
