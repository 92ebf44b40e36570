"""What a tenant's programme does goes by the tenant's clock: who asks the machine's says why."""

import re
from pathlib import Path

ROOT = Path(__file__).parents[2]
ASKS = re.compile(r"\bclock\.now\(\)|datetime\.now\(|datetime\.utcnow\(")
# File: what it needs real time for. Everything else takes `rt.now(tenant)`, `tenant.time(real)` or
# an instant that it is given.
REAL = {
    "kit/clock.py": "the machine's clock itself",
    "runtime/__init__.py": "turned into the tenant's",
    "app/hosts.py": "turned into the tenant's",
    "app/metering.py": "what is measured of the deployment",
    "app/__init__.py": "the operator's house has no programme",
    "plumbing/runner.py": "turned into the tenant's, unless a message goes by real time",
    "test_clock/jobs.py": "how far ahead of it the clock goes on",
    "identity/gate.py": "sessions, tokens and keys",
    "admin_api/notices.py": "notices of the platform",
    "admin_api/single_sign_on.py": "answers of identity providers",
    "platform_web/web.py": "the platform's own site",
    "plans/recording.py": "what is billed",
    "webhooks_in/platform.py": "age of a signature",
    "webhooks_in/stripe.py": "age of a signature",
    "webhooks_in/amazon_pay.py": "age of a signature",
    "webhooks_in/amazon_business.py": "age of a signature",
    "redemption/payment_jobs.py": "when a page at a provider ends",
    "payments/providers/amazon_pay_client.py": "signatures of calls",
    "fulfilment/providers/amazon_client.py": "tokens and rates of calls",
    "cli/_runtime.py": "turned into the tenant's",
    "cli/_houses.py": "the operator's house has no programme",
    "cli/_portability.py": "when an export was taken",
    "cli/audit.py": "when the trail was told",
    "cli/backup.py": "a folder's name",
    "cli/keys.py": "keys",
    "cli/staff.py": "people's accounts",
    "cli/tenants.py": "states of a brand, and brands to be made",
    "cli/webhooks.py": "secrets",
}
# They make the past of a demo, or are no part of the product.
ASIDE = ("local/", "sandbox/")


def asking(root: Path) -> set[str]:
    """Files that ask what time it is."""
    return {
        str(path.relative_to(root))
        for path in root.rglob("*.py")
        if ASKS.search(path.read_text())
        and not str(path.relative_to(root)).startswith(ASIDE)
    }  # fmt: skip


def test_the_machine_is_asked_by_name_only() -> None:
    assert asking(ROOT / "platform" / "guerdon") - set(REAL) == set()


def test_workers_never_ask() -> None:
    assert asking(ROOT / "workers") == set()


def test_a_question_is_seen(tmp_path: Path) -> None:
    (tmp_path / "late.py").write_text("now = rt.clock.now()\n")
    assert asking(tmp_path) == {"late.py"}
