"""Back-tests."""

from guerdon.simulation.jobs import HANDLERS

handlers = HANDLERS
