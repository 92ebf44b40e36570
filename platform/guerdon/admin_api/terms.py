"""The platform's terms as the brand's people read them, and an owner's word that they hold."""

from datetime import datetime
from typing import Annotated, Literal

from litestar import Response, get, post
from litestar.params import FromQuery, JSONBody
from msgspec import Meta

from guerdon.admin_api.requests import AdminRequest, Done, act, answer
from guerdon.identity.policy import staff
from guerdon.identity.staff import owner_names
from guerdon.plumbing.db import ReadSession, WriteSession
from guerdon.tenancy import terms
from guerdon.wire.openapi import Read, Write
from guerdon.wire.values import In, Out

TAGS = ["Brand"]
Language = Literal["en", "pt-BR", "es"]


class TermsPart(Out, frozen=True):
    """A part of the terms."""

    heading: str
    text: str


class TermsAcceptance(Out, frozen=True):
    """That an owner accepted a version, in the language in which they read it. `textSha256`: the
    SHA-256 of that text."""

    version: str
    accepted_by: str
    accepted_at: datetime
    language: str
    text_sha256: str


class PlatformTerms(Out, frozen=True):
    """The newest version. `asked`: it waits for one of `owners`; `effectiveAt`: when it comes into
    force for the brand, after which the console takes no change (`due`) until one has accepted."""

    version: str
    language: str
    parts: list[TermsPart]
    asked: bool
    effective_at: datetime
    due: bool
    owners: list[str]
    accepted: list[TermsAcceptance]


class TermsIn(In, frozen=True):
    """The version that was read, and in which language."""

    version: Annotated[str, Meta(min_length=1, max_length=40)]
    language: Language


@get("/{brand:str}/terms", operation_id="readPlatformTerms", operation_class=Read,
     opt={"policy": staff(None)}, tags=TAGS)  # fmt: skip
async def read(request: AdminRequest, language: FromQuery[Language]) -> Response[PlatformTerms]:
    """The platform's terms for brands in a language, and what the brand accepted of them."""
    async with request.rt.db.read(request.tenant.id) as s:
        return answer(await _shown(request, s, language))


@post("/{brand:str}/terms/accept", operation_id="acceptPlatformTerms", operation_class=Write,
      opt={"policy": staff("brand:manage", fresh=True, terms=False)}, tags=TAGS,
      status_code=200)  # fmt: skip
async def accept(request: AdminRequest, data: JSONBody[TermsIn]) -> Response[PlatformTerms]:
    """Accept the newest version for the brand; refused for any other. It is accepted once."""

    async def work(s: WriteSession, now: datetime) -> Done:
        # Real time: a sandbox's clock does not date what its owner agrees to.
        accepted = request.rt.terms.accept(
            version=data.version, language=data.language, now=request.real_now
        )
        new = await terms.keep(s, accepted, by=request.staff.email)
        return Done(
            await _shown(request, s, data.language),
            {
                "version": accepted.version,
                "language": accepted.language,
                "textSha256": accepted.text_sha256,
            },
            changed=new,
        )

    return await act(request, action="platform_terms.accepted",
                     subject=f"platform_terms:{data.version}", work=work, given=data)  # fmt: skip


async def _shown(request: AdminRequest, s: ReadSession, language: str) -> PlatformTerms:
    held = request.rt.terms
    kept = await terms.kept(s)
    asked = held.asked([one.version for one in kept])
    return PlatformTerms(
        version=held.newest.version,
        language=language,
        parts=[TermsPart(heading, text) for heading, text in held.parts(language)],
        asked=asked is not None,
        effective_at=held.newest.effective_at if asked is None else asked.effective_at,
        due=asked is not None and asked.due(request.real_now),
        owners=await owner_names(s),
        accepted=[
            TermsAcceptance(
                one.version, one.accepted_by, one.accepted_at, one.language, one.text_sha256
            )
            for one in kept
        ],
    )


HANDLERS = [read, accept]
