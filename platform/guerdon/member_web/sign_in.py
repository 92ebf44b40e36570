"""Signing in: a code by mail, a password, the brand's own identity, a hand-off from its app."""

from litestar import Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath
from litestar.response import Redirect

from guerdon.identity import codes, connections
from guerdon.identity.errors import CodeRefusedError
from guerdon.identity.parameters import SecurityParameters
from guerdon.identity.policy import member, public
from guerdon.kit.errors import GuerdonError
from guerdon.member_web.entering import challenge_id, enter, visitor_of
from guerdon.member_web.errors import form_errors
from guerdon.member_web.forms import Form, read_form
from guerdon.member_web.views.account import Connection, SignIn
from guerdon.member_web.views.frame import FieldError
from guerdon.member_web.web import Web, safe_path
from guerdon.members import arrivals, sign_in
from guerdon.members.arrivals import Arrival


def _view(
    web: Web,
    step: str,
    *,
    email: str = "",
    path: str = "/",
    errors: tuple[FieldError, ...] = (),
    challenge: str = "",
    ticket: str = "",
) -> SignIn:
    security = web.snapshot[SecurityParameters]
    return SignIn(
        step=step if step != "password" or security.password_sign_in else "start",
        email=email[:320],
        next=path,
        connections=tuple(
            Connection(c.key, web.look.words(c.title, web.language) or c.key)
            for c in connections.enabled(security)
        ),
        errors=errors,
        minutes=security.code_lifetime_minutes,
        challenge=challenge,
        ticket=ticket[:200],
        passwords=security.password_sign_in,
    )


@get("/sign-in", opt={"policy": public()}, sync_to_thread=False)
def page(web: NamedDependency[Web]) -> Response[str] | Redirect:
    """The ways in."""
    query = web.request.query_params
    path = safe_path(query.get("next"))
    if web.signed_in and not query.get("again"):
        return web.redirect(path)
    step = "password" if query.get("with") == "password" else "start"
    ticket = query.get("ticket") or ""
    return web.page("sign_in", "sign_in", _view(web, step, path=path, ticket=ticket))


@post("/sign-in/code", opt={"policy": public()})
async def send_code(web: NamedDependency[Web]) -> Response[str]:
    """Send a code, or say that it was sent: nobody learns who is a member."""
    form = await read_form(web.request)
    email, path, ticket = form.text("email"), safe_path(form.text("next")), form.text("ticket")
    try:
        challenge = await sign_in.request_code(
            web.rt,
            tenant_id=web.tenant.id,
            snapshot=web.snapshot,
            purpose=codes.SIGN_IN,
            email=email,
            language=web.language,
            visitor=visitor_of(web, email),
            now=web.real_now,
        )
    except GuerdonError as error:
        return _refused(web, error, "start", form)
    view = _view(web, "code", email=email, path=path, challenge=str(challenge), ticket=ticket)
    return web.page("sign_in", "sign_in", view)


@post("/sign-in/verify", opt={"policy": public()})
async def verify(web: NamedDependency[Web]) -> Response[str] | Redirect:
    """Take the code and start a session."""
    form = await read_form(web.request)
    try:
        found = await sign_in.with_code(
            web.rt,
            tenant_id=web.tenant.id,
            snapshot=web.snapshot,
            challenge_id=challenge_id(form.text("challenge")),
            code=form.text("code"),
            visitor=visitor_of(web, form.text("email")),
            now=web.real_now,
            ticket=form.text("ticket") or None,
        )
    except GuerdonError as error:
        return _refused(web, error, "code", form)
    return await enter(web, found, method="code", path=safe_path(form.text("next")))


@post("/sign-in/password", opt={"policy": public()})
async def with_password(web: NamedDependency[Web]) -> Response[str] | Redirect:
    """Take mail address and password and start a session."""
    form = await read_form(web.request)
    email = form.text("email")
    try:
        found = await sign_in.with_password(
            web.rt,
            tenant_id=web.tenant.id,
            snapshot=web.snapshot,
            email=email,
            password=form.secret("password"),
            visitor=visitor_of(web, email),
            now=web.real_now,
            ticket=form.text("ticket") or None,
        )
    except GuerdonError as error:
        return _refused(web, error, "password", form)
    return await enter(web, found, method="password", path=safe_path(form.text("next")))


def _refused(web: Web, error: GuerdonError, step: str, form: Form) -> Response[str]:
    if error.status >= 500:
        raise error
    view = _view(
        web,
        step,
        email=form.text("email"),
        path=safe_path(form.text("next")),
        errors=form_errors(error, web.words),
        challenge=form.text("challenge"),
        ticket=form.text("ticket"),
    )
    status = 422 if isinstance(error, CodeRefusedError) else error.status
    return web.page("sign_in", "sign_in", view, status=status)


@get("/sso/{connection:str}", opt={"policy": public()})
async def begin(connection: FromPath[str], web: NamedDependency[Web]) -> Redirect:
    """Go to the brand's identity provider."""
    chosen = connections.connection_of(web.snapshot[SecurityParameters], connection)
    url = await connections.begin(
        web.rt,
        tenant=web.tenant,
        connection=chosen,
        browser_id=web.visit.browser_id(),
        return_to=safe_path(web.request.query_params.get("next")),
    )
    return web.leave(url)


@get("/sso/{connection:str}/cb", opt={"policy": public(changes=True)})
async def come_back(connection: FromPath[str], web: NamedDependency[Web]) -> Redirect:
    """Back from the brand's identity provider."""
    arrival = await arrivals.from_connection(
        web.rt,
        tenant=web.tenant,
        snapshot=web.snapshot,
        connection_key=connection,
        query=dict(web.request.query_params.items()),
        visitor=visitor_of(web),
        now=web.real_now,
    )
    return await _arrived(web, arrival, "connection")


@get("/hand-off", opt={"policy": public()})
async def hand_off(web: NamedDependency[Web]) -> Redirect:
    """A member comes over from the brand's app with a signed word of it."""
    arrival = await arrivals.from_hand_off(
        web.rt,
        tenant=web.tenant,
        snapshot=web.snapshot,
        token=web.request.query_params.get("token") or "",
        visitor=visitor_of(web),
        now=web.real_now,
    )
    return await _arrived(web, arrival, "hand_off")


async def _arrived(web: Web, arrival: Arrival, method: str) -> Redirect:
    path = safe_path(arrival.return_to)
    if arrival.member is not None:
        return await enter(web, arrival.member, method=method, path=path)
    return web.redirect(f"/sign-in?ticket={arrival.ticket}")


@post("/sign-out", opt={"policy": member(changes=False)})
async def sign_out(web: NamedDependency[Web]) -> Redirect:
    """End this session."""
    await web.visit.sign_out()
    return web.redirect("/?done=signed_out")


HANDLERS = [page, send_code, verify, with_password, begin, come_back, hand_off, sign_out]
