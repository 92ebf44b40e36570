"""A tenant as a folder: `tenant.toml` and what stands beside it. Applying it twice changes nothing.

`tenant.toml` has a table `[tenant]` (slug, name, status, hosts) and a table per section. What
`exports` writes is such a folder: a sandbox's can be applied to the live brand.
"""

import tomllib
from collections.abc import Awaitable, Callable, Mapping
from datetime import datetime
from pathlib import Path
from typing import Any
from uuid import UUID

import msgspec

from guerdon.audit.operations import record
from guerdon.catalogue.folder import apply_catalogue
from guerdon.kit.errors import InvalidError, NotFoundError
from guerdon.kit.ids import uuid7
from guerdon.parameters.differences import Edit, diff
from guerdon.parameters.operations import Published, publish
from guerdon.parameters.timeline import content_in_force
from guerdon.plumbing.files import name_of
from guerdon.runtime import Runtime
from guerdon.tenancy.lifecycle import BEGINNINGS, State
from guerdon.tenancy.operations import save_tenant
from guerdon.tenancy.schemas import Tenant

# Raised with every change that an older Guerdon would read wrongly; what it does not know at all
# it refuses anyway.
#   2: the state `active` is called `live`
SCHEMA = 2
# Fields whose value is a file: of the folder there, of the store here.
FILE_FIELDS = (("branding", "logo"), ("branding", "hero_picture"))


class NewerFolderError(InvalidError):
    """The folder was written by a newer Guerdon."""

    code = "newer_folder"
    title = "This folder is newer than this Guerdon"


class TenantHead(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The table `[tenant]`. `schema` is the form of the folder, told by an export; `status` the
    state of a brand that is made of it, and of no other."""

    slug: str
    name: str
    status: State = State.LIVE
    hosts: tuple[str, ...] = ()
    schema: int = SCHEMA


class TenantFolder(msgspec.Struct, frozen=True):
    """A folder that has been read: its head, its sections as plain data, its path."""

    path: Path
    head: TenantHead
    sections: dict[str, Any]

    def file(self, name: str) -> Path:
        """A file of the folder; InvalidError when it is missing or outside."""
        found = (self.path / name).resolve()
        if not found.is_relative_to(self.path.resolve()) or not found.is_file():
            raise InvalidError(f"The folder has no file {name!r}.", field=name)
        return found


class Applied(msgspec.Struct, frozen=True):
    """What applying a folder did."""

    tenant: Tenant
    published: Published
    changes: list[Edit]


# What a feature keeps of a folder beside parameters; called in this order after publishing.
FolderPart = Callable[[Runtime, Tenant, TenantFolder, datetime], Awaitable[object]]
PARTS: tuple[FolderPart, ...] = (apply_catalogue,)


def read_folder(path: Path, *, head: TenantHead | None = None) -> TenantFolder:
    """The tenant in `path`, under another `head` if given.

    InvalidError names what cannot be read.
    """
    file = path / "tenant.toml"
    try:
        content = tomllib.loads(file.read_text(encoding="utf-8"))
    except FileNotFoundError as error:
        raise NotFoundError(f"{file} is not there.", field="tenant.toml") from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise InvalidError(f"{file} cannot be read: {error}", field="tenant.toml") from error
    stated = content.pop("tenant", {})
    schema = stated.get("schema", SCHEMA) if isinstance(stated, dict) else SCHEMA
    if isinstance(schema, int) and schema > SCHEMA:
        raise NewerFolderError(
            f"{file} has the form {schema}, and this Guerdon reads forms up to {SCHEMA}. Upgrade"
            " it first, or export again with this one.",
            field="tenant.schema",
            schema=schema,
        )
    try:
        head = head or msgspec.convert(_upgraded(stated, schema, file), TenantHead)
    except msgspec.ValidationError as error:
        raise InvalidError(f"{file}, table [tenant]: {error}", field="tenant") from error
    if head.status not in BEGINNINGS:
        raise InvalidError(
            f"{file}: a brand begins as {', '.join(BEGINNINGS)}, not as {head.status}.",
            field="tenant.status",
        )
    return TenantFolder(path, head, content)


def _upgraded(stated: Any, schema: Any, file: Path) -> Any:
    """The table `[tenant]` as this form has it."""
    if not isinstance(stated, dict) or stated.get("status") != "active":
        return stated
    if schema != 1:
        raise InvalidError(
            f'{file}: the state "active" is called "live". Write `status = "live"`.',
            field="tenant.status",
        )
    return {**stated, "status": State.LIVE.value}


async def apply_folder(
    rt: Runtime,
    folder: TenantFolder,
    *,
    author: str,
    now: datetime,
    note: str = "",
    tenant_id: UUID | None = None,
) -> Applied:
    """Make the tenant what the folder says: head, parameters as a new version, then every part.

    The tenant is the one of the folder's slug; with `tenant_id` it is that one and no other, so
    that a slug which somebody else has is refused by the database.
    """
    head = folder.head
    host = f"{head.slug}.{rt.settings.base_domain}"
    tenant_id = tenant_id or await _tenant_id(rt, head.slug)
    async with rt.db.write(tenant_id) as s:
        tenant = await save_tenant(
            s,
            tenant_id=tenant_id,
            slug=head.slug,
            name=head.name,
            begins_as=head.status,
            canonical_host=head.hosts[0] if head.hosts else host,
            hosts=[*head.hosts, host],
        )
        await rt.secrets.ensure_data_key(s)
        before = await content_in_force(s, now)
        sections = await _with_files(rt, tenant_id, folder)
        published = await publish(
            s,
            registry=rt.snapshots.registry,
            content=sections,
            author=author,
            now=now,
            note=note,
        )
        after = await content_in_force(s, now)
        changes = diff(before, after)
        if published.changed:
            await record(
                s,
                actor="cli",
                action="parameters.applied",
                subject=f"version:{published.version}",
                summary={"author": author, "note": note, "paths": [c.path for c in changes[:50]]},
                now=now,
            )
    await rt.snapshots.load(tenant_id)
    for part in PARTS:
        await part(rt, tenant, folder, now)
    return Applied(tenant, published, changes)


async def preview_folder(rt: Runtime, folder: TenantFolder, *, now: datetime) -> list[Edit]:
    """What `apply_folder` would change of the parameters; nothing is written."""
    registry = rt.snapshots.registry
    tenant_id = await _tenant_id(rt, folder.head.slug)
    sections = await _with_files(rt, tenant_id, folder, keep=False)
    after = registry.encode(registry.decode(sections))
    async with rt.db.read(tenant_id) as s:
        return diff(await content_in_force(s, now), after)


async def _tenant_id(rt: Runtime, slug: str) -> UUID:
    try:
        return (await rt.directory.by_slug(slug)).id
    except NotFoundError:
        return uuid7()


async def _with_files(
    rt: Runtime, tenant_id: UUID, folder: TenantFolder, *, keep: bool = True
) -> Mapping[str, Any]:
    """The sections with names of files of the folder replaced by their names in the store."""
    sections = dict(folder.sections)
    for section, field in FILE_FIELDS:
        if name := sections.get(section, {}).get(field):
            file = folder.file(name)
            extension = file.suffix.removeprefix(".")
            content = file.read_bytes()
            stored = (
                await rt.files.put(tenant_id, content, extension)
                if keep
                else name_of(content, extension)
            )
            sections[section] = {**sections[section], field: stored}
    return sections
