"""The steps of a sign-up up to the look: who, on which terms, by what name, from which start."""

import asyncio
from typing import Any, Final

from litestar import Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath

from guerdon.identity.policy import platform_public
from guerdon.kit.errors import GuerdonError, NotFoundError
from guerdon.onboarding import blueprints, companies, drafts, names
from guerdon.onboarding.errors import DraftClosedError, NameRefusedError
from guerdon.onboarding.schemas import STEPS, BrandName, Draft
from guerdon.platform_web import goods, looks, points
from guerdon.platform_web.forms import Form, read_form
from guerdon.platform_web.landing import terms_view
from guerdon.platform_web.messages import FieldError, field_errors
from guerdon.platform_web.web import Web
from guerdon.tenancy.operator import OPERATOR_ID
from guerdon.theming.translations import LANGUAGES

PUBLIC = {"policy": platform_public()}
# A form with a picture or a table in it.
BODY_BYTES_MAX: Final = 12_000_000


@get("/sign-up/{step:str}", opt=PUBLIC)
async def show(step: FromPath[str], web: NamedDependency[Web]) -> Response[Any]:
    """A step with what was answered before."""
    draft = await _draft(web, step)
    view = await VIEWS[step](web, draft)
    return await page(web, draft, step, view)


@post("/sign-up/{step:str}", opt=PUBLIC, status_code=303, request_max_body_size=BODY_BYTES_MAX)
async def answer(step: FromPath[str], web: NamedDependency[Web]) -> Response[Any]:
    """Keep a step's answers and go on; what is wrong is said beside its field."""
    draft = await _draft(web, step)
    if step not in KEEP:
        raise NotFoundError
    form = await read_form(web.request)
    try:
        again = await KEEP[step](web, draft, form)
    except DraftClosedError:
        raise
    except GuerdonError as error:
        if error.status >= 500:
            raise
        view = await VIEWS[step](web, draft, form=form, error=error)
        view["errors"] = field_errors(error, web.words)
        return await page(web, draft, step, view, status=error.status)
    if again is not None:
        return await page(web, await web.draft(), step, again)
    # One answer after the other; what was answered before may be looked at and passed.
    following = STEPS[STEPS.index(step) + 1]
    first = drafts.open_step(await web.draft(), terms=web.rt.terms)
    return web.redirect(f"/sign-up/{'review' if first == 'review' else following}")


async def _draft(web: Web, step: str) -> Draft:
    if step not in STEPS:
        raise NotFoundError
    draft = await web.draft()
    if draft.state != "open":
        raise DraftClosedError(state=draft.state)
    drafts.require(draft, step, terms=web.rt.terms)
    return draft


async def page(
    web: Web, draft: Draft, step: str, view: dict[str, Any], *, status: int = 200
) -> Response[Any]:
    """The page of a step, with the way there is around it."""
    first = drafts.open_step(draft, terms=web.rt.terms)
    whole = {
        "errors": (),
        **view,
        "steps": [
            {"key": key, "done": STEPS.index(key) < STEPS.index(first), "here": key == step,
             "open": STEPS.index(key) <= STEPS.index(first)}
            for key in STEPS
        ],
        "at": STEPS.index(step) + 1,
        "of": len(STEPS),
        "email": draft.email_norm,
        "back": STEPS[STEPS.index(step) - 1] if step != STEPS[0] else "",
    }  # fmt: skip
    return web.page(f"pages/{step}.html", whole, section="sign-up", status=status)


def _typed(form: Form | None, name: str, kept: str) -> str:
    return kept if form is None else form.text(name)


async def _company_view(
    web: Web, draft: Draft, *, form: Form | None = None, error: GuerdonError | None = None
) -> dict[str, Any]:
    kept = draft.answers.company
    country = _typed(form, "country", kept.country if kept else _country(web.language))
    return {
        "person": _typed(form, "person", draft.answers.person),
        "legal_name": _typed(form, "legal_name", kept.legal_name if kept else ""),
        "country": country,
        "tax_id": _typed(form, "tax_id", kept.tax_id if kept else ""),
        "countries": companies.countries(web.language),
        "tax_ids": companies.TAX_IDS,
    }


def _country(language: str) -> str:
    return {"pt-BR": "BR", "es": "MX"}.get(language, "US")


async def _company_keep(web: Web, draft: Draft, form: Form) -> dict[str, Any] | None:
    company = companies.check(
        legal_name=form.text("legal_name"),
        country=form.text("country"),
        tax_id=form.text("tax_id"),
    )
    person = names.check_title(form.text("person"), field="person", length_max=120)
    async with web.rt.db.write(OPERATOR_ID) as s:
        held = await drafts.locked(s, draft.id, now=web.now)
        await drafts.answer(
            s, held, now=web.now, language=web.language, company=company, person=person
        )
    return None


async def _terms_view(
    web: Web, draft: Draft, *, form: Form | None = None, error: GuerdonError | None = None
) -> dict[str, Any]:
    kept = draft.answers.terms
    return {
        **terms_view(web),
        "accepted": web.rt.terms.in_force(kept),
        "earlier": kept is not None and not web.rt.terms.in_force(kept),
    }


async def _terms_keep(web: Web, draft: Draft, form: Form) -> dict[str, Any] | None:
    accepted = web.rt.terms.accept(version=form.text("terms"), language=web.language, now=web.now)
    if web.rt.terms.in_force(draft.answers.terms):
        return None
    async with web.rt.db.write(OPERATOR_ID) as s:
        held = await drafts.locked(s, draft.id, now=web.now)
        await drafts.answer(s, held, now=web.now, terms=accepted)
    return None


async def _brand_view(
    web: Web, draft: Draft, *, form: Form | None = None, error: GuerdonError | None = None
) -> dict[str, Any]:
    kept = draft.answers.brand
    name = _typed(form, "name", kept.name if kept else "")
    suggestions: list[str] = []
    errors: tuple[FieldError, ...] = ()
    if form is None and draft.fault == NameRefusedError.code:
        # Somebody else had it made first.
        error = NameRefusedError(field="slug", reason="taken")
        errors = field_errors(error, web.words)
    if isinstance(error, NameRefusedError) and error.field == "slug":
        async with web.rt.db.read(OPERATOR_ID) as s:
            suggestions = await names.suggest(s, name, own=draft.slug)
    return {
        "name": name,
        "slug": _typed(form, "slug", draft.slug or ""),
        "language": _typed(form, "language", kept.language if kept else web.language),
        "languages": list(LANGUAGES.items()),
        "suggestions": suggestions,
        "errors": errors,
        "domain": web.rt.settings.base_host,
    }


async def _brand_keep(web: Web, draft: Draft, form: Form) -> dict[str, Any] | None:
    name = names.check_title(form.text("name"), field="name", length_max=80)
    language = form.text("language") if form.text("language") in LANGUAGES else web.language
    wanted = form.text("choice") or form.text("slug") or names.from_name(name)
    slug = names.check_form(wanted)
    async with web.rt.db.write(OPERATOR_ID) as s:
        held = await drafts.locked(s, draft.id, now=web.now)
        await drafts.hold_name(s, held, slug=slug, now=web.now)
        await drafts.answer(s, held, now=web.now, brand=BrandName(name, language))
    return None


async def _blueprint_view(
    web: Web, draft: Draft, *, form: Form | None = None, error: GuerdonError | None = None
) -> dict[str, Any]:
    return {
        "blueprints": list(blueprints.every().values()),
        "chosen": _typed(form, "blueprint", draft.answers.blueprint),
    }


async def _blueprint_keep(web: Web, draft: Draft, form: Form) -> dict[str, Any] | None:
    chosen = blueprints.blueprint(form.text("blueprint")).key
    if chosen == draft.answers.blueprint:
        return None
    async with web.rt.db.write(OPERATOR_ID) as s:
        held = await drafts.locked(s, draft.id, now=web.now)
        # Points and rewards were looked at in another blueprint's light: they are asked again.
        await drafts.answer(s, held, now=web.now, blueprint=chosen, points=None, catalogue=None)
    return None


async def _review_view(
    web: Web, draft: Draft, *, form: Form | None = None, error: GuerdonError | None = None
) -> dict[str, Any]:
    answers = draft.answers
    company = answers.company
    country = dict(companies.countries(web.language)).get(company.country) if company else ""
    return {
        "answers": answers,
        "slug": draft.slug,
        "domain": web.rt.settings.base_host,
        "country": country,
        "language_name": LANGUAGES.get(answers.brand.language, "") if answers.brand else "",
        "worked": await asyncio.to_thread(points.examples, draft),
        "failed": bool(draft.fault),
    }


VIEWS: Final[dict[str, Any]] = {
    "company": _company_view,
    "terms": _terms_view,
    "brand": _brand_view,
    "blueprint": _blueprint_view,
    "look": looks.view,
    "points": points.view,
    "catalogue": goods.view,
    "review": _review_view,
}
KEEP: Final[dict[str, Any]] = {
    "company": _company_keep,
    "terms": _terms_keep,
    "brand": _brand_keep,
    "blueprint": _blueprint_keep,
    "look": looks.keep,
    "points": points.keep,
    "catalogue": goods.keep,
}
HANDLERS = [show, answer, *looks.HANDLERS, *points.HANDLERS, *goods.HANDLERS]
