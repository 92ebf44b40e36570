"""The step of the points: their name, and two factors with what they come to in money."""

import asyncio
from typing import Any, Final

from litestar import Response, post
from litestar.di import NamedDependency

from guerdon.identity.policy import platform_public
from guerdon.kit.errors import GuerdonError, InvalidError
from guerdon.onboarding import blueprints, drafts
from guerdon.onboarding import examples as arithmetic
from guerdon.onboarding.names import check_title
from guerdon.onboarding.schemas import Draft, PointsChoice
from guerdon.platform_web.forms import Form, read_form
from guerdon.platform_web.web import Web
from guerdon.tenancy.operator import OPERATOR_ID

PUBLIC = {"policy": platform_public()}
_WORD_MAX: Final = 24


async def view(
    web: Web, draft: Draft, *, form: Form | None = None, error: GuerdonError | None = None
) -> dict[str, Any]:
    """The page's data, with the examples of what is typed where it can be worked."""
    given = draft.answers.points or _proposed(draft)
    worked: arithmetic.Worked | None = await asyncio.to_thread(_worked, draft, given)
    if form is None:
        fields = {
            "one": given.one, "other": given.other, "currency": given.currency,
            "earn_factor": given.earn_factor, "price_factor": given.price_factor,
        }  # fmt: skip
    else:
        fields = {name: form.text(name) for name in PointsChoice.__struct_fields__}
        try:
            worked = await asyncio.to_thread(_worked, draft, _read(form))
        except GuerdonError:
            worked = None
    return {**fields, "currencies": list(blueprints.RATES), "worked": worked}


def examples(draft: Draft) -> arithmetic.Worked | None:
    """The examples of what was kept."""
    return _worked(draft, draft.answers.points) if draft.answers.points else None


def _proposed(draft: Draft) -> PointsChoice:
    """What the blueprint says, in the language and the money of the owner."""
    blueprint = blueprints.blueprint(draft.answers.blueprint)
    language = draft.answers.brand.language if draft.answers.brand else "en"
    country = draft.answers.company.country if draft.answers.company else ""
    return PointsChoice(
        one=blueprint.points_one[language],
        other=blueprint.points_other[language],
        currency=_CURRENCIES.get(country, blueprint.currency),
        earn_factor=blueprint.earn_factor,
        price_factor=blueprint.price_factor,
    )


_EURO = ("DE", "ES", "FR", "IT", "PT", "IE", "NL", "BE", "AT", "FI", "GR")
_CURRENCIES: Final = {
    "US": "USD", "BR": "BRL", "MX": "MXN", "GB": "GBP", "AR": "ARS", "CL": "CLP", "CO": "COP",
    "PE": "PEN", **dict.fromkeys(_EURO, "EUR"),
}  # fmt: skip


def _worked(draft: Draft, given: PointsChoice) -> arithmetic.Worked:
    return arithmetic.worked(
        blueprints.blueprint(draft.answers.blueprint),
        currency=given.currency,
        earn_factor=given.earn_factor,
        price_factor=given.price_factor,
    )


def _read(form: Form) -> PointsChoice:
    """What is typed. Raises InvalidError."""
    currency = form.text("currency")
    if currency not in blueprints.RATES:
        raise InvalidError("Choose a currency of the list.", field="currency")
    earn = arithmetic.factor(form.text("earn_factor"), field="earn_factor")
    price = arithmetic.factor(form.text("price_factor"), field="price_factor")
    arithmetic.check_generosity(earn, price)
    return PointsChoice(
        one=check_title(form.text("one"), field="one", length_max=_WORD_MAX),
        other=check_title(form.text("other"), field="other", length_max=_WORD_MAX),
        currency=currency,
        earn_factor=earn,
        price_factor=price,
    )


async def keep(web: Web, draft: Draft, form: Form) -> dict[str, Any] | None:
    """Keep the points; with the button of the examples, show these first."""
    given = _read(form)
    if form.text("send") == "try":
        return await view(web, draft, form=form)
    async with web.rt.db.write(OPERATOR_ID) as s:
        held = await drafts.locked(s, draft.id, now=web.now)
        await drafts.answer(s, held, now=web.now, points=given)
    return None


@post("/sign-up/points/examples", opt=PUBLIC, status_code=200)
async def fragment(web: NamedDependency[Web]) -> Response[str]:
    """The examples of what is typed, while it is typed."""
    draft = await web.draft()
    drafts.require(draft, "points", terms=web.rt.terms)
    found = await view(web, draft, form=await read_form(web.request))
    return web.page("components/examples.html", found)


HANDLERS = [fragment]
