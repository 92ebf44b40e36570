"""What can be wrong with an export, and with asking for one."""

from guerdon.kit.errors import ConflictError, GuerdonError, InvalidError
from guerdon.plumbing.refusals import refusal


class ExportBrokenError(InvalidError):
    """An export is not what it was when it was written; `file` names the first that differs."""

    code = "export_broken"
    title = "This export cannot be used"


class TenantThereError(ConflictError):
    """A brand of this id or short name is there; an export never overwrites one."""

    code = "tenant_there"
    title = "This brand is there already"


class ExportUnderWayError(ConflictError):
    """An export of the brand is being made."""

    code = "export_under_way"
    title = "An export is being made"


class ExportLimitError(GuerdonError):
    """So many exports in a day (`maximum`) are enough for one brand."""

    code = "export_limit"
    status = 429
    title = "Too many exports today"


class ExportGoneError(GuerdonError):
    """The file was removed after its time, or could not be made."""

    code = "export_gone"
    status = 410
    title = "This export cannot be downloaded"


@refusal
class RemovalRefusedError(ConflictError):
    """A brand's data is removed only after it has closed."""

    code = "removal_refused"
    title = "The data of this brand is not removed"
