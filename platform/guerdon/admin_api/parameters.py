"""Parameters as they are in force, and as a draft would have them."""

from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from litestar import Response, get
from litestar.params import FromPath, QueryParameter
from msgspec import UNSET, Meta

from guerdon.admin_api.change_set_requests import TAGS, language_of, registry_of, view_of
from guerdon.admin_api.change_set_values import ChangeSetHead, FindingOut
from guerdon.admin_api.requests import AdminRequest, answer
from guerdon.identity.policy import staff
from guerdon.kit.errors import NotFoundError
from guerdon.parameters import queries, timeline
from guerdon.parameters.change_sets import draft_of, findings_of_change
from guerdon.parameters.schema import section_schema, translated
from guerdon.parameters.sections import Section
from guerdon.theming.translations import translator
from guerdon.wire.openapi import Read
from guerdon.wire.values import Out

READ = {"policy": staff("parameters:read")}
ChangeSetQuery = Annotated[
    UUID | None,
    QueryParameter(name="changeSet", description="With the draft of this change set beside it"),
]
SectionName = Annotated[FromPath[str], Meta(max_length=60)]


class SectionOut(Out, frozen=True):
    """A section: what is in force, what a draft makes of it, and what its fields are.

    `schema` is JSON Schema in the reader's language, with `x-unit`, `x-risk`, `x-area`,
    `x-secret` and `x-labels`. `built` is false while nothing acts on the section yet.
    """

    name: str
    title: str
    description: str
    area: str
    built: bool
    content: dict[str, Any]
    schema: dict[str, Any]
    draft: Any = UNSET


class ParametersOut(Out, frozen=True):
    """Everything that is in force, and what is scheduled."""

    version: int
    effective_at: datetime
    content_hash: str
    sections: dict[str, SectionOut]
    scheduled: list[ChangeSetHead]


class OneSectionOut(SectionOut, frozen=True, kw_only=True):
    """One section, and what the rules say of it."""

    version: int
    findings: list[FindingOut]


@get("/{brand:str}/parameters", operation_id="readParameters", operation_class=Read, opt=READ,
     tags=TAGS)  # fmt: skip
async def everything(
    request: AdminRequest, change_set: ChangeSetQuery = None
) -> Response[ParametersOut]:
    """Read every section in force."""
    registry = registry_of(request)
    async with request.rt.db.read(request.tenant.id) as s:
        current = await timeline.in_force(s, request.now)
        if current is None:
            raise NotFoundError
        draft = None
        if change_set is not None:
            found = await queries.change_set(s, change_set, now=request.now)
            draft = (await draft_of(s, registry, found)).content
        view = await view_of(request, s)
        scheduled = await view.heads(s, await queries.scheduled(s, now=request.now))
    content = timeline.normal(registry, current.content)
    return answer(
        ParametersOut(
            version=current.version,
            effective_at=current.effective_at,
            content_hash=current.content_hash.hex(),
            sections={
                name: SectionOut(**_section(request, kind, content, draft))
                for name, kind in registry.by_name.items()
            },
            scheduled=scheduled,
        )
    )


@get("/{brand:str}/parameters/{section:str}", operation_id="readParameterSection",
     operation_class=Read, opt=READ, tags=TAGS)  # fmt: skip
async def one(
    request: AdminRequest, section: SectionName, change_set: ChangeSetQuery = None
) -> Response[OneSectionOut]:
    """Read one section in force; with `changeSet`, its draft and what the rules say of that."""
    registry = registry_of(request)
    kind = registry.by_name.get(section)
    if kind is None:
        raise NotFoundError("There is no such section.")
    async with request.rt.db.read(request.tenant.id) as s:
        current = await timeline.in_force(s, request.now)
        if current is None:
            raise NotFoundError
        draft = None
        if change_set is not None:
            found = await queries.change_set(s, change_set, now=request.now)
            draft = (await draft_of(s, registry, found)).content
        view = await view_of(request, s)
        content = timeline.normal(registry, current.content)
        every = await findings_of_change(s, registry, content, content if draft is None else draft)
    told = [f for f in every if f.path.partition(".")[0] == section]
    return answer(
        OneSectionOut(
            **_section(request, kind, content, draft),
            version=current.version,
            findings=view.findings(told),
        )
    )


def _section(
    request: AdminRequest,
    kind: type[Section],
    content: dict[str, Any],
    draft: dict[str, Any] | None,
) -> dict[str, Any]:
    schema = translated(section_schema(kind), translator(language_of(request)).text)
    return {
        "name": kind.section,
        "title": schema["title"],
        "description": schema["description"],
        "area": kind.area,
        "built": kind.built,
        "content": content[kind.section],
        "schema": schema,
        "draft": UNSET if draft is None else draft[kind.section],
    }


HANDLERS = [everything, one]
