"""`/api/v1`: what a brand's systems and its mobile app call."""
