"""Which messages a member gets, and by which channel."""

from typing import Annotated, ClassVar, Literal

from guerdon.parameters.sections import Area, Section, field_meta

Kind = Literal[
    "welcome",
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
