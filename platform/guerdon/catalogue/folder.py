"""A catalogue beside a brand's `tenant.toml`: `catalogue.toml` and its pictures.

`[[product]]` is a `ProductDefinition` whose pictures are files of the folder; `[[price_list]]` is
a `PriceListDefinition`. Applying the same folder again changes nothing.
"""

import tomllib
from datetime import datetime
from pathlib import Path
from typing import Any, Protocol, TypeVar
from uuid import UUID

import msgspec

from guerdon.catalogue.operations import PRODUCTS_PER_CALL_MAX, apply_products
from guerdon.catalogue.parameters import CatalogueParameters
from guerdon.catalogue.price_lists import apply_price_list
from guerdon.catalogue.rules import price_rules
from guerdon.catalogue.schemas import Applied, PriceListDefinition, ProductDefinition
from guerdon.catalogue.svg import check_svg
from guerdon.kit.errors import InvalidError
from guerdon.runtime import Runtime
from guerdon.tenancy.schemas import Tenant

T = TypeVar("T")
FILE = "catalogue.toml"


class Folder(Protocol):
    """What is needed of a tenant's folder."""

    @property
    def path(self) -> Path: ...

    def file(self, name: str) -> Path: ...


async def apply_catalogue(rt: Runtime, tenant: Tenant, folder: Folder, now: datetime) -> Applied:
    """Make the tenant's products and price lists what the folder says; no file, no change.

    Raises InvalidError, InvalidProductError, SkuTakenError, PriceListError.
    """
    if not (folder.path / FILE).is_file():
        return Applied()
    content = _read(folder.path / FILE)
    definitions = [
        await _definition(rt, tenant.id, folder, n, plain)
        for n, plain in enumerate(content.get("product", []), start=1)
    ]
    lists = [_convert(plain, PriceListDefinition, "price_list") for plain in content["price_list"]]
    snapshot = await rt.snapshot(tenant.id, now)
    rules = price_rules(snapshot)
    categories = dict.fromkeys(snapshot[CatalogueParameters].category_keys)
    applied = Applied()
    for start in range(0, len(definitions), PRODUCTS_PER_CALL_MAX):
        async with rt.db.write(tenant.id) as s:
            applied += await apply_products(
                s,
                definitions=definitions[start : start + PRODUCTS_PER_CALL_MAX],
                categories=categories,
                rules=rules,
                now=now,
            )
    for definition in lists:
        async with rt.db.write(tenant.id) as s:
            await apply_price_list(s, definition=definition, now=now)
    return applied


def _read(path: Path) -> dict[str, Any]:
    try:
        content = tomllib.loads(path.read_text(encoding="utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise InvalidError(f"{path} cannot be read: {error}", field=FILE) from error
    content.setdefault("price_list", [])
    if unknown := set(content) - {"product", "price_list"}:
        raise InvalidError(f"{path} has an unknown table {min(unknown)!r}.", field=FILE)
    return content


async def _definition(
    rt: Runtime, tenant_id: UUID, folder: Folder, number: int, plain: dict[str, Any]
) -> ProductDefinition:
    plain = dict(plain)
    plain["variants"] = plain.pop("variant", [])
    names = {
        language: text.get("name", "")
        for language, text in plain.get("texts", {}).items()
        if isinstance(text, dict)
    }
    pictures = []
    for name in plain.get("pictures", []):
        file = folder.file(name)
        content = file.read_bytes()
        if file.suffix == ".svg":
            check_svg(content, field=name)
        stored = await rt.files.put(tenant_id, content, file.suffix.removeprefix("."))
        pictures.append({"file": stored, "alt": names})
    plain["pictures"] = pictures
    return _convert(plain, ProductDefinition, str(plain.get("slug") or f"product {number}"))


def _convert(plain: Any, kind: type[T], where: str) -> T:
    try:
        return msgspec.convert(plain, kind)
    except msgspec.ValidationError as error:
        raise InvalidError(f"{FILE}, {where}: {error}", field=where) from error
