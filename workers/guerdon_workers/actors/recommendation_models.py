"""Models of recommendations, trained every night."""

from guerdon.recommendations.model_jobs import HANDLERS, TrainNightly
from guerdon_workers.scheduler import Every

handlers = HANDLERS
schedules = (Every("recommendations.train", TrainNightly, 86_400),)
