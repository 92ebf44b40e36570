"""Who is calling: sessions, codes, passwords, tokens, API keys, connections."""
