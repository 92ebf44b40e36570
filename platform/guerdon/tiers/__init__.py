"""A member's standing."""
