"""The brand's people come in by the brand's own identity provider: connections, arrivals, leaving.

A connection is a tenant's row, not a parameter: it goes from draft over a test login into force.
"""
