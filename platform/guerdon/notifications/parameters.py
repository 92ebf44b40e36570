"""Which messages a member gets, and by which channel."""

from collections.abc import Iterator
from typing import Annotated, ClassVar, Literal

from guerdon.parameters.sections import Area, Finding, Section, field_meta

Kind = Literal[
    "welcome",
    "points_expiring",
    "tier_reached",
    "tier_lost",
    "redemption_confirmed",
    "redemption_shipped",
    "redemption_delivered",
    "redemption_refused",
    "redemption_cancelled",
    "redemption_expired",
    "redemption_refunded",
]


KINDS: dict[str, str] = {
    "welcome": "welcome",
    "points_expiring": "points expire soon",
    "tier_reached": "higher tier reached",
    "tier_lost": "tier lost",
    "redemption_confirmed": "order confirmed",
    "redemption_shipped": "parcel on its way",
    "redemption_delivered": "parcel delivered",
    "redemption_refused": "order refused",
    "redemption_cancelled": "order cancelled",
    "redemption_expired": "order expired",
    "redemption_refunded": "order refunded",
}


class NotificationParameters(Section, frozen=True):
    """Mail and SMS to members. Codes to sign in are always sent."""

    section: ClassVar[str] = "notifications"
    title: ClassVar[str] = "Notifications"
    area: ClassVar[Area] = "brand"

    sender_name: Annotated[
        str,
        field_meta("Sender's name", "The programme's name when empty.", max_length=80),
    ] = ""
    sms_sender: Annotated[
        str,
        field_meta(
            "SMS sender", "Up to eleven letters and digits.", pattern=r"^([A-Za-z0-9]{1,11})?$"
        ),
    ] = ""
    mail: Annotated[
        tuple[Kind, ...],
        field_meta("By mail", "What is written by mail.", risk="medium", labels=KINDS),
    ] = (
        "welcome",
        "points_expiring",
        "tier_reached",
        "tier_lost",
        "redemption_confirmed",
        "redemption_shipped",
        "redemption_delivered",
        "redemption_refused",
        "redemption_cancelled",
        "redemption_expired",
        "redemption_refunded",
    )
    sms: Annotated[
        tuple[Kind, ...],
        field_meta("By SMS", "To members who gave a phone number.", risk="medium", labels=KINDS),
    ] = ("redemption_confirmed", "redemption_shipped", "redemption_delivered")
    expiry_notice_days: Annotated[
        int,
        field_meta(
            "First notice of an expiry",
            "So long before the last day of points. 0: none.",
            unit="days",
            risk="medium",
            ge=0,
            le=365,
        ),
    ] = 30
    expiry_last_notice_days: Annotated[
        int,
        field_meta(
            "Last notice of an expiry",
            "Once more, so long before the last day. 0: none.",
            unit="days",
            risk="medium",
            ge=0,
            le=364,
        ),
    ] = 7

    @property
    def expiry_notices(self) -> tuple[int, ...]:
        """How many days before their last day an expiry of points is told, the fewest first."""
        return tuple(sorted({self.expiry_last_notice_days, self.expiry_notice_days} - {0}))

    def check(self) -> Iterator[Finding]:
        if 0 < self.expiry_notice_days <= self.expiry_last_notice_days:
            yield Finding(
                "notifications.expiry_last_notice_days",
                "last_notice_not_last",
                "The last notice comes after the first: fewer than %(days)s days before.",
                params={"days": self.expiry_notice_days},
            )
