"""The journey of a redemption."""

from guerdon.redemption.jobs import HANDLERS
from guerdon.redemption.messages import SweepQuotes
from guerdon_workers.scheduler import Every

handlers = HANDLERS
schedules = (Every("redemption.sweep_quotes", SweepQuotes, 86_400),)
