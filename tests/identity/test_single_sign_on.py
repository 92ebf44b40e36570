"""Single sign-on of a brand's people over HTTP: set up, tried, in force."""

import time
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from tests.conftest import ConsoleFactory
from tests.identity.corporate import GROUPS, BrowserAt, Corporate, account, reason
from tests.identity.names import NameServer
from tests.identity.people import invite, join
from tests.identity.provider import Provider

from guerdon.runtime import Runtime


async def test_from_draft_to_a_session(corporate: Corporate, browser_at: BrowserAt) -> None:
    made = await corporate.create()
    assert made.status_code == 201, made.text
    shown = corporate.shown
    assert (shown["state"], shown["tested"], shown["hasSecret"]) == ("draft", False, True)
    assert "secret" not in shown["settings"]
    addresses = shown["addresses"]
    base = f"{corporate.rt.settings.console_url}/sso/"
    endpoint = addresses["callback"].removeprefix(base).removesuffix("/callback")
    assert len(endpoint) == 32
    assert addresses["backChannelLogout"] == f"{base}{endpoint}/logout"

    browser = browser_at(corporate.tenant)
    # A draft takes nobody in, and cannot be put into force.
    assert reason(await browser.call("GET", corporate.address("start"))) == "closed"
    assert (await corporate.act("enable")).json()["code"] == "connection_untested"

    tested = await corporate.test_login(browser)
    assert (tested["outcome"], tested["roles"]) == ("passed", ["administrator"])
    assert tested["groups"] == ["loyalty-admins"]
    assert tested["claims"]["email"] == "boss@brand.example"
    assert "nonce" not in tested["claims"]
    assert (await browser.me()).status_code == 401
    assert await account(corporate, "boss@brand.example") is None

    assert (await corporate.act("enable")).json()["state"] == "enabled"
    page = (await browser.call("GET", f"/api/admin/v1/sign-in/{corporate.tenant.slug}")).json()
    assert [c["title"] for c in page["connections"]] == ["Corporate"]
    assert page["enforced"] is False
    start = urlsplit(page["connections"][0]["startUrl"]).path
    slug = corporate.tenant.slug
    back = await corporate.travel(browser, f"{start}?next=/{slug}/orders")
    assert back.headers["location"] == f"/{slug}/orders"
    assert back.headers["referrer-policy"] == "no-referrer"
    me = (await browser.me()).json()
    assert (me["email"], me["roles"]) == ("boss@brand.example", ["administrator"])
    actions = [e.action for e in await corporate.told("*")]
    for action in ("connection.created", "connection.enabled", "staff.joined", "sign_in.succeeded"):
        assert actions.count(action) == 1, action


async def test_a_change_asks_for_another_test(corporate: Corporate, browser_at: BrowserAt) -> None:
    await corporate.create()
    browser = browser_at(corporate.tenant)
    await corporate.enable(browser)
    edited = await corporate.edit(nameClaim="nickname")
    assert (edited.json()["state"], edited.json()["pending"]) == ("enabled", True)
    assert edited.json()["tested"] is False
    assert (await corporate.act("enable")).json()["code"] == "connection_untested"
    # What is in force goes on.
    assert (await corporate.travel(browser)).headers["location"] == f"/{corporate.tenant.slug}"
    new_secret = await corporate.act("secret", {"value": "another"})
    assert new_secret.json()["tested"] is False
    failed = await corporate.test_login(browser)
    assert (failed["outcome"], failed["reason"]) == ("failed", "code")
    await corporate.travel(browser)
    await corporate.act("secret", {"value": "the secret"})
    assert (await corporate.test_login(browser))["outcome"] == "passed"
    assert (await corporate.act("enable")).json()["pending"] is False
    async with corporate.rt.db.read(corporate.tenant.id) as s:
        kept = await s.all(
            str, "SELECT name FROM app.secret WHERE tenant_id = %(tenant_id)s AND name LIKE 'sso%%'"
        )
    assert len(kept) == 1


async def test_two_people_edit_at_once(corporate: Corporate) -> None:
    await corporate.create()
    stale = corporate.shown["rowVersion"]
    assert (await corporate.edit(title="One")).status_code == 200
    again = await corporate.owner.put(
        corporate.path,
        json={"rowVersion": stale, "title": "Two", "settings": corporate.settings()},
    )
    assert (again.status_code, again.json()["code"]) == (409, "stale_connection")


@pytest.mark.parametrize(
    ("field", "more"),
    [
        ("issuer", {"issuer": "http://id.brand.example"}),
        ("issuer", {"issuer": "https://id.brand.example/?x=1"}),
        ("issuer", {"issuer": "https://id.brand.example:8443"}),
        ("issuer", {"issuer": "not an address"}),
        (
            "issuer",
            {"preset": "entra", "issuer": "https://login.microsoftonline.com/common/v2.0"},
        ),
        ("clientId", {"clientId": ""}),
        ("algorithms", {"algorithms": ["HS256"]}),
        ("algorithms", {"algorithms": ["none"]}),
        ("scopes", {"scopes": ["email"]}),
        ("groupsClaim", {"groupsClaim": "a b"}),
        ("roles", {"roles": [{"group": "x", "role": "emperor"}]}),
        ("roles", {"roles": [{"group": " ", "role": "marketer"}]}),
        ("defaultRole", {"defaultRole": "owner"}),
        ("defaultRole", {"defaultRole": "administrator"}),
        ("emailDomains", {"emailDomains": ["brand"]}),
    ],
)
async def test_settings_that_cannot_be_used(
    corporate: Corporate, field: str, more: dict[str, Any]
) -> None:
    refused = await corporate.create(**more)
    assert refused.status_code == 422, refused.text
    problem = refused.json()
    assert problem["code"] == "connection_settings"
    assert field in str(problem["errors"])
    listed = (await corporate.owner.get(f"{corporate.owner.brand}/connections")).json()
    assert listed["items"] == []


async def test_the_wizard_says_what_is_wrong_with_a_provider(
    corporate: Corporate, provider: Provider
) -> None:
    async def look(issuer: str) -> dict[str, Any]:
        answer = await corporate.owner.get(
            f"{corporate.owner.brand}/connections/inspection", params={"issuer": issuer}
        )
        found: dict[str, Any] = answer.json()
        return found

    good = await look(provider.issuer)
    assert (good["usable"], good["keys"]) == (True, 1)
    assert [r["severity"] for r in good["remarks"]] == ["warning"]
    for issuer, code in (
        ("http://id.brand.example", "address"),
        ("https://login.microsoftonline.com/common/v2.0", "shared_directory"),
        ("https://169.254.169.254", "private_address"),
        (f"{provider.issuer}/nowhere", "unreachable"),
        (f"{provider.issuer}/", "issuer_mismatch"),
    ):
        bad = await look(issuer)
        assert (bad["usable"], bad["remarks"][0]["code"]) == (False, code), bad
    assert provider.issuer in (await look(f"{provider.issuer}/"))["remarks"][0]["message"]
    provider.metadata = {"jwks_uri": None}
    assert (await look(provider.issuer))["remarks"][0]["code"] == "document"
    provider.metadata = {}
    provider.keys = []
    assert (await look(provider.issuer))["remarks"][0]["code"] == "keys"


async def test_enforcing_cannot_lock_everybody_out(
    corporate: Corporate, browser_at: BrowserAt, console: ConsoleFactory
) -> None:
    await corporate.create()
    browser = browser_at(corporate.tenant)
    assert (await corporate.act("enforce")).json()["code"] == "connection_state"
    await corporate.test_login(browser, "mia", groups=("marketing",))
    await corporate.act("enable")
    refused = (await corporate.act("enforce")).json()
    assert (refused["code"], "administrator" in refused["detail"]) == ("would_lock_out", True)
    await corporate.test_login(browser)
    refused = (await corporate.act("enforce")).json()
    assert (refused["code"], "break-glass" in refused["detail"]) == ("would_lock_out", True)

    # A break-glass account counts when it really can sign in.
    await invite(corporate.rt, corporate.tenant, break_glass=True)
    assert (await corporate.act("enforce")).json()["code"] == "would_lock_out"
    glass_browser = browser_at(corporate.tenant)
    glass = await join(glass_browser, break_glass=True)
    plain_browser = browser_at(corporate.tenant)
    plain = await join(plain_browser)
    assert (await corporate.act("enforce")).json()["state"] == "enforced"

    late = await plain_browser.sign_in(plain)
    assert (late.status_code, late.json()["code"]) == (403, "sso_enforced")
    (entry, *_) = await corporate.told("sign_in.refused")
    assert entry.summary["reason"] == "sso_enforced"
    assert (await glass_browser.sign_in(glass)).status_code == 200
    await corporate.travel(browser)
    assert (await browser.me()).status_code == 200
    # New settings need a leader's test as well while it is enforced.
    await corporate.edit(nameClaim="nickname")
    await corporate.test_login(browser, "mia", groups=("marketing",))
    assert (await corporate.act("enable")).json()["code"] == "would_lock_out"
    assert (await corporate.act("relax")).json()["state"] == "enabled"
    assert (await plain_browser.sign_in(plain)).status_code == 200


async def test_disabling_ends_its_sessions(corporate: Corporate, browser_at: BrowserAt) -> None:
    await corporate.create()
    browser = browser_at(corporate.tenant)
    await corporate.enable(browser)
    await corporate.travel(browser)
    assert (await browser.me()).status_code == 200
    await join(browser_at(corporate.tenant))
    assert (await corporate.owner.delete(corporate.path)).json()["code"] == "connection_state"
    assert (await corporate.act("disable")).json()["state"] == "tested"
    assert (await browser.me()).status_code == 401
    assert reason(await browser.call("GET", corporate.address("start"))) == "closed"
    callback = corporate.address("callback")
    assert (await corporate.owner.delete(corporate.path)).status_code == 200
    assert (await browser.call("GET", callback)).status_code == 404
    listed = (await corporate.owner.get(f"{corporate.owner.brand}/connections")).json()
    assert listed["items"] == []


async def test_disabling_strands_nobody(
    corporate: Corporate, browser_at: BrowserAt, rt: Runtime
) -> None:
    await corporate.create(roles=[{"group": "loyalty-owners", "role": "owner"}])
    browser = browser_at(corporate.tenant)
    await corporate.test_login(browser, groups=("loyalty-owners",))
    await corporate.act("enable")
    await corporate.travel(browser, groups=("loyalty-owners",))
    await browser.me()
    first = corporate.owner.staff_id
    removed = await browser.act("POST", f"/people/{first}/suspend")
    assert removed.status_code == 200, removed.text
    refused = await browser.act("POST", f"/connections/{corporate.id}/disable")
    assert refused.json()["code"] == "would_lock_out"


async def test_an_administrator_cannot_make_owners(
    corporate: Corporate, console: ConsoleFactory
) -> None:
    administrator = await console(corporate.tenant, roles=("administrator",))
    mine = Corporate(corporate.rt, corporate.tenant, administrator, corporate.provider)
    refused = await mine.create()
    assert (refused.status_code, refused.json()["code"]) == (403, "owners_only")
    assert (await mine.create(roles=GROUPS[2:])).status_code == 201
    assert (await mine.edit(roles=GROUPS)).json()["code"] == "owners_only"
    invited = await administrator.post(
        f"{mine.path}/invitations", json={"staffId": str(corporate.owner.staff_id)}
    )
    assert invited.json()["code"] == "owners_only"


async def test_proving_oneself_again(corporate: Corporate, browser_at: BrowserAt) -> None:
    await corporate.create()
    browser = browser_at(corporate.tenant)
    await corporate.enable(browser)
    url = await corporate.begin(browser, f"{corporate.address('start')}?again=1")
    asked = {k: v[0] for k, v in parse_qs(urlsplit(url).query).items()}
    assert (asked["prompt"], asked["max_age"]) == ("login", "300")
    stale = {"auth_time": int(time.time()) - 3600, "groups": ["loyalty-admins"]}
    corporate.provider.claims = stale
    answer = await corporate.come_back(browser, corporate.provider.consent(url))
    assert reason(answer) == "auth_time"
    url = await corporate.begin(browser, f"{corporate.address('start')}?again=1")
    corporate.provider.claims = stale | {"auth_time": int(time.time())}
    answer = await corporate.come_back(browser, corporate.provider.consent(url))
    assert answer.headers["location"] == f"/{corporate.tenant.slug}"


async def test_home_by_the_emails_domain(
    corporate: Corporate, browser_at: BrowserAt, names: NameServer
) -> None:
    domain = f"{corporate.tenant.slug}.example"
    owner, brand = corporate.owner, corporate.owner.brand
    await corporate.create()
    await corporate.enable(browser_at(corporate.tenant))

    async def homes(email: str) -> list[dict[str, Any]]:
        browser = browser_at(corporate.tenant)
        answer = await browser.call("POST", "/api/admin/v1/sign-in/discover", {"email": email})
        assert answer.status_code == 200, answer.text
        items: list[dict[str, Any]] = answer.json()["items"]
        return items

    assert await homes(f"anybody@{domain}") == []
    claimed = (await owner.post(f"{brand}/email-domains", json={"domain": f"@{domain}"})).json()
    assert claimed["recordName"] == f"_guerdon-challenge.{domain}"
    check = f"{brand}/email-domains/{domain}/check"
    assert (await owner.post(check, json={})).json()["problem"] == "no_text"
    names.texts[claimed["recordName"]] = ["guerdon-domain-verification=forged"]
    assert (await owner.post(check, json={})).json()["problem"] == "other_text"
    assert await homes(f"anybody@{domain}") == []
    names.texts[claimed["recordName"]] = ["v=spf1 -all", claimed["recordValue"]]
    proved = (await owner.post(check, json={})).json()
    assert (proved["problem"], proved["verifiedAt"] is not None) == ("", True)
    (home,) = await homes(f"Nobody.Known@{domain.upper()}")
    assert (home["slug"], home["title"]) == (corporate.tenant.slug, "Corporate")
    assert home["startUrl"] == corporate.shown["addresses"]["start"]
    assert await homes(f"x@sub.{domain}") == []

    # A name server that is down proves nothing either way; a proof that is gone lapses in time.
    names.silent = True
    down = (await owner.post(check, json={})).json()
    assert (down["verifiedAt"] is not None, down["lapsesAt"]) == (True, None)
    names.silent = False
    del names.texts[claimed["recordName"]]
    gone = (await owner.post(check, json={})).json()
    assert (gone["verifiedAt"], gone["problem"]) == (proved["verifiedAt"], "no_text")
    assert datetime.fromisoformat(gone["lapsesAt"]) - datetime.fromisoformat(
        gone["checkedAt"]
    ) == timedelta(days=3)
    assert len(await homes(f"anybody@{domain}")) == 1
    assert (await owner.delete(f"{brand}/email-domains/{domain}")).json()["items"] == []
    assert await homes(f"anybody@{domain}") == []
    for name in ("gmail.com", "brand", "a b.example", "-x.example"):
        bad = await owner.post(f"{brand}/email-domains", json={"domain": name})
        assert (bad.status_code, bad.json()["code"]) == (422, "connection_settings"), name
    assert [e.action for e in await corporate.told("email_domain.*")] == [
        "email_domain.removed", "email_domain.checked", "email_domain.checked",
        "email_domain.claimed",
    ]  # fmt: skip
