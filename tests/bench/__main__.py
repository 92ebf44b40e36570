"""`make bench`: the hot paths against limits measured in the same run.

Redemption and earn go over HTTP through the demo's server and public routes, with key, idempotency
and tenant context; their limit is pgbench running the statement that the application sends, as
the application's role. A page's limit is an empty Litestar route on the same server program. Each
figure is the median of interleaved pairs. Afterwards rows equal requests and the ledger verifies.
"""

import argparse
import asyncio
import json
import sys
from pathlib import Path
from uuid import uuid4

from tests.bench import (
    back_test,
    console,
    home,
    importing,
    learning,
    neighbours,
    pgbench,
    publishing,
    slate_http,
    slates,
    tenants,
)
from tests.bench.deployment import Deployment, deployment
from tests.bench.load import fire, request
from tests.bench.programme import (
    ADDRESS,
    Programme,
    add_quotes,
    one_earn,
    place,
    programme,
    proved,
    recorded,
    script,
    uuids,
)
from tests.bench.rows import Row, against, at_most, show
from tests.bench.tenancy import per_request

CLIENTS = 8
_SHIP_TO = {
    "name": ADDRESS.name,
    "line1": ADDRESS.line1,
    "city": ADDRESS.city,
    "region": ADDRESS.region,
    "postalCode": ADDRESS.postal_code,
    "country": ADDRESS.country,
}


def _count(p: Programme, table: str) -> int:
    async def ask() -> int:
        async with p.rt.db.read(p.tenant.id) as s:
            sql = f"SELECT count(*) FROM app.{table} WHERE tenant_id = %(tenant_id)s"
            return int(await s.value(sql))

    return _LOOP.run_until_complete(ask())


def redemptions(d: Deployment, p: Programme, pairs: int, size: int) -> Row:
    """POST /api/v1/redemptions with a quote."""
    runs = pairs + 1
    mine = _LOOP.run_until_complete(add_quotes(p, runs * size))
    theirs = _LOOP.run_until_complete(add_quotes(p, runs * size + 1))

    async def probe() -> tuple[str, dict[str, object]]:
        async with recorded() as calls:
            await place(p, p.quote_member(theirs[-1]), p.quote_id(theirs[-1]))
        sql, params = calls[0]
        return sql, dict(params)

    call = _LOOP.run_until_complete(probe())
    before = _count(p, "redemption")
    share = size // CLIENTS

    def ours(n: int) -> float:
        chosen = mine[(n + 1) * size : (n + 2) * size]
        sent = [
            request(
                "POST",
                "/api/v1/redemptions",
                {**p.headers(), "idempotency-key": str(uuid4())},
                json.dumps(
                    {
                        "memberId": str(p.quote_member(q)),
                        "quoteId": str(p.quote_id(q)),
                        "shipTo": _SHIP_TO,
                    }
                ).encode(),
            )
            for q in chosen
        ]
        outcome = fire(d.web_port, sent, clients=CLIENTS, keep=1)
        assert set(outcome.statuses) == {201}, (outcome.statuses, outcome.bodies)
        return outcome.per_second

    def limit(n: int) -> float:
        first = theirs[(n + 1) * size]
        which = f"({first} + :client_id * {share} + :i - 1)"
        text = script(
            d.dsn("app"),
            call,
            {
                "ctx": f"'{p.rt.db.sign(p.tenant.id)}'",
                "id": "uuidv7()",
                "number": "upper(substr(md5(uuidv7()::text), 1, 10))",
                "member": f"({uuids(p.member_ids)})[1 + {which} % {len(p.member_ids)}]",
                "quote": f"('019a0000-0000-7000-8000-' || lpad(to_hex({which}), 12, '0'))::uuid",
                "key": "uuidv7()::text",
                "step": "uuidv7()",
                "message": "uuidv7()",
                "timer": "uuidv7()",
            },
            "\\set i :i + 1",
        )
        return pgbench.run(
            d.dsn("app"), text, clients=CLIENTS, transactions=size, variables={"i": 0}
        )

    row = against("redemption over HTTP ÷ pgbench", "per s", 0.40, ours, limit, pairs=pairs)
    made = _count(p, "redemption") - before
    assert made == 2 * runs * size, f"{made} redemptions, {2 * runs * size} requests"
    return row


def earns(d: Deployment, p: Programme, pairs: int, size: int) -> Row:
    """POST /api/v1/points/earn with a purchase."""

    async def probe() -> tuple[str, dict[str, object]]:
        async with recorded() as calls:
            await one_earn(p)
        sql, params = calls[0]
        return sql, dict(params)

    call = _LOOP.run_until_complete(probe())
    occurred_at = p.rt.clock.now().isoformat().replace("+00:00", "Z")
    before = _count(p, "ledger_txn")

    def ours(n: int) -> float:
        sent = [
            request(
                "POST",
                "/api/v1/points/earn",
                {**p.headers(), "idempotency-key": str(uuid4())},
                json.dumps(
                    {
                        "memberId": str(p.member_ids[i % len(p.member_ids)]),
                        "source": "bench",
                        "eventId": f"{n}-{i}",
                        "occurredAt": occurred_at,
                        "amount": {"minor": 4990, "currency": p.currency},
                    }
                ).encode(),
            )
            for i in range(size)
        ]
        outcome = fire(d.web_port, sent, clients=CLIENTS, keep=1)
        assert set(outcome.statuses) <= {200, 201}, (outcome.statuses, outcome.bodies)
        return outcome.per_second

    def limit(n: int) -> float:
        text = script(
            d.dsn("app"),
            call,
            {
                "ctx": f"'{p.rt.db.sign(p.tenant.id)}'",
                "txn": "uuidv7()",
                "whose_id": f"({uuids(p.member_ids)})[:m]",
                "event_id": "uuidv7()::text",
                "key": "uuidv7()::text",
            },
            f"\\set m random(1, {len(p.member_ids)})",
        )
        return pgbench.run(d.dsn("app"), text, clients=CLIENTS, transactions=size, variables={})

    row = against("earn over HTTP ÷ pgbench", "per s", 0.40, ours, limit, pairs=pairs)
    made = _count(p, "ledger_txn") - before
    assert made == 2 * (pairs + 1) * size, f"{made} transactions, {2 * (pairs + 1) * size} sent"
    return row


def home_page(d: Deployment, p: Programme, pairs: int, size: int) -> Row:
    """GET / of signed-in members with an order under way, against an empty route."""
    members = _LOOP.run_until_complete(home.visitors(p))
    browsers = [home.Browser(d, p, email) for email in members]
    for browser, member_id in zip(browsers, members.values(), strict=True):
        home.check_content(d, p, browser, member_id)
    return against(
        "home page, signed in ÷ empty route",
        "per s",
        0.12,
        lambda _: home.visits(d, browsers, size, CLIENTS).per_second,
        lambda _: home.nothings(d, size * 4, CLIENTS),
        pairs=pairs,
    )


def slates_over_http(d: Deployment, p: Programme, pairs: int, size: int) -> list[Row]:
    """POST /api/v1/recommendations/slate, and how soon a new model answers it everywhere."""
    opened = slate_http.steered(p)
    _LOOP.run_until_complete(opened.__aenter__())
    try:
        version = _LOOP.run_until_complete(slate_http.learn(p))
        _LOOP.run_until_complete(slate_http.ready(d, p, version))
        over_http = against(
            "slate of 20 over HTTP ÷ empty route",
            "per s",
            0.15,
            lambda _: slate_http.asked(d, p, size, CLIENTS),
            lambda _: home.nothings(d, size * 4, CLIENTS),
            pairs=pairs,
        )
        taken = _LOOP.run_until_complete(slate_http.swaps(d, p))
    finally:
        _LOOP.run_until_complete(opened.__aexit__(None, None, None))
    name = "new model of slates → 4 web processes, p99"
    return [over_http, at_most(name, "ms", 1000, [slate_http.p99(taken)])]


def members_from_files(d: Deployment, p: Programme, pairs: int, size: int, full: bool) -> list[Row]:
    """A file of members; and that a longer one takes no more memory."""

    def ours(n: int) -> float:
        file = importing.members_file(f"ours{n}", size)
        return _LOOP.run_until_complete(importing.imported(p, file, size))

    rows = [
        against(
            "import of members ÷ staged COPY and merge",
            "per s",
            0.50,
            ours,
            lambda n: importing.merged(d, p.tenant.id, f"limit{n}", size),
            pairs=pairs,
        )
    ]
    few, many = (100_000, 1_000_000) if full else (size, size * 5)
    small, _ = importing.peak_mb(p, d.log.parent, "few", few)
    large, seconds = importing.peak_mb(p, d.log.parent, "many", many)
    name = f"import: memory of {many:,} ÷ of {few:,} members"
    print(f"· {small:.0f} MB, {large:.0f} MB; {many:,} members in {seconds:.0f} s", flush=True)
    return [*rows, at_most(name, "×", 1.1, [large / small])]


def main() -> int:
    """The exit status: 0 when every goal is met."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--pairs", type=int, default=5)
    parser.add_argument("--size", type=int, default=2_000, help="requests of each run")
    parser.add_argument("--only", default="", help="rows whose name contains this")
    parser.add_argument("--full", action="store_true", help="learning and imports at full size")
    options = parser.parse_args()
    rows: list[Row] = []

    def wanted(name: str) -> bool:
        return options.only in name

    if wanted("learning"):
        rows.extend(learning.rows(full=options.full))
    if options.only == "learning":
        return _told(rows)
    with deployment() as d:
        opened = programme(d.settings)
        p = _LOOP.run_until_complete(opened.__aenter__())
        try:
            print("· programme ready", flush=True)
            if wanted("redemption"):
                rows.append(redemptions(d, p, options.pairs, options.size))
            if wanted("earn"):
                rows.append(earns(d, p, options.pairs, options.size))
            if wanted("home"):
                rows.append(home_page(d, p, options.pairs, options.size))
            if wanted("import"):
                rows.extend(members_from_files(d, p, options.pairs, options.size * 5, options.full))
            if wanted("tenant"):
                statements, micros = _LOOP.run_until_complete(per_request(p))
                rows.append(at_most("statements for tenant and parameters", "", 0, statements))
                rows.append(at_most("tenant and parameters per request", "µs", 20, micros))
            if wanted("publish"):
                taken = _LOOP.run_until_complete(publishing.latencies(d, p))
                name = "publish → 4 web processes and a worker, p99"
                rows.append(at_most(name, "ms", 1000, [publishing.p99(taken)]))
                name = "publish → 4 web processes and a worker, median"
                rows.append(at_most(name, "ms", 1000, taken))
                micros = _LOOP.run_until_complete(publishing.reading(p))
                rows.append(at_most("publish: reading a parameter", "µs", 1, micros))
                offers = _LOOP.run_until_complete(publishing.many_offers(d, p, options.pairs))
                rows.append(at_most("publish 2,000 offers", "ms", 1000, offers["publish"]))
                name = "publish: open 2,000 offers in the editor"
                rows.append(at_most(name, "ms", 1000, offers["open"]))
            if wanted("neighbours"):
                felt = _LOOP.run_until_complete(neighbours.rounds(d, p))
                name = f"neighbours: p95 beside {neighbours.TIMES} × the quota ÷ quiet"
                rows.append(at_most(name, "times", 1.2, felt.requests))
                rows.append(at_most(f"{name}, and a heap of jobs", "times", 1.2, felt.both))
                name = "neighbours: wait of jobs, p95, beside a heap ÷ quiet"
                rows.append(at_most(name, "times", 2, felt.waits))
            if wanted("tenants"):
                rows.extend(_LOOP.run_until_complete(tenants.ratios(d, options.pairs)))
            if wanted("slate"):
                kept, cold = slates.costs(options.pairs)
                rows.append(at_most("slate of 20, verdicts kept", "ms CPU", 0.3, kept))
                rows.append(at_most("slate of 20, every rule asked", "ms CPU", 1, cold))
                rows.extend(slates_over_http(d, p, options.pairs, options.size))
            wrong = _LOOP.run_until_complete(proved(p))
            assert not wrong, wrong
            if wanted("back-test"):
                _LOOP.run_until_complete(back_test.past(p))
                taken = _LOOP.run_until_complete(back_test.seconds(p, options.pairs))
                rows.append(at_most("back-test of 100,000 events", "s", 20, taken))
            if wanted("console"):
                taken = _LOOP.run_until_complete(console.interactions(d, p))
                name = f"console, {console.PRODUCTS:,} products: interaction to next paint"
                rows.append(at_most(f"{name}, median", "ms", 200, taken))
                rows.append(at_most(f"{name}, p98", "ms", 200, [console.p98(taken)]))
                size = console.first_load_kb()
                rows.append(at_most("console: first load, gzipped", "kB", 350, [size]))
        finally:
            _LOOP.run_until_complete(opened.__aexit__(None, None, None))
    return _told(rows)


def _told(rows: list[Row]) -> int:
    show(rows, Path("bench-results.json"))
    return 0 if all(r.met for r in rows) else 1


_LOOP = asyncio.new_event_loop()

if __name__ == "__main__":
    sys.exit(main())
