"""Members files that people sent."""

from guerdon.members.import_jobs import HANDLERS, SweepMemberImports
from guerdon_workers.scheduler import Every

handlers = HANDLERS
schedules = (Every("members.sweep_imports", SweepMemberImports, 86_400),)
