"""Peers that speak the outside APIs, as processes of their own. Import kit only."""
