"""Every refusal that a member can meet is told in words of its own."""

import ast
import inspect
import json
import subprocess
import sys
from functools import cache

from guerdon.member_web import messages
from guerdon.theming.translations import translator

# Whose refusals are for the brand's own people and systems; no member's page raises them.
FOR_STAFF = (
    "guerdon.audit", "guerdon.parameters", "guerdon.simulation", "guerdon.identity.sso",
    "guerdon.identity.staff", "guerdon.identity.support", "guerdon.webhooks_out",
    "guerdon.recommendations",
)  # fmt: skip
# Codes of the brand's API, of the console's desks, and of what happens in jobs.
ELSEWHERE = frozenset({
    # The catalogue's desk and imports.
    "invalid_product", "invalid_stock", "no_rate", "offer_gone", "offer_restricted",
    "price_list_invalid", "product_changed", "product_state", "sku_taken",
    # Keys and tokens.
    "call_quota_reached", "permission_missing", "scope_missing", "token_refused",
    "idempotency_key_invalid", "idempotency_key_missing", "idempotency_key_reused",
    # What the brand's systems and its desk do to points, and the ledger's own guards.
    "account_not_found", "adjustment_decided", "event_differs", "external_id_taken", "four_eyes",
    "hold_differs", "hold_not_found", "hold_resolved", "more_than_remains", "not_reversible",
    "points_out_of_range", "refund_too_large", "transaction_exists", "transaction_not_found",
    # Carts of several lines: the API's, a page orders one thing.
    "mixed_suppliers",
    # Providers' answers to jobs, and their notifications.
    "certificate_unavailable", "forged_event", "payment_refused", "provider_refused",
    # What the platform asks of a brand's owners.
    "platform_terms", "platform_terms_due",
    # What the platform's staff ask for.
    "not_in_maintenance",
    # What a cashier is told of a member's code.
    "till_code_over", "till_code_wrong",
    # Of no brand, and of one that has left, nothing is shown: the host router answers.
    "host_taken", "tenant_closed", "unknown_host",
})  # fmt: skip
# What is not one refusal but a kind of them: the general sentence is theirs.
KINDS = frozenset({"conflict", "forbidden", "internal"})


_LISTED = """
import json, guerdon.member_web.routes
from guerdon.kit.errors import GuerdonError
def below(kind):
    for each in kind.__subclasses__():
        yield each.code, each.__module__
        yield from below(each)
print(json.dumps(list(below(GuerdonError))))
"""


@cache
def refusals() -> dict[str, str]:
    """Code → module of what the pages' own imports bring: a process that imports nothing else."""
    told = subprocess.run(
        [sys.executable, "-c", _LISTED], capture_output=True, text=True, check=True, timeout=60
    )
    return dict(json.loads(told.stdout))


def named() -> set[str]:
    """The codes that the messages tell apart."""
    found = set()
    for node in ast.walk(ast.parse(inspect.getsource(messages))):
        if not isinstance(node, ast.match_case):
            continue
        first = node.pattern.patterns[0] if isinstance(node.pattern, ast.MatchSequence) else None
        for part in ast.walk(first or node.pattern):
            if isinstance(part, ast.MatchValue) and isinstance(part.value, ast.Constant):
                found.add(str(part.value.value))
    return found


def test_no_refusal_of_a_member_is_without_words() -> None:
    # An unauthenticated visit is led to the sign-in; no page tells it.
    met = {
        code
        for code, module in refusals().items()
        if not module.startswith(FOR_STAFF) and code != "unauthenticated"
    }
    assert ELSEWHERE - met == set()
    assert met - named() - ELSEWHERE - KINDS == set()
    assert met & named() & ELSEWHERE == set()


def test_no_words_are_for_a_refusal_that_is_not_there() -> None:
    fields = {"email", "phone", "name", "recipient", "code"}
    # Said at the door, before any page.
    door = {"bad_form", "too_large"}
    assert named() - set(refusals()) - fields - door == set()


def test_too_few_points_are_told_as_such() -> None:
    told = messages.explain("not_enough_points", 409, {}, translator("en"))
    assert told.title == "Not enough points"
    assert told.safe == "No points and no money were taken."
