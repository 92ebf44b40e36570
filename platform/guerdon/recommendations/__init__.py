"""What members are offered, and how a brand steers it."""
