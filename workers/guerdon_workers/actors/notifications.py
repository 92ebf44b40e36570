"""Messages to members, and letters to the people who work for a brand."""

from guerdon.notifications.jobs import HANDLERS
from guerdon.notifications.staff_letters import STAFF_HANDLERS

handlers = (*HANDLERS, *STAFF_HANDLERS)
