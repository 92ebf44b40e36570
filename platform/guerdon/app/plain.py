"""Plain answers: nothing of a request without a house goes further in than here.

They are made in advance or once, since a flood that is refused must cost next to nothing.
"""

from functools import lru_cache
from typing import NamedTuple

import msgspec
from litestar.types import HTTPScope, Send

from guerdon.app.turns import TenantBusyError
from guerdon.kit.errors import GuerdonError
from guerdon.tenancy.errors import TenantClosedError, UnknownHostError

_UNKNOWN_PAGE = (
    b"<!doctype html><html lang=en><meta charset=utf-8><title>No brand lives here</title>"
    b"<meta name=viewport content='width=device-width'><h1>No brand lives at this address</h1>"
    b"<p>Check the spelling of the address, or follow the link in a message from the brand.</p>"
)
# Nothing of the brand: it has left, and its parameters may be gone with it.
_CLOSED_PAGE = (
    "<!doctype html><html lang=en><meta charset=utf-8><title>This programme has ended</title>"
    "<meta name=viewport content='width=device-width'><h1>This programme has ended</h1>"
    "<p>Nobody lives at this address any more. Questions go to the company that ran it.</p>"
    "<div lang=pt-BR><h2>Este programa terminou</h2>"
    "<p>Não há mais nada neste endereço. Dúvidas? Fale com a empresa responsável.</p></div>"
    "<div lang=es><h2>Este programa ha terminado</h2>"
    "<p>Ya no hay nada en esta dirección. Para preguntas, dirígete a la empresa que lo ofrecía.</p>"
    "</div>"
).encode()
_BUSY_PAGE = (
    "<!doctype html><html lang=en><meta charset=utf-8><title>One moment, please</title>"
    "<meta name=viewport content='width=device-width'><h1>Very many people are here</h1>"
    "<p>Wait a few seconds and load the page again.</p>"
    "<div lang=pt-BR><h2>Há muita gente aqui agora</h2>"
    "<p>Espere alguns segundos e carregue a página de novo.</p></div>"
    "<div lang=es><h2>Hay mucha gente aquí ahora</h2>"
    "<p>Espera unos segundos y vuelve a cargar la página.</p></div>"
).encode()
_PAGES: dict[type[GuerdonError], bytes] = {
    UnknownHostError: _UNKNOWN_PAGE,
    TenantClosedError: _CLOSED_PAGE,
    TenantBusyError: _BUSY_PAGE,
}
PlainError = UnknownHostError | TenantClosedError | TenantBusyError


class _Answer(NamedTuple):
    status: int
    headers: list[tuple[bytes, bytes]]
    body: bytes


async def answer(scope: HTTPScope, error: PlainError, send: Send) -> None:
    """Send what the error says: a page, or a problem to a call of the API."""
    await _send(_made(error, is_call=_is_call(scope)), send)


async def tell_to_wait(scope: HTTPScope, wait_s: int, send: Send) -> None:
    """As `answer` of a TenantBusyError, which is not raised for it."""
    await _send(_busy(wait_s, _is_call(scope)), send)


@lru_cache(maxsize=256)
def _busy(wait_s: int, is_call: bool) -> _Answer:
    return _made(TenantBusyError.to_wait(wait_s), is_call=is_call)


def _is_call(scope: HTTPScope) -> bool:
    return scope["path"].startswith("/api/")


def _made(error: PlainError, *, is_call: bool) -> _Answer:
    if is_call:
        kind = b"application/problem+json"
        body = msgspec.json.encode(
            {
                "type": f"urn:guerdon:problem:{error.code}",
                "code": error.code,
                "title": error.title,
                "status": error.status,
                "detail": error.detail,
            }
        )
    else:
        kind = b"text/html; charset=utf-8"
        body = _PAGES[type(error)]
    headers = [
        (b"content-type", kind),
        (b"content-length", str(len(body)).encode()),
        (b"cache-control", b"no-store"),
        (b"content-security-policy", b"default-src 'none'"),
    ]
    if error.retry_after_s is not None:
        headers.append((b"retry-after", str(error.retry_after_s).encode()))
    return _Answer(error.status, headers, body)


async def _send(made: _Answer, send: Send) -> None:
    await send(
        {"type": "http.response.start", "status": made.status, "headers": list(made.headers)}
    )
    await send({"type": "http.response.body", "body": made.body, "more_body": False})
