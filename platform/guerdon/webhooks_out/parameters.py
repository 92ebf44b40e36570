"""The section `integrations`: where the brand's systems are told, and how often they may call."""

from collections.abc import Iterator
from typing import Annotated, ClassVar
from urllib.parse import urlsplit

import msgspec

from guerdon.parameters.sections import Area, Finding, Section, field_meta
from guerdon.plumbing.events import EVENT_TYPES

ENDPOINTS_MAX = 20


class WebhookEndpoint(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One address of the brand that events are posted to."""

    key: Annotated[
        str,
        field_meta(
            "Key",
            "Names the endpoint in the API and the log",
            pattern="^[a-z0-9](-?[a-z0-9]){0,39}$",
        ),
    ]
    url: Annotated[
        str, field_meta("Address", "Public https address that takes the POST", risk="high",
                        max_length=500)
    ]  # fmt: skip
    events: Annotated[tuple[str, ...], field_meta("Events", "Event types; none means all")] = ()
    enabled: Annotated[bool, field_meta("Enabled", risk="medium")] = True


class IntegrationParameters(Section, frozen=True, forbid_unknown_fields=True):
    """Webhooks out, and limits of the API."""

    section: ClassVar[str] = "integrations"
    title: ClassVar[str] = "Integrations"
    area: ClassVar[Area] = "technical"

    webhooks: Annotated[
        tuple[WebhookEndpoint, ...],
        field_meta("Webhook endpoints", risk="medium", max_length=ENDPOINTS_MAX),
    ] = ()
    requests_per_minute: Annotated[
        int,
        field_meta("API requests of one key", unit="requests/min", risk="medium",
                   ge=1, le=10_000_000),
    ] = 3000  # fmt: skip
    member_requests_per_minute: Annotated[
        int,
        field_meta("API requests of one member's app", unit="requests/min", risk="medium",
                   ge=1, le=1_000_000),
    ] = 300  # fmt: skip

    def check(self) -> Iterator[Finding]:
        """Keys are unique, addresses are absolute, event types exist."""
        seen: set[str] = set()
        for index, endpoint in enumerate(self.webhooks):
            at = f"integrations.webhooks[{index}]"
            if endpoint.key in seen:
                yield Finding(
                    f"{at}.key",
                    "duplicate_key",
                    "Two endpoints have the key %(key)s.",
                    params={"key": endpoint.key},
                )
            seen.add(endpoint.key)
            if not _absolute(endpoint.url):
                yield Finding(
                    f"{at}.url", "bad_address", "An address is https:// and a host, no user name."
                )
            for event in endpoint.events:
                if event not in EVENT_TYPES:
                    yield Finding(
                        f"{at}.events",
                        "unknown_event",
                        "There is no event type %(event)s.",
                        params={"event": event},
                    )


def _absolute(url: str) -> bool:
    try:
        parts = urlsplit(url)
    except ValueError:
        return False
    return parts.scheme in ("https", "http") and bool(parts.hostname) and parts.username is None
