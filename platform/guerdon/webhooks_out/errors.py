"""What a caller of the webhook operations can do wrong."""

from guerdon.kit.errors import NotFoundError


class EndpointNotFoundError(NotFoundError):
    """No webhook endpoint with this key is in the parameters in force."""

    code = "webhook_endpoint_not_found"
    title = "There is no such webhook endpoint"


class DeliveryNotFoundError(NotFoundError):
    """No delivery with this id."""

    code = "webhook_delivery_not_found"
    title = "There is no such delivery"
