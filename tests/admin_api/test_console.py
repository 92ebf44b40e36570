"""The console as a browser gets it: one page, hashed files, a policy without inline code."""

import gzip
import json
import re
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from litestar.datastructures import State

from guerdon.admin_api.console import Build
from guerdon.app import Application
from guerdon.kit.paths import bundled

FIRST_LOAD_BYTES_MAX = 350_000


def _made(folder: Path, script: bytes = b"console.log(1);" * 40) -> Path:
    (folder / "assets").mkdir(parents=True)
    (folder / "assets/index-abc.js").write_bytes(script)
    (folder / "assets/index-abc.js.gz").write_bytes(gzip.compress(script))
    (folder / "assets/mark-1.svg").write_bytes(b"<svg xmlns='http://www.w3.org/2000/svg'/>")
    (folder / "index.html").write_text(
        "<!doctype html><meta property='csp-nonce' nonce='__CSP_NONCE__'>"
        "<script type=module src=/assets/index-abc.js></script>"
    )
    return folder


@pytest.fixture
async def shown(application: Application, tmp_path: Path) -> AsyncIterator[Path]:
    """The folder that the running application serves the console from, empty as yet."""
    state: State = application.litestar.state
    before = state.get("console_build")
    folder = tmp_path / "dist"
    state["console_build"] = Build(folder)
    yield folder
    if before is None:
        del state["console_build"]
    else:
        state["console_build"] = before


async def test_every_address_is_the_page(shown: Path, http: Any) -> None:
    _made(shown)
    client = await http("admin.localhost")
    for address in ("/", "/sign-in", "/aurora/programme/tiers?x=1", "/aurora/orders/a.b"):
        answer = await client.get(address)
        assert answer.status_code == 200, address
        assert answer.headers["content-type"] == "text/html; charset=utf-8"
        assert answer.headers["cache-control"] == "no-store"


async def test_the_page_may_run_nothing_inline(shown: Path, http: Any) -> None:
    _made(shown)
    client = await http("admin.localhost")
    one, two = await client.get("/"), await client.get("/")
    policy = one.headers["content-security-policy"]
    assert "unsafe" not in policy
    assert "script-src 'self';" in policy
    assert "default-src 'none'" in policy
    assert "frame-ancestors 'none'" in policy
    nonce = re.search(r"style-src 'self' 'nonce-([\w-]{20,})'", policy)
    assert nonce
    assert f"nonce='{nonce[1]}'" in one.text
    assert nonce[1] not in two.text
    assert "__CSP_NONCE__" not in one.text


async def test_files_are_kept_for_ever_and_come_compressed(shown: Path, http: Any) -> None:
    _made(shown)
    client = await http("admin.localhost")
    packed = await client.get("/assets/index-abc.js", headers={"accept-encoding": "gzip, br"})
    assert packed.status_code == 200
    assert packed.headers["content-encoding"] == "gzip"
    assert packed.headers["cache-control"] == "public, max-age=31536000, immutable"
    assert packed.headers["content-type"].startswith("text/javascript")
    plain = await client.get("/assets/index-abc.js", headers={"accept-encoding": "identity"})
    assert "content-encoding" not in plain.headers
    assert plain.content == packed.content
    picture = await client.get("/assets/mark-1.svg")
    assert picture.headers["content-type"].startswith("image/svg+xml")


@pytest.mark.parametrize(
    "address",
    ["/assets/missing.js", "/assets/index-abc.js.gz", "/assets/%2e%2e/x",
     "/api/admin/v1/nothing/here", "/api/other", "/.well-known/x"],
)  # fmt: skip
async def test_what_is_no_screen_is_not_found(shown: Path, http: Any, address: str) -> None:
    _made(shown)
    client = await http("admin.localhost")
    answer = await client.get(address)
    assert answer.status_code in (401, 404), address
    assert "<!doctype" not in answer.text


async def test_a_brand_has_no_console_at_its_own_host(shown: Path, http: Any, tenant: Any) -> None:
    _made(shown)
    client = await http(tenant)
    assert (await client.get("/_console/")).status_code == 421
    assert (await client.get("/assets/index-abc.js")).status_code == 404


async def test_before_it_is_built_a_page_waits_and_then_it_is_there(shown: Path, http: Any) -> None:
    client = await http("admin.localhost")
    answer = await client.get("/aurora", headers={"accept-language": "pt-BR"})
    assert answer.status_code == 503
    assert answer.headers["retry-after"] == "2"
    assert "O console está sendo construído" in answer.text
    assert '<meta http-equiv="refresh" content="2">' in answer.text
    assert "__CSP_NONCE__" not in answer.text
    _made(shown)
    assert (await client.get("/aurora")).status_code == 200
    assert (await client.get("/assets/index-abc.js")).status_code == 200


async def test_a_new_build_is_noticed(shown: Path, http: Any) -> None:
    _made(shown)
    client = await http("admin.localhost")
    assert "index-abc" in (await client.get("/")).text
    (shown / "assets/index-def.js").write_bytes(b"2")
    (shown / "index.html").write_text("<!doctype html><script src=/assets/index-def.js></script>")
    assert "index-def" in (await client.get("/")).text
    assert (await client.get("/assets/index-def.js")).content == b"2"


def test_the_first_load_is_small() -> None:
    """What a browser fetches before it shows anything, compressed, fonts included."""
    dist = bundled("console")
    assert (dist / "index.html").is_file(), "the console is not built: run `make console`"
    manifest = json.loads((dist / ".vite/manifest.json").read_text())
    names: set[str] = set()
    todo = ["index.html", "src/layout/Shell.tsx", "src/features/overview/Overview.tsx"]
    seen: set[str] = set()
    while todo:
        key = todo.pop()
        if key not in seen:
            seen.add(key)
            entry = manifest[key]
            names |= {entry["file"], *entry.get("css", [])}
            todo += entry.get("imports", [])
    names |= {f"assets/{f.name}" for f in (dist / "assets").glob("inter-latin-wght-*.woff2")}
    total = 0
    for name in names:
        packed = dist / f"{name}.gz"
        total += (packed if packed.is_file() else dist / name).stat().st_size
    assert 50_000 < total < FIRST_LOAD_BYTES_MAX


def test_the_build_has_no_inline_code() -> None:
    page = (bundled("console") / "index.html").read_text()
    assert "__CSP_NONCE__" in page
    assert not re.search(r"<script(?![^>]*\bsrc=)", page)
    assert "style=" not in page
