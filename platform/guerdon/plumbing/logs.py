"""Logs: one JSON object (or one coloured line) per event, to standard output.

Every line carries what is bound to the request or job: its id, the tenant. Bodies, cookies and
query strings are never logged; a value under a name that smells of a secret is masked, and what
PostgreSQL says about the values of a row is cut from errors.
"""

import logging
import re
import sys
from functools import lru_cache
from typing import Any

import msgspec
import structlog
from opentelemetry import trace
from structlog.typing import EventDict, Processor, WrappedLogger

from guerdon.settings import Settings

_SECRET_NAME = re.compile(
    r"password|passwd|secret|token|authorization|cookie|api_?key|private|otp|signature", re.I
)
_ROW_VALUES = re.compile(r"(Key \([^)]*\)=)\([^\n]*\)|(Failing row contains )\([^\n]*\)")
_TEXT_MAX = 8_000


def configure_logging(settings: Settings, process: str) -> None:
    """Send this process' logs, the libraries' too, to standard output."""
    level = logging.getLevelNamesMapping()[settings.log_level.upper()]
    shared: list[Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.processors.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        _add_trace,
        mask,
    ]
    if settings.log_format == "console":
        final: list[Processor] = [structlog.dev.ConsoleRenderer(colors=sys.stdout.isatty())]
    else:
        final = [
            _named(process),
            structlog.processors.format_exc_info,
            scrub,
            structlog.processors.JSONRenderer(serializer=_to_json),
        ]
    structlog.configure(
        processors=[*shared, *final],
        wrapper_class=structlog.make_filtering_bound_logger(level),
        logger_factory=structlog.WriteLoggerFactory(file=sys.stdout),
        cache_logger_on_first_use=True,
    )
    handler = logging.StreamHandler(sys.stdout)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=[*shared, structlog.stdlib.add_logger_name],
            processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, *final],
        )
    )
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(max(level, logging.WARNING))


def mask(_logger: WrappedLogger, _method: str, event: EventDict) -> EventDict:
    """Replace values whose name says that they are secret."""
    for name in event:
        if _smells(name):
            event[name] = "…"
    return event


@lru_cache(maxsize=2_000)
def _smells(name: str) -> bool:
    """Whether the name says that its value is secret; names are few, lines are many."""
    return _SECRET_NAME.search(name) is not None


def scrub(_logger: WrappedLogger, _method: str, event: EventDict) -> EventDict:
    """Cut the values of rows out of database errors, and what is too long."""
    for name, value in event.items():
        if isinstance(value, str):
            if "Key (" in value or "Failing row" in value:
                value = _ROW_VALUES.sub(r"\1\2(…)", value)
            event[name] = value[:_TEXT_MAX]
    return event


def _named(process: str) -> Processor:
    def add(_logger: WrappedLogger, _method: str, event: EventDict) -> EventDict:
        event["process"] = process
        return event

    return add


def _add_trace(_logger: WrappedLogger, _method: str, event: EventDict) -> EventDict:
    context = trace.get_current_span().get_span_context()
    if context.is_valid:
        event["trace_id"] = f"{context.trace_id:032x}"
    return event


def _to_json(event: Any, **_: Any) -> str:
    return msgspec.json.encode(event, enc_hook=str).decode()
