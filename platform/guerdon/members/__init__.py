"""Who the members are: profile, addresses, consents."""
