"""The preview: the draft on every page, for the holder of a link, for an hour; nothing written,
nobody's session, nothing left for other visitors."""

import re
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from tests.redemption.world import SECTIONS, World, product
from tests.simulation.desk import change_set, discard, edit

from guerdon.identity.keyring import encode, mac_text
from guerdon.kit.ids import uuid7
from guerdon.plumbing.db import ReadOnlyDatabase, ReadOnlyError
from guerdon.simulation import preview

TIERS = [
    {"key": "blue", "threshold": 0, "name": {"en": "Blue"}},
    {"key": "gold", "threshold": 1000, "name": {"en": "Gold"}},
]
EDITS = {
    "branding.brand_colour": "#7a1f5c",
    "branding.tagline.en": "Only in the draft",
    "points.price_factor": "200",
    "catalogue.tier_discounts.gold": "50",
}


@pytest.fixture
async def brand(rt: Any, worker_rt: Any, make_tenant: Any) -> World:
    tenant = await make_tenant(**SECTIONS, tiers={"tiers": TIERS})
    world = World(rt, worker_rt, tenant)
    await world.stock_up(product("coffee", price="5.00", stock=10))
    return world


class Visitor:
    """A browser at a brand's site; cookies are carried by hand, as each test wants them."""

    def __init__(self, client: Any) -> None:
        self.client, self.cookie = client, ""

    async def follow(self, link: str, query: str = "") -> Any:
        answer = await self.client.get(link + query)
        if answer.status_code == 303:
            self.cookie = answer.headers["set-cookie"].partition(";")[0]
        return answer

    async def get(self, path: str, **headers: str) -> Any:
        return await self.client.get(path, headers={"cookie": self.cookie} | headers)


async def link_for(c: Any, draft: UUID) -> str:
    made = await c.post(f"{c.brand}/change-sets/{draft}/preview")
    assert made.status_code == 200, made.text
    url = made.json()["url"]
    assert re.fullmatch(r"http://[^/]+/preview/[\w.-]+", url)
    left = datetime.fromisoformat(made.json()["expiresAt"]) - datetime.now(UTC)
    assert timedelta(minutes=58) < left <= timedelta(hours=1)
    return "/preview/" + url.rpartition("/")[2]


async def test_every_page_shows_the_draft_and_says_so(
    brand: World, http: Any, console: Any
) -> None:
    c = await console(brand.tenant)
    draft = await change_set(brand.rt, brand.tenant, EDITS, title="Spring <b>")
    visitor, stranger = Visitor(await http(brand.tenant)), Visitor(await http(brand.tenant))
    live = await stranger.get("/products/coffee")
    entered = await visitor.follow(await link_for(c, draft), "?next=/products/coffee")
    assert (entered.status_code, entered.headers["location"]) == (303, "/products/coffee")
    for part in ("Secure", "HttpOnly", "SameSite=None", "Partitioned", "Path=/"):
        assert part in entered.headers["set-cookie"]

    page = await visitor.get("/products/coffee")
    assert "Spring &lt;b&gt;" in page.text
    assert "1,000" in page.text
    assert "500" in live.text
    style = re.findall(r'href="(/theme/[^"]+)"', page.text)[0]
    assert style not in live.text
    sheet = await visitor.get(style)
    assert sheet.headers["cache-control"] == "no-store"
    assert "7a1f5c" in sheet.text.lower() or sheet.text != (await stranger.get(style)).text
    for path in ("/", "/catalogue", "/terms", "/privacy", "/sign-in", "/join"):
        shown = await visitor.get(path)
        assert shown.status_code == 200, path
        assert "Leave the preview" in shown.text
        assert shown.headers["cache-control"] == "no-store"
        assert "x-frame-options" not in shown.headers
        assert "set-cookie" not in shown.headers
        fence = shown.headers["content-security-policy"]
        assert f"frame-ancestors {brand.rt.settings.console_url}" in fence
    assert "Only in the draft" in (await visitor.get("/")).text

    # Nobody else sees any of it, before and after.
    for path in ("/", "/catalogue", "/products/coffee"):
        plain = await stranger.get(path)
        assert "preview" not in plain.text
        assert "Only in the draft" not in plain.text
        assert plain.headers["x-frame-options"] == "DENY"
        assert "frame-ancestors 'none'" in plain.headers["content-security-policy"]
    left = await visitor.get("/preview/exit")
    assert "Max-Age=0" in left.headers["set-cookie"]


async def test_the_latest_draft_is_shown_until_it_is_over(
    brand: World, http: Any, console: Any
) -> None:
    c = await console(brand.tenant)
    draft = await change_set(brand.rt, brand.tenant, EDITS)
    visitor = Visitor(await http(brand.tenant))
    await visitor.follow(await link_for(c, draft))
    assert "1,000" in (await visitor.get("/products/coffee")).text
    await edit(brand.rt, brand.tenant, draft, {"points.price_factor": "300"}, row_version=2)
    assert "1,500" in (await visitor.get("/products/coffee")).text
    await edit(brand.rt, brand.tenant, draft, {"points.price_factor": "0"}, row_version=3)
    broken = await visitor.get("/products/coffee")
    assert broken.status_code == 422
    assert "The draft has an error" in broken.text
    refused = await c.post(f"{c.brand}/change-sets/{draft}/preview")
    assert refused.json()["code"] == "invalid_parameters"
    await edit(brand.rt, brand.tenant, draft, {"points.price_factor": "50"}, row_version=4)
    await discard(brand.rt, brand.tenant, draft)
    over = await visitor.get("/products/coffee")
    assert over.status_code == 404
    assert "This preview is over" in over.text
    nothing = await c.post(f"{c.brand}/change-sets/{draft}/preview")
    assert nothing.json()["code"] == "nothing_proposed"


async def test_a_member_is_made_up(brand: World, http: Any, console: Any) -> None:
    c = await console(brand.tenant)
    draft = await change_set(brand.rt, brand.tenant, EDITS)
    visitor = Visitor(await http(brand.tenant))
    link = await link_for(c, draft)
    await visitor.follow(link, "?as=blue")
    home = await visitor.get("/")
    assert "Alex" in home.text
    assert "Blue" in home.text
    assert "1,000" in (await visitor.get("/products/coffee")).text
    await visitor.follow(link, "?as=gold&language=pt-BR")
    golden = await visitor.get("/products/coffee")
    assert 'lang="pt-BR"' in golden.text
    assert "500" in golden.text
    assert "Sair da prévia" in (await visitor.get("/")).text
    await visitor.follow(link, "?as=nobody")
    assert "Alex" in (await visitor.get("/")).text
    for path in ("/activity", "/orders", "/profile", f"/orders/{uuid7()}", "/profile/export"):
        private = await visitor.get(path)
        assert private.status_code == 403, path
        assert "Not part of the preview" in private.text


async def test_nothing_is_written_and_no_session_counts(
    brand: World, http: Any, console: Any, sign_in: Any
) -> None:
    c = await console(brand.tenant)
    draft = await change_set(brand.rt, brand.tenant, EDITS)
    who = await brand.member(points=500)
    client = await http(brand.tenant)
    session = await sign_in(brand.tenant, who.id)
    visitor = Visitor(client)
    await visitor.follow(await link_for(c, draft))
    visitor.cookie += f"; {session}"
    assert (await client.get("/profile", headers={"cookie": session})).status_code == 200
    assert (await visitor.get("/profile")).status_code == 403
    assert "Ana" not in (await visitor.get("/")).text

    before = await _everything(brand)
    for path in ("/language", "/sign-in", "/join", "/profile", "/checkout", "/products/coffee"):
        refused = await client.post(
            path, headers={"cookie": visitor.cookie, "sec-fetch-site": "same-origin"}, data={"a": 1}
        )
        assert refused.status_code == 403, path
        assert "Nothing can be changed in a preview" in refused.text
    for method in ("put", "patch", "delete"):
        refused = await getattr(client, method)("/profile", headers={"cookie": visitor.cookie})
        assert refused.status_code == 403
    call = await visitor.get("/api/v1/catalogue")
    assert (call.status_code, call.json()["code"]) == (403, "preview_read_only")
    for path in ("/sso/any", "/hand-off?token=x", "/sw.js", f"/checkout/{uuid7()}/return"):
        assert (await visitor.get(path)).status_code == 403, path
    assert await _everything(brand) == before


async def test_a_request_that_only_looks_cannot_write(rt: Any, tenant: Any) -> None:
    looks = ReadOnlyDatabase(rt.db)
    with pytest.raises(ReadOnlyError):
        async with looks.write(tenant.id):
            pass
    with pytest.raises(ReadOnlyError):
        await looks.call(tenant.id, int, "SELECT app.enter(%(ctx)s)")
    assert await looks.glance(
        tenant.id, int, "SELECT 7 AS n FROM app.parameter_version WHERE tenant_id = %(tenant_id)s"
    ) == [7]


async def _everything(brand: World) -> str:
    async with brand.rt.db.read(brand.tenant.id) as s:
        names = await s.all(
            str,
            "SELECT c.relname FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid"
            " AND a.attname = 'tenant_id' WHERE c.relnamespace = 'app'::regnamespace"
            " AND c.relkind = 'r' AND has_table_privilege(c.oid, 'SELECT') ORDER BY 1",
        )
        digests = []
        for name in names:
            digest = await s.value(
                f"SELECT md5(string_agg(t::text, '' ORDER BY t::text)) FROM app.{name} t"
                " WHERE t.tenant_id = %(tenant_id)s"
            )
            digests.append(f"{name} {digest}")
    return "|".join(digests)


def _tampered(link: str, tenant_id: UUID, rt: Any) -> list[str]:
    token = link.rpartition("/")[2]
    payload, _, code = token.partition(".")
    late = preview.sign(
        rt.settings, tenant_id=tenant_id, change_set_id=uuid7(),
        now=datetime.now(UTC) - preview.LIFETIME,
    )  # fmt: skip
    short = encode(b"short")
    return [
        f"{payload}.{code[:-1]}x", f"{payload}x.{code}", payload, f"{payload}.", f".{code}", "x",
        late.token, f"{short}.{mac_text(rt.settings, 'preview', tenant_id, short)}",
        "%C3%A9.x", "a" * 399,
    ]  # fmt: skip


async def test_a_link_of_another_brand_a_late_one_and_a_forged_one_do_nothing(
    brand: World, http: Any, console: Any, make_tenant: Any
) -> None:
    other = await make_tenant(**SECTIONS, branding={"tagline": {"en": "The other brand"}})
    c = await console(brand.tenant)
    draft = await change_set(brand.rt, brand.tenant, EDITS)
    link = await link_for(c, draft)
    there = Visitor(await http(other))
    assert (await there.follow(link)).status_code == 404
    there.cookie = f"__Host-preview={link.rpartition('/')[2]}~blue~en"
    carried = await there.get("/")
    assert carried.status_code == 404
    assert "Only in the draft" not in carried.text
    here = Visitor(await http(brand.tenant))
    for token in _tampered(link, brand.tenant.id, brand.rt):
        assert (await here.follow(f"/preview/{token}")).status_code == 404, token
        here.cookie = f"__Host-preview={token}~gold~en"
        refused = await here.get("/", accept="text/html")
        assert refused.status_code == 404, token
        assert "Only in the draft" not in refused.text


async def test_what_one_draft_shows_never_reaches_another_or_the_live_site(
    brand: World, http: Any, console: Any, sign_in: Any
) -> None:
    """Two drafts, the live site and a real member, in turns: each sees their own, always."""
    c = await console(brand.tenant)
    drafts = [
        await change_set(
            brand.rt, brand.tenant, {"points.price_factor": f, "branding.tagline.en": f"Tag {f}"}
        )
        for f in ("200", "400")
    ]
    who = await brand.member(points=100_000)
    member = Visitor(await http(brand.tenant))
    member.cookie = await sign_in(brand.tenant, who.id)
    lookers = []
    for draft in drafts:
        visitor = Visitor(await http(brand.tenant))
        await visitor.follow(await link_for(c, draft), "?as=blue")
        lookers.append(visitor)
    shown = [(lookers[0], "1,000"), (member, "500"), (lookers[1], "2,000")]
    styles = set()
    for _ in range(3):
        for visitor, points in shown:
            for path in ("/", "/catalogue", "/products/coffee"):
                page = (await visitor.get(path)).text
                assert points in page, path
                for _, foreign in shown:
                    if foreign != points and path == "/products/coffee":
                        assert f">{foreign}<" not in page
            styles.update(re.findall(r"/theme/\w+\.css", page))
    assert "Ana" in (await member.get("/")).text
    for visitor in lookers:
        assert "Ana" not in (await visitor.get("/")).text
