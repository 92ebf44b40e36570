"""Provider webhooks on the hooks host: `POST /<provider>/<hook id>`, verified over raw bytes."""

from guerdon.webhooks_in.amazon_business import amazon_business
from guerdon.webhooks_in.amazon_pay import amazon_pay
from guerdon.webhooks_in.platform import platform_stripe
from guerdon.webhooks_in.stripe import stripe

HANDLERS = (stripe, amazon_pay, amazon_business, platform_stripe)
