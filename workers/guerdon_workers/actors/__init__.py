"""One file per feature: `handlers`, and `schedules` where the feature has something recurring."""

import importlib
import pkgutil
from collections.abc import Iterator
from types import ModuleType

from guerdon.plumbing.jobs import Handlers
from guerdon_workers.scheduler import Every


def _features() -> Iterator[ModuleType]:
    for found in pkgutil.iter_modules(__path__):
        yield importlib.import_module(f"{__name__}.{found.name}")


def all_handlers() -> Handlers:
    """Every feature's handlers."""
    handlers = Handlers()
    for feature in _features():
        handlers.add(*feature.handlers)
    return handlers


def all_schedules() -> tuple[Every, ...]:
    """Every feature's schedules."""
    return tuple(every for f in _features() for every in getattr(f, "schedules", ()))
