"""A brand's own domains: proved, served, chosen, lapsed, given up; by the console's front door."""

import asyncio
from datetime import timedelta

import pytest
from tests import calls
from tests.conftest import ConsoleFactory
from tests.domains.conftest import MakeProver, Prover, fresh_domain
from tests.peers import Peer

from guerdon.audit import queries as audit
from guerdon.domains.jobs import LookAtSiteDomains
from guerdon.programme.exports import head_of
from guerdon.tenancy.lifecycle import State, Who
from guerdon.tenancy.operations import save_tenant
from guerdon.tenancy.transitions import change_state
from guerdon_workers.actors import all_schedules

GONE = timedelta(days=3)


def test_it_runs_every_day() -> None:
    (found,) = [one for one in all_schedules() if one.message is LookAtSiteDomains]
    assert found.seconds == 86_400


async def test_a_domain_is_served_only_when_it_is_proved(prover: Prover, http) -> None:
    domain = fresh_domain()
    visitor = await http(domain)
    assert (await visitor.get("/")).status_code == 421
    record = await prover.claim(domain.upper())
    assert record["recordName"] == f"_guerdon-challenge.{domain}"
    assert record["recordValue"].startswith("guerdon-domain-verification=")
    # Asked again, it is the same text: nobody has to publish a second one.
    assert (await prover.claim(domain))["recordValue"] == record["recordValue"]
    unproved = (await prover.check(domain)).json()
    assert (unproved["problem"], unproved["verifiedAt"]) == ("no_text", None)
    assert (await visitor.get("/")).status_code == 421
    assert (await prover.choose(domain)).json()["code"] == "host_unproved"

    prover.publish(record, "v=spf1 -all")
    assert (await prover.check(domain)).json()["verifiedAt"] is not None
    async with asyncio.timeout(1):
        while (await visitor.get("/api/v1/members")).status_code != 401:
            await asyncio.sleep(0.02)  # the counter of changes is polled
    listed = (await prover.owner.get(prover.at)).json()
    home = f"{prover.tenant.slug}.localhost"
    assert (listed["home"], listed["canonical"]) == (home, home)
    assert listed["hosts"] == sorted([home, domain])


async def test_pages_lead_to_the_canonical_host_and_calls_stay(prover: Prover, http) -> None:
    domain = await prover.prove(fresh_domain())
    home = prover.tenant.canonical_host
    at_home, at_domain = await http(home), await http(domain)
    led = await at_domain.get("/catalogue?q=a%26b&page=2")
    assert (led.status_code, led.headers["location"]) == (
        308, f"http://{home}/catalogue?q=a%26b&page=2",
    )  # fmt: skip
    assert led.headers["cache-control"] == "no-store"

    chosen = (await prover.choose(domain)).json()
    assert (chosen["canonical"], chosen["url"]) == (domain, f"http://{domain}")
    assert (await at_domain.get("/sign-in")).status_code == 200
    for path in ("/", "/sign-in", "//evil.example/x", "/a%0d%0ab"):
        led = await at_home.get(path, follow_redirects=False)
        assert led.status_code == 308
        assert led.headers["location"].startswith(f"http://{domain}/"), path
    posted = await at_home.post("/sign-in", data={"email": "a@b.example"})
    assert (posted.status_code, posted.headers["location"]) == (308, f"http://{domain}/sign-in")
    # A system goes on at the address it was given.
    assert (await at_home.get("/api/v1/members")).status_code == 401
    found = (await at_home.get("/.well-known/oauth-authorization-server")).json()
    assert found["issuer"] == f"http://{domain}"
    assert (await at_domain.get("/.well-known/oauth-authorization-server")).json() == found


async def test_a_domain_given_up_is_left_within_a_second(prover: Prover, http) -> None:
    domain = await prover.prove(fresh_domain())
    await prover.choose(domain)
    visitor = await http(domain)
    assert (await visitor.get("/sign-in")).status_code == 200
    left = (await prover.owner.delete(f"{prover.at}/{domain}")).json()
    assert (left["canonical"], left["items"]) == (prover.tenant.canonical_host, [])
    async with asyncio.timeout(1):
        while (await visitor.get("/sign-in")).status_code != 421:
            await asyncio.sleep(0.02)  # the counter of changes is polled
    assert (await (await http(prover.tenant)).get("/sign-in")).status_code == 200
    assert (await prover.owner.delete(f"{prover.at}/{domain}")).status_code == 404
    # Claimed anew it has another text: the one that still stands proves nothing.
    await prover.claim(domain)
    assert (await prover.check(domain)).json()["problem"] == "other_text"


async def test_what_another_brand_proved_is_refused_without_a_word_of_whose(
    prover: Prover, make_prover: MakeProver
) -> None:
    domain, other = fresh_domain(), await make_prover()
    # A claim keeps nobody out.
    record = await prover.claim(domain)
    await other.prove(domain)
    prover.publish(record)
    late = await prover.check(domain)
    assert (late.status_code, late.json()["code"]) == (409, "host_taken")
    assert (await prover.owner.get(prover.at)).json()["hosts"] == [prover.tenant.canonical_host]
    third = await make_prover()
    claimed = await third.owner.post(third.at, json={"domain": domain})
    assert (claimed.status_code, claimed.json()["code"]) == (409, "host_taken")
    for told in (late.text, claimed.text):
        assert other.tenant.slug not in told
        assert str(other.tenant.id) not in told
    # Nor by choosing it.
    assert (await third.choose(domain)).json()["code"] == "host_unproved"


async def test_two_brands_prove_at_once_and_one_has_it(make_prover: MakeProver) -> None:
    domain = fresh_domain()
    both = [await make_prover(), await make_prover()]
    records = [await one.claim(domain) for one in both]
    both[0].publish(records[0], records[1]["recordValue"])
    answers = await asyncio.gather(*(one.check(domain) for one in both))
    assert sorted(a.status_code for a in answers) == [200, 409]


async def test_a_brand_that_closed_keeps_nobody_out(
    prover: Prover, make_prover: MakeProver
) -> None:
    domain = await prover.prove(fresh_domain())
    now = prover.rt.clock.now()
    async with prover.rt.db.write(prover.tenant.id) as s:
        await change_state(
            s, to=State.CLOSING, by=Who.OWNER, actor="cli", reason="leaves", now=now
        )  # fmt: skip
    async with prover.rt.db.write(prover.tenant.id) as s:
        await change_state(
            s, to=State.CLOSED, by=Who.SYSTEM, actor="system", reason="over",
            now=now + timedelta(days=400), open_orders=0,
        )  # fmt: skip
    other = await make_prover()
    await other.prove(domain)
    assert (await other.rt.directory.by_host(domain)).id == other.tenant.id


async def test_a_proof_that_stays_away_lapses_on_the_third_day(
    prover: Prover, http, mailbox_peer: Peer
) -> None:
    domain = await prover.prove(fresh_domain())
    await prover.choose(domain)
    visitor = await http(domain)
    prover.take_away(domain)
    first = await prover.day(domain)
    assert (first.problem, first.lapses_at) == ("no_text", prover.clock.now() + GONE)
    await prover.day(domain)
    assert (await prover.day(domain)).verified_at is not None
    assert (await visitor.get("/sign-in")).status_code == 200
    last = await prover.day(domain)
    assert (last.verified_at, last.missing_since) == (None, None)
    assert (await visitor.get("/sign-in")).status_code == 421
    assert (await (await http(prover.tenant)).get("/sign-in")).status_code == 200
    letters = calls.get(f"{mailbox_peer.url}/api/messages").json()["items"]
    assert sorted(m["subject"].partition(" · ")[0] for m in letters if domain in m["subject"]) == [
        f"The proof of {domain} is gone", f"{domain} is not proved any more",
    ]  # fmt: skip
    async with prover.rt.db.read(prover.tenant.id) as s:
        told = await audit.search(s, actor="system", action="site_domain.*")
    assert [one.action for one in told] == ["site_domain.lapsed", "site_domain.missing"]


async def test_a_name_server_that_fails_takes_nothing_away(prover: Prover) -> None:
    domain = await prover.prove(fresh_domain())
    prover.names.silent = True
    for _ in range(4):
        found = await prover.day(domain)
        assert (found.problem, found.missing_since) == ("no_answer", None)
    prover.names.silent = False


async def test_a_folder_applied_again_leaves_what_was_proved(prover: Prover) -> None:
    domain = await prover.prove(fresh_domain())
    await prover.choose(domain)
    rt, tenant = prover.rt, prover.tenant
    async with rt.db.write(tenant.id) as s:
        saved = await save_tenant(
            s, tenant_id=tenant.id, slug=tenant.slug, name="Renamed", begins_as=State.LIVE,
            canonical_host=tenant.canonical_host, hosts=[tenant.canonical_host],
        )  # fmt: skip
    assert (saved.canonical_host, saved.name) == (domain, "Renamed")
    assert set(saved.hosts) == {domain, tenant.canonical_host}
    # And a folder written from it says nothing of it: elsewhere it has to be proved anew.
    await prover.follow()
    assert (await head_of(rt, tenant.slug)).hosts == (tenant.canonical_host,)


@pytest.mark.parametrize("role", ["marketer", "support_agent", "developer"])
async def test_only_who_may_changes_domains(
    prover: Prover, console: ConsoleFactory, role: str
) -> None:
    somebody = await console(prover.tenant, roles=(role,))
    refused = await somebody.post(prover.at, json={"domain": fresh_domain()})
    assert (refused.status_code, refused.json()["code"]) == (403, "permission_missing")
    assert (await prover.owner.get(prover.at)).json()["items"] == []


async def test_what_cannot_be_a_name_is_told_with_its_field(prover: Prover) -> None:
    for bad, reason in (
        ("co.uk", "public_suffix"), ("127.0.0.1", "address"), ("x.localhost", "malformed"),
    ):  # fmt: skip
        answer = await prover.owner.post(prover.at, json={"domain": bad})
        told = answer.json()
        assert (answer.status_code, told["code"], told["params"]["reason"]) == (
            422,
            "domain_name",
            reason,
        )
    listed = await prover.owner.get(prover.at)
    assert listed.json()["items"] == []
