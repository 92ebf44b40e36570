"""Every route × foreign ids: whatever belongs to another brand is as if it did not exist.

Routes are read from the application, bodies from its own description. Each id in path, query or
body is replaced, one at a time, by another brand's id and by one that nobody has: the answers must
not differ, and the other brand must not change. The same call with an id of one's own must get
further, so that the comparison means something.
"""

import re
import secrets
from collections import Counter
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import httpx2
import msgspec
import pytest
from litestar.routes import HTTPRoute
from tests.isolation.bodies import Sampler, UnknownIdError, id_places, replaced
from tests.isolation.brand import Brand, open_brand
from tests.isolation.memory import dictionaries, remembering
from tests.isolation.report import Report

from guerdon.brand_api.document import describe
from guerdon.brand_api.routes import HANDLERS
from guerdon.identity.policy import Kind, Policy
from guerdon.kit.errors import NotFoundError
from guerdon.plumbing.uploads import UploadGoneError, Uploads
from guerdon.runtime import Runtime
from guerdon.theming.themes import Themes

PARAMETER = re.compile(r"{(\w+)(?::\w+)?}")
# Not brand data: addresses of the deployment itself, and of a theme's own files.
NO_DATA = ("/health/", "/metrics", "/_", "/assets/", "/icons/", "/theme/")

# Reads that would have to ask a peer outside before they could answer.
OUTSIDE = {
    "GET /sso/{connection}", "GET /sso/{connection}/cb", "searchSupplier", "getSupplierOffer",
}  # fmt: skip


@pytest.fixture(scope="module")
async def brands(shared_rt: Runtime, worker_rt: Runtime, application: Any) -> Any:
    """Two brands with one of everything."""
    made = [await open_brand(shared_rt, worker_rt, application) for _ in range(2)]
    yield made
    for brand in made:
        await brand.client.aclose()


class Rendered:
    """Which templates were drawn, and where one showed anything of a brand that was not asked."""

    def __init__(self) -> None:
        self.marks: tuple[str, ...] = ()
        self.of: dict[str, Counter[str]] = {}

    def look(self, template: str, text: str) -> str:
        """Whether a page shows any of the marks."""
        found = self.of.setdefault(template, Counter(crossed=0))
        found["crossed"] += any(mark in text for mark in self.marks)
        return text


@pytest.fixture
def rendered(monkeypatch: pytest.MonkeyPatch) -> Rendered:
    """Looks at every page that is rendered."""
    seen, render, block = Rendered(), Themes.render, Themes.render_block
    monkeypatch.setattr(
        Themes,
        "render",
        lambda self, theme, path, *a: seen.look(path, render(self, theme, path, *a)),
    )
    monkeypatch.setattr(
        Themes,
        "render_block",
        lambda self, theme, path, *a: seen.look(path, block(self, theme, path, *a)),
    )
    return seen


def marks(brand: Brand) -> tuple[str, ...]:
    """What stands nowhere but in what belongs to the brand."""
    return brand.tenant.slug, str(brand.tenant.id)


class Attempt(msgspec.Struct):
    """One id of one operation."""

    label: str
    method: str
    path: str
    kind: Kind
    where: str
    name: Any
    body: Any = None


def attempts(app: Any, ids: dict[str, str]) -> Iterator[Attempt]:
    """Every id that any operation takes."""
    described = describe(HANDLERS)
    sampler = Sampler(described, ids)
    for route in app.routes:
        if not isinstance(route, HTTPRoute) or route.path.startswith(NO_DATA):
            continue
        for handler in route.route_handlers:
            policy = handler.opt.get("policy")
            for method in handler.http_methods - {"OPTIONS"}:
                if isinstance(policy, Policy):
                    yield from _of_route(described, sampler, ids, route, str(method), policy)


def _of_route(
    described: dict[str, Any], sampler: Sampler, ids: dict[str, str], route: HTTPRoute,
    method: str, policy: Policy,
) -> Iterator[Attempt]:  # fmt: skip
    path = route.path_format
    operation = described["paths"].get(path, {}).get(method.lower(), {})
    body = sampler.body(operation) if operation else None
    label = operation.get("operationId") or f"{method} {path}"
    for name in PARAMETER.findall(path):
        if name not in ids:
            raise UnknownIdError(f"{label}: {name}")
        yield Attempt(label, method, path, policy.kind, "path", name, body)
    for parameter in operation.get("parameters", []):
        if parameter["in"] == "query" and "uuid" in str(parameter["schema"]):
            if parameter["name"] not in ids:
                raise UnknownIdError(f"{label}: {parameter['name']}")
            yield Attempt(label, method, path, policy.kind, "query", parameter["name"], body)
    for place in id_places(body, ids):
        yield Attempt(label, method, path, policy.kind, "body", place, body)


async def call(me: Brand, one: Attempt, value: str) -> httpx2.Response:
    """The attempt with `value` at its place, and ids of one's own everywhere else."""
    path = one.path
    for name in PARAMETER.findall(path):
        own = value if one.where == "path" and name == one.name else me.ids[name]
        path = path.replace(f"{{{name}}}", own)
    query = {one.name: value} if one.where == "query" else None
    body = replaced(one.body, one.name, value) if one.where == "body" else one.body
    if one.kind in (Kind.API_KEY, Kind.MEMBER_TOKEN):
        caller = me.api if one.kind is Kind.API_KEY else me.app
        extra = {} if body is None else {"json": body}
        return await caller.call(one.method, path.removeprefix("/api/v1"), params=query, **extra)
    headers = {"Cookie": me.cookie, "Sec-Fetch-Site": "same-origin"}
    if one.method == "GET":
        return await me.client.get(path, headers=headers, params={"points": "500"})
    form = {"csrf": me.csrf, "_csrf": me.csrf, "csrf_token": me.csrf}
    return await me.client.request(one.method, path, headers=headers, data=form)


def told(answer: httpx2.Response, value: str) -> tuple[int, dict[str, str], str]:
    """What an answer tells, without what differs between any two calls."""
    varying = ("x-request-id", "ratelimit-", "date", "set-cookie", "retry-after")
    headers = {k: v for k, v in answer.headers.items() if not k.startswith(varying)}
    text = answer.text.replace(value, "<id>")
    text = re.sub(r'"requestId":"[^"]+"', "", text)
    text = re.sub(r'(csrf_token" value="|X-CSRF-Token":")[\w-]+', "", text)
    text = re.sub(r"\b[0-9a-f]{8}-[0-9a-f-]{27}\b|\d{4}-\d\d-\d\dT[\d:.]+Z", "", text)
    headers.pop("content-length", None)
    return answer.status_code, headers, text


def difference(first: httpx2.Response, second: httpx2.Response) -> str:
    """Where two answers part."""
    pairs = zip(first.text.split("\n"), second.text.split("\n"), strict=False)
    parts = [f"{a[:160]!r} != {b[:160]!r}" for a, b in pairs if a != b]
    return f"{first.status_code} {second.status_code} {' | '.join(parts[:3])}"


def unknown_like(value: str) -> str:
    """An id of the same form that nobody has."""
    try:
        UUID(value)
        return str(uuid4())
    except ValueError:
        body = re.sub(r"[0-9a-f]", lambda m: secrets.choice("0123456789abcdef"), value)
        return body if body != value else value[:-1] + ("0" if value[-1] != "0" else "1")


async def test_foreign_ids_are_as_if_they_did_not_exist(
    brands: list[Brand], application: Any, report: Report, rendered: Rendered
) -> None:
    me, other = brands
    rendered.marks = marks(other)
    every = list(attempts(application.litestar, me.ids))
    before = await other.fingerprint()
    differing, reached = [], set()
    found = {one.label: Counter(ids=0, crossed=0) for one in every}
    for one in every:
        name = one.name[-1] if isinstance(one.name, tuple) else one.name
        foreign = other.ids[name]
        nobody = unknown_like(foreign)
        first, second = await call(me, one, foreign), await call(me, one, nobody)
        found[one.label]["ids"] += 1
        if first.status_code >= 500 or told(first, foreign) != told(second, nobody):
            found[one.label]["crossed"] += 1
            differing.append(f"{one.label} {one.where} {one.name}: {difference(first, second)}")
        assert other.tenant.slug not in first.text
        if one.method == "GET" and (await call(me, one, me.ids[name])).status_code < 400:
            reached.add(one.label)
    reads = {one.label for one in every if one.method == "GET"}
    report.cover("routes", found)
    report.cover("templates", rendered.of)
    assert sum(of["crossed"] for of in rendered.of.values()) == 0
    assert not differing, "\n".join(differing)
    assert await other.fingerprint() == before
    assert len(every) >= 40
    assert reads - reached <= OUTSIDE


def test_an_operation_without_a_generator_is_seen(brands: list[Brand], application: Any) -> None:
    ids = {k: v for k, v in brands[0].ids.items() if not k.startswith("delivery")}
    with pytest.raises(UnknownIdError, match="delivery"):
        list(attempts(application.litestar, ids))


async def test_pages_show_one_brand(
    brands: list[Brand], application: Any, report: Report, rendered: Rendered
) -> None:
    """Every page that has no id in its address, of the one, the other, and the one again."""
    pages = [
        route.path
        for route in application.litestar.routes
        if isinstance(route, HTTPRoute)
        and "GET" in route.methods
        and not route.path.startswith((*NO_DATA, "/api/"))
        and not PARAMETER.search(route.path_format)
    ]
    for me, other in (brands, brands[::-1], brands):
        rendered.marks = marks(other)
        for path in pages:
            for cookie in ("", me.cookie):
                answer = await me.client.get(path, headers={"cookie": cookie} if cookie else {})
                assert answer.status_code < 500, path
                rendered.look(f"GET {path}", answer.text + str(answer.headers))
    report.cover("templates", rendered.of)
    assert sum(of["crossed"] for of in rendered.of.values()) == 0
    drawn = {name for name in rendered.of if name.startswith("pages/")}
    assert len(drawn) >= 10, sorted(drawn)


async def whole(valkey: Any, name: bytes) -> bytes:
    """Everything under a key, whatever its kind."""
    kind = (await valkey.type(name)).decode()
    parts: Any = {
        "none": list,
        "string": lambda: valkey.get(name),
        "hash": lambda: valkey.hgetall(name),
        "set": lambda: valkey.smembers(name),
        "zset": lambda: valkey.zrange(name, 0, -1),
        "list": lambda: valkey.lrange(name, 0, -1),
    }[kind]()
    return repr(await parts if kind != "none" else parts).encode()


async def test_keys_belong_to_one_brand(
    brands: list[Brand], shared_rt: Runtime, report: Report
) -> None:
    """After all these calls: every key says whose it is, and holds nothing of another's."""
    found: dict[str, Counter[str]] = {}
    async for name in shared_rt.valkey.scan_iter("*"):
        start, owner, kind, *_ = name.decode().split(":")
        assert start == "g", name
        for me, other in (brands, brands[::-1]):
            if owner == str(me.tenant.id):
                held = name + await whole(shared_rt.valkey, name)
                of = found.setdefault(kind, Counter(crossed=0))
                of["crossed"] += any(mark.encode() in held for mark in marks(other))
    report.cover("keys", found)
    assert len(found) >= 5, sorted(found)
    assert sum(of["crossed"] for of in found.values()) == 0


def test_memory_belongs_to_one_brand(brands: list[Brand], report: Report) -> None:
    found: dict[str, dict[str, Any]] = {
        name: {"crossed": 0, "kept_by": "all that is given"} for name in remembering()
    }
    filled = set()
    for cache in dictionaries():
        crossed = 0
        for held in cache.found():
            for me, other in (brands, brands[::-1]):
                for key, value in held.items():
                    if str(me.tenant.id) in repr(key):
                        filled.add(cache.label())
                        crossed += any(mark in repr((key, value)) for mark in marks(other))
        found[cache.label()] = {"crossed": crossed, "kept_by": "id"}
    report.cover("caches", found)
    assert sum(of["crossed"] for of in found.values()) == 0
    assert len(filled) >= 8, sorted(filled)


async def test_files_belong_to_one_brand(
    brands: list[Brand], shared_rt: Runtime, report: Report
) -> None:
    """What lies in the one's folders is not there for the other, under any name."""
    me, other = brands
    rt, root = shared_rt, Path(shared_rt.settings.files_dir)

    async def bytes_of(text: str) -> AsyncIterator[bytes]:
        yield text.encode()

    picture = await rt.files.put(other.tenant.id, other.tenant.slug.encode(), "png")
    upload = uuid4()
    uploads = Uploads(root)
    await uploads.keep(other.tenant.id, upload, bytes_of(other.tenant.slug), bytes_max=100)
    found = {"pictures": Counter(tried=0, crossed=0), "uploads": Counter(tried=0, crossed=0)}
    climbing = f"../{other.tenant.id}/{picture[:2]}/{picture}"
    for name in (picture, climbing, f"{picture[:2]}/{picture}", str(root / picture)):
        found["pictures"]["tried"] += 2
        with pytest.raises(NotFoundError):
            await rt.files.get(me.tenant.id, name)
        for host in (me.tenant, other.tenant):
            answer = await me.client.get(
                f"/files/{name}", headers={"host": host.canonical_host}, follow_redirects=False
            )
            own = host is other.tenant and name == picture
            assert (answer.status_code == 200) == own, (host.slug, name)
    found["uploads"]["tried"] += 1
    with pytest.raises(UploadGoneError):
        uploads.open(me.tenant.id, upload)
    report.cover("files", found)
