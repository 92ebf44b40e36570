"""Pictures from outside: drawn anew, or refused with the reason."""

import io
from typing import Any

import pytest
from PIL import Image

from guerdon.plumbing.files import FILE_BYTES_MAX
from guerdon.runtime import Runtime

SVG = b'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 8 8"><path d="M0 0h8v8z"/></svg>'


def picture(kind: str = "PNG", size: tuple[int, int] = (40, 20), **options: Any) -> bytes:
    out = io.BytesIO()
    Image.new("RGB", size, "#aa3311").save(out, kind, **options)
    return out.getvalue()


async def audited(rt: Runtime, tenant: Any) -> list[str]:
    async with rt.db.read(tenant.id) as s:
        return await s.all(
            str,
            "SELECT action FROM app.audit_entry WHERE tenant_id = %(tenant_id)s ORDER BY seq",
        )


async def test_a_picture_is_drawn_anew(console: Any, tenant: Any, rt: Runtime) -> None:
    olga = await console(tenant)
    exif = Image.Exif()
    exif[0x0112] = 6  # turned by a quarter
    exif[0x010E] = "secret place"
    sent = picture("JPEG", exif=exif) + b"<script>alert(1)</script>"
    answer = await olga.post(f"{olga.brand}/files", content=sent)
    assert answer.status_code == 201, answer.text
    stored = answer.json()
    assert (stored["kind"], stored["width"], stored["height"]) == ("jpg", 20, 40)
    shown = await olga.get(f"{olga.brand}/files/{stored['name']}")
    assert shown.headers["content-type"] == "image/jpeg"
    assert "sandbox" in shown.headers["content-security-policy"]
    assert b"script" not in shown.content
    assert b"secret place" not in shown.content
    assert await audited(rt, tenant) == ["file.upload"]


async def test_a_large_picture_becomes_smaller(console: Any, tenant: Any) -> None:
    olga = await console(tenant)
    answer = await olga.post(f"{olga.brand}/files", content=picture("WEBP", (4800, 1200)))
    assert answer.status_code == 201, answer.text
    assert (answer.json()["width"], answer.json()["height"]) == (2400, 600)


async def test_an_svg_of_shapes_is_kept_as_it_is(console: Any, tenant: Any) -> None:
    olga = await console(tenant)
    answer = await olga.post(f"{olga.brand}/files", content=SVG)
    assert answer.status_code == 201, answer.text
    shown = await olga.get(f"{olga.brand}/files/{answer.json()['name']}")
    assert shown.content == SVG


@pytest.mark.parametrize(
    ("content", "status", "code", "reason"),
    [
        (b"\x00" * (20 * 1_000_000), 413, "picture_too_large", "at most 5 MB; this file has 20 MB"),
        (SVG.replace(b"<path", b"<script>x</script><path"), 422, "invalid", "<script>"),
        (SVG.replace(b"<path", b'<path onload="x"'), 422, "invalid", "onload"),
        (b"%PDF-1.7 not a picture", 415, "not_a_picture", "PNG, JPEG, WebP or SVG"),
        (picture("GIF"), 415, "not_a_picture", "PNG, JPEG, WebP or SVG"),
        (picture(size=(900, 900))[:-600], 415, "not_a_picture", "read to its end"),
        (b"", 415, "not_a_picture", "PNG, JPEG, WebP or SVG"),
    ],
    ids=["20 MB", "script", "handler", "pdf", "gif", "cut off", "empty"],
)
async def test_what_is_no_picture_is_refused_with_the_reason(
    console: Any, tenant: Any, rt: Runtime,
    content: bytes, status: int, code: str, reason: str,
) -> None:  # fmt: skip
    olga = await console(tenant)
    answer = await olga.post(f"{olga.brand}/files", content=content)
    assert answer.status_code == status, answer.text
    problem = answer.json()
    assert problem["code"] == code
    assert reason in problem["detail"]
    assert problem["errors"][0]["pointer"] == "/file"
    assert await audited(rt, tenant) == []


async def test_a_picture_with_too_many_pixels_is_not_decoded(console: Any, tenant: Any) -> None:
    olga = await console(tenant)
    bomb = picture(size=(8000, 8000))
    assert len(bomb) < FILE_BYTES_MAX
    answer = await olga.post(f"{olga.brand}/files", content=bomb)
    assert (answer.status_code, answer.json()["code"]) == (413, "picture_too_large")
    assert "8000 × 8000" in answer.json()["detail"]


async def test_another_brands_picture_is_not_found(
    console: Any, tenant: Any, make_tenant: Any
) -> None:
    olga = await console(tenant)
    name = (await olga.post(f"{olga.brand}/files", content=SVG)).json()["name"]
    other = await console(await make_tenant())
    assert (await other.get(f"{other.brand}/files/{name}")).status_code == 404


async def test_who_may_not_propose_may_not_upload(console: Any, tenant: Any) -> None:
    anna = await console(tenant, roles=("analyst",))
    assert (await anna.post(f"{anna.brand}/files", content=SVG)).status_code == 403
