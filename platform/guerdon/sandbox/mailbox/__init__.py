"""Where mail and SMS of the demo and the tests arrive."""
