"""Usage is counted every hour; a month that is over is closed and charged."""

from guerdon.plans.jobs import CountUsage, UsageCounted
from guerdon_workers.scheduler import Every

handlers = (UsageCounted(),)
schedules = (Every("plans.count", CountUsage, 3600),)
