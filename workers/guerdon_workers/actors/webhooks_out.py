"""Webhooks out: events into their member's sequence, deliveries to the brand's endpoints."""

from guerdon.webhooks_out.jobs import Deliver, RecordEvent

handlers = (RecordEvent(), Deliver())
