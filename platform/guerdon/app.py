"""The web application: the composition root."""
