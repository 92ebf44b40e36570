"""What an adapter is given: address, credentials, parameters."""

from dataclasses import dataclass, field

from guerdon.payments.parameters import PaymentParameters


@dataclass(frozen=True, slots=True)
class Connection:
    """One tenant's account at a provider. Credentials never show in a representation."""

    api_base: str
    api_key: str = field(repr=False)
    webhook_secret: str = field(repr=False)
    parameters: PaymentParameters
