"""What a brand's plan includes, what it uses, and the monthly statement of it."""
