"""Clocks of sandboxes, walked to where they were asked to go."""

from guerdon.test_clock.jobs import HANDLERS

handlers = HANDLERS
