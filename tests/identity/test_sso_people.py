"""Who comes in through a connection, and with which roles."""

from typing import Any

from tests.identity.corporate import BrowserAt, Corporate, account, reason
from tests.identity.people import join


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
