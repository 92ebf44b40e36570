"""Messages to members, and letters to the people who work for a brand."""

from guerdon.notifications.expiring import AnnounceExpiries
from guerdon.notifications.jobs import HANDLERS
from guerdon.notifications.staff_letters import STAFF_HANDLERS
from guerdon_workers.scheduler import Every

handlers = (*HANDLERS, *STAFF_HANDLERS)
schedules = (Every("notifications.announce_expiries", AnnounceExpiries, 3600),)
