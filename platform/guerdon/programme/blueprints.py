"""Programmes to start from: folders in `tenants/blueprints/`, each for one kind of business."""

from pathlib import Path

from guerdon.kit.errors import NotFoundError
from guerdon.kit.paths import bundled
from guerdon.programme.folder import TenantFolder, TenantHead, read_folder
from guerdon.tenancy.lifecycle import State


def _root() -> Path:
    return bundled("tenants") / "blueprints"


def names() -> list[str]:
    """The blueprints there are."""
    return sorted(path.parent.name for path in _root().glob("*/tenant.toml"))


def from_blueprint(
    name: str, *, slug: str, title: str, status: State = State.SANDBOX
) -> TenantFolder:
    """A new brand's folder out of a blueprint: its programme takes the brand's name.

    Raises NotFoundError naming the blueprints that there are.
    """
    known = names()
    if name not in known:
        raise NotFoundError(
            f"There is no blueprint {name!r}; there are {', '.join(known)}.", field="blueprint"
        )
    path = _root() / name
    sections = read_folder(path, head=TenantHead(slug, title, status)).sections
    programme = {**sections.get("programme", {}), "name": title}
    return TenantFolder(path, TenantHead(slug, title, status), {**sections, "programme": programme})
