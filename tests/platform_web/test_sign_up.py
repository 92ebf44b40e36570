"""A stranger's way to a brand of their own, through the platform's pages."""

import re
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from uuid import uuid4

import pytest
from tests.platform_web.stranger import COMPANY, Stranger

from guerdon.app import Application
from guerdon.catalogue.parameters import CatalogueParameters
from guerdon.identity import staff
from guerdon.ledger.parameters import PointsParameters
from guerdon.onboarding import companies
from guerdon.parameters.sections import ProgrammeParameters
from guerdon.plans.plans import Quota
from guerdon.plans.queries import chosen
from guerdon.runtime import Runtime
from guerdon.tenancy import terms
from guerdon.tenancy.lifecycle import State
from guerdon.theming.parameters import BrandingParameters


@pytest.fixture
async def ana(application: Application) -> AsyncIterator[Stranger]:
    made = Stranger(application, address=f"203.0.113.{uuid4().int % 250}")
    yield made
    await made.client.aclose()


def unique() -> tuple[str, str]:
    """A mail address and a short name that nobody has."""
    mark = uuid4().hex[:10].translate(str.maketrans("0123456789", "ghjkmptuxy"))
    return f"{mark}@{mark}.example", f"brand-{mark}"


async def test_from_the_first_page_to_a_brand(ana: Stranger, rt: Runtime) -> None:
    email, slug = unique()
    first = await ana.get("/")
    assert first.status_code == 200
    assert 'href="/sign-up"' in first.text
    assert "script-src 'self'" in first.headers["content-security-policy"]
    arrived = await ana.arrive(rt, email)
    assert arrived.headers["location"] == "/sign-up/company"
    await ana.fill_in("Padaria da Ana", slug)
    review = (await ana.get("/sign-up/review")).text
    assert f"{slug}.localhost" in review
    assert "You give back 5 % of a purchase." in review
    made = await ana.found()
    assert made.headers["location"] == "/sign-up/ready"

    now = datetime.now(UTC)
    tenant = await rt.directory.by_slug(slug)
    assert (tenant.name, tenant.status) == ("Padaria da Ana", State.SANDBOX)
    snapshot = await rt.snapshot(tenant.id, now)
    programme, points = snapshot[ProgrammeParameters], snapshot[PointsParameters]
    assert (programme.name, programme.legal_name, programme.currency, programme.languages) == (
        "Padaria da Ana", "Padaria da Ana Ltda", "BRL", ("pt-BR", "en", "es"),
    )  # fmt: skip
    assert (points.earn_factor, points.price_factor) == ("2", "40")
    branding = snapshot[BrandingParameters]
    assert branding.brand_colour == "#7a1f5c"
    assert {words.other for words in branding.points_name.values()} == {"estrelas"}
    assert snapshot[CatalogueParameters].fx["USD"] == "5.555556"
    async with rt.db.read(tenant.id) as s:
        company, (accepted,) = await companies.of_brand(s), await terms.kept(s)
        owner = await staff.by_email(s, email)
        products = await s.value("SELECT count(*) FROM app.product WHERE tenant_id = %(tenant_id)s")
        plan = await chosen(s)
        trail = await s.all(
            str,
            "SELECT action FROM app.audit_entry WHERE tenant_id = %(tenant_id)s ORDER BY seq",
        )
    assert company == companies.Company("Padaria da Ana Ltda", "BR", "11222333000181")
    assert (accepted.version, accepted.language, len(accepted.text_sha256)) == ("2026-11", "en", 64)
    assert accepted.accepted_by == email
    assert owner is not None
    assert (owner.roles, owner.status, owner.name) == (("owner",), "invited", "Ana Souza")
    assert products == 5
    # Whoever comes alone has hard limits from the first moment.
    assert (plan.plan, plan.quotas["members"]) == ("free", Quota(500, "hard"))
    assert trail == [
        "parameters.applied", "plan.changed", "tenant.founded", "tenant.state_changed",
    ]  # fmt: skip

    ready = (await ana.get("/sign-up/ready")).text
    link = re.search(r'id="console-link" href="([^"]+)"', ready)
    assert link
    assert link[1].startswith(f"http://admin.localhost/{slug}/sign-in/link#")
    again = await ana.post("/sign-up/found")
    assert again.headers["location"] == "/sign-up/ready"

    joined = await ana.post("/sign-up/member")
    assert joined.headers["location"] == "/sign-up/ready"
    await ana.post("/sign-up/member")
    async with rt.db.read(tenant.id) as s:
        wallet = await s.value(
            "SELECT array_agg(posted) FROM app.ledger_account a JOIN app.member m"
            " ON m.tenant_id = a.tenant_id AND m.account_id = a.id"
            " WHERE a.tenant_id = %(tenant_id)s AND m.email_norm = %(email)s",
            {"email": email},
        )
    ready = (await ana.get("/sign-up/ready")).text
    assert wallet is not None
    (posted,) = wallet
    # The dearest reward of the first shelf, 22 USD, at 40 points a real: 4,890 points.
    assert posted == 4_900
    assert "You are a member with 4,900 estrelas" in ready


async def test_one_comes_back_on_another_device(
    ana: Stranger, application: Application, rt: Runtime
) -> None:
    email, _ = unique()
    await ana.arrive(rt, email)
    await ana.get("/sign-up/company")
    await ana.post("/sign-up/company", COMPANY)
    phone = Stranger(application, address="198.51.100.7")
    assert (await phone.get("/sign-up/terms")).status_code == 401
    back = await phone.arrive(rt, email.upper())
    assert back.headers["location"] == "/sign-up/terms"
    company = (await phone.get("/sign-up/company")).text
    assert 'value="Padaria da Ana Ltda"' in company
    # Another browser cannot use what this one holds.
    thief = Stranger(application)
    thief.cookies = {"__Host-signup": phone.cookies["__Host-signup"]}
    assert (await thief.get("/sign-up/company")).status_code == 401
    for one in (phone, thief):
        await one.client.aclose()


async def test_a_wrong_code_opens_nothing(ana: Stranger, rt: Runtime) -> None:
    email, _ = unique()
    await ana.get("/sign-up")
    asked = await ana.post("/sign-up", {"email": email})
    challenge = re.search(r'name="challenge" value="([^"]+)"', asked.text)
    assert challenge
    refused = await ana.post(
        "/sign-up/code", {"email": email, "challenge": challenge[1], "code": "12345x"}
    )
    assert refused.status_code == 422
    assert "This code is wrong or too old" in refused.text
    assert "__Host-signup" not in ana.cookies
    nonsense = await ana.post("/sign-up/code", {"challenge": "no id", "code": "123456"})
    assert nonsense.status_code == 422


async def test_codes_are_counted_and_known_addresses_answer_alike(
    ana: Stranger, application: Application, rt: Runtime
) -> None:
    known, _ = unique()
    await ana.arrive(rt, known)
    stranger, _ = unique()
    pages = []
    for email in (known, stranger):
        await ana.get("/sign-up")
        page = await ana.post("/sign-up", {"email": email})
        assert page.status_code == 200
        text = page.text.replace(email, "…")
        pages.append(re.sub(r'(value=|X-CSRF-Token":)"[^"]{20,}"', "", text))
    assert pages[0] == pages[1]
    answers = [(await ana.post("/sign-up", {"email": stranger})).status_code for _ in range(6)]
    assert answers == [200] * 5 + [429]


async def test_a_step_waits_for_those_before_it(ana: Stranger, rt: Runtime) -> None:
    email, _ = unique()
    await ana.arrive(rt, email)
    for step in ("brand", "points", "review"):
        early = await ana.get(f"/sign-up/{step}")
        assert early.status_code == 409
        assert 'href="/sign-up/company"' in early.text
    await ana.get("/sign-up/company")
    assert (await ana.post("/sign-up/found")).status_code == 409
    assert (await ana.get("/sign-up/nothing")).status_code == 404


async def test_a_form_of_another_site_is_refused(ana: Stranger) -> None:
    await ana.get("/sign-up")
    ana.token = "x" * 60
    assert (await ana.post("/sign-up", {"email": "a@b.example"})).status_code == 403
