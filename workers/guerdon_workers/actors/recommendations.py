"""What members bought, once it is over, bases of cards that were replaced, and what is redeemed."""

from guerdon.recommendations.card_bases import SweepBases, SweepBasesAway
from guerdon.recommendations.figures import RefreshPopular, RefreshPopularNow
from guerdon.recommendations.kept_contexts import SweepContexts, SweepContextsAway
from guerdon_workers.scheduler import Every

handlers = (SweepContextsAway(), SweepBasesAway(), RefreshPopularNow())
schedules = (
    Every("recommendations.sweep_contexts", SweepContexts, 3600),
    Every("recommendations.sweep_bases", SweepBases, 3600),
    Every("recommendations.refresh_popular", RefreshPopular, 300),
)
