"""Payment providers by name, and a tenant's connection to its own."""

from collections.abc import Callable
from datetime import datetime
from typing import Final

from guerdon.payments.errors import PaymentNotConfiguredError
from guerdon.payments.parameters import PaymentParameters
from guerdon.payments.port import PaymentProvider
from guerdon.payments.providers.connection import Connection
from guerdon.payments.providers.stripe import StripeProvider
from guerdon.plumbing.db import ReadSession
from guerdon.runtime import Runtime

# Add an adapter here, and its name to `PaymentParameters.provider`.
_PROVIDERS: Final[dict[str, Callable[[Connection], PaymentProvider]]] = {
    "stripe": StripeProvider,
}


async def connect(rt: Runtime, s: ReadSession, *, now: datetime) -> PaymentProvider:
    """The tenant's provider by its parameters at `now`, with its credentials.

    Raises PaymentNotConfiguredError where the programme takes no money or a secret is missing
    (`payments.<provider>.api_key`, `payments.<provider>.webhook_secret`).
    """
    snapshot = await rt.snapshot(s.tenant_id, now)
    parameters = snapshot[PaymentParameters]
    make = _PROVIDERS.get(parameters.provider)
    if make is None:
        raise PaymentNotConfiguredError
    stem = f"payments.{parameters.provider}"
    api_key = await rt.secrets.get(s, f"{stem}.api_key")
    if api_key is None:
        raise PaymentNotConfiguredError(f"The secret {stem}.api_key is missing.")
    return make(
        Connection(
            api_base=rt.settings.stripe_api_base,
            api_key=api_key,
            webhook_secret=await rt.secrets.get(s, f"{stem}.webhook_secret") or "",
            parameters=parameters,
        )
    )
