"""Answers that are bytes already, sent as they are.

Litestar's own response collects headers, cookies and encoders before it finds that there is nothing
to render; the busiest routes answer with these.
"""

from collections.abc import Sequence
from typing import Any

from litestar import Response
from litestar.types import Receive, Scope, Send

Headers = Sequence[tuple[bytes, bytes]]
_NONE: Headers = ()


class Ready(Response[Any]):
    """A body with its media type and encoded headers; `headers` takes more of them as text."""

    __slots__ = ("_encoded", "_kind")

    def __init__(
        self, body: bytes, *, kind: bytes, status: int = 200, headers: Headers = _NONE
    ) -> None:
        self.content = body
        self.status_code = status
        self.headers = {}
        self._kind = kind
        self._encoded = headers

    def to_asgi_response(self, app: Any, request: Any, **_: Any) -> Any:
        """Itself: what sends it."""
        return self

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Send it."""
        headers = [
            *self._encoded,
            *[(name.lower().encode(), value.encode()) for name, value in self.headers.items()],
            (b"content-type", self._kind),
            (b"content-length", str(len(self.content)).encode()),
        ]
        await send(
            {"type": "http.response.start", "status": self.status_code or 200, "headers": headers}
        )
        await send({"type": "http.response.body", "body": self.content, "more_body": False})
