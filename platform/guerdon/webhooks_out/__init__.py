"""Events to a brand's systems, by the Standard Webhooks rules."""
