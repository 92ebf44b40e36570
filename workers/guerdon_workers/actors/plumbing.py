"""Housekeeping of the queue itself."""

from guerdon.plumbing.housekeeping import SweepOutbox, SweepOutboxDone
from guerdon_workers.scheduler import Every

handlers = (SweepOutboxDone(),)
schedules = (Every("outbox.sweep", SweepOutbox, 3600),)
