"""Statements are charged, and dues that were not paid have consequences."""

from guerdon.billing.jobs import HANDLERS
from guerdon.billing.messages import CollectDues
from guerdon_workers.scheduler import Every

handlers = HANDLERS
schedules = (Every("billing.collect", CollectDues, 3600),)
