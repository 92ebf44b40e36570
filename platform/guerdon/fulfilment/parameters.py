"""Who ships a programme's rewards."""

from collections.abc import Iterator
from typing import Annotated, ClassVar, Literal

import msgspec

from guerdon.parameters.sections import Area, Finding, Section, field_meta, is_mail_address


class SupplierParameters(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A connection to a supplier. Credentials are secrets `fulfilment.<key>.<name>`."""

    key: Annotated[str, field_meta("Key", "Named by products.", pattern="^[a-z][a-z0-9_]{1,39}$")]
    provider: Annotated[
        Literal["amazon_business", "counter"],
        field_meta(
            "Provider",
            risk="high",
            labels={"amazon_business": "Amazon Business", "counter": "the brand's own counter"},
        ),
    ]
    region: Annotated[str, field_meta("Region", "Market of the account.", pattern="^[A-Z]{2}$")] = (
        "US"
    )
    locale: Annotated[str, field_meta("Locale", pattern="^[a-z]{2}_[A-Z]{2}$")] = "en_US"
    buyer_email: Annotated[
        str, field_meta("Buyer", "Mail address of the ordering user.", max_length=200)
    ] = ""
    buying_group: Annotated[
        str, field_meta("Buying group", "Identifier at the supplier.", max_length=200)
    ] = ""
    contact_phone: Annotated[
        str, field_meta("Phone", "For the carrier, where a member gave none.", max_length=40)
    ] = ""
    push_topic: Annotated[
        str, field_meta("Topic of pushes", "ARN; pushes of another are refused.", max_length=200)
    ] = ""


class FulfilmentParameters(Section, frozen=True):
    """The suppliers of the programme."""

    section: ClassVar[str] = "fulfilment"
    title: ClassVar[str] = "Fulfilment"
    area: ClassVar[Area] = "technical"

    suppliers: Annotated[
        tuple[SupplierParameters, ...], field_meta("Suppliers", max_length=20, risk="high")
    ] = ()

    def find(self, key: str) -> SupplierParameters | None:
        """The supplier with this key."""
        return next((supplier for supplier in self.suppliers if supplier.key == key), None)

    def check(self) -> Iterator[Finding]:
        seen: set[str] = set()
        for place, supplier in enumerate(self.suppliers):
            path = f"fulfilment.suppliers[{place}]"
            if supplier.key in seen:
                yield Finding(
                    f"{path}.key",
                    "duplicate_key",
                    "The key %(key)s stands twice.",
                    params={"key": supplier.key},
                )
            seen.add(supplier.key)
            if supplier.provider == "amazon_business":
                for name in ("buyer_email", "buying_group", "contact_phone"):
                    if not getattr(supplier, name):
                        yield Finding(f"{path}.{name}", "missing", "Amazon Business asks for it.")
                if supplier.buyer_email and not is_mail_address(supplier.buyer_email):
                    yield Finding(
                        f"{path}.buyer_email",
                        "bad_email",
                        "%(address)s is no mail address; it is the one of a user of the account.",
                        params={"address": supplier.buyer_email},
                    )
