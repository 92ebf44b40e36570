"""What an adapter is given: address, credentials, parameters."""

from dataclasses import dataclass, field

from guerdon.kit.clock import Clock
from guerdon.payments.parameters import PaymentParameters
from guerdon.plumbing.egress import Egress


@dataclass(frozen=True, slots=True)
class Connection:
    """One tenant's account at Stripe. Credentials never show in a representation."""

    api_base: str
    api_key: str = field(repr=False)
    webhook_secret: str = field(repr=False)
    parameters: PaymentParameters


@dataclass(frozen=True, slots=True)
class AmazonPayConnection:
    """One tenant's account at Amazon Pay: the store, and the key that signs its requests."""

    api_base: str
    store_id: str
    public_key_id: str
    private_key: str = field(repr=False)
    parameters: PaymentParameters
    egress: Egress
    clock: Clock
