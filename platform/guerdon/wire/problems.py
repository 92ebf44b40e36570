"""Errors on the wire: problem details (RFC 9457) with stable codes and pointers.

Everything that goes wrong below `/api` comes out here: typed refusals, malformed input, unknown
routes, crashes. A crash tells its request id and nothing else; detail of the database never
leaves.
"""

import re
from typing import Any, Final

import msgspec
import structlog
from litestar import Request, Response
from litestar.exceptions import HTTPException, ValidationException

from guerdon.kit.errors import GuerdonError, InvalidError, Param
from guerdon.runtime import Runtime

MEDIA_TYPE: Final = "application/problem+json"
PREFIX: Final = "/api/"

_log = structlog.get_logger(__name__)
_AT = re.compile(r" - at `(\$[^`]*)`$")
_FIELD = re.compile(r"(?:unknown field|missing required field) `([^`]*)`")


class MalformedBodyError(InvalidError):
    """The body is not JSON."""

    code = "malformed_json"
    status = 400
    title = "The body is not valid JSON"


class UnsupportedMediaTypeError(InvalidError):
    """The body is not sent as JSON."""

    code = "unsupported_media_type"
    status = 415
    title = "Send the body as application/json"


class BodyTooLargeError(InvalidError):
    """The body is larger than the operation takes."""

    code = "body_too_large"
    status = 413
    title = "The body is too large"


class RouteNotFoundError(GuerdonError):
    """No operation has this address."""

    code = "route_not_found"
    status = 404
    title = "There is no such operation"


class MethodNotAllowedError(GuerdonError):
    """The address exists, with other methods."""

    code = "method_not_allowed"
    status = 405
    title = "This address does not take this method"


class BadRequestError(InvalidError):
    """The request cannot be read as HTTP."""

    code = "bad_request"
    status = 400
    title = "The request cannot be read"


class InternalError(GuerdonError):
    """A fault of ours; the request id finds it in the log."""

    code = "internal"
    status = 500
    title = "Something went wrong on our side"


class Fault(msgspec.Struct, frozen=True, rename="camel", omit_defaults=True):
    """Where the input is at fault: a JSON pointer into the body, a parameter, or a header."""

    detail: str
    pointer: str | None = None
    parameter: str | None = None
    header: str | None = None


class Problem(msgspec.Struct, frozen=True, rename="camel", omit_defaults=True):
    """The body of every answer from 400 on.

    `code` is stable and listed in the error catalogue; `params` carries the values that the
    text mentions; `requestId` finds the request in the log.
    """

    type: str
    title: str
    status: int
    detail: str
    code: str
    request_id: str | None = None
    errors: list[Fault] = []
    params: dict[str, Param] = {}


def pointer(path: str, *more: str) -> str:
    """A JSON pointer (RFC 6901) from msgspec's path such as `$.lines[0].points`."""
    keys = re.findall(r"\.([^.\[\]]+)|\[([^\]]*)\]", path)
    parts = [name or index for name, index in keys] + [m for m in more if m]
    return "".join(f"/{p.replace('~', '~0').replace('/', '~1')}" for p in parts)


def fault_of(error: msgspec.ValidationError) -> Fault:
    """The pointer that msgspec's message hides."""
    text = str(error)
    at = _AT.search(text)
    plain = _AT.sub("", text)
    named = _FIELD.search(plain)
    return Fault(f"{plain}.", pointer=pointer(at[1] if at else "$", named[1] if named else ""))


class InputError(InvalidError):
    """The input has the wrong shape; each fault says where."""

    code = "invalid"

    def __init__(self, faults: list[Fault]) -> None:
        super().__init__("The input cannot be accepted: " + " ".join(f.detail for f in faults))
        self.faults = faults


def _from_http(error: HTTPException) -> GuerdonError:
    status = error.status_code
    if isinstance(error, ValidationException):
        extra = error.extra if isinstance(error.extra, list) else []
        faults = [_parameter_fault(one) for one in extra if isinstance(one, dict)]
        if any(f.pointer == "" for f in faults):
            return MalformedBodyError("A JSON body is required.")
        return InputError(faults or [Fault(str(error.detail))])
    if status == 404:
        return RouteNotFoundError()
    if status == 405:
        return MethodNotAllowedError()
    if status == 413:
        return BodyTooLargeError()
    if status == 415:
        return UnsupportedMediaTypeError()
    if 400 <= status < 500:
        return BadRequestError()
    return InternalError()


def _parameter_fault(one: dict[str, Any]) -> Fault:
    key = str(one.get("key", ""))
    detail = str(one.get("message", "not accepted"))
    if key == "data":
        return Fault(detail, pointer="")
    if one.get("source") == "header":
        return Fault(detail, header=key)
    return Fault(detail, parameter=_camel(key))


def _camel(name: str) -> str:
    head, *tail = name.split("_")
    return head + "".join(part.title() for part in tail)


def _faults(error: GuerdonError) -> list[Fault]:
    if isinstance(error, InputError):
        return error.faults
    if not error.field:
        return []
    if error.field.startswith("/"):
        return [Fault(error.detail, pointer=error.field)]
    if error.field == "Idempotency-Key":
        return [Fault(error.detail, header=error.field)]
    if error.field in ("cursor", "limit"):
        return [Fault(error.detail, parameter=error.field)]
    dotted = re.sub(r"\[(\d+)\]", r".\1", error.field)
    return [Fault(error.detail, pointer="".join(f"/{_camel(p)}" for p in dotted.split(".")))]


def _docs(request: Request[Any, Any, Any]) -> str:
    rt: Runtime | None = request.app.state.get("rt")
    return "" if rt is None else f"{rt.settings.base_scheme}://{rt.settings.base_host}"


def render(request: Request[Any, Any, Any], error: Exception) -> Response[bytes]:
    """The answer to `error`."""
    state = request.scope.get("state", {})
    request_id = state.get("request_id")
    if isinstance(error, HTTPException):
        known: GuerdonError = _from_http(error)
    elif isinstance(error, GuerdonError):
        known = error
    else:
        known = InternalError()
    if known.status >= 500 and not isinstance(error, GuerdonError):
        _log.error("request failed", exc_info=error, path=request.scope["path"])
    body = Problem(
        type=f"{_docs(request)}/docs/errors#{known.code}",
        title=known.title,
        status=known.status,
        detail=known.detail,
        code=known.code,
        request_id=None if request_id is None else str(request_id),
        errors=_faults(known),
        params=known.params,
    )
    headers = {"Cache-Control": "no-store"}
    if known.retry_after_s is not None:
        headers["Retry-After"] = str(known.retry_after_s)
    if known.status == 401:
        headers["WWW-Authenticate"] = "Bearer"
    if known.status == 405 and isinstance(error, HTTPException):
        headers.update({k: v for k, v in (error.headers or {}).items() if k.lower() == "allow"})
    return Response(
        msgspec.json.encode(body),
        status_code=known.status,
        media_type=MEDIA_TYPE,
        headers=headers,
    )
