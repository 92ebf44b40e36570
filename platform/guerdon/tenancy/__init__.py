"""Which brand a request is for, and the transaction bound to it."""
