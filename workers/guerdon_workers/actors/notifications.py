"""Mail and SMS."""

from guerdon.notifications.jobs import HANDLERS

handlers = HANDLERS
