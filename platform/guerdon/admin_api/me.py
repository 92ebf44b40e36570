"""Who is signed in, at which brand, and what they may do there."""

from datetime import datetime
from uuid import UUID

from litestar import Response, get

from guerdon.admin_api.requests import AdminRequest, answer
from guerdon.identity.policy import staff
from guerdon.identity.support.principals import SupportPrincipal
from guerdon.parameters.sections import ProgrammeParameters
from guerdon.tenancy.operator import OPERATOR_ID
from guerdon.theming.parameters import BrandingParameters
from guerdon.wire.openapi import Read
from guerdon.wire.values import Out

TAGS = ["Session"]


class Brand(Out, frozen=True):
    """The brand whose console this is. `pointsName` by language, one and many; `statusEndsAt`:
    when the system ends the state, where it does not last; `operator`: it is no brand, but the
    house of the platform's own staff. `programmeNow`: the programme's time where a sandbox's clock
    was moved."""

    slug: str
    name: str
    operator: bool
    status: str
    status_ends_at: datetime | None
    programme_now: datetime | None
    environment: str
    currency: str
    time_zone: str
    languages: list[str]
    site_url: str
    points_name: dict[str, dict[str, str]]


class SupportHere(Out, frozen=True):
    """Somebody of the platform's support at work here: why, until when, and whether to change
    anything."""

    access_id: UUID
    reason: str
    writes: bool
    ends_at: datetime


class Me(Out, frozen=True):
    """The person, their roles, and the token that changing calls carry as `X-CSRF-Token`."""

    id: UUID
    name: str
    email: str
    language: str
    appearance: str
    roles: list[str]
    permissions: list[str]
    areas: list[str]
    authenticated_at: datetime
    csrf_token: str
    brand: Brand
    support: SupportHere | None


@get("/{brand:str}/me", operation_id="readMe", operation_class=Read, opt={"policy": staff(None)},
     tags=TAGS)  # fmt: skip
async def me(request: AdminRequest) -> Response[Me]:
    """Who is signed in and what they may do."""
    who, tenant, desk = request.staff, request.tenant, request.desk
    programme = request.snapshot[ProgrammeParameters]
    branding = request.snapshot[BrandingParameters]
    if desk.session is None:
        raise TypeError("the gate let nobody in")
    return answer(
        Me(
            id=who.staff_id,
            name=who.name,
            email=who.email,
            language=who.language,
            appearance=who.appearance,
            roles=sorted(who.roles),
            permissions=sorted(who.permissions),
            areas=sorted(who.areas),
            authenticated_at=desk.session.authenticated_at,
            csrf_token=desk.csrf_token(),
            support=SupportHere(who.access_id, who.reason, who.writes, who.ends_at)
            if isinstance(who, SupportPrincipal)
            else None,
            brand=Brand(
                slug=tenant.slug,
                name=tenant.name,
                operator=tenant.id == OPERATOR_ID,
                status=tenant.status,
                status_ends_at=tenant.status_ends_at,
                programme_now=tenant.time(request.real_now) if tenant.clock.moved else None,
                environment=request.rt.settings.environment,
                currency=programme.currency,
                time_zone=programme.time_zone,
                languages=list(programme.languages),
                site_url=request.rt.settings.tenant_url(tenant.canonical_host),
                points_name={
                    language: {"one": name.one, "other": name.other}
                    for language, name in branding.points_name.items()
                },
            ),
        )
    )


HANDLERS = [me]
