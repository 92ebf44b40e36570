"""What members bought, once it is over, and bases of approved cards that were replaced."""

from guerdon.recommendations.card_bases import SweepBases, SweepBasesAway
from guerdon.recommendations.kept_contexts import SweepContexts, SweepContextsAway
from guerdon_workers.scheduler import Every

handlers = (SweepContextsAway(), SweepBasesAway())
schedules = (
    Every("recommendations.sweep_contexts", SweepContexts, 3600),
    Every("recommendations.sweep_bases", SweepBases, 3600),
)
