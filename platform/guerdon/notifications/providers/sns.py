"""SMS by Amazon SNS. The SDK blocks, so it runs in a thread."""

import asyncio
from typing import Any, Final

import boto3
from botocore.config import Config
from botocore.exceptions import ClientError

from guerdon.notifications.port import BadRecipientError, Sms
from guerdon.settings import Settings

_HOPELESS: Final = frozenset({"InvalidParameter", "InvalidParameterValue", "OptedOut"})


class SnsSender:
    """Publishes to a phone number. Credentials are the machine's own (the SDK's chain)."""

    def __init__(self, settings: Settings) -> None:
        self._client: Any = boto3.client(
            "sns",
            region_name=settings.aws_region,
            endpoint_url=settings.sns_endpoint or None,
            config=Config(connect_timeout=5, read_timeout=15, retries={"total_max_attempts": 1}),
        )

    async def send(self, sms: Sms) -> str:
        """Hand over; BadRecipientError for a number that cannot get any."""
        return await asyncio.to_thread(self._publish, sms)

    def _publish(self, sms: Sms) -> str:
        attributes = {"AWS.SNS.SMS.SMSType": {"DataType": "String", "StringValue": "Transactional"}}
        if sms.sender:
            attributes["AWS.SNS.SMS.SenderID"] = {"DataType": "String", "StringValue": sms.sender}
        try:
            answer = self._client.publish(
                PhoneNumber=sms.to, Message=sms.text, MessageAttributes=attributes
            )
        except ClientError as error:
            if error.response.get("Error", {}).get("Code") in _HOPELESS:
                raise BadRecipientError(str(error)) from error
            raise
        return str(answer["MessageId"])
