"""Refusals of the control plane."""

from guerdon.kit.errors import ConflictError, GuerdonError, UnavailableError
from guerdon.plumbing.db import refusal


@refusal
class HostTakenError(ConflictError):
    """Another tenant has this host."""

    code = "host_taken"
    title = "Another brand uses this address"


class UnknownHostError(GuerdonError):
    """No brand lives at this host."""

    code = "unknown_host"
    status = 421
    title = "No brand lives at this address"


class TenantSuspendedError(UnavailableError):
    """The brand's site is closed for now; nothing is lost."""

    code = "tenant_suspended"
    title = "This programme is paused"
