"""The key that is calling."""

from uuid import UUID

from litestar import Response, get

from guerdon.identity.policy import api_key
from guerdon.parameters.sections import ProgrammeParameters
from guerdon.wire.openapi import Read
from guerdon.wire.requests import ApiRequest, answer
from guerdon.wire.values import Out

TAGS = ["Keys"]


class Key(Out, frozen=True):
    """What this key may do, and where."""

    id: UUID
    scopes: list[str]
    tenant: str
    programme: str
    currency: str
    parameters_version: int


@get("/key", operation_id="getKey", operation_class=Read, opt={"policy": api_key(None)},
     tags=TAGS)  # fmt: skip
async def own(request: ApiRequest) -> Response[Key]:
    """Read what the calling key may do, and in which programme."""
    key, snapshot = request.api_key, request.snapshot
    programme = snapshot[ProgrammeParameters]
    return answer(
        Key(
            id=key.key_id,
            scopes=sorted(key.scopes),
            tenant=request.tenant.slug,
            programme=programme.name,
            currency=programme.currency,
            parameters_version=snapshot.version,
        )
    )


HANDLERS = [own]
