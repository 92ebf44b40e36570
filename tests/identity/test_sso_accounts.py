"""Accounts that come in by the company sign-in only: invited, sent again, first arrival, reset."""

from typing import Any

import httpx2
import pytest
from tests import calls
from tests.conftest import ConsoleFactory
from tests.identity.corporate import BrowserAt, Corporate, reason
from tests.identity.people import join
from tests.peers import Peer

from guerdon.kit.ids import secret_token, uuid7
from guerdon.plumbing import outbox
from guerdon.plumbing.runner import Runner
from guerdon.runtime import Runtime
from guerdon_workers.actors import all_handlers


@pytest.fixture
async def corporate(corporate: Corporate, browser_at: BrowserAt) -> Corporate:
    """A connection in use that makes no accounts by itself, and the proved domain."""
    await corporate.create(createAccounts=False)
    await corporate.enable(browser_at(corporate.tenant))
    await corporate.prove()
    return corporate


async def invite(corporate: Corporate, *people: dict[str, Any]) -> httpx2.Response:
    return await corporate.owner.post(
        f"{corporate.owner.brand}/people",
        json={"people": list(people), "connectionId": corporate.id},
    )


def somebody() -> str:
    return f"p{secret_token(6).lower()}@brand.example"


async def letters(
    corporate: Corporate, worker_rt: Runtime, mailbox: Peer, email: str
) -> list[dict[str, Any]]:
    """What somebody was sent, after a worker has done what waits."""
    runner = Runner(worker_rt, all_handlers())
    async with corporate.rt.db.read(corporate.tenant.id) as s:
        due = [row.id for row in await outbox.waiting(s, limit=100)]
    for one in due:
        await runner.run(corporate.tenant.id, one)
    items = calls.get(f"{mailbox.url}/api/messages").json()["items"]
    return [one for one in items if one["to"] == [email]]


async def test_invited_to_the_company_sign_in(
    corporate: Corporate, browser_at: BrowserAt, worker_rt: Runtime, mailbox_peer: Peer
) -> None:
    email, stranger = somebody(), browser_at(corporate.tenant)
    refused = await corporate.travel(stranger, subject="eve", email=somebody())
    assert reason(refused) == "not_invited"
    answer = await invite(corporate, {"email": email, "name": "Ana Lima"})
    assert answer.status_code == 201, answer.text
    (shown,) = answer.json()["items"]
    assert (shown["state"], shown["roles"], shown["signsInWith"]) == ("invited", [], [])
    assert (shown["awaitsConnection"], shown["invitedUntil"]) == ("Corporate", None)
    (told,) = await corporate.told("staff.invited")
    assert told.summary["connection"] == corporate.id

    again = f"{corporate.owner.brand}/people/{shown['id']}/invitation"
    assert (await corporate.owner.post(again, json={})).json()["invitedUntil"] is None
    sent = await letters(corporate, worker_rt, mailbox_peer, email)
    assert len(sent) == 2
    for letter in sent:
        assert "“Corporate”" in letter["text"]
        assert f"/{corporate.tenant.slug}/sign-in" in letter["text"]
        assert "/sign-in/link#" not in letter["text"]

    browser = browser_at(corporate.tenant)
    await corporate.travel(browser, subject="ana", email=email, groups=("marketing",))
    me = (await browser.me()).json()
    assert (me["id"], me["name"], me["roles"]) == (shown["id"], "Ana Lima", ["marketer"])
    seen = (await corporate.owner.get(f"{corporate.owner.brand}/people/{shown['id']}")).json()
    assert (seen["state"], seen["signsInWith"], seen["awaitsConnection"]) == (
        "active", ["sso"], None,
    )  # fmt: skip


async def test_what_such_an_invitation_refuses(
    corporate: Corporate, browser_at: BrowserAt, console: ConsoleFactory
) -> None:
    known = somebody()
    assert (await invite(corporate, {"email": known})).status_code == 201
    for person, code, at in (
        ({"email": "ana@else.example"}, "domain_unproved", "/people/1/email"),
        ({"email": known}, "already_among_people", "/people/1/email"),
        ({"email": somebody(), "roles": ["owner"]}, "invalid", "/people/1/roles"),
        ({"email": somebody(), "breakGlass": True}, "invalid", "/people/1/breakGlass"),
        ({"email": "nobody"}, "invalid", "/people/1/email"),
    ):
        fresh = somebody()
        refused = await invite(corporate, {"email": fresh}, person)
        problem = refused.json()
        assert (refused.status_code >= 400, problem["code"]) == (True, code), problem
        assert at in str(problem["errors"]), problem
        # All of them, or none.
        people = (await corporate.owner.get(f"{corporate.owner.brand}/people")).json()["items"]
        assert fresh not in [one["email"] for one in people]
    # By a link somebody needs a role.
    linked = await corporate.owner.post(
        f"{corporate.owner.brand}/people", json={"people": [{"email": somebody()}]}
    )
    assert (linked.status_code, "/people/0/roles" in linked.text) == (422, True)
    marketer = await console(corporate.tenant, roles=("marketer",))
    mine = Corporate(corporate.rt, corporate.tenant, marketer, corporate.provider)
    mine.shown = corporate.shown
    assert (await invite(mine, {"email": somebody()})).status_code == 403
    corporate.shown["id"] = str(uuid7())
    assert (await invite(corporate, {"email": somebody()})).json()["code"] == "connection_not_found"


async def test_a_connection_that_is_not_open_invites_nobody(
    corporate: Corporate, browser_at: BrowserAt
) -> None:
    await join(browser_at(corporate.tenant))
    assert (await corporate.act("disable")).status_code == 200
    refused = await invite(corporate, {"email": somebody()})
    assert (refused.status_code, refused.json()["code"]) == (409, "connection_state")


async def test_a_reset_leaves_the_company_sign_in(
    corporate: Corporate, browser_at: BrowserAt
) -> None:
    email, browser = somebody(), browser_at(corporate.tenant)
    shown = (await invite(corporate, {"email": email})).json()["items"][0]
    await corporate.travel(browser, subject="rui", email=email, groups=("marketing",))
    reset = await corporate.owner.post(
        f"{corporate.owner.brand}/people/{shown['id']}/reset", json={}
    )
    assert reset.json()["state"] == "invited"
    assert (await browser.me()).status_code == 401
    await corporate.travel(browser, subject="rui", email=email, groups=("marketing",))
    assert (await browser.me()).json()["id"] == shown["id"]
