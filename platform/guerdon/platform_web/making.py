"""The brand is made, and what its owner does next."""

from typing import Any

import structlog
from litestar import Response, get, post
from litestar.datastructures import State
from litestar.di import NamedDependency

from guerdon.identity import staff, staff_links
from guerdon.identity.policy import platform_public
from guerdon.kit.errors import GuerdonError
from guerdon.onboarding import arrivals, drafts, first_member
from guerdon.onboarding.errors import DraftClosedError, DraftIncompleteError
from guerdon.onboarding.founding import Founder
from guerdon.onboarding.schemas import Draft
from guerdon.platform_web.web import Web
from guerdon.tenancy.operator import OPERATOR_ID
from guerdon.tenancy.schemas import Tenant

PUBLIC = {"policy": platform_public()}
_log = structlog.get_logger("guerdon.platform_web")


@post("/sign-up/found", opt=PUBLIC, status_code=303)
async def found(web: NamedDependency[Web], state: State) -> Response[Any]:
    """Make the brand: all of it, or nothing that anybody sees. Sent twice, it is made once."""
    draft = await web.draft()
    if draft.state == "founded":
        return web.redirect("/sign-up/ready")
    drafts.require(draft, "review", terms=web.rt.terms)
    if draft.state == "open":
        await arrivals.charge_brand(web.rt, draft=draft, client=web.porch.address)
    async with web.rt.db.write(OPERATOR_ID) as s:
        mine = await drafts.claim(s, draft, terms=web.rt.terms, now=web.now)
    if mine:
        await _make(web, draft, state.founder)
    after = await web.draft()
    step = drafts.open_step(after, terms=web.rt.terms) if after.state == "open" else "ready"
    return web.redirect(f"/sign-up/{step}")


async def _make(web: Web, draft: Draft, founder: Founder) -> None:
    fault = "internal"
    try:
        await founder(web.rt, draft, now=web.now)
        fault = ""
    except GuerdonError as error:
        fault = error.code[:60]
        if error.status >= 500:
            raise
        _log.warning("signup.not_founded", signup=str(draft.id), code=error.code)
    finally:
        # Whatever stopped it, nobody waits for a brand that is not being made.
        async with web.rt.db.write(OPERATOR_ID) as s:
            if fault:
                await drafts.release(s, draft, fault=fault, now=web.now)
            else:
                await drafts.close(s, draft, now=web.now)


@get("/sign-up/ready", opt=PUBLIC)
async def ready(web: NamedDependency[Web]) -> Response[Any]:
    """The brand, and the next steps; while it is being made, that it is."""
    draft = await web.draft()
    if draft.state == "open":
        return web.redirect(f"/sign-up/{drafts.open_step(draft, terms=web.rt.terms)}")
    if draft.state == "founding":
        return web.page("pages/making.html", {"email": draft.email_norm}, section="sign-up")
    tenant = await web.rt.directory.by_id(draft.brand_id)
    view = {
        "brand": tenant.name,
        "slug": tenant.slug,
        "site": web.rt.settings.tenant_url(tenant.canonical_host),
        "console": f"{web.rt.settings.console_url}/{tenant.slug}",
        "email": draft.email_norm,
        "account": await _account(web, draft, tenant),
        "first": await first_member.steps(web.rt, tenant=tenant, email=draft.email_norm),
        "points": draft.answers.points,
        "sandbox": tenant.status == "sandbox",
    }
    template = "components/first_steps.html" if web.is_part else "pages/ready.html"
    return web.page(template, view, section="done")


async def _account(web: Web, draft: Draft, tenant: Tenant) -> dict[str, Any]:
    """How the owner gets into the console: by the invitation, until it has been used."""
    async with web.rt.db.read(tenant.id) as s:
        who = await staff.by_email(s, draft.email_norm)
        link = who and await staff_links.latest(
            s, staff_id=who.id, purpose=staff_links.INVITATION, now=web.now
        )
    if link:
        url = staff_links.address(web.rt.settings, tenant.id, tenant.slug, link.id)
        return {"set_up": False, "url": url}
    return {"set_up": True, "url": f"{web.rt.settings.console_url}/{tenant.slug}"}


@post("/sign-up/member", opt=PUBLIC, status_code=303)
async def member(web: NamedDependency[Web]) -> Response[Any]:
    """Make the owner a member with a first purchase, to see a redemption through."""
    draft = await web.draft()
    if draft.state == "open":
        raise DraftIncompleteError(step=drafts.open_step(draft, terms=web.rt.terms))
    if draft.state != "founded":
        raise DraftClosedError(state=draft.state)
    tenant = await web.rt.directory.by_id(draft.brand_id)
    brand = draft.answers.brand
    await first_member.ensure(
        web.rt,
        tenant=tenant,
        email=draft.email_norm,
        name=draft.answers.person,
        language=brand.language if brand else draft.language,
        now=web.now,
    )
    return web.redirect("/sign-up/ready")


HANDLERS = [found, ready, member]
