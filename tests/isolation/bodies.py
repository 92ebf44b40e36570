"""Requests made from the API's own description, so that a new operation is covered by existing."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

# What a text with a pattern or a meaning can be, by the name of its property.
TEXTS = {
    "email": "x@example.com", "currency": "USD", "country": "US", "postalCode": "94103",
    "city": "San Francisco", "region": "CA", "returnUrl": "https://example.com/back",
    "language": "en", "rule": "welcome", "memberNumber": "123456789012", "reason": "a reason",
    "price": "5.00", "slug": "fresh", "sku": "FRESH", "category": "drinks",
    "origin": "GRU", "destination": "LIS", "carrier": "AU", "reference": "ABC123",
    "placement": "home",
    "supplier": "counter", "phone": "+14155550123", "fromDate": "2026-01-01",
}  # fmt: skip
# Where an instant that is over, or two that are the same, would be refused.
SOON = datetime.now(UTC).date() + timedelta(30)
INSTANTS = {"departsAt": f"{SOON}T10:00:00Z", "arrivesAt": f"{SOON}T20:00:00Z"}
# Which of several optional members of a body to send, where sending all is refused.
LEAVE_OUT = {
    "earnPoints": {"externalId", "memberNumber", "amount", "items", "dryRun"},
    "earnPointsBatch": {"externalId", "memberNumber", "amount", "items"},
    "placeRedemption": {"lines", "expectedPoints", "shipTo", "returnUrl"},
    "placeMyRedemption": {"lines", "expectedPoints", "shipTo", "returnUrl"},
    "reverseTransaction": {"pieces", "amountMinor", "points"},
    "createMember": {"termsVersion", "consents", "phone"},
    "createQuote": {"points"},
    "fillCardBase": {"externalId", "memberNumber"},
    "keepContext": {"externalId", "memberNumber", "departsOn", "arrivesOn", "age", "stayUntil"},
    "createMyQuote": {"points"},
    "recommend": {"externalId", "memberNumber", "context", "language"},
    "recommendToMe": {"context", "language"},
    "tellRecommendationEvents": {"feedbackId", "at"},
    "tellMyRecommendationEvents": {"feedbackId", "at"},
}


class UnknownIdError(Exception):
    """An operation takes an id that no generator makes: name one in test_routes.py."""


class Sampler:
    """Bodies that fit the description, with ids from `ids`."""

    def __init__(self, described: dict[str, Any], ids: dict[str, str]) -> None:
        self.schemas = described["components"]["schemas"]
        self.ids = ids

    def body(self, operation: dict[str, Any]) -> Any:
        """A body for the operation, or None if it takes none."""
        content = operation.get("requestBody", {}).get("content", {})
        if not content:
            return None
        without = LEAVE_OUT.get(operation["operationId"], set())
        return self.sample(content["application/json"]["schema"], "", without)

    def sample(self, schema: dict[str, Any], name: str, without: set[str]) -> Any:
        """A value of `schema`."""
        if "$ref" in schema:
            return self.sample(self.schemas[schema["$ref"].rsplit("/", 1)[1]], name, without)
        for several in ("oneOf", "anyOf", "allOf"):
            if several in schema:
                kinds = [s for s in schema[several] if s.get("type") != "null"]
                return self.sample(kinds[0], name, without)
        if "const" in schema:
            return schema["const"]
        if "enum" in schema:
            return schema["enum"][0]
        kind = schema.get("type")
        if isinstance(kind, list):
            kind = next(k for k in kind if k != "null")
        if kind == "object":
            return {
                key: self.sample(part, key, without)
                for key, part in schema.get("properties", {}).items()
                if key not in without
            }
        if kind == "array":
            parts = schema.get("items") or (schema.get("prefixItems") or [{}])[0]
            return [self.sample(parts, name, without)] if parts else []
        if kind == "string":
            return self.text(schema, name)
        if kind == "boolean":
            return False
        return schema.get("minimum", schema.get("exclusiveMinimum", 0) + 1)

    def text(self, schema: dict[str, Any], name: str) -> str:
        """A text of `schema`."""
        if schema.get("format") == "uuid":
            if name not in self.ids:
                raise UnknownIdError(name)
            return self.ids[name]
        if schema.get("format") == "date-time":
            return INSTANTS.get(name, "2026-01-01T00:00:00Z")
        if schema.get("format") == "date":
            return str(SOON)
        return TEXTS.get(name, "x")


def id_places(body: Any, ids: dict[str, str]) -> Iterator[tuple[Any, ...]]:
    """The paths of every id inside a body."""
    if isinstance(body, dict):
        for key, value in body.items():
            if key in ids and value == ids[key]:
                yield (key,)
            else:
                yield from ((key, *rest) for rest in id_places(value, ids))
    elif isinstance(body, list):
        for index, value in enumerate(body):
            yield from ((index, *rest) for rest in id_places(value, ids))


def replaced(body: Any, path: tuple[Any, ...], value: str) -> Any:
    """The body with another value at `path`."""
    if not path:
        return value
    copy = body.copy()
    copy[path[0]] = replaced(body[path[0]], path[1:], value)
    return copy
