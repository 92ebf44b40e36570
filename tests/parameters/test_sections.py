"""What validation says: rules over sections, messages with parameters, texts like secrets."""

from collections.abc import Iterator
from typing import Any

import pytest

from guerdon.parameters.secret_texts import looks_like_a_secret
from guerdon.parameters.sections import (
    Finding,
    InvalidParametersError,
    ProgrammeParameters,
    Registry,
    Sections,
)
from guerdon.programme import SECTIONS
from guerdon.tiers.parameters import TierParameters

TIERS = {"tiers": [{"key": "blue", "threshold": 0}, {"key": "gold", "threshold": 100}]}


def named_like_a_tier(sections: Sections) -> Iterator[Finding]:
    name = sections[ProgrammeParameters].name
    if name in {t.key for t in sections[TierParameters].tiers}:
        yield Finding(
            "programme.name", "named_like_a_tier", "%(name)s is a tier.", params={"name": name}
        )


def test_a_rule_sees_every_section() -> None:
    registry = Registry(SECTIONS, [named_like_a_tier])
    content = {"programme": {"name": "gold"}, "tiers": TIERS}
    with pytest.raises(InvalidParametersError) as caught:
        registry.decode(content)
    (finding,) = caught.value.findings
    assert (finding.path, finding.code) == ("programme.name", "named_like_a_tier")
    assert str(caught.value) == "programme.name: gold is a tier."
    # What was published before the rule was made can still be read.
    assert registry.convert(content)[ProgrammeParameters] == ProgrammeParameters(name="gold")


def test_a_message_is_translated_before_its_parameters_are_put_in() -> None:
    finding = Finding("x", "x", "%(tier)s is empty.", params={"tier": "Ouro"})
    assert finding.text({"%(tier)s is empty.": "%(tier)s está vazio."}.__getitem__) == (
        "Ouro está vazio."
    )
    assert Finding("x", "x", "100 % of it.").text() == "100 % of it."


# Put together here, so that no scanner takes them for lost ones.
SECRETS = [
    "sk_" + "live_51H8abcdefgh",
    "Ask for rk_" + "test_abcdef123456 here",
    "whsec_" + "MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw",
    "AKIA" + "IOSFODNN7EXAMPLE",
    "gk_" + "01h8xkzq9w3v5n7p2r4t",
    "-----BEGIN PRIVATE " + "KEY-----",
    "-----BEGIN RSA PRIVATE " + "KEY-----",
    "-----BEGIN OPENSSH PRIVATE " + "KEY-----",
    "ey" + "JhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0In0.dozjgNryP4J3jVmNHl0w5N",
    "ghp_" + "abcdefghijklmnopqrstuvwxyz0123456789",
    "Amzn1.oa2" + "-cs",
    "amzn1.oa2" + "-cs.v1.0123456789abcdef0123",
    "Atzr" + "|IwEBIJedGXjDqsU_vMxykqOMg",
    "xox" + "b-123456789012-abcdef",
    "AI" + "zaSyD-9tSrke72PouQMnMX-a7eZSW0jkFMBWY",
    "S" + "G.abcdefghijklmnop.qrstuvwxyz0123456789",
    "first line\nsk_" + "live_51H8abcdefgh",
]


@pytest.mark.parametrize("text", SECRETS)
@pytest.mark.parametrize(
    ("content", "path"),
    [
        (lambda t: {"programme": {"terms": {"en": t}}}, "programme.terms.en"),
        (
            lambda t: {"tiers": {"tiers": [TIERS["tiers"][0] | {"name": {"es": t}}]}},
            "tiers.tiers[0].name.es",
        ),
    ],
)
def test_a_secret_in_any_text_is_refused(content: Any, path: str, text: str) -> None:
    with pytest.raises(InvalidParametersError) as caught:
        Registry(SECTIONS).decode(content(text))
    assert [(f.path, f.code) for f in caught.value.findings] == [(path, "looks_like_a_secret")]
    assert text not in str(caught.value)


@pytest.mark.parametrize(
    "text",
    [
        "-----BEGIN PUBLIC KEY-----\nMFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAE",
        "fulfilment.amazon.client_secret",
        "Ask sk_live for skiing live",
        "arn:aws:sns:us-east-1:123456789012:orders",
    ],
)
def test_what_only_resembles_a_secret_is_let_be(text: str) -> None:
    assert not looks_like_a_secret(text)
