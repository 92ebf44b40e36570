"""What a stranger with bad intentions, or bad luck, sends to the platform's pages."""

import re
import struct
import zlib
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4

import pytest
from tests.platform_web.stranger import COMPANY, Stranger
from tests.platform_web.test_sign_up import unique

from guerdon.app import Application
from guerdon.kit.errors import NotFoundError
from guerdon.kit.ids import uuid7
from guerdon.onboarding import drafts
from guerdon.onboarding.schemas import Draft
from guerdon.runtime import Runtime
from guerdon.tenancy.lifecycle import State
from guerdon.tenancy.operations import save_tenant
from guerdon.tenancy.operator import OPERATOR_ID

EVIL = "<script>alert(1)</script>{{7*7}}{%print(1)%}'\"--"
HEADING = "slug,category,supplier,currency,sku,price,name_en\n"


@pytest.fixture
async def mallory(application: Application) -> AsyncIterator[Stranger]:
    made = Stranger(application, address=f"198.51.100.{uuid4().int % 250}")
    yield made
    await made.client.aclose()


async def draft_of(rt: Runtime, email: str) -> Draft:
    async with rt.db.write(OPERATOR_ID) as s:
        return await drafts.begin(s, email_norm=email, language="en", now=datetime.now(UTC))


def bomb() -> bytes:
    """A small PNG that says it has a hundred million pixels."""

    def chunk(kind: bytes, body: bytes) -> bytes:
        return (
            struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))
        )

    header = struct.pack(">IIBBBBB", 10_000, 10_000, 8, 2, 0, 0, 0)
    rows = zlib.compress(b"\0" * 1_000_000)
    return (
        b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", rows) + chunk(b"IEND", b"")
    )


async def test_every_field_is_shown_as_it_was_typed(mallory: Stranger, rt: Runtime) -> None:
    email, slug = unique()
    await mallory.arrive(rt, email)
    await mallory.fill_in("Bean There", slug)
    company = {**COMPANY, "legal_name": EVIL, "person": EVIL}
    await mallory.get("/sign-up/company")
    assert (await mallory.post("/sign-up/company", company)).status_code == 303
    await mallory.get("/sign-up/brand")
    assert (await mallory.post("/sign-up/brand", {"name": EVIL, "slug": slug})).status_code == 303
    await mallory.get("/sign-up/points")
    words = {"one": "<i>x</i>", "other": "<b>{{1}}</b>", "currency": "BRL", "earn_factor": "2",
             "price_factor": "40"}  # fmt: skip
    assert (await mallory.post("/sign-up/points", words)).status_code == 303
    refused = await mallory.post("/sign-up/company", {**company, "tax_id": EVIL, "country": EVIL})
    pages = [refused.text]
    for step in ("company", "brand", "points", "look", "catalogue", "review"):
        pages.append((await mallory.get(f"/sign-up/{step}")).text)
    assert (await mallory.found()).headers["location"] == "/sign-up/ready"
    pages.append((await mallory.get("/sign-up/ready")).text)
    for text in pages:
        assert "<script>alert" not in text
        assert "<b>{{" not in text
        assert not re.search(r"[^{]49[^0-9]", text.replace("v=", "")) or "{{7*7}}" in text
    assert "&lt;script&gt;alert(1)&lt;/script&gt;{{7*7}}" in pages[-1]
    site = Stranger(mallory.client._transport.app)  # type: ignore[attr-defined]
    site.client.base_url = f"http://{slug}.localhost"
    home = (await site.get("/")).text
    assert "<script>alert" not in home
    assert "&lt;script&gt;alert(1)" in home
    await site.client.aclose()


@pytest.mark.parametrize(
    ("name", "content", "status", "words"),
    [
        ("bomb.png", bomb(), 413, "40 million pixels"),
        ("big.png", b"\x89PNG" + b"x" * 5_000_001, 413, "At most 5 MB"),
        ("text.png", b"hello", 415, "Choose a PNG, JPEG, WebP or SVG"),
        ("cut.png", bomb()[:40], 415, "Choose a PNG, JPEG, WebP or SVG"),
        ("run.svg", b"<svg xmlns='http://www.w3.org/2000/svg'><script/></svg>", 422,
         "This picture cannot be taken"),
        ("load.svg", b"<svg xmlns='http://www.w3.org/2000/svg'><path fill='url(http://x/)'/></svg>",
         422, "This picture cannot be taken"),
    ],
)  # fmt: skip
async def test_a_logo_that_is_none(
    mallory: Stranger, rt: Runtime, name: str, content: bytes, status: int, words: str
) -> None:
    email, slug = unique()
    await mallory.arrive(rt, email)
    await mallory.fill_in("Bean There", slug)
    await mallory.get("/sign-up/look")
    answer = await mallory.post(
        "/sign-up/look", {"colour": "#123456"}, files={"logo": (name, content, "image/png")}
    )
    assert answer.status_code == status, answer.text[:3000]
    assert words in answer.text
    kept = (await draft_of(rt, email)).answers.look
    assert kept is not None
    assert (kept.logo, kept.colour) == ("", "#7a1f5c")


async def test_a_file_of_rewards_is_looked_through(mallory: Stranger, rt: Runtime) -> None:
    email, slug = unique()
    await mallory.arrive(rt, email)
    await mallory.fill_in("Bean There", slug)
    await mallory.get("/sign-up/catalogue")

    async def send(text: str) -> tuple[int, str]:
        answer = await mallory.post(
            "/sign-up/catalogue", {"source": "file"},
            files={"file": ("goods.csv", text.encode(), "text/csv")},
        )  # fmt: skip
        return answer.status_code, answer.text

    good = "mug,home,counter,BRL,MUG-1,39.00,Mug\n"
    bad = (
        "pen,nowhere,counter,BRL,PEN-1,3.00,Pen\nbag,home,amazon,BRL,BAG-1,9.00,Bag\n"
        "cup,home,counter,BRL,CUP-1,free,Cup\nmug,home,counter,BRL,MUG-2,1.00,Again\n"
        "=1+1,home,counter,BRL,X,1.00,<b>x</b>\n"
    )
    status, page = await send(HEADING + bad.replace("mug,", "jug,").replace("1.00", "x", 2))
    assert status == 422
    assert "No product of this file can be taken" in page
    assert "<b>x</b>" not in page
    assert (await send("nothing\n1\n"))[0] == 422
    assert (await send(HEADING + "x" * 2_000_001))[0] == 413
    status, page = await send(HEADING + good + bad)
    assert status == 200
    lines = re.findall(r"<tr><td>(\d+)</td><td>([a-z_]*)</td>", page)
    assert lines == [("3", "category"), ("4", "supplier"), ("5", "price"), ("6", "slug"),
                     ("7", "slug")]  # fmt: skip
    assert (await mallory.found()).headers["location"] == "/sign-up/ready"
    tenant = await rt.directory.by_slug(slug)
    async with rt.db.read(tenant.id) as s:
        goods = await s.all(
            str, "SELECT slug FROM app.product WHERE tenant_id = %(tenant_id)s ORDER BY slug"
        )
    assert goods == ["mug"]


async def test_a_name_that_was_taken_meanwhile_makes_nothing(
    mallory: Stranger, rt: Runtime
) -> None:
    email, slug = unique()
    await mallory.arrive(rt, email)
    await mallory.fill_in("Bean There", slug)
    other = uuid7()
    async with rt.db.write(other) as s:
        await save_tenant(
            s, tenant_id=other, slug=slug, name="First", begins_as=State.SANDBOX,
            canonical_host=f"{slug}.localhost", hosts=[],
        )  # fmt: skip
    brand_id = (await draft_of(rt, email)).brand_id
    assert (await mallory.found()).headers["location"] == "/sign-up/brand"
    page = (await mallory.get("/sign-up/brand")).text
    assert "This name is taken" in page
    (free, *_) = re.findall(r'name="choice" value="([^"]+)"', page)
    with pytest.raises(NotFoundError):
        await rt.directory.by_id(brand_id)
    assert (await rt.directory.by_slug(slug)).name == "First"
    chosen = await mallory.post("/sign-up/brand", {"name": "Bean There", "choice": free})
    assert chosen.headers["location"] == "/sign-up/review"
    assert (await mallory.found()).headers["location"] == "/sign-up/ready"
    assert (await rt.directory.by_slug(free)).id == brand_id


async def test_work_that_a_dead_process_left_is_taken_up(mallory: Stranger, rt: Runtime) -> None:
    email, slug = unique()
    await mallory.arrive(rt, email)
    await mallory.fill_in("Bean There", slug)
    draft = await draft_of(rt, email)
    async with rt.db.write(OPERATOR_ID) as s:
        assert await drafts.claim(s, draft, terms=rt.terms, now=datetime.now(UTC))
    await mallory.get("/sign-up/ready")
    assert (await mallory.post("/sign-up/found")).headers["location"] == "/sign-up/ready"
    assert "Your brand is being made" in (await mallory.get("/sign-up/ready")).text
    with pytest.raises(NotFoundError):
        await rt.directory.by_slug(slug)
    async with rt.db.write(OPERATOR_ID) as s:
        await s.execute(
            "UPDATE app.signup SET changed_at = %(then)s"
            " WHERE tenant_id = %(tenant_id)s AND id = %(id)s",
            {"id": draft.id, "then": datetime.now(UTC) - timedelta(minutes=2)},
        )
    await mallory.post("/sign-up/found")
    assert (await rt.directory.by_slug(slug)).status is State.SANDBOX


async def test_a_draft_that_nobody_came_back_to_frees_its_name(
    mallory: Stranger, application: Application, rt: Runtime
) -> None:
    email, slug = unique()
    await mallory.arrive(rt, email)
    await mallory.fill_in("Bean There", slug)
    rival = Stranger(application, address="192.0.2.77")
    email_of_rival, _ = unique()
    await rival.arrive(rt, email_of_rival)
    for step, fields in (("company", COMPANY), ("terms", {"terms": "2026-11"})):
        await rival.get(f"/sign-up/{step}")
        await rival.post(f"/sign-up/{step}", fields)
    await rival.get("/sign-up/brand")
    held = await rival.post("/sign-up/brand", {"name": "Mine", "slug": slug})
    assert held.status_code == 422
    assert "This name is taken" in held.text
    draft: UUID = (await draft_of(rt, email)).id
    async with rt.db.write(OPERATOR_ID) as s:
        await s.execute(
            "UPDATE app.signup SET expires_at = %(then)s"
            " WHERE tenant_id = %(tenant_id)s AND id = %(id)s",
            {"id": draft, "then": datetime.now(UTC) - timedelta(minutes=1)},
        )
    free = await rival.post("/sign-up/brand", {"name": "Mine", "slug": slug})
    assert free.headers["location"] == "/sign-up/blueprint"
    assert (await mallory.get("/sign-up/review")).status_code == 401
    await rival.client.aclose()


async def test_an_old_version_of_the_terms_is_not_enough(mallory: Stranger, rt: Runtime) -> None:
    email, _ = unique()
    await mallory.arrive(rt, email)
    await mallory.get("/sign-up/company")
    await mallory.post("/sign-up/company", COMPANY)
    await mallory.get("/sign-up/terms")
    for version in ("2025-01", "", EVIL):
        refused = await mallory.post("/sign-up/terms", {"terms": version})
        assert refused.status_code == 409
        assert "Please read and accept the terms." in refused.text
    assert (await draft_of(rt, email)).answers.terms is None


@pytest.mark.parametrize("path", ["//evil.example", "/\\evil", "https://evil.example", "/admin"])
async def test_a_choice_of_language_leads_nowhere_else(mallory: Stranger, path: str) -> None:
    await mallory.get("/")
    answer = await mallory.post("/language", {"language": "es", "next": path})
    assert (answer.status_code, answer.headers["location"]) == (303, "/")
    assert 'lang="es"' in (await mallory.get("/")).text
