"""Payment providers by name, and a tenant's connection to its own."""

from collections.abc import Awaitable, Callable
from datetime import datetime
from typing import Final

from guerdon.payments.errors import PaymentNotConfiguredError
from guerdon.payments.parameters import PaymentParameters
from guerdon.payments.port import PaymentProvider
from guerdon.payments.providers.amazon_pay import AmazonPayProvider
from guerdon.payments.providers.connection import AmazonPayConnection, Connection
from guerdon.payments.providers.stripe import StripeProvider
from guerdon.plumbing.db import ReadSession
from guerdon.runtime import Runtime

Connect = Callable[[Runtime, ReadSession, PaymentParameters], Awaitable[PaymentProvider]]


async def connect(
    rt: Runtime, s: ReadSession, *, now: datetime, provider: str | None = None
) -> PaymentProvider:
    """The tenant's account at `provider`, with its credentials.

    Without `provider` it is the one that the parameters name at `now`; a payment that was begun
    names its own, whatever the parameters say by then. Raises PaymentNotConfiguredError where the
    programme takes no money or a secret is missing.
    """
    parameters = (await rt.snapshot(s.tenant_id, now))[PaymentParameters]
    make = _PROVIDERS.get(provider or parameters.provider)
    if make is None:
        raise PaymentNotConfiguredError
    return await make(rt, s, parameters)


async def _stripe(rt: Runtime, s: ReadSession, parameters: PaymentParameters) -> PaymentProvider:
    """Secrets `payments.stripe.api_key` and, for events, `.webhook_secret`."""
    return StripeProvider(
        Connection(
            api_base=rt.settings.stripe_api_base,
            api_key=await _secret(rt, s, "payments.stripe.api_key"),
            webhook_secret=await rt.secrets.get(s, "payments.stripe.webhook_secret") or "",
            parameters=parameters,
        )
    )


async def _amazon_pay(
    rt: Runtime, s: ReadSession, parameters: PaymentParameters
) -> PaymentProvider:
    """Secrets `payments.amazon_pay.store_id`, `.public_key_id`, `.private_key` (PEM)."""
    return AmazonPayProvider(
        AmazonPayConnection(
            api_base=rt.settings.amazon_pay_base,
            store_id=await _secret(rt, s, "payments.amazon_pay.store_id"),
            public_key_id=await _secret(rt, s, "payments.amazon_pay.public_key_id"),
            private_key=await _secret(rt, s, "payments.amazon_pay.private_key"),
            parameters=parameters,
            egress=rt.egress,
            clock=rt.clock,
        )
    )


async def _secret(rt: Runtime, s: ReadSession, name: str) -> str:
    value = await rt.secrets.get(s, name)
    if value is None:
        raise PaymentNotConfiguredError(f"The secret {name} is missing.")
    return value


# Add an adapter here, and its name to `PaymentParameters.provider`.
_PROVIDERS: Final[dict[str, Connect]] = {"stripe": _stripe, "amazon_pay": _amazon_pay}
