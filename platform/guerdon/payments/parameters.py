"""How a programme takes money."""

import re
from collections.abc import Iterator
from typing import Annotated, ClassVar, Literal

from guerdon.parameters.sections import Area, Finding, Section, field_meta

Method = Literal["card", "link"]


class PaymentParameters(Section, frozen=True):
    """Which provider takes the money part. Credentials are secrets, never parameters."""

    section: ClassVar[str] = "payments"
    title: ClassVar[str] = "Payments"
    area: ClassVar[Area] = "payments"

    provider: Annotated[
        Literal["none", "stripe", "amazon_pay"],
        field_meta(
            "Provider",
            "Without one, members pay with points only.",
            risk="high",
            labels={"none": "none", "stripe": "Stripe", "amazon_pay": "Amazon Pay"},
        ),
    ] = "none"
    methods: Annotated[
        tuple[Method, ...],
        field_meta(
            "Methods",
            "Offered on the payment page.",
            min_length=1,
            labels={"card": "card", "link": "Link"},
        ),
    ] = ("card",)
    statement: Annotated[
        str,
        field_meta(
            "Statement text", "Stands on the member's card statement.", max_length=22, risk="medium"
        ),
    ] = ""

    def check(self) -> Iterator[Finding]:
        if self.statement and (
            re.search(r"[<>\\'\"*]", self.statement) or not re.search("[A-Za-z]", self.statement)
        ):
            yield Finding(
                "payments.statement",
                "statement_text",
                "The text has at least one Latin letter and none of < > \\ ' \" *.",
            )
