"""Suppliers by provider name, and a tenant's connection to its own."""

from collections.abc import Awaitable, Callable
from datetime import datetime
from typing import Final

from guerdon.fulfilment.errors import SupplierNotConfiguredError
from guerdon.fulfilment.parameters import FulfilmentParameters, SupplierParameters
from guerdon.fulfilment.port import Supplier
from guerdon.fulfilment.providers import amazon_business, counter
from guerdon.plumbing.db import ReadSession
from guerdon.runtime import Runtime

Connect = Callable[[Runtime, ReadSession, SupplierParameters, datetime], Awaitable[Supplier]]

# Add an adapter here, and its name to `SupplierParameters.provider`.
_PROVIDERS: Final[dict[str, Connect]] = {
    "amazon_business": amazon_business.connect,
    "counter": counter.connect,
}


async def connect(rt: Runtime, s: ReadSession, supplier: str, *, now: datetime) -> Supplier:
    """The supplier `supplier` of the tenant by its parameters at `now`, with its credentials.

    Raises SupplierNotConfiguredError where the parameters do not name it or a secret is missing.
    """
    parameters = (await rt.snapshot(s.tenant_id, now))[FulfilmentParameters].find(supplier)
    if parameters is None:
        raise SupplierNotConfiguredError(f"There is no supplier {supplier!r}.")
    return await _PROVIDERS[parameters.provider](rt, s, parameters, now)


async def connect_all(
    rt: Runtime, s: ReadSession, *, provider: str, now: datetime
) -> list[tuple[str, Supplier]]:
    """Every supplier of the tenant that `provider` stands behind, with its key."""
    parameters = (await rt.snapshot(s.tenant_id, now))[FulfilmentParameters]
    return [
        (supplier.key, await _PROVIDERS[provider](rt, s, supplier, now))
        for supplier in parameters.suppliers
        if supplier.provider == provider
    ]
