"""A sandbox's time can be moved forward: what falls due on the way happens in its order."""
