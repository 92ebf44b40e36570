"""Database, outbox, egress, crypto, cache."""
