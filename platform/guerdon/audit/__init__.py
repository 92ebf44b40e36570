"""Who did what: one append-only trail per tenant, chained by hashes."""
