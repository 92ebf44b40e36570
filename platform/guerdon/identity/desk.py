"""One request at the console's host: the brand in its path, who calls, what cookies it gets.

A slug in a path selects which of the browser's sessions counts and grants nothing: an unknown
brand, a brand one has no session with and a session that ended answer alike.
"""

import contextlib
from datetime import datetime, timedelta
from typing import Any, Final
from uuid import UUID

from litestar.connection import ASGIConnection
from litestar.datastructures import Headers
from litestar.types import Scope

from guerdon.identity import csrf, staff, staff_sessions
from guerdon.identity.errors import CrossSiteError, PermissionMissingError, StepUpRequiredError
from guerdon.identity.keyring import digest, mac_text, same
from guerdon.identity.parameters import SecurityParameters
from guerdon.identity.policy import SAFE, Kind, Policy
from guerdon.identity.principals import StaffPrincipal
from guerdon.identity.staff_sessions import StaffSession, cookie_name
from guerdon.identity.support import access, looking
from guerdon.identity.support.errors import SupportAccessMissingError
from guerdon.identity.support.principals import SupportPrincipal, let_in
from guerdon.kit.errors import NotFoundError, UnauthenticatedError
from guerdon.kit.ids import secret_token
from guerdon.plumbing.cache import key
from guerdon.plumbing.limits import Limit, take
from guerdon.runtime import Runtime
from guerdon.tenancy import terms
from guerdon.tenancy.lifecycle import Act
from guerdon.tenancy.operator import OPERATOR_ID, OPERATOR_SLUG
from guerdon.tenancy.schemas import Tenant

_JSON = "application/json"
BROWSER_COOKIE = "__Host-console-browser"
KNOWN_COOKIE = "__Host-known-console"
_YEAR_S = 365 * 86_400
CALLS_PER_MINUTE: Final = 1_200
# A browser is named before it is known which brand it comes for.
_NOBODY = UUID(int=0)


# Policies that are met at the host of a console only.
AT_A_CONSOLE: Final = frozenset({Kind.STAFF, Kind.PLATFORM, Kind.CONSOLE_PUBLIC})
_SIGNED_IN: Final = frozenset({Kind.STAFF, Kind.PLATFORM})


def at_staff_host(state: dict[str, Any]) -> bool:
    """Whether the request came to the console of the platform's own staff."""
    return state.get("console") == "staff"


class Desk:
    """Made by the gate; handlers sign in and out through it and ask it for the form token.

    `home` is the house of whoever is signed in; `tenant` the one that the call is about.
    """

    def __init__(self, rt: Runtime, scope: Scope, headers: Headers) -> None:
        self._rt = rt
        self.authority = headers.get("host", "").lower()
        self.cookies = ASGIConnection[Any, Any, Any, Any](scope).cookies
        self.agent = headers.get("user-agent", "")
        self.address: str = scope["state"].get("client_address", "")
        self.at_staff_host = at_staff_host(scope["state"])
        self.home: Tenant | None = None
        self.tenant: Tenant | None = None
        self.session: StaffSession | None = None
        self.principal: StaffPrincipal | None = None
        self.set_cookies: list[str] = []
        self._browser: str | None = None

    @property
    def host(self) -> str:
        """The host without its port."""
        return self.authority.partition(":")[0]

    def security(self, tenant: Tenant, now: datetime) -> SecurityParameters:
        """The brand's rules for sessions."""
        return self._rt.snapshots.current(tenant.id, tenant.time(now))[SecurityParameters]

    async def house(self, slug: str) -> Tenant:
        """Whose door stands at this host under this name: NotFoundError if none does.

        The operator's is the only one at the staff host, and stands nowhere else; where a brand
        let its people in, they come in by it.
        """
        if not self.at_staff_host:
            return await self._rt.directory.by_slug(slug)
        if slug != OPERATOR_SLUG:
            raise NotFoundError(f"There is no house {slug!r} here.", field="slug")
        return await self._rt.directory.operator()

    async def open(self, slug: str, now: datetime) -> StaffPrincipal:
        """Whoever this browser is signed in as at the brand; UnauthenticatedError if nobody.

        At the staff host a brand opens to those whom it let in: SupportAccessMissingError.
        """
        if not self.at_staff_host or slug == OPERATOR_SLUG:
            return await self._open(slug, now)
        who = await self._open(OPERATOR_SLUG, now)
        self.tenant, self.principal = await self._let_in(who, slug, now)
        return self.principal

    async def _let_in(
        self, who: StaffPrincipal, slug: str, now: datetime
    ) -> tuple[Tenant, SupportPrincipal]:
        refused = SupportAccessMissingError(
            "Ask the brand for access on its page; it is over when its time is, or when either"
            " side ends it."
        )
        if "support:ask" not in who.permissions:
            raise refused
        try:
            tenant = await self._rt.directory.by_slug(slug)
        except NotFoundError as error:
            raise refused from error
        found = await self._rt.db.fetch(
            tenant.id, access.Access, access.IN_FORCE, {"staff": who.staff_id, "now": now}
        )
        if not found or not tenant.allows(Act.LOOK):
            raise refused
        await self._rt.snapshots.ensure(tenant.id)
        return tenant, let_in(who, tenant_id=tenant.id, access=found[0])

    async def _open(self, slug: str, now: datetime) -> StaffPrincipal:
        token = self.cookies.get(cookie_name(slug), "")
        if not token:
            raise UnauthenticatedError
        try:
            tenant = await self.house(slug)
        except NotFoundError as error:
            raise UnauthenticatedError from error
        if not tenant.allows(Act.LOOK):
            raise UnauthenticatedError
        await self._rt.snapshots.ensure(tenant.id)
        session = await staff_sessions.read(
            self._rt.valkey,
            tenant_id=tenant.id,
            token=token,
            host=self.host,
            idle=timedelta(minutes=self.security(tenant, now).console_idle_minutes),
            now=now,
        )
        if session is None:
            raise UnauthenticatedError
        found = await self._rt.db.fetch(
            tenant.id,
            staff.Staff,
            f"SELECT {staff.COLUMNS} FROM app.staff"  # noqa: S608
            " WHERE tenant_id = %(tenant_id)s AND id = %(id)s AND status = 'active'",
            {"id": session.staff_id},
        )
        if not found or not found[0].allows(session.authenticated_at):
            raise UnauthenticatedError
        self.home = self.tenant = tenant
        self.session = session
        self.principal = found[0].principal(tenant.id, session.id)
        return self.principal

    async def concerned(self, scope: Scope) -> UUID | None:
        """Whose maintenance holds for this call: the brand's, or the deployment's.

        None at the platform's own console: there a maintenance is ended.
        """
        tenant = self.tenant
        slug = scope.get("path_params", {}).get("brand")
        if tenant is None and isinstance(slug, str):
            with contextlib.suppress(NotFoundError):
                tenant = await self.house(slug)
        where = OPERATOR_ID if tenant is None else tenant.id
        return None if where == OPERATOR_ID and self.at_staff_host else where

    def require_fresh(self, now: datetime) -> None:
        """StepUpRequiredError if who this is was proved too long ago for a risky step."""
        if self.home is None or self.session is None:
            raise UnauthenticatedError
        limit = timedelta(minutes=self.security(self.home, now).step_up_minutes)
        if now - self.session.authenticated_at > limit:
            raise StepUpRequiredError

    def csrf_token(self) -> str:
        """The token that changing calls of this session carry."""
        if self.home is None or self.session is None:
            raise UnauthenticatedError
        return csrf.issue(self._rt.settings, self.home.id, f"console {self.session.id}")

    def csrf_holds(self, token: str) -> bool:
        """Whether the token was issued to this session."""
        if self.home is None or self.session is None:
            return False
        binding = f"console {self.session.id}"
        return csrf.holds(self._rt.settings, self.home.id, binding, token)

    def keep(self, slug: str, token: str, max_age_s: int) -> None:
        """Give the browser a brand's session; an empty `token` takes it away."""
        self._set(cookie_name(slug), token, max_age_s if token else 0)

    def browser_id(self) -> str:
        """A name for this browser before anybody is signed in; made here and authenticated."""
        if self._browser is None:
            name, _, code = self.cookies.get(BROWSER_COOKIE, "").partition(".")
            if not (name and same(code, mac_text(self._rt.settings, "browser", _NOBODY, name))):
                name = secret_token(16)
                code = mac_text(self._rt.settings, "browser", _NOBODY, name)
                self._set(BROWSER_COOKIE, f"{name}.{code}", _YEAR_S)
            self._browser = name
        return self._browser

    def remember(self, tenant: Tenant, email_norm: str) -> None:
        """Note in this browser that `email_norm` signed in here: strangers never lock it out."""
        nonce = secret_token(9)
        code = mac_text(self._rt.settings, "console known", tenant.id, email_norm, nonce)
        self._set(f"{KNOWN_COOKIE}-{tenant.slug}", f"{nonce}.{code}", _YEAR_S)

    def knows(self, tenant: Tenant, email_norm: str) -> str | None:
        """A name for this browser if `email_norm` has signed in here before."""
        nonce, _, code = self.cookies.get(f"{KNOWN_COOKIE}-{tenant.slug}", "").partition(".")
        expected = mac_text(self._rt.settings, "console known", tenant.id, email_norm, nonce)
        return digest(nonce)[:32] if code and same(code, expected) else None

    def _set(self, name: str, value: str, max_age_s: int) -> None:
        self.set_cookies = [c for c in self.set_cookies if not c.startswith(f"{name}=")]
        # Lax, since the way back from an identity provider is a navigation from another site that
        # has to find the browser it left from. No navigation changes anything here: every change
        # asks for fetch metadata, a token of the session and JSON.
        self.set_cookies.append(
            f"{name}={value}; Path=/; Max-Age={max_age_s}; Secure; HttpOnly; SameSite=Lax"
        )


async def asked_of(rt: Runtime, tenant_id: UUID) -> terms.Asked | None:
    """Which terms of the platform the brand is asked to accept."""
    if len(rt.terms.editions) == 1:
        return None
    found = await rt.db.fetch(tenant_id, terms.Version, terms.VERSIONS)
    return rt.terms.asked([one.version for one in found])


def calls_of(tenant_id: UUID, session_id: str) -> Limit:
    """How many calls one session may make: plenty for a person, a bound for a script."""
    return Limit.per(key(tenant_id, "console-calls", session_id), CALLS_PER_MINUTE, 60)


async def admit(rt: Runtime, policy: Policy, scope: Scope, headers: Headers, now: datetime) -> Desk:
    """Let a call in to the console's host, or raise. Fills tenant, snapshot and principal in."""
    desk = Desk(rt, scope, headers)
    state: dict[str, Any] = scope["state"]
    state["desk"], state["now"], state["real_now"] = desk, now, now
    method = str(scope.get("method", "GET"))
    if policy.kind in _SIGNED_IN:
        named = OPERATOR_SLUG if policy.kind is Kind.PLATFORM else ""
        slug = named or str(scope.get("path_params", {}).get("brand", ""))
        principal = await desk.open(slug, now)
        tenant = desk.tenant
        if tenant is None:
            raise UnauthenticatedError
        state["tenant"] = tenant
        state["snapshot"] = rt.snapshots.current(tenant.id, tenant.time(now))
        if not policy.real_time:
            state["now"] = tenant.time(now)
        state["principal"] = principal
    if policy.csrf and method not in SAFE:
        _check_call(rt, policy, desk, headers)
    if policy.kind in _SIGNED_IN and desk.principal is not None:
        # Calls that another site forged are refused above and spend nothing.
        await take(rt.valkey, [calls_of(desk.principal.tenant_id, desk.principal.session_id)])
        if isinstance(desk.principal, SupportPrincipal):
            desk.principal.require(policy, method)
            await looking.tell(rt, scope, policy, desk.principal, address=desk.address, now=now)
        elif policy.scope is not None and policy.scope not in desk.principal.permissions:
            raise PermissionMissingError(
                f"Your roles do not include {policy.scope}. An owner of the brand can give it.",
                permission=policy.scope,
            )
        act = policy.act_of(method)
        if act is not None and desk.tenant is not None:
            desk.tenant.require(act)
        if desk.tenant is not None and policy.waits_for_terms(method):
            terms.require(await asked_of(rt, desk.tenant.id), now)
        if policy.fresh:
            desk.require_fresh(now)
    return desk


def _check_call(rt: Runtime, policy: Policy, desk: Desk, headers: Headers) -> None:
    own = f"{rt.settings.base_scheme}://{desk.authority}"
    if not csrf.same_origin(
        site=headers.get("sec-fetch-site"), origin=headers.get("origin"), own=own
    ):
        raise CrossSiteError
    if policy.kind in _SIGNED_IN and not desk.csrf_holds(headers.get(csrf.HEADER, "")):
        raise CrossSiteError
    # No form of another page can send JSON without asking first, and nobody answers that.
    kind = headers.get("content-type", "").partition(";")[0].strip().lower()
    if policy.kind is Kind.CONSOLE_PUBLIC and kind != _JSON:
        raise CrossSiteError
