"""The platform's own site: what it is, and signing up. Server-rendered; works without scripts."""
