"""What every operation's description has in common: the write's key, and the problem answer."""

from dataclasses import dataclass

from litestar.openapi.spec import (
    OpenAPIHeader,
    OpenAPIMediaType,
    OpenAPIResponse,
    OpenAPIType,
    Operation,
    Parameter,
    Reference,
    Schema,
)

_TEXT = Schema(type=OpenAPIType.STRING)
_COUNT = Schema(type=OpenAPIType.INTEGER)

PROBLEM = OpenAPIResponse(
    description="A problem (RFC 9457) with a stable code",
    content={
        "application/problem+json": OpenAPIMediaType(
            schema=Reference(ref="#/components/schemas/Problem")
        )
    },
    headers={"Retry-After": OpenAPIHeader(schema=_COUNT, description="Seconds", required=False)},
)
LIMITS = {
    "RateLimit-Limit": OpenAPIHeader(schema=_COUNT, description="Requests per minute"),
    "RateLimit-Remaining": OpenAPIHeader(schema=_COUNT, description="Requests left for now"),
    "RateLimit-Reset": OpenAPIHeader(schema=_COUNT, description="Seconds until all are back"),
    "X-Request-Id": OpenAPIHeader(schema=_TEXT, description="Finds the request in our log"),
}


@dataclass
class Read(Operation):
    """An operation that changes nothing."""

    def __post_init__(self) -> None:
        responses = self.responses or {}
        for code in list(responses):
            if code.startswith("4"):
                del responses[code]
            else:
                found = responses[code]
                if isinstance(found, OpenAPIResponse):
                    found.headers = {**(found.headers or {}), **LIMITS}
        responses["default"] = PROBLEM
        self.responses = responses


@dataclass
class Ask(Read):
    """An operation that changes nothing, though it is posted: the question is long."""


@dataclass
class Write(Read):
    """An operation that takes effect once per Idempotency-Key."""

    def __post_init__(self) -> None:
        super().__post_init__()
        self.parameters = [
            *(self.parameters or []),
            Parameter(
                name="Idempotency-Key",
                param_in="header",
                required=True,
                schema=Schema(
                    type=OpenAPIType.STRING, min_length=1, max_length=255, pattern=r"^[!-~]+$"
                ),
                description=(
                    "Chosen by you, unique per write. Sent again with the same input, it answers "
                    "what was answered before; with other input, it is refused."
                ),
            ),
        ]
