"""Traces: the W3C context goes from the request into the outbox row, the job and the outside call.

Without `GUERDON_TRACE_FILE` nothing is recorded.
"""

import os
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import msgspec
from opentelemetry import context as otel_context
from opentelemetry import trace
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import ReadableSpan, TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor, SpanExporter, SpanExportResult
from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator

from guerdon.settings import Settings

_propagator = TraceContextTextMapPropagator()
_recording = False


class FileExporter(SpanExporter):
    """Appends finished spans to a file, one JSON object a line; any number of processes may."""

    def __init__(self, file: Path) -> None:
        self._file = file
        self._lock = threading.Lock()

    def export(self, spans: Sequence[ReadableSpan]) -> SpanExportResult:
        lines = b"".join(msgspec.json.encode(_plain(s), enc_hook=str) + b"\n" for s in spans)
        with self._lock:
            # One write of an appending descriptor is not torn by another process.
            with open(
                os.open(self._file, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600), "wb", 0
            ) as f:
                f.write(lines)
        return SpanExportResult.SUCCESS


def configure_tracing(settings: Settings, process: str) -> None:
    """Record this process' spans where the settings say."""
    if not settings.trace_file:
        return
    provider = TracerProvider(resource=Resource({"service.name": f"guerdon-{process}"}))
    exporter = FileExporter(Path(settings.trace_file))
    provider.add_span_processor(BatchSpanProcessor(exporter, schedule_delay_millis=500))
    trace.set_tracer_provider(provider)
    global _recording
    _recording = True


def current_traceparent() -> str | None:
    """The W3C `traceparent` of the span at work; None outside of any."""
    carrier: dict[str, str] = {}
    _propagator.inject(carrier)
    return carrier.get("traceparent")


def recording() -> bool:
    """Whether this process records spans."""
    return _recording


@contextmanager
def part_of(traceparent: str | None) -> Iterator[None]:
    """Make what happens inside a part of `traceparent`'s trace, or of a new one."""
    token = otel_context.attach(_propagator.extract({"traceparent": traceparent or ""}))
    try:
        yield
    finally:
        otel_context.detach(token)


def _plain(span: ReadableSpan) -> dict[str, Any]:
    own = span.get_span_context()
    return {
        "trace_id": f"{own.trace_id:032x}" if own else "",
        "span_id": f"{own.span_id:016x}" if own else "",
        "parent_id": f"{span.parent.span_id:016x}" if span.parent else None,
        "service": span.resource.attributes.get("service.name"),
        "name": span.name,
        "start_ns": span.start_time,
        "end_ns": span.end_time,
        "status": span.status.status_code.name,
        "attributes": dict(span.attributes or {}),
    }
