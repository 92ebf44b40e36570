"""Deployment settings, parsed once from `GUERDON_*` variables."""
