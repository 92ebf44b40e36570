"""A payment provider that speaks the Amazon Pay API v2, with its own hosted page."""
