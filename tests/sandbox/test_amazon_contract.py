"""What the Amazon Business peer refuses, and the pushes it signs."""

import copy
import secrets
import time
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx2
import msgspec
import pytest
from tests import calls

from guerdon.fulfilment.errors import ForgedPushError
from guerdon.fulfilment.providers import amazon_push
from guerdon.plumbing.egress import Egress

ORDER: dict[str, Any] = {
    "externalId": "order-1",
    "lineItems": [
        {
            "externalId": "1",
            "quantity": 1,
            "attributes": [
                {
                    "attributeType": "SelectedProductReference",
                    "productReference": {
                        "productReferenceType": "ProductIdentifier",
                        "id": "B0GRDN0003",
                    },
                }
            ],
            "expectations": [
                {
                    "expectationType": "ExpectedUnitPrice",
                    "amount": {"currencyCode": "USD", "amount": 24.90},
                }
            ],
        }
    ],
    "attributes": [
        {"attributeType": "PurchaseOrderNumber", "purchaseOrderNumber": "PO-1"},
        {
            "attributeType": "BuyerReference",
            "userReference": {"userReferenceType": "UserEmail", "emailAddress": "b@x.test"},
        },
        {
            "attributeType": "BuyingGroupReference",
            "groupReference": {"groupReferenceType": "GroupIdentity", "identifier": "G"},
        },
        {"attributeType": "Region", "region": "US"},
        {
            "attributeType": "SelectedPaymentMethodReference",
            "paymentMethodReference": {"paymentMethodReferenceType": "StoredPaymentMethod"},
        },
        {
            "attributeType": "ShippingAddress",
            "address": {
                "addressType": "PhysicalAddress",
                "fullName": "Ana",
                "phoneNumber": "+12065550100",
                "addressLine1": "1 Main Street",
                "city": "Seattle",
                "stateOrRegion": "WA",
                "postalCode": "98101",
                "countryCode": "US",
            },
        },
    ],
    "expectations": [],
}
FORM = {"grant_type": "refresh_token", "client_secret": "s", "refresh_token": "Atzr|x"}


class Buyer:
    """An application with a token."""

    def __init__(self, peer: Any) -> None:
        self.client_id = f"amzn1.application-oa2-client.{secrets.token_hex(8)}"
        self.topic = f"arn:aws:sns:us-east-1:000000000000:ab-{self.client_id.rpartition('.')[2]}"
        answer = calls.post(f"{peer.url}/auth/o2/token", data=FORM | {"client_id": self.client_id})
        token = answer.raise_for_status().json()["access_token"]
        self.url = peer.url
        self.headers = {"x-amz-access-token": token, "x-amz-user-email": "b@x.test"}

    def place(self, order: dict[str, Any], **headers: str) -> httpx2.Response:
        return calls.post(
            f"{self.url}/ordering/2022-10-30/orders", json=order, headers=self.headers | headers
        )


@pytest.fixture
def buyer(amazon_peer: Any) -> Buyer:
    return Buyer(amazon_peer)


def test_a_good_order_once(buyer: Buyer) -> None:
    answer = buyer.place(ORDER)
    assert answer.status_code == 200
    assert answer.headers["x-amzn-ratelimit-limit"] == "500"
    assert answer.headers["x-amzn-requestid"]
    (line,) = answer.json()["lineItems"]
    assert [item["quantity"] for item in line["acceptedItems"]] == [1]
    again = buyer.place(ORDER)
    assert again.status_code == 400
    assert "externalId" in again.json()["errors"][0]["message"]


@pytest.mark.parametrize("missing", range(6))
def test_every_attribute_is_needed(buyer: Buyer, missing: int) -> None:
    order = copy.deepcopy(ORDER)
    kind = order["attributes"].pop(missing)["attributeType"]
    answer = buyer.place(order)
    assert answer.status_code == 400
    assert kind in answer.json()["errors"][0]["message"]


def changed(path: str, value: Any) -> dict[str, Any]:
    order = copy.deepcopy(ORDER)
    *way, last = path.split("/")
    place: Any = order
    for step in way:
        place = place[int(step) if step.isdigit() else step]
    place[last] = value
    return order


@pytest.mark.parametrize(
    ("path", "value"),
    [
        ("externalId", ""),
        ("lineItems", []),
        ("lineItems/0/quantity", 0),
        ("lineItems/0/quantity", 1.5),
        ("lineItems/0/attributes", []),
        ("lineItems/0/expectations/0/amount/amount", -1),
        ("lineItems/0/expectations/0/amount/amount", 24.901),
        ("lineItems/0/expectations/0/expectationType", "Wish"),
        ("attributes/3/region", "XX"),
        ("attributes/5/address/countryCode", "USA"),
        ("attributes/5/address/phoneNumber", ""),
        ("surprise", True),
    ],
)
def test_broken_orders(buyer: Buyer, path: str, value: Any) -> None:
    answer = buyer.place(changed(path, value))
    assert answer.status_code == 400
    assert answer.json()["errors"][0]["code"] == "InvalidInput"


def test_without_a_token(buyer: Buyer, amazon_peer: Any) -> None:
    for headers in ({"x-amz-access-token": ""}, {"x-amz-access-token": "Atza|made-up"}):
        answer = buyer.place(ORDER, **headers)
        assert (answer.status_code, answer.json()["errors"][0]["code"]) == (403, "Unauthorized")
    other_mail = buyer.place(ORDER, **{"x-amz-user-email": "c@x.test"})
    assert other_mail.status_code == 400
    orders = calls.get(f"{amazon_peer.url}/_control/orders", params={"owner": buyer.client_id})
    assert orders.json() == []


def test_tokens(amazon_peer: Any, buyer: Buyer) -> None:
    def ask(**change: str) -> httpx2.Response:
        form = FORM | {"client_id": buyer.client_id} | change
        return calls.post(f"{amazon_peer.url}/auth/o2/token", data=form)

    assert ask().status_code == 200
    wrong = [
        ({"client_secret": "other"}, 401, "invalid_client"),
        ({"client_id": "me"}, 401, "invalid_client"),
        ({"refresh_token": "Atzr|other"}, 400, "invalid_grant"),
        ({"grant_type": "password"}, 400, "unsupported_grant_type"),
    ]
    for change, status, code in wrong:
        answer = ask(**change)
        assert (answer.status_code, answer.json()["error"]) == (status, code)


def test_the_usage_plan(amazon_peer: Any, buyer: Buyer) -> None:
    calls.put(f"{amazon_peer.url}/_control/plan", json={"rate": 0.5, "burst": 10})
    try:
        answers = [
            calls.get(f"{buyer.url}/ordering/2022-10-30/orders/x{n}", headers=buyer.headers)
            for n in range(12)
        ]
    finally:
        calls.put(f"{amazon_peer.url}/_control/plan", json={"rate": 500, "burst": 500})
    assert [a.status_code for a in answers] == [404] * 10 + [429] * 2
    assert answers[-1].headers["x-amzn-ratelimit-limit"] == "0.5"
    assert answers[-1].json()["errors"][0]["code"] == "QuotaExceeded"


async def test_pushes_are_signed_as_sns_signs(
    buyer: Buyer, amazon_peer: Any, listener: Any
) -> None:
    egress = Egress([amazon_peer.url])
    await _listen(amazon_peer, buyer, listener)
    placed = buyer.place(ORDER).json()
    order_id = placed["acceptanceArtifacts"][-1]["identifier"]
    await _advance(amazon_peer, 2)
    first, second = await listener.wait_for(2)
    now = datetime.now(UTC)
    told = []
    for request in (first, second):
        push = await amazon_push.verify(
            request.body, topic=buyer.topic, egress=egress, api_base=amazon_peer.url, now=now
        )
        assert push.package is not None
        assert (push.purchase_order, push.supplier_reference) == ("PO-1", order_id)
        told.append((push.package.state, push.package.reference))
    assert sorted(state for state, _ in told) == ["in_transit", "shipped"]
    assert len({reference for _, reference in told}) == 1

    good: dict[str, str] = msgspec.json.decode(first.body)
    forgeries = [
        good | {"Message": good["Message"].replace("SHIPPED", "DELIVERED")},
        good | {"TopicArn": "arn:aws:sns:us-east-1:000000000000:ab-somebody"},
        good | {"SignatureVersion": "1"},
        good | {"Signature": "AAAA"},
        good | {"Signature": "!"},
        good | {"Timestamp": "2020-01-01T00:00:00.000Z"},
        good | {"Type": "Wish"},
        good | {"SigningCertURL": "https://sns.us-east-1.amazonaws.com.evil.test/x.pem"},
        good | {"SigningCertURL": "http://169.254.169.254/SimpleNotificationService-a.pem"},
        good | {"SigningCertURL": f"{amazon_peer.url}/"},
        {k: v for k, v in good.items() if k != "MessageId"},
    ]
    for forged in forgeries:
        with pytest.raises(ForgedPushError):
            await amazon_push.verify(
                msgspec.json.encode(forged),
                topic=buyer.topic, egress=egress, api_base=amazon_peer.url, now=now,
            )  # fmt: skip
    for raw, when in ((b"", now), (b"[]", now), (first.body, now + timedelta(hours=2))):
        with pytest.raises(ForgedPushError):
            await amazon_push.verify(
                raw, topic=buyer.topic, egress=egress, api_base=amazon_peer.url, now=when
            )
    await egress.close()


async def _listen(peer: Any, buyer: Buyer, listener: Any) -> None:
    async with httpx2.AsyncClient(verify=calls.NO_AUTHORITIES) as client:
        answer = await client.put(
            f"{peer.url}/_control/endpoints",
            json={"owner": buyer.client_id, "url": listener.url, "host": "hooks.test"},
        )
    assert answer.json()["topicArn"] == buyer.topic


async def _advance(peer: Any, steps: int) -> None:
    async with httpx2.AsyncClient(verify=calls.NO_AUTHORITIES) as client:
        for _ in range(steps):
            await client.post(f"{peer.url}/_control/orders/order-1/advance")


async def test_copies_keep_their_message_id(buyer: Buyer, amazon_peer: Any, listener: Any) -> None:
    amazon_peer.knobs(push_copies=2)
    await _listen(amazon_peer, buyer, listener)
    assert buyer.place(ORDER).status_code == 200
    await _advance(amazon_peer, 1)
    got = [msgspec.json.decode(r.body)["MessageId"] for r in await listener.wait_for(2)]
    assert len(set(got)) == 1


def test_an_order_lives_by_itself_at_the_peers_pace(amazon_peer: Any, buyer: Buyer) -> None:
    calls.put(f"{amazon_peer.url}/_control/plan", json={"pace_s": 0.1, "rate": 500, "burst": 500})
    try:
        assert buyer.place(ORDER).status_code == 200
        until = time.monotonic() + 10
        packages: list[Any] = []
        while time.monotonic() < until:
            (order,) = calls.get(
                f"{amazon_peer.url}/_control/orders", params={"owner": buyer.client_id}
            ).json()
            packages = order["packages"]
            if packages[0]["step"] == 4:
                break
            time.sleep(0.1)
    finally:
        calls.put(f"{amazon_peer.url}/_control/plan", json={"pace_s": 0})
    assert [name for name, _ in packages[0]["events"]] == [
        "SHIPPED", "IN_TRANSIT", "OUT_FOR_DELIVERY", "DELIVERED",
    ]  # fmt: skip
