"""What members bought, once it is over."""

from guerdon.recommendations.kept_contexts import SweepContexts, SweepContextsAway
from guerdon_workers.scheduler import Every

handlers = (SweepContextsAway(),)
schedules = (Every("recommendations.sweep_contexts", SweepContexts, 3600),)
