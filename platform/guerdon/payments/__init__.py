"""The money part, through a payment provider."""
