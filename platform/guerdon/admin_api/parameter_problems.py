"""Refusals that are about fields: which, what the rules say, what clashes."""

from typing import Any

import msgspec
from litestar import Request, Response

from guerdon.admin_api.change_set_values import ChangeSetOut, ConflictOut, FindingOut, conflict
from guerdon.kit.errors import GuerdonError
from guerdon.parameters.change_sets import AreaForbiddenError, EditConflictError, StaleDraftError
from guerdon.parameters.paths import UnknownPathError
from guerdon.parameters.sections import InvalidParametersError
from guerdon.parameters.timeline import ScheduledConflictError
from guerdon.theming.translations import LANGUAGES, choose_language, translator
from guerdon.wire.problems import Problem, render


class ParameterProblem(Problem, frozen=True, rename="camel", omit_defaults=True):
    """A problem with the field's path, findings and conflicts; a stale draft comes anew."""

    field: str = ""
    findings: tuple[FindingOut, ...] = ()
    conflicts: tuple[ConflictOut, ...] = ()
    change_set: ChangeSetOut | None = None


def parameter_problem(
    request: Request[Any, Any, Any], error: GuerdonError, fresh: ChangeSetOut | None = None
) -> Response[bytes]:
    """The answer to a refusal about parameters."""
    plain = render(request, error)
    problem = msgspec.json.decode(plain.content, type=Problem)
    accepted = request.headers.get("accept-language", "")
    text = translator(choose_language(LANGUAGES, accept_language=accepted)).text
    findings = error.findings if isinstance(error, InvalidParametersError) else ()
    conflicts = (
        error.conflicts
        if isinstance(error, StaleDraftError | EditConflictError | ScheduledConflictError)
        else ()
    )
    body = ParameterProblem(
        **msgspec.structs.asdict(problem),
        field=error.field or "",
        findings=tuple(FindingOut(f.path, f.code, f.text(text), f.severity) for f in findings),
        conflicts=tuple(conflict(c) for c in conflicts),
        change_set=fresh,
    )
    body = msgspec.structs.replace(body, errors=[])
    return Response(
        msgspec.json.encode(body),
        status_code=plain.status_code,
        media_type=plain.media_type,
        headers=plain.headers,
    )


HANDLED: tuple[type[GuerdonError], ...] = (
    InvalidParametersError,
    UnknownPathError,
    AreaForbiddenError,
    StaleDraftError,
    EditConflictError,
    ScheduledConflictError,
)
