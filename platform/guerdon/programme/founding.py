"""A brand out of a sign-up's draft: a folder is written of it and applied like any other.

Every step may be repeated and comes to the same end, under the id that the draft has had from
its start. Until the last step the brand is `pending`: its site says that it opens soon.
"""

import asyncio
import shutil
import tempfile
import tomllib
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Any, Final

import psycopg
import tomli_w

from guerdon.audit import operations as audit
from guerdon.catalogue import imports, operations
from guerdon.catalogue.parameters import CatalogueParameters
from guerdon.catalogue.rules import price_rules
from guerdon.identity import staff, staff_people
from guerdon.identity.staff_people import Invitation
from guerdon.kit.ids import secret_token
from guerdon.kit.paths import bundled
from guerdon.onboarding import companies
from guerdon.onboarding.blueprints import blueprint, rates
from guerdon.onboarding.errors import DraftIncompleteError, NameRefusedError
from guerdon.onboarding.schemas import Answers, BrandName, CatalogueChoice, Draft, PointsChoice
from guerdon.plans.operations import set_plan
from guerdon.plans.plans import FREE
from guerdon.plumbing.uploads import Uploads
from guerdon.programme.exports import without_nulls
from guerdon.programme.folder import TenantHead, apply_folder, read_folder
from guerdon.runtime import Runtime
from guerdon.tenancy import terms
from guerdon.tenancy.lifecycle import State, Who
from guerdon.tenancy.operator import OPERATOR_ID
from guerdon.tenancy.schemas import Tenant
from guerdon.tenancy.transitions import change_state
from guerdon.theming.translations import LANGUAGES

ACTOR: Final = "onboarding"
_SUPPLIER: Final = "parcels"


async def found(rt: Runtime, draft: Draft, *, now: datetime) -> Tenant:
    """Make the draft's brand, or go on making it. Raises NameRefusedError for a name that has
    been taken since, DraftIncompleteError, InvalidParametersError."""
    answers = draft.answers
    if not (answers.brand and answers.company and answers.terms and answers.points and draft.slug):
        raise DraftIncompleteError("An answer is missing.", step="review")
    logo = b""
    if answers.look and answers.look.logo:
        logo, _ = await rt.files.get(OPERATOR_ID, answers.look.logo)
    with tempfile.TemporaryDirectory(prefix="founding-") as place:
        path = Path(place)
        await asyncio.to_thread(_write, path, rt, draft, logo)
        head = TenantHead(draft.slug, answers.brand.name, State.PENDING)
        folder = read_folder(path, head=head)
        try:
            applied = await apply_folder(
                rt, folder, author=ACTOR, now=now, note=answers.blueprint, tenant_id=draft.brand_id
            )
        except psycopg.errors.UniqueViolation as error:
            raise NameRefusedError("This name is taken.", field="slug", reason="taken") from error
    tenant = applied.tenant
    if rt.settings.sandbox_accounts:
        await _open_accounts(rt, tenant)
    if answers.catalogue is not None and answers.catalogue.upload_id is not None:
        await _import(rt, tenant, answers.catalogue, now)
    if answers.catalogue is not None and answers.catalogue.goods:
        await _pick(rt, tenant, answers.catalogue, now)
    async with rt.db.write(tenant.id) as s:
        await companies.keep(s, answers.company, now=now)
        await terms.keep(s, answers.terms, by=draft.email_norm)
        if await staff.by_email(s, draft.email_norm) is None:
            await staff_people.invite(
                s,
                people=[Invitation(draft.email_norm, ("owner",), answers.person, draft.language)],
                by=None,
                actor=ACTOR,
                now=now,
            )
            # A stranger's brand has hard limits from its first moment.
            await set_plan(s, plan=FREE, overrides={}, actor=ACTOR, now=now)
            await audit.record(
                s,
                actor=ACTOR,
                action="tenant.founded",
                subject=f"tenant:{tenant.slug}",
                summary={"blueprint": answers.blueprint, "terms": answers.terms.version},
                now=now,
            )
        if tenant.status is State.PENDING:
            await change_state(s, to=State.SANDBOX, by=Who.SYSTEM, actor=ACTOR, reason="", now=now)
    return tenant


def _write(path: Path, rt: Runtime, draft: Draft, logo: bytes) -> None:
    """The brand's folder, made of the blueprint's and the answers."""
    answers = draft.answers
    source = bundled("tenants") / "blueprints" / blueprint(answers.blueprint).key
    shutil.copytree(source, path, dirs_exist_ok=True)
    sections: dict[str, Any] = tomllib.loads((source / "tenant.toml").read_text(encoding="utf-8"))
    goods = (source / "catalogue.toml").read_text(encoding="utf-8")
    if rt.settings.sandbox_accounts:
        extra = bundled("tenants") / "sandbox"
        shutil.copytree(extra / "pictures", path / "pictures", dirs_exist_ok=True)
        more = tomllib.loads((extra / "parameters.toml").read_text(encoding="utf-8"))
        more["fulfilment"]["suppliers"][0]["buyer_email"] = draft.email_norm
        sections = _merged(sections, more)
        own = answers.catalogue is not None and answers.catalogue.source != "blueprint"
        goods = ("" if own else goods) + (extra / "catalogue.toml").read_text(encoding="utf-8")
    elif answers.catalogue is not None and answers.catalogue.source != "blueprint":
        goods = ""
    sections = _answered(sections, answers, draft)
    if logo and answers.look is not None:
        name = f"pictures/own-logo.{answers.look.logo.rpartition('.')[2]}"
        (path / name).write_bytes(logo)
        sections["branding"]["logo"] = name
    (path / "catalogue.toml").write_text(goods, encoding="utf-8")
    text = tomli_w.dumps(without_nulls(sections), multiline_strings=False)
    (path / "tenant.toml").write_text(text, encoding="utf-8")


def _merged(base: Mapping[str, Any], more: Mapping[str, Any]) -> dict[str, Any]:
    """Tables joined, lists put one behind the other, all else replaced."""
    merged = dict(base)
    for key, value in more.items():
        there = merged.get(key)
        if isinstance(there, dict) and isinstance(value, dict):
            merged[key] = _merged(there, value)
        elif isinstance(there, list) and isinstance(value, list):
            merged[key] = [*there, *value]
        else:
            merged[key] = value
    return merged


def _answered(sections: dict[str, Any], answers: Answers, draft: Draft) -> dict[str, Any]:
    """The sections with what the owner said in place of the blueprint's words."""
    brand, points, company = answers.brand, answers.points, answers.company
    if brand is None or points is None or company is None:
        raise DraftIncompleteError("An answer is missing.", step="review")
    languages = [brand.language, *(one for one in LANGUAGES if one != brand.language)]
    programme = {
        **sections["programme"],
        "name": brand.name,
        "legal_name": company.legal_name,
        "currency": points.currency,
        "languages": languages,
        "support_email": draft.email_norm,
    }
    branding = {
        **sections["branding"],
        "points_name": _points_name(sections["branding"]["points_name"], brand, points),
    }
    if answers.look is not None:
        branding["brand_colour"] = answers.look.colour
    catalogue = {**sections["catalogue"], "fx": rates(points.currency)}
    asked = {
        **sections["points"],
        "earn_factor": points.earn_factor,
        "price_factor": points.price_factor,
    }
    return {
        **sections,
        "programme": programme,
        "branding": branding,
        "catalogue": catalogue,
        "points": asked,
    }


def _points_name(
    of_blueprint: Mapping[str, Any], brand: BrandName, points: PointsChoice
) -> dict[str, Any]:
    """The owner's word in every language, unless it is the blueprint's, which has them all."""
    word = {"one": points.one, "other": points.other}
    if dict(of_blueprint[brand.language]) == word:
        return dict(of_blueprint)
    return dict.fromkeys(LANGUAGES, word)


async def _open_accounts(rt: Runtime, tenant: Tenant) -> None:
    """Accounts at the sandboxes: these open one when its credentials are first used."""
    async with rt.db.write(tenant.id) as s:
        if await rt.secrets.get(s, f"fulfilment.{_SUPPLIER}.client_id") is not None:
            return
        wanted = {
            f"fulfilment.{_SUPPLIER}.client_id": f"amzn1.application-oa2-client.{tenant.id.hex}",
            f"fulfilment.{_SUPPLIER}.client_secret": secret_token(24),
            f"fulfilment.{_SUPPLIER}.refresh_token": f"Atzr|{secret_token(24)}",
            "payments.stripe.api_key": f"sk_test_{tenant.id.hex}",
            "payments.stripe.webhook_secret": f"whsec_{secret_token(18)}",
        }
        for name, value in wanted.items():
            await rt.secrets.put(s, name, value)


async def _import(rt: Runtime, tenant: Tenant, chosen: CatalogueChoice, now: datetime) -> None:
    """The owner's own products: the file holds those that the sign-up's look at it let pass."""
    if chosen.upload_id is None:
        return
    snapshot = await rt.snapshot(tenant.id, now)
    file = await asyncio.to_thread(
        Uploads(Path(rt.settings.files_dir)).open, OPERATOR_ID, chosen.upload_id
    )
    with file:
        await imports.run(
            rt,
            tenant_id=tenant.id,
            file=file,
            categories=dict.fromkeys(snapshot[CatalogueParameters].category_keys),
            rules=price_rules(snapshot),
            now=now,
        )


async def _pick(rt: Runtime, tenant: Tenant, chosen: CatalogueChoice, now: datetime) -> None:
    """The goods chosen at the supplier, as drafts at the brand's own prices."""
    snapshot = await rt.snapshot(tenant.id, now)
    async with rt.db.write(tenant.id) as s:
        await operations.apply_products(
            s,
            definitions=chosen.goods,
            categories=dict.fromkeys(snapshot[CatalogueParameters].category_keys),
            rules=price_rules(snapshot),
            now=now,
        )
