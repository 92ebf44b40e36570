"""Goods of the supplier's sandbox, searched and chosen before there is a brand to sell them.

A sign-up searches with an account of its own: the sandbox opens one for whoever asks. What is
chosen is kept as it was seen, so that making the brand waits for no supplier.
"""

import re
import tomllib
from collections.abc import Collection
from functools import cache
from typing import Any, Final

import msgspec

from guerdon.catalogue.schemas import ProductDefinition, check_definition
from guerdon.fulfilment import picking
from guerdon.fulfilment.parameters import SupplierParameters
from guerdon.fulfilment.port import SupplierProduct, SupplierProducts
from guerdon.fulfilment.providers.amazon_business import AmazonBusiness
from guerdon.fulfilment.providers.amazon_client import AmazonClient, Credentials
from guerdon.identity.keyring import mac_text
from guerdon.kit.errors import InvalidError
from guerdon.kit.paths import bundled
from guerdon.onboarding import arrivals
from guerdon.onboarding.blueprints import RATES
from guerdon.onboarding.schemas import Draft
from guerdon.parameters.sections import Language
from guerdon.runtime import Runtime
from guerdon.tenancy.operator import OPERATOR_ID

PICKS_MAX: Final = 20
WORDS_MAX: Final = 100
# With every pick ticked beside them, a form stays below the fields that it may have.
HITS: Final = 12
_TITLE_MAX: Final = 50


def offered(rt: Runtime) -> bool:
    """Whether there is a sandbox of a supplier that opens accounts for whoever asks."""
    return rt.settings.sandbox_accounts


async def search(rt: Runtime, *, draft: Draft, words: str, client: str) -> SupplierProducts:
    """The first page of what the supplier has under `words`. Calls the supplier.

    Raises InvalidError, TooManyRequestsError, SupplierUnavailableError, SupplierRefusedError.
    """
    if not offered(rt):
        raise InvalidError("There is no supplier to search.", field="source")
    if not words:
        raise InvalidError("Type what to search for.", field="words", reason="required")
    if len(words) > WORDS_MAX:
        raise InvalidError("That is long.", field="words", reason="length", max=WORDS_MAX)
    await arrivals.charge_search(rt, client=client)
    return await _account(rt, draft).search(text=words, page_size=HITS)


async def chosen(
    rt: Runtime, *, draft: Draft, skus: Collection[str], asked: str, client: str
) -> tuple[ProductDefinition, ...]:
    """The products `skus`: those that the draft has, the others of a new search for `asked`.

    Raises as `search`, and InvalidError for what cannot be had or is too much.
    """
    if len(skus) > PICKS_MAX:
        raise InvalidError("Too many.", field="words", reason="picks", max=PICKS_MAX)
    before = draft.answers.catalogue
    goods = [one for one in (before.goods if before else ()) if one.variants[0].sku in skus]
    fresh = set(skus) - {one.variants[0].sku for one in goods}
    if fresh:
        found = await search(rt, draft=draft, words=asked, client=client)
        hits = [one for one in found.items if one.sku in fresh]
        if len(hits) != len(fresh):
            raise InvalidError("It is gone.", field="words", reason="pick_gone")
        goods += [_definition(one, draft) for one in hits]
    return tuple(goods)


def _definition(found: SupplierProduct, draft: Draft) -> ProductDefinition:
    """The hit as a draft of the catalogue, checked as it will be when the brand is made."""
    if not found.publishable:
        raise InvalidError("The supplier restricts it.", field="words", reason="pick_restricted")
    brand = draft.answers.brand
    parameters, category = _sandbox()
    language: Language = msgspec.convert(brand.language if brand else "en", Language)
    title = picking.slug_of(found.title)[:_TITLE_MAX].strip("-")
    made = picking.definition(
        found,
        supplier=parameters.key,
        category=category,
        language=language,
        # Titles repeat, SKUs do not.
        slug=f"{title}-{re.sub('[^a-z0-9]', '', found.sku.lower())}",
    )
    try:
        # What cannot be read back must not be kept.
        made = msgspec.convert(msgspec.to_builtins(made), ProductDefinition)
    except msgspec.ValidationError as error:
        raise InvalidError(str(error), field="words", reason="pick_gone") from error
    if any(check_definition(made, {category: None}, list(RATES))):
        raise InvalidError("There is no rate.", field="words", reason="pick_restricted")
    return made


def _account(rt: Runtime, draft: Draft) -> AmazonBusiness:
    """The sign-up's account at the sandbox; the brand gets another when it is made."""
    parameters, _ = _sandbox()
    secret = mac_text(rt.settings, "signup", OPERATOR_ID, "supplier", draft.id.hex)
    client = AmazonClient(
        rt,
        tenant_id=draft.brand_id,
        supplier=parameters.key,
        user_email=draft.email_norm,
        credentials=Credentials(
            f"amzn1.application-oa2-client.{draft.id.hex}", secret[:40], f"Atzr|{secret[:40]}"
        ),
    )
    return AmazonBusiness(client, parameters, rt)


@cache
def _sandbox() -> tuple[SupplierParameters, str]:
    """The supplier that every brand in sandbox has, and the shelf of its goods."""
    path = bundled("tenants") / "sandbox" / "parameters.toml"
    told: dict[str, Any] = tomllib.loads(path.read_text(encoding="utf-8"))
    supplier = msgspec.convert(told["fulfilment"]["suppliers"][0], SupplierParameters)
    return supplier, told["catalogue"]["categories"][0]["key"]
