"""A payment provider that speaks the part of the Stripe API that the product uses."""
