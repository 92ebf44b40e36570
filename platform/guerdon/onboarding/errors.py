"""What a sign-up may be told."""

from guerdon.kit.errors import ConflictError, InvalidError, UnauthenticatedError


class NameRefusedError(InvalidError):
    """This short name cannot be had (`reason`); `suggestion` is one that can.

    `form`, `reserved`, `taken`, `alike` (it looks like another's), `punycode`, `script` (letters
    of other scripts, which may look like these).
    """

    code = "name_refused"
    title = "This name cannot be had"


class CompanyRefusedError(InvalidError):
    """The company's data cannot be right (`reason`): `tax_id`, `country`."""

    code = "company_refused"
    title = "Check the company's data"


class DraftIncompleteError(ConflictError):
    """A step before this one is open (`step`)."""

    code = "signup_incomplete"
    title = "Something is missing"


class DraftClosedError(ConflictError):
    """The brand is being made or is there: the draft does not change any more (`state`)."""

    code = "signup_closed"
    title = "This cannot be changed here any more"


class SignupSessionError(UnauthenticatedError):
    """The browser holds no sign-up that is still there."""

    code = "signup_session"
    title = "Start with your mail address"


class NotASandboxError(ConflictError):
    """What is for trying out only is asked of a brand that does business."""

    code = "not_a_sandbox"
    title = "This is possible in a sandbox only"


class FileRefusedError(InvalidError):
    """No product of the file could be taken; its first refused lines tell why."""

    code = "signup_file"
    title = "This file has no product that can be taken"
