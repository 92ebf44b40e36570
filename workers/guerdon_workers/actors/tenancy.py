"""The grace of a brand's state is looked at every hour."""

from guerdon.programme.life import EndState, StateEnded
from guerdon_workers.scheduler import Every

handlers = (StateEnded(),)
schedules = (Every("tenancy.end_state", EndState, 3600),)
