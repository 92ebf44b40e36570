"""Every reason of a refused sign-in: sent by the server's code, and explained on the page."""

import ast
import re
from pathlib import Path
from typing import get_args

import httpx2
import pytest
from joserfc.errors import (
    BadSignatureError,
    DecodeError,
    ExpiredTokenError,
    InvalidClaimError,
    InvalidKeyIdError,
    MissingClaimError,
)
from tests.conftest import ConsoleFactory
from tests.identity.corporate import Corporate, reason
from tests.identity.provider import Provider

from guerdon.identity import refusals
from guerdon.identity.errors import ConnectionRefusedByPolicyError
from guerdon.identity.refusals import Aside, Reason
from guerdon.identity.sso.arriving import as_refusal
from guerdon.runtime import Runtime
from guerdon.tenancy.schemas import Tenant

RAISERS = {"refused", "_refused", "SsoRefusedError", "Refusal"}
IDENTITY = "platform/guerdon/identity"


def sent(root: Path) -> tuple[set[str], list[str]]:
    """Every word that a refusal is made with, and the calls that take theirs from elsewhere."""
    words, others = set(refusals._PROVIDERS_WORDS.values()), []
    paths = [*(root / IDENTITY / "sso").glob("*.py"), *(root / IDENTITY).glob("[op]*.py")]
    for path in paths:
        for node in ast.walk(ast.parse(path.read_text())):
            if not isinstance(node, ast.Call) or not node.args:
                continue
            name = getattr(node.func, "attr", getattr(node.func, "id", ""))
            if name not in RAISERS:
                continue
            first = node.args[0]
            if isinstance(first, ast.Constant):
                words.add(str(first.value))
            else:
                others.append(f"{path.name}: {ast.unparse(first)}")
    for node in ast.walk(ast.parse((root / IDENTITY / "refusals.py").read_text())):
        if isinstance(node, ast.Return):
            words |= {str(one.value) for one in ast.walk(node) if isinstance(one, ast.Constant)}
    return words, others


def explained(root: Path) -> set[str]:
    """Every word that the sign-in page has a text of its own for."""
    text = (root / "admin_spa/src/features/sign-in/words.ts").read_text()
    return set(re.findall(r'^ {4}case "([a-z_]+)":', text, re.M))


def test_every_reason_is_explained_on_the_sign_in_page(root: Path) -> None:
    missing = set(get_args(Reason)) - explained(root)
    assert sorted(missing) == [], "put it into refusedWords, in three languages"
    assert sorted(explained(root) - set(get_args(Reason))) == []


def test_every_reason_is_explained_in_the_guide(root: Path) -> None:
    guide = (root / "docs/guide/sso.md").read_text().partition("## What a refusal means")[2]
    rows = re.findall(r"^\| (`.+`) \|", guide, re.M)
    named = [word for row in rows for word in re.findall(r"`([a-z_]+)`", row)]
    assert sorted(named) == sorted(get_args(Reason))


def test_the_code_sends_these_reasons_and_no_others(root: Path) -> None:
    words, others = sent(root)
    assert words == set(get_args(Reason)) | set(get_args(Aside)) - {"member"}
    # What is not written there in letters comes from functions that answer one of the words.
    assert sorted(set(others)) == [
        "arriving.py: REASONS.get(str(error.params.get('reason')), 'provider_error')",
        "arriving.py: outcome.reason",
        "inspecting.py: error",
        "oidc.py: refusals.of_provider(query['error'])",
        "oidc.py: refusals.of_token(error)",
        "saml.py: rt",
    ]


@pytest.mark.parametrize(
    ("raised", "word"),
    [
        (ExpiredTokenError("exp"), "token_expired"),
        (InvalidClaimError("aud"), "claims"),
        (MissingClaimError("sub"), "claims"),
        (BadSignatureError(), "signature"),
        (InvalidKeyIdError("No key for kid: x"), "key"),
        (DecodeError("Invalid"), "token"),
        (KeyError("alg"), "token"),
    ],
)
def test_what_a_library_raises_has_a_word(raised: Exception, word: str) -> None:
    assert refusals.of_token(raised) == word


def test_an_unknown_reason_is_not_passed_on() -> None:
    strange = ConnectionRefusedByPolicyError("x", reason="<script>", found="y")
    assert as_refusal(strange).reason == "provider_error"


@pytest.mark.parametrize(
    ("error", "word"),
    [
        ("access_denied", "access_denied"),
        ("temporarily_unavailable", "provider_unavailable"),
        ("consent_required", "attention_required"),
        ("unauthorized_client", "request_refused"),
        ("AADSTS50105: <b>not assigned</b>", "provider_error"),
    ],
)
async def test_a_providers_error_comes_back_as_a_word_of_ours(
    rt: Runtime, tenant: Tenant, console: ConsoleFactory, provider: Provider, browser_at: object,
    error: str, word: str,
) -> None:  # fmt: skip
    provider.reset()
    corporate = Corporate(rt, tenant, await console(tenant), provider)
    await corporate.create()
    browser = browser_at(tenant)  # type: ignore[operator]
    await corporate.enable(browser)
    url = httpx2.URL(await corporate.begin(browser))
    back = {"state": url.params["state"], "error": error, "iss": provider.issuer}
    assert reason(await corporate.come_back(browser, back)) == word
