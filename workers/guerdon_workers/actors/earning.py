"""Points that come to their end."""

from guerdon.earning.jobs import ExpirePoints, ExpirePointsDue
from guerdon_workers.scheduler import Every

handlers = (ExpirePointsDue(),)
schedules = (Every("earning.expire_points", ExpirePoints, 900),)
