"""Charging a brand's statements, through the platform's own account at the payment provider."""
