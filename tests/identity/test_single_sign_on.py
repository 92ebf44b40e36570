"""Single sign-on of a brand's people over HTTP: set up, tried, in force, and left."""

import secrets
import time
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import parse_qs, urlsplit
from uuid import UUID

import pytest
from tests.conftest import ConsoleFactory
from tests.identity.corporate import GROUPS, Corporate, reason
from tests.identity.names import NameServer
from tests.identity.people import Browser, invite, join
from tests.identity.provider import Provider, sign

from guerdon.identity import staff
from guerdon.identity.sso.leaving import LOGOUT_EVENT
from guerdon.runtime import Runtime
from guerdon.tenancy.schemas import Tenant

BrowserAt = Callable[[Tenant], Browser]


@pytest.fixture
async def corporate(
    rt: Runtime, tenant: Tenant, console: ConsoleFactory, provider: Provider
) -> Corporate:
    provider.reset()
    return Corporate(rt, tenant, await console(tenant), provider)


async def account(corporate: Corporate, email: str) -> staff.Staff | None:
    async with corporate.rt.db.read(corporate.tenant.id) as s:
        return await staff.by_email(s, email)


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


async def test_roles_follow_the_groups(corporate: Corporate, browser_at: BrowserAt) -> None:
    await corporate.create()
    await corporate.enable(browser_at(corporate.tenant))
    browser = browser_at(corporate.tenant)
    await corporate.travel(browser, subject="mia", groups=("marketing", "else"))
    assert (await browser.me()).json()["roles"] == ["marketer"]
    await corporate.travel(browser, subject="mia", groups=("marketing", "loyalty-admins"))
    assert (await browser.me()).json()["roles"] == ["administrator", "marketer"]
    (change,) = await corporate.told("staff.roles")
    assert change.summary["before"] == ["marketer"]
    assert change.summary["after"] == ["administrator", "marketer"]
    # A single group may come as plain text, as AD FS sends it.
    url = await corporate.begin(browser)
    corporate.provider.claims = {"groups": "marketing"}
    await corporate.come_back(browser, corporate.provider.consent(url, "mia"))
    assert (await browser.me()).json()["roles"] == ["marketer"]


async def test_who_left_the_groups_is_out_at_once(
    corporate: Corporate, browser_at: BrowserAt
) -> None:
    await corporate.create()
    await corporate.enable(browser_at(corporate.tenant))
    first, second = browser_at(corporate.tenant), browser_at(corporate.tenant)
    await corporate.travel(first, subject="mia", groups=("marketing",))
    assert (await first.me()).status_code == 200
    assert reason(await corporate.travel(second, subject="mia", groups=())) == "no_role"
    assert (await first.me()).status_code == 401
    gone = await account(corporate, "mia@brand.example")
    assert gone is not None
    assert gone.roles == ()
    (refused,) = await corporate.told("sign_in.refused")
    assert refused.summary["reason"] == "no_role"
    # Back in a group, back in.
    await corporate.travel(second, subject="mia", groups=("marketing",))
    assert (await second.me()).json()["roles"] == ["marketer"]


async def test_nobody_comes_in_without_a_role(corporate: Corporate, browser_at: BrowserAt) -> None:
    await corporate.create()
    browser = browser_at(corporate.tenant)
    failed = await corporate.test_login(browser, groups=("nothing",))
    assert (failed["outcome"], failed["reason"]) == ("failed", "no_role")
    assert failed["groups"] == ["nothing"]
    await corporate.enable(browser)
    assert reason(await corporate.travel(browser, subject="eve", groups=("no",))) == "no_role"
    assert await account(corporate, "eve@brand.example") is None
    await corporate.edit(defaultRole="analyst")
    await corporate.test_login(browser)
    await corporate.act("enable")
    await corporate.travel(browser, subject="eve", groups=("no",))
    assert (await browser.me()).json()["roles"] == ["analyst"]


async def test_too_many_groups_for_a_token(corporate: Corporate, browser_at: BrowserAt) -> None:
    await corporate.create(groupsClaim="groups")
    browser = browser_at(corporate.tenant)
    await corporate.enable(browser)
    for claims in (
        {"_claim_names": {"groups": "src1"}, "_claim_sources": {"src1": {"endpoint": "x"}}},
        {"hasgroups": True},
    ):
        assert reason(await corporate.travel(browser, **claims)) == "groups_overage"
    many = tuple(f"g{n}" for n in range(501))
    assert reason(await corporate.travel(browser, groups=many)) == "too_many_groups"
    started = await corporate.owner.post(f"{corporate.path}/tests", json={})
    path = started.json()["url"].removeprefix(corporate.rt.settings.console_url)
    await corporate.travel(browser, path, _claim_names={"groups": "src1"})
    test = (await corporate.owner.get(f"{corporate.path}/tests/{started.json()['id']}")).json()
    assert (test["outcome"], test["reason"]) == ("failed", "groups_overage")
    assert "Groups assigned to the application" in test["detail"]


async def test_an_email_takes_no_account_over(corporate: Corporate, browser_at: BrowserAt) -> None:
    await corporate.create()
    await corporate.enable(browser_at(corporate.tenant))
    colleague = await join(browser_at(corporate.tenant), roles=("owner",))
    browser = browser_at(corporate.tenant)
    thief = {"subject": "thief", "email": colleague.email}
    assert reason(await corporate.travel(browser, **thief)) == "email_taken"
    # Proving the domain changes nothing by itself, nor does an invitation without the proof.
    invited = await corporate.owner.post(
        f"{corporate.path}/invitations", json={"staffId": str(colleague.id)}
    )
    assert (invited.status_code, invited.json()["email"]) == (201, colleague.email)
    assert reason(await corporate.travel(browser, **thief)) == "email_taken"
    await corporate.prove("staff.example")
    # The provider's word for another e-mail opens another account, not the invited one.
    await corporate.travel(browser, subject="other", email="other@staff.example")
    assert (await browser.me()).json()["id"] != str(colleague.id)
    await corporate.travel(browser, subject="colleague", email=colleague.email)
    assert (await browser.me()).json()["id"] == str(colleague.id)
    (linked,) = await corporate.told("staff.linked")
    assert linked.summary["email"] == colleague.email
    # The invitation was good once.
    assert reason(await corporate.travel(browser, **thief)) == "email_taken"


async def test_an_email_counts_only_where_somebody_vouches(
    corporate: Corporate, browser_at: BrowserAt
) -> None:
    await corporate.create()
    await corporate.enable(browser_at(corporate.tenant))
    browser = browser_at(corporate.tenant)
    plain: dict[str, Any] = {"subject": "ada", "email_verified": False}
    assert reason(await corporate.travel(browser, **plain)) == "no_email"
    for word in ("true", 1, None):
        again = {"subject": "ada", "email_verified": word}
        assert reason(await corporate.travel(browser, **again)) == "no_email"
    await corporate.prove()
    await corporate.travel(browser, **plain)
    assert (await browser.me()).json()["email"] == "ada@brand.example"


async def test_only_allowed_domains_come_in(corporate: Corporate, browser_at: BrowserAt) -> None:
    await corporate.create(emailDomains=["brand.example"])
    browser = browser_at(corporate.tenant)
    await corporate.enable(browser)
    assert reason(await corporate.travel(browser, subject="x", email="x@else.example")) == (
        "email_domain"
    )
    await corporate.travel(browser, subject="y")
    assert (await browser.me()).status_code == 200


async def test_without_new_accounts(corporate: Corporate, browser_at: BrowserAt) -> None:
    await corporate.create(createAccounts=False)
    browser = browser_at(corporate.tenant)
    await corporate.enable(browser)
    assert reason(await corporate.travel(browser)) == "not_invited"


async def test_a_suspended_account_stays_out(corporate: Corporate, browser_at: BrowserAt) -> None:
    await corporate.create()
    browser = browser_at(corporate.tenant)
    await corporate.enable(browser)
    await corporate.travel(browser, subject="mia", groups=("marketing",))
    staff_id = (await browser.me()).json()["id"]
    suspended = await corporate.owner.post(f"{corporate.owner.brand}/people/{staff_id}/suspend")
    assert suspended.status_code == 200, suspended.text
    assert (await browser.me()).status_code == 401
    assert reason(await corporate.travel(browser, subject="mia")) == "suspended"


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


async def test_an_entra_account_is_its_object_id(
    corporate: Corporate, browser_at: BrowserAt
) -> None:
    directory = corporate.provider.issuer.rpartition("/")[2]
    await corporate.create(preset="entra")
    browser = browser_at(corporate.tenant)
    ids: dict[str, Any] = {"tid": directory, "oid": "7d9c"}
    started = await corporate.owner.post(f"{corporate.path}/tests", json={})
    path = started.json()["url"].removeprefix(corporate.rt.settings.console_url)
    await corporate.travel(browser, path, **ids)
    assert (await corporate.act("enable")).status_code == 200
    assert reason(await corporate.travel(browser, oid="7d9c")) == "directory"
    assert reason(await corporate.travel(browser, tid="another", oid="7d9c")) == "directory"
    assert reason(await corporate.travel(browser, tid=directory)) == "oid"
    await corporate.travel(browser, **ids)
    first = (await browser.me()).json()["id"]
    await corporate.travel(browser, subject="renamed", email="boss@brand.example", **ids)
    assert (await browser.me()).json()["id"] == first


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


class Logouts:
    """Logout tokens of the provider."""

    def __init__(self, corporate: Corporate, browser: Browser) -> None:
        self.corporate, self.browser = corporate, browser

    def token(self, **more: Any) -> str:
        now = int(time.time())
        claims = {
            "iss": self.corporate.provider.issuer, "aud": "guerdon", "iat": now, "exp": now + 120,
            "jti": secrets.token_urlsafe(8), "events": {LOGOUT_EVENT: {}}, "sub": "boss", **more,
        }  # fmt: skip
        header = {"alg": "RS256", "kid": "k1", "typ": "logout+jwt"}
        kept = {k: v for k, v in claims.items() if v is not None}
        return sign(header, kept, self.corporate.provider.key)

    async def send(self, token: str) -> int:
        answer = await self.browser.client.post(
            self.corporate.address("backChannelLogout"), data={"logout_token": token}
        )
        assert answer.headers["cache-control"] == "no-store"
        return answer.status_code


async def test_the_provider_ends_sessions(corporate: Corporate, browser_at: BrowserAt) -> None:
    await corporate.create()
    one, two, other = (browser_at(corporate.tenant) for _ in range(3))
    await corporate.enable(one)
    await corporate.travel(one, sid="s-1")
    await corporate.travel(two, sid="s-2")
    await corporate.travel(other, subject="else", sid="s-3")
    logouts = Logouts(corporate, one)
    bad: dict[str, dict[str, Any]] = {
        "nonce": {"nonce": "x"}, "events": {"events": {}}, "no events": {"events": None},
        "nobody": {"sub": None}, "issuer": {"iss": "https://evil.example"},
        "audience": {"aud": "other"}, "expired": {"exp": 1_700_000_000},
        "old": {"iat": int(time.time()) - 3600}, "no jti": {"jti": None},
        "sub of another type": {"sub": 5},
    }  # fmt: skip
    for name, claims in bad.items():
        assert await logouts.send(logouts.token(**claims)) == 400, name
    assert await logouts.send("x.y.z") == 400
    assert await logouts.send("") == 400
    assert len(await corporate.told("sign_out.refused")) == len(bad) + 2
    assert [(await b.me()).status_code for b in (one, two, other)] == [200, 200, 200]

    token = logouts.token(sid="s-1")
    assert await logouts.send(token) == 200
    assert [(await b.me()).status_code for b in (one, two, other)] == [401, 200, 200]
    assert await logouts.send(token) == 400
    assert await logouts.send(logouts.token(sub=None, sid="s-2")) == 200
    assert (await two.me()).status_code == 401
    await corporate.travel(one, sid="s-4")
    await corporate.travel(two, sid="s-5")
    assert await logouts.send(logouts.token()) == 200
    assert [(await b.me()).status_code for b in (one, two, other)] == [401, 401, 200]
    (told, *_) = await corporate.told("sign_out.by_provider")
    assert told.summary["sessions"] == 2
    # Whoever is nobody here is no news.
    assert await logouts.send(logouts.token(sub="nobody")) == 200


async def test_a_password_session_is_not_the_providers(
    corporate: Corporate, browser_at: BrowserAt
) -> None:
    await corporate.create()
    browser, own = browser_at(corporate.tenant), browser_at(corporate.tenant)
    await corporate.enable(browser)
    person = await join(own)
    await corporate.prove("staff.example")
    await corporate.owner.post(f"{corporate.path}/invitations", json={"staffId": str(person.id)})
    await corporate.travel(browser, email=person.email, groups=("loyalty-owners",))
    assert UUID((await browser.me()).json()["id"]) == person.id
    assert await Logouts(corporate, browser).send(Logouts(corporate, browser).token()) == 200
    assert (await browser.me()).status_code == 401
    assert (await own.me()).status_code == 200


async def test_signing_out_here_and_there(corporate: Corporate, browser_at: BrowserAt) -> None:
    end = f"{corporate.provider.issuer}/end"
    corporate.provider.metadata = {"end_session_endpoint": end}
    await corporate.create()
    # What was kept of the provider before this test knew no such address.
    inspected = f"{corporate.owner.brand}/connections/inspection"
    await corporate.owner.get(inspected, params={"issuer": corporate.provider.issuer})
    browser = browser_at(corporate.tenant)
    await corporate.enable(browser)
    await corporate.travel(browser)
    await browser.me()
    answer = await browser.act("POST", "/sign-out")
    assert (await browser.me()).status_code == 401
    path = answer.json()["providerUrl"].removeprefix(corporate.rt.settings.console_url)
    there = (await browser.call("GET", path)).headers["location"]
    asked = {k: v[0] for k, v in parse_qs(urlsplit(there).query).items()}
    assert there.startswith(f"{end}?")
    assert asked["id_token_hint"].count(".") == 2
    assert asked["post_logout_redirect_uri"] == corporate.shown["addresses"]["signOut"]
    # The way out works once.
    again = (await browser.call("GET", path)).headers["location"]
    assert again == f"/{corporate.tenant.slug}/sign-in?left=1"
    left = await browser.call("GET", corporate.address("signOut"))
    assert left.headers["location"] == f"/{corporate.tenant.slug}/sign-in?left=1"
