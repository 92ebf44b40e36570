"""Which secrets a payment provider needs: `payments.<provider>.<name>`."""

from types import MappingProxyType
from typing import Final

# By provider: name and what people call it.
SECRETS: Final = MappingProxyType(
    {
        "stripe": {"api_key": "Secret key", "webhook_secret": "Signing secret of the webhook"},
        "amazon_pay": {
            "store_id": "Store ID",
            "public_key_id": "Public key ID",
            "private_key": "Private key (PEM)",
        },
    }
)


def names() -> dict[str, str]:
    """Full name → title, of every provider: a brand prepares one before it switches to it."""
    return {
        f"payments.{provider}.{name}": title
        for provider, named in SECRETS.items()
        for name, title in named.items()
    }
