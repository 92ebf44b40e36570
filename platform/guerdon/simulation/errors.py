"""What trying a draft refuses."""

from guerdon.kit.errors import ConflictError, ForbiddenError, InvalidError, NotFoundError


class WindowTooLargeError(InvalidError):
    """The window holds more events than a back-test takes; `days` of them would do."""

    code = "window_too_large"
    title = "These days hold too many events. Choose fewer days"


class NothingProposedError(ConflictError):
    """The change set is published or discarded: there is nothing to try."""

    code = "nothing_proposed"
    title = "This change is published or discarded. There is nothing to try"


class SimulationEndedError(ConflictError):
    """The run has ended already; only a waiting or running one can be cancelled."""

    code = "simulation_ended"
    title = "This run has ended"


class SimulationsWaitingError(ConflictError):
    """As many runs wait as may; `most` says how many."""

    code = "simulations_waiting"
    title = "Other runs are still waiting. Cancel one, or wait for it"


class NoReportError(ConflictError):
    """The run has no report: it has not ended, or did not succeed."""

    code = "no_report"
    title = "This run has no report"


class PreviewLinkError(NotFoundError):
    """The link is not one of ours, belongs to another brand, or its time is over."""

    code = "preview_link"
    title = "This preview link does not work (any more)"


class PreviewReadOnlyError(ForbiddenError):
    """A preview shows pages and changes nothing."""

    code = "preview_read_only"
    title = "This is a preview: nothing can be changed here"


class PreviewPageError(ForbiddenError):
    """A page with a member's own data; a preview has no member."""

    code = "preview_page"
    title = "This page is not part of the preview"
