"""Export, comparison, and a sandbox that goes live."""

import tomllib
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from guerdon.kit.errors import InvalidError
from guerdon.parameters.operations import publish
from guerdon.parameters.schema import section_schema
from guerdon.parameters.timeline import content_in_force
from guerdon.programme import SECTIONS
from guerdon.programme.exports import FolderTakenError, export_folder, head_of
from guerdon.programme.folder import (
    FILE_FIELDS,
    SCHEMA,
    NewerFolderError,
    apply_folder,
    preview_folder,
    read_folder,
)
from guerdon.runtime import Runtime
from guerdon.tenancy.lifecycle import State, Who
from guerdon.tenancy.transitions import change_state
from guerdon.theming.parameters import StoredFile

NOW = datetime(2026, 11, 12, 12, 0, tzinfo=UTC)
LOGO = b'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 8 8"><path d="M0 0h8v8z"/></svg>'


async def hash_of(rt: Runtime, tenant: Any) -> bytes:
    async with rt.db.read(tenant.id) as s:
        return bytes(
            await s.value(
                "SELECT content_hash FROM app.parameter_version WHERE tenant_id = %(tenant_id)s"
                " ORDER BY version DESC LIMIT 1"
            )
        )


@pytest.fixture
async def sandbox(rt: Runtime, make_tenant: Any) -> Any:
    """A brand that has tried a lot, with a picture and a secret."""
    tenant = await make_tenant(
        status="sandbox",
        programme={
            "name": "Süße “Meilen”\nzwei Zeilen",
            "languages": ["en", "pt-BR"],
            "currency": "BRL",
        },
        branding={"points_name": {"en": {"one": "mile", "other": "miles"}}},
        tiers={
            "tiers": [
                {"key": "blue", "threshold": 0},
                {"key": "gold", "threshold": 10_000, "name": {"en": "Gold"}},
            ]
        },
        catalogue={
            "fx": {"USD": "5.25"},
            "categories": [
                {"key": "a", "name": {"en": "A"}},
                {"key": "b", "name": {"en": "B"}, "margin_percent": "3"},
            ],
        },
    )
    logo = await rt.files.put(tenant.id, LOGO, "svg")
    async with rt.db.write(tenant.id) as s:
        await rt.secrets.ensure_data_key(s)
        await rt.secrets.put(s, "payments.stripe.key", "planted-secret-value")
        content = await content_in_force(s, NOW)
    content["branding"]["logo"] = logo
    async with rt.db.write(tenant.id) as s:
        await publish(s, registry=rt.snapshots.registry, content=content, author="test", now=NOW)
    return tenant


async def test_a_sandbox_goes_live_with_the_same_content(
    rt: Runtime, sandbox: Any, make_tenant: Any, tmp_path: Path
) -> None:
    live = await make_tenant(programme={"name": "Live"})
    folder = tmp_path / "out"
    await export_folder(rt, sandbox, folder, now=NOW)
    read = read_folder(folder, head=await head_of(rt, live.slug))
    assert await preview_folder(rt, read, now=NOW)
    applied = await apply_folder(rt, read, author="cli", now=NOW)
    assert applied.tenant.id == live.id
    assert (applied.tenant.name, applied.tenant.status) == (live.name, "live")
    assert applied.tenant.canonical_host == live.canonical_host
    assert await hash_of(rt, live) == await hash_of(rt, sandbox)
    assert await preview_folder(rt, read, now=NOW) == []
    picture, _ = await rt.files.get(live.id, next((folder / "pictures").iterdir()).name)
    assert picture == LOGO
    assert not (await apply_folder(rt, read, author="cli", now=NOW)).published.changed
    async with rt.db.read(live.id) as s:
        trail = await s.all(
            str, "SELECT action || ' ' || subject FROM app.audit_entry"
            " WHERE tenant_id = %(tenant_id)s",
        )  # fmt: skip
    assert trail == ["parameters.applied version:2"]


async def test_secrets_stay(rt: Runtime, sandbox: Any, tmp_path: Path) -> None:
    await export_folder(rt, sandbox, tmp_path / "out", now=NOW)
    written = b"".join(f.read_bytes() for f in (tmp_path / "out").rglob("*") if f.is_file())
    assert b"planted-secret-value" not in written


async def test_a_newer_folder_is_refused(rt: Runtime, sandbox: Any, tmp_path: Path) -> None:
    await export_folder(rt, sandbox, tmp_path / "out", now=NOW)
    file = tmp_path / "out" / "tenant.toml"
    assert tomllib.loads(file.read_text())["tenant"]["schema"] == SCHEMA
    file.write_text(file.read_text().replace(f"schema = {SCHEMA}", f"schema = {SCHEMA + 1}"))
    for head in (None, await head_of(rt, sandbox.slug)):
        with pytest.raises(NewerFolderError) as caught:
            read_folder(tmp_path / "out", head=head)
        assert caught.value.field == "tenant.schema"


async def test_an_older_folder_is_read(rt: Runtime, sandbox: Any, tmp_path: Path) -> None:
    await export_folder(rt, sandbox, tmp_path / "out", now=NOW)
    file = tmp_path / "out" / "tenant.toml"
    now = file.read_text()
    assert "schema = 2\n" in now
    before = now.replace('status = "sandbox"', 'status = "active"')
    file.write_text(before.replace("schema = 2", "schema = 1"))
    assert read_folder(tmp_path / "out").head.status is State.LIVE
    for status, said in (("active", 'Write `status = "live"`'), ("closed", "begins as pending")):
        file.write_text(now.replace('status = "sandbox"', f'status = "{status}"'))
        with pytest.raises(InvalidError, match=said) as caught:
            read_folder(tmp_path / "out")
        assert caught.value.field == "tenant.status"


async def test_a_folder_leaves_the_state_of_a_brand(
    rt: Runtime, sandbox: Any, tmp_path: Path
) -> None:
    await export_folder(rt, sandbox, tmp_path / "out", now=NOW)
    async with rt.db.write(sandbox.id) as s:
        await change_state(
            s, to=State.SUSPENDED, by=Who.PLATFORM, actor="cli", reason="abuse", now=NOW
        )
    applied = await apply_folder(rt, read_folder(tmp_path / "out"), author="cli", now=NOW)
    assert applied.tenant.status is State.SUSPENDED
    await export_folder(rt, applied.tenant, tmp_path / "again", now=NOW)
    assert read_folder(tmp_path / "again").head.status is State.SANDBOX


async def test_nothing_is_written_over(rt: Runtime, sandbox: Any, tmp_path: Path) -> None:
    (tmp_path / "mine.txt").write_text("mine")
    with pytest.raises(FolderTakenError):
        await export_folder(rt, sandbox, tmp_path, now=NOW)
    assert not (tmp_path / "tenant.toml").exists()


def test_every_file_comes_along() -> None:
    pattern = StoredFile.__metadata__[0].pattern
    fields = {
        (section.section, name)
        for section in SECTIONS
        for name, schema in section_schema(section)["properties"].items()
        if schema.get("pattern") == pattern
    }
    assert fields == set(FILE_FIELDS)


async def test_the_commands(guerdon: Any, rt: Runtime, sandbox: Any, make_tenant: Any,
                            tmp_path: Path) -> None:  # fmt: skip
    live = await make_tenant()
    folder = str(tmp_path / "out")
    done = await guerdon("tenants", "export", sandbox.slug, folder)
    assert done.returncode == 0, done.stderr
    assert "payments.stripe.key" in done.stdout
    told = await guerdon("tenants", "diff", live.slug, folder)
    assert told.returncode == 1, told.stderr
    assert "tiers.tiers[gold]" in told.stdout
    assert (await guerdon("tenants", "apply", folder, "--to", live.slug)).returncode == 0
    assert (await guerdon("tenants", "diff", live.slug, folder)).returncode == 0
    assert await hash_of(rt, live) == await hash_of(rt, sandbox)
