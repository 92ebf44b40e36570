"""One request of a browser or a client at a tenant's host: who it is and what cookies it gets."""

from datetime import datetime, timedelta
from uuid import UUID

from guerdon.identity import csrf, sessions
from guerdon.identity.errors import StepUpRequiredError
from guerdon.identity.keyring import digest, mac_text, same
from guerdon.identity.parameters import SecurityParameters
from guerdon.identity.principals import MemberPrincipal, Principal
from guerdon.identity.sessions import Session
from guerdon.kit.ids import secret_token
from guerdon.runtime import Runtime
from guerdon.tenancy.schemas import Tenant

SESSION_COOKIE = "__Host-session"
BROWSER_COOKIE = "__Host-browser"
KNOWN_COOKIE = "__Host-known"
_YEAR_S = 365 * 86_400


class Visit:
    """Made by the gate; handlers sign in and out through it and ask it for form tokens."""

    def __init__(
        self,
        rt: Runtime,
        tenant: Tenant,
        *,
        authority: str,
        cookies: dict[str, str],
        agent: str,
        address: str,
    ) -> None:
        self._rt = rt
        self.tenant = tenant
        self.authority = authority.lower()
        self.cookies = cookies
        self.agent = agent
        self.address = address
        self.principal: Principal | None = None
        self.session: Session | None = None
        self.set_cookies: list[str] = []
        self._browser: str | None = None

    @property
    def host(self) -> str:
        """The host without its port."""
        return self.authority.rpartition(":")[0] or self.authority

    def _security(self, now: datetime) -> SecurityParameters:
        return self._rt.snapshots.current(self.tenant.id, self.tenant.time(now))[SecurityParameters]

    async def load_session(self, now: datetime) -> None:
        """Look up the session behind the cookie, if it is alive at this host."""
        security = self._security(now)
        self.session = await sessions.read(
            self._rt.valkey,
            tenant_id=self.tenant.id,
            token=self.cookies[SESSION_COOKIE],
            host=self.host,
            idle=timedelta(minutes=security.session_idle_minutes),
            now=now,
        )

    def require_fresh(self, now: datetime) -> None:
        """StepUpRequiredError if the sign-in is older than the tenant allows for risky steps."""
        limit = timedelta(minutes=self._security(now).step_up_minutes)
        if self.session is None or now - self.session.authenticated_at > limit:
            raise StepUpRequiredError

    def member_principal(self) -> MemberPrincipal | None:
        """The signed-in member, or None."""
        if self.session is None:
            return None
        return MemberPrincipal(
            tenant_id=self.tenant.id,
            member_id=self.session.member_id,
            session_id=self.session.id,
            audience=self.session.audience,
        )

    async def sign_in(self, *, member_id: UUID, method: str, now: datetime) -> Session:
        """Start a session under a new id; an earlier session of this browser ends."""
        security = self._security(now)
        token, self.session = await sessions.start(
            self._rt.valkey,
            tenant_id=self.tenant.id,
            member_id=member_id,
            host=self.host,
            method=method,
            idle=timedelta(minutes=security.session_idle_minutes),
            absolute=timedelta(hours=security.session_length_h),
            now=now,
            agent=self.agent,
            address=self.address,
            replaces=self.session,
        )
        self.principal = self.member_principal()
        self._set(SESSION_COOKIE, token, security.session_length_h * 3600)
        return self.session

    async def sign_out(self) -> None:
        """End the session, here and on record."""
        if self.session is not None:
            await sessions.revoke(
                self._rt.valkey,
                tenant_id=self.tenant.id,
                member_id=self.session.member_id,
                session_id=self.session.id,
            )
        self.session = None
        self.principal = None
        self._set(SESSION_COOKIE, "", 0)

    def browser_id(self) -> str:
        """A name for this browser before anybody is signed in; made here and authenticated."""
        if self._browser is None:
            raw = self.cookies.get(BROWSER_COOKIE, "")
            name, _, code = raw.partition(".")
            if name and same(code, mac_text(self._rt.settings, "browser", self.tenant.id, name)):
                self._browser = name
            else:
                name = secret_token(16)
                code = mac_text(self._rt.settings, "browser", self.tenant.id, name)
                self._set(BROWSER_COOKIE, f"{name}.{code}", _YEAR_S)
                self._browser = name
        return self._browser

    def csrf_token(self) -> str:
        """A token for the forms of this page."""
        return csrf.issue(self._rt.settings, self.tenant.id, self._binding())

    def csrf_holds(self, token: str) -> bool:
        """Whether a form's token was issued to this session, or to this browser."""
        return csrf.holds(self._rt.settings, self.tenant.id, self._binding(), token)

    def _binding(self) -> str:
        if self.session is not None:
            return f"session {self.session.id}"
        return f"browser {self.browser_id()}"

    def remember(self, email_norm: str) -> None:
        """Note in this browser that `email_norm` signed in here: strangers never lock it out."""
        nonce = secret_token(9)
        code = mac_text(self._rt.settings, "known", self.tenant.id, email_norm, nonce)
        self._set(KNOWN_COOKIE, f"{nonce}.{code}", _YEAR_S)

    def knows(self, email_norm: str) -> str | None:
        """A name for this browser if `email_norm` has signed in here before."""
        nonce, _, code = self.cookies.get(KNOWN_COOKIE, "").partition(".")
        expected = mac_text(self._rt.settings, "known", self.tenant.id, email_norm, nonce)
        return digest(nonce)[:32] if code and same(code, expected) else None

    def _set(self, name: str, value: str, max_age_s: int) -> None:
        self.set_cookies = [c for c in self.set_cookies if not c.startswith(f"{name}=")]
        self.set_cookies.append(
            f"{name}={value}; Path=/; Max-Age={max_age_s}; Secure; HttpOnly; SameSite=Lax"
        )
