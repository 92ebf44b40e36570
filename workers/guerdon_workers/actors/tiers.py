"""Tiers that end with their year."""

from guerdon.tiers.turn import TurnTierYear, TurnTierYearDue
from guerdon_workers.scheduler import Every

handlers = (TurnTierYearDue(),)
schedules = (Every("tiers.turn_year", TurnTierYear, 3600),)
