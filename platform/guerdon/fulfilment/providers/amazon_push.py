"""Package-tracking pushes, which Amazon SNS signs."""

from datetime import UTC, datetime

import msgspec

from guerdon.fulfilment.errors import ForgedPushError, SupplierUnavailableError
from guerdon.fulfilment.port import Package, Push
from guerdon.fulfilment.providers.amazon_wire import PACKAGE_STATES
from guerdon.plumbing.egress import Egress
from guerdon.plumbing.sns import SnsForgedError, SnsUnavailableError, open_message


class _Tracking(msgspec.Struct, rename={"event_ms": "eventTimeStampInEpochMillis"}):
    """What Amazon Business documents of a package-tracking push."""

    orderId: str
    shipmentId: str
    packageId: str
    deliveryStatus: str
    event_ms: int
    trackingId: str = ""
    poNumber: str = ""


async def verify(raw: bytes, *, topic: str, egress: Egress, api_base: str, now: datetime) -> Push:
    """The push in `raw` if SNS signed it for `topic`; else ForgedPushError."""
    try:
        message = await open_message(raw, egress=egress, peer_base=api_base, now=now)
    except SnsForgedError as error:
        raise ForgedPushError(str(error)) from error
    except SnsUnavailableError as error:
        raise SupplierUnavailableError("The certificate cannot be fetched.") from error
    if not topic or message.topic != topic:
        raise ForgedPushError("The push is of another topic.")
    if message.confirm_url is not None:
        return Push(id=message.id, confirm_url=message.confirm_url)
    return _read(message.id, message.text)


def _read(event_id: str, text: str) -> Push:
    try:
        told = msgspec.json.decode(text, type=_Tracking)
        at = datetime.fromtimestamp(told.event_ms / 1000, UTC)
    except (msgspec.MsgspecError, ValueError, OverflowError) as error:
        raise ForgedPushError("The push cannot be read.") from error
    return Push(
        id=event_id,
        purchase_order=told.poNumber,
        supplier_reference=told.orderId,
        package=Package(
            reference=f"{told.shipmentId}/{told.packageId}",
            state=PACKAGE_STATES.get(told.deliveryStatus, "in_transit"),
            tracking_number=told.trackingId,
            occurred_at=at,
        ),
    )
