"""Guerdon: a multi-tenant, white-label loyalty platform."""
