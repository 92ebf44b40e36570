"""Refusals around support access."""

from guerdon.kit.errors import ConflictError, ForbiddenError


class SupportAccessMissingError(ForbiddenError):
    """Nobody of this brand has let this person in, or the access is over."""

    code = "support_access_missing"
    title = "You have no access to this brand"


class SupportReadOnlyError(ForbiddenError):
    """The brand has let this person look, and nothing else."""

    code = "support_read_only"
    title = "You may look here, and nothing else"


class SupportNeverError(ForbiddenError):
    """Not even with a brand's consent: people, secrets, keys, proofs of who somebody is."""

    code = "support_never"
    title = "Only the brand's own people do this"


class SupportNotWantedError(ForbiddenError):
    """The brand's rules let nobody of the platform in."""

    code = "support_not_wanted"
    title = "This brand lets no support in"


class SupportStateError(ConflictError):
    """The access is not in a state for this (`state`)."""

    code = "support_state"
    title = "This access cannot be changed like this"
