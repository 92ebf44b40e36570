"""One request at the platform's own host: the browser's name, its form token, its sign-up.

Nobody is signed in here. A browser that has proved an address holds the id of that address'
sign-up, authenticated: it opens nothing but that.
"""

from datetime import datetime, timedelta
from typing import Any, Final
from uuid import UUID

from litestar.connection import ASGIConnection
from litestar.datastructures import Headers
from litestar.types import Scope

from guerdon.identity import csrf
from guerdon.identity.keyring import mac_text, same
from guerdon.kit.ids import secret_token
from guerdon.runtime import Runtime

BROWSER_COOKIE: Final = "__Host-browser"
SIGNUP_COOKIE: Final = "__Host-signup"
SIGNUP_KEPT: Final = timedelta(days=14)
_YEAR_S: Final = 365 * 86_400
_NOBODY: Final = UUID(int=0)


class Porch:
    """Made by the gate; handlers ask it for form tokens and keep the sign-up in it."""

    def __init__(self, rt: Runtime, scope: Scope, headers: Headers) -> None:
        self._rt = rt
        self.authority = headers.get("host", "").lower()
        self.cookies = ASGIConnection[Any, Any, Any, Any](scope).cookies
        self.address: str = scope["state"].get("client_address", "")
        self.set_cookies: list[str] = []
        self._browser: str | None = None

    def browser_id(self) -> str:
        """A name for this browser; made here and authenticated."""
        if self._browser is None:
            name, _, code = self.cookies.get(BROWSER_COOKIE, "").partition(".")
            if not (name and same(code, mac_text(self._rt.settings, "porch", _NOBODY, name))):
                name = secret_token(16)
                code = mac_text(self._rt.settings, "porch", _NOBODY, name)
                self._set(BROWSER_COOKIE, f"{name}.{code}", _YEAR_S)
            self._browser = name
        return self._browser

    def csrf_token(self) -> str:
        """A token for the forms of this page."""
        return csrf.issue(self._rt.settings, _NOBODY, f"porch {self.browser_id()}")

    def csrf_holds(self, token: str) -> bool:
        """Whether a form's token was issued to this browser."""
        return csrf.holds(self._rt.settings, _NOBODY, f"porch {self.browser_id()}", token)

    def keep_signup(self, signup_id: UUID, *, now: datetime) -> None:
        """Let the browser go on with a sign-up."""
        ends = int((now + SIGNUP_KEPT).timestamp())
        text = f"{signup_id.hex}.{ends}"
        code = mac_text(self._rt.settings, "signup", _NOBODY, text, self.browser_id())
        self._set(SIGNUP_COOKIE, f"{text}.{code}", int(SIGNUP_KEPT.total_seconds()))

    def signup(self, *, now: datetime) -> UUID | None:
        """The sign-up this browser may go on with."""
        text, _, code = self.cookies.get(SIGNUP_COOKIE, "").rpartition(".")
        good = mac_text(self._rt.settings, "signup", _NOBODY, text, self.browser_id())
        if not text or not same(code, good):
            return None
        signup_id, _, ends = text.partition(".")
        return UUID(signup_id) if int(ends) > now.timestamp() else None

    def leave(self) -> None:
        """Take the sign-up from this browser."""
        self._set(SIGNUP_COOKIE, "", 0)

    def keep_language(self, language: str) -> None:
        """Remember the language that somebody chose."""
        self._set("__Host-language", language, _YEAR_S)

    def _set(self, name: str, value: str, max_age_s: int) -> None:
        self.set_cookies.append(
            f"{name}={value}; Path=/; Max-Age={max_age_s}; Secure; HttpOnly; SameSite=Lax"
        )
