"""The step of the rewards: the blueprint's, a file of the owner's own, goods of a supplier."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

from litestar import Response, get
from litestar.di import NamedDependency

from guerdon.fulfilment.errors import SupplierRefusedError, SupplierUnavailableError
from guerdon.identity.policy import platform_public
from guerdon.kit.errors import GuerdonError, InvalidError
from guerdon.kit.ids import uuid7
from guerdon.onboarding import blueprints, drafts, own_goods, supplier_goods
from guerdon.onboarding.schemas import CatalogueChoice, Draft
from guerdon.platform_web import shelf
from guerdon.platform_web.forms import Form
from guerdon.platform_web.messages import FieldError, field_message
from guerdon.platform_web.web import Web
from guerdon.plumbing.uploads import Uploads, UploadTooLargeError
from guerdon.tenancy.operator import OPERATOR_ID

PUBLIC = {"policy": platform_public()}


async def view(
    web: Web, draft: Draft, *, form: Form | None = None, error: GuerdonError | None = None
) -> dict[str, Any]:
    """The page's data; after a file that was refused, with its lines."""
    if error is not None:
        # What was ticked may have been kept before the search was refused.
        draft = await web.draft()
    kept = draft.answers.catalogue
    blueprint = blueprints.blueprint(draft.answers.blueprint)
    seen = error.seen if isinstance(error, own_goods.NothingToTakeError) else None
    return {
        "blueprint": blueprint,
        "source": _source(form) if form else (kept.source if kept else "blueprint"),
        "kept": kept,
        "refusals": seen.refusals if seen else (),
        "categories": blueprint.categories,
        "supplier": own_goods.SUPPLIER,
        "taken": False,
        "shelf": shelf.of_draft(draft, form) if supplier_goods.offered(web.rt) else None,
    }


async def keep(web: Web, draft: Draft, form: Form) -> dict[str, Any] | None:
    """Keep the choice; a file is looked through first, and its refused lines are shown."""
    if _source(form) == "supplier":
        return await _keep_picks(web, draft, form)
    name, content = await form.file("file")
    chosen, refusals = CatalogueChoice("blueprint"), None
    if form.text("source") == "file":
        before = draft.answers.catalogue
        if content:
            seen = await _looked_through(draft, content)
            chosen = CatalogueChoice(
                "file",
                upload_id=uuid7(),
                file_name=Path(name).name[:120],
                products=seen.products,
                refused=seen.refused,
            )
            await _kept(web, chosen, seen.content)
            refusals = seen.refusals
        elif before is not None and before.source == "file":
            chosen = before
        else:
            raise InvalidError("Choose a file.", field="file", reason="required")
    async with web.rt.db.write(OPERATOR_ID) as s:
        held = await drafts.locked(s, draft.id, now=web.now)
        kept = await drafts.answer(s, held, now=web.now, catalogue=chosen)
    if not refusals:
        return None
    return {**await view(web, kept), "refusals": refusals, "taken": True}


def _source(form: Form) -> str:
    """What is chosen; whoever presses the button of the search wants the supplier."""
    return "supplier" if form.text("send") == "search" else form.text("source")


async def _keep_picks(web: Web, draft: Draft, form: Form) -> dict[str, Any] | None:
    """Keep what is ticked; with the button of the search, look for more."""
    searching = form.text("send") == "search"
    client, words = web.porch.address, form.text("words")
    try:
        goods = await supplier_goods.chosen(
            web.rt,
            draft=draft,
            skus=form.ticked(shelf.BOX),
            asked=form.text("asked"),
            client=client,
        )
        if not goods and not searching:
            raise InvalidError("Choose a product.", field="words", reason="pick_none")
        before = draft.answers.catalogue
        if goods or (before is not None and before.source == "supplier"):
            kept = CatalogueChoice("supplier", goods=goods) if goods else None
            async with web.rt.db.write(OPERATOR_ID) as s:
                held = await drafts.locked(s, draft.id, now=web.now)
                draft = await drafts.answer(s, held, now=web.now, catalogue=kept)
        if not searching:
            return None
        found = await supplier_goods.search(web.rt, draft=draft, words=words, client=client)
    except (SupplierUnavailableError, SupplierRefusedError) as error:
        told = FieldError("words", field_message(error, web.words))
        return {**await view(web, draft, form=form), "errors": (told,)}
    seen = shelf.of_hits(draft, words, found)
    return {**await view(web, draft, form=form), "shelf": seen}


async def _looked_through(draft: Draft, content: bytes) -> own_goods.Seen:
    if len(content) > own_goods.FILE_BYTES_MAX:
        raise UploadTooLargeError(field="file", maximum=own_goods.FILE_BYTES_MAX)
    blueprint = blueprints.blueprint(draft.answers.blueprint)
    return await asyncio.to_thread(own_goods.look_through, content, blueprint)


async def _kept(web: Web, chosen: CatalogueChoice, content: bytes) -> None:
    async def whole() -> AsyncIterator[bytes]:
        yield content

    if chosen.upload_id is not None:
        await Uploads(Path(web.rt.settings.files_dir)).keep(
            OPERATOR_ID, chosen.upload_id, whole(), bytes_max=own_goods.FILE_BYTES_MAX
        )


@get("/sign-up/catalogue/sample.csv", opt=PUBLIC)
async def sample(web: NamedDependency[Web]) -> Response[str]:
    """A file to begin with."""
    draft = await web.draft()
    drafts.require(draft, "catalogue", terms=web.rt.terms)
    currency = draft.answers.points.currency if draft.answers.points else "USD"
    return Response(
        own_goods.sample(blueprints.blueprint(draft.answers.blueprint), currency),
        media_type="text/csv; charset=utf-8",
        headers={
            "content-disposition": 'attachment; filename="catalogue.csv"',
            "cache-control": "no-store",
            "x-content-type-options": "nosniff",
        },
    )


HANDLERS = [sample]
