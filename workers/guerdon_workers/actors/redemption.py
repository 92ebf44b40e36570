"""The journey of a redemption."""

from guerdon.redemption.jobs import HANDLERS

handlers = HANDLERS
