"""The platform's own account: its credentials are settings of the deployment, no brand's secret."""

from guerdon.payments.errors import PaymentNotConfiguredError
from guerdon.payments.parameters import PaymentParameters
from guerdon.payments.port import PaymentProvider
from guerdon.payments.providers.connection import Connection
from guerdon.payments.providers.stripe import StripeProvider
from guerdon.runtime import Runtime
from guerdon.settings import Settings


def charges(settings: Settings) -> bool:
    """Whether this deployment charges its brands."""
    return bool(settings.platform_stripe_key)


def connect(rt: Runtime) -> PaymentProvider:
    """The platform's account; PaymentNotConfiguredError where it has none."""
    settings = rt.settings
    if not charges(settings):
        raise PaymentNotConfiguredError("This deployment does not charge its brands.")
    return StripeProvider(
        Connection(
            api_base=settings.stripe_api_base,
            api_key=settings.platform_stripe_key,
            webhook_secret=settings.platform_stripe_webhook_secret,
            parameters=PaymentParameters(),
        )
    )
