"""The end of each trail, told daily."""

from guerdon.audit.jobs import CheckpointTold, TellCheckpoint
from guerdon_workers.scheduler import Every

handlers = (CheckpointTold(),)
schedules = (Every("audit.checkpoint", TellCheckpoint, 86_400),)
