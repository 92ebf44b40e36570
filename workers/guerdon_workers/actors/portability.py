"""Exports of everything, and the removal of closed brands."""

from guerdon.portability.jobs import HANDLERS

handlers = HANDLERS
