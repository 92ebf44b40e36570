"""Which secrets a supplier's connection needs: `fulfilment.<supplier>.<name>`."""

from types import MappingProxyType
from typing import Final

from guerdon.fulfilment.parameters import FulfilmentParameters

# By provider: name and what people call it.
SECRETS: Final = MappingProxyType(
    {
        "amazon_business": {
            "client_id": "Client id",
            "client_secret": "Client secret",
            "refresh_token": "Refresh token",
        },
        "counter": {},
    }
)


def names(parameters: FulfilmentParameters) -> dict[str, str]:
    """Full name → title, of every supplier in these parameters."""
    return {
        f"fulfilment.{supplier.key}.{name}": title
        for supplier in parameters.suppliers
        for name, title in SECRETS[supplier.provider].items()
    }
