"""Catalogue files that people sent."""

from guerdon.catalogue.import_jobs import HANDLERS, SweepImports
from guerdon_workers.scheduler import Every

handlers = HANDLERS
schedules = (Every("catalogue.sweep_imports", SweepImports, 86_400),)
