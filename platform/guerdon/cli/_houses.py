"""Houses by the name that an operator types: a brand's slug, or the word for the platform."""

from guerdon.programme.operator import ensure_operator
from guerdon.runtime import Runtime
from guerdon.tenancy.operator import OPERATOR_SLUG
from guerdon.tenancy.schemas import Tenant


async def house(rt: Runtime, slug: str) -> Tenant:
    """The brand of this slug, or the operator where a command serves both; NotFoundError."""
    if slug == OPERATOR_SLUG:
        return await ensure_operator(rt, now=rt.clock.now())
    return await rt.directory.by_slug(slug)
