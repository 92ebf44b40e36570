"""How a stranger becomes the owner of a brand: sign-up, its draft, and the brand made of it."""
