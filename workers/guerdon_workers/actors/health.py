"""What is looked at on behalf of the platform's staff: signs of abuse, and each tenant's pulse."""

from guerdon.support.jobs import LookingAtCodes, TakePulse, TakingPulse
from guerdon.support.pulse import TAKE_EVERY_S
from guerdon_workers.scheduler import Every

handlers = (LookingAtCodes(), TakingPulse())
schedules = (Every("support.take_pulse", TakePulse, TAKE_EVERY_S),)
