"""A tenant's parameters written out as a folder: to review, to keep, to apply elsewhere.

What a sandbox has tried goes live this way. Pictures come along by their content, so that both
brands end up with the same content hash. Secrets never come along.
"""

import asyncio
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

import tomli_w

from guerdon.domains import queries as domains
from guerdon.kit.errors import ConflictError, NotFoundError
from guerdon.parameters.timeline import content_in_force, normal
from guerdon.programme.folder import FILE_FIELDS, SCHEMA, TenantHead
from guerdon.runtime import Runtime
from guerdon.tenancy.lifecycle import beginning_of
from guerdon.tenancy.schemas import Tenant


class FolderTakenError(ConflictError):
    """The folder to write to holds something already."""

    code = "folder_taken"
    title = "The folder is not empty"


async def export_folder(rt: Runtime, tenant: Tenant, path: Path, *, now: datetime) -> None:
    """Write what is in force into `path`, which is empty or not there.

    Raises FolderTakenError, NotFoundError for a picture that the store has lost.
    """
    registry = rt.snapshots.registry
    async with rt.db.read(tenant.id) as s:
        content = normal(registry, await content_in_force(s, now))
    files: dict[str, bytes] = {}
    sections = without_nulls(content)
    for section, field in FILE_FIELDS:
        if name := content[section][field]:
            files[f"pictures/{name}"], _ = await rt.files.get(tenant.id, name)
            sections[section][field] = f"pictures/{name}"
    status = beginning_of(tenant.status).value
    head = {"schema": SCHEMA, "slug": tenant.slug, "name": tenant.name, "status": status}
    text = tomli_w.dumps({"tenant": head, **sections}, multiline_strings=False)
    # A field that may be null and is something else by default could not be told in TOML.
    if registry.encode(registry.convert(without_nulls(content))) != content:
        raise RuntimeError("an export would not bring back what is in force")
    await asyncio.to_thread(_write, path, {"tenant.toml": text.encode(), **files})


def _write(path: Path, files: Mapping[str, bytes]) -> None:
    path.mkdir(parents=True, exist_ok=True)
    if any(path.iterdir()):
        raise FolderTakenError(f"{path} is not empty. Name a folder that is.", field="folder")
    for name, content in files.items():
        file = path / name
        file.parent.mkdir(exist_ok=True)
        file.write_bytes(content)


def without_nulls(value: Any) -> Any:
    """Plain data without what is null: TOML has no word for it, and absent means the same."""
    if isinstance(value, dict):
        return {key: without_nulls(inner) for key, inner in value.items() if inner is not None}
    if isinstance(value, list):
        return [without_nulls(inner) for inner in value]
    return value


async def head_of(rt: Runtime, slug: str) -> TenantHead:
    """A brand's own head: its name and hosts stay when another's folder is applied."""
    try:
        tenant = await rt.directory.by_slug(slug)
    except NotFoundError as error:
        raise NotFoundError(f"There is no brand {slug!r}.", field="slug") from error
    async with rt.db.read(tenant.id) as s:
        proved = await domains.proved(s)
    # What was proved here has to be proved anew elsewhere.
    hosts = dict.fromkeys(h for h in (tenant.canonical_host, *tenant.hosts) if h not in proved)
    return TenantHead(slug, tenant.name, beginning_of(tenant.status), tuple(hosts))
