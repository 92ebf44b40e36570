"""The console's calls are declared, named, and tell the audit trail what they changed."""

import inspect
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from litestar.routes import HTTPRoute

from guerdon.admin_api.document import describe
from guerdon.admin_api.platform import routes as platform
from guerdon.admin_api.routes import HANDLERS
from guerdon.app import Application
from guerdon.identity.policy import Kind
from guerdon.wire.openapi import Ask, Write

PREFIX = "/_console/api/admin/v1"
PLATFORM = "/_console" + platform.PATH
# Changes of one's own session and the steps of signing in tell the trail themselves.
OWN_WORDS = ("/sign-in/", "/sign-out", "/session", "/me/")


def calls(application: Application) -> Iterator[tuple[str, str, Any]]:
    """Method, path and handler of every call of the admin API."""
    for route in application.litestar.routes:
        if isinstance(route, HTTPRoute) and route.path.startswith((PREFIX, PLATFORM)):
            for handler in route.route_handlers:
                for method in handler.http_methods - {"OPTIONS"}:
                    yield str(method), route.path.removeprefix(PREFIX), handler


def kind_of(path: str) -> Kind:
    """Whose call it has to be."""
    if path.startswith(PLATFORM):
        return Kind.PLATFORM
    return Kind.STAFF if path.startswith("/{brand") else Kind.CONSOLE_PUBLIC


def tells_the_trail(handler: Any) -> bool:
    """Whether the handler acts through `act`, which writes the entry in the same transaction, or
    `act_on`, which writes the platform's before."""
    source = inspect.getsource(handler.fn)
    return "act(" in source or "act_on(" in source


def asks(handler: Any) -> bool:
    """Whether it is a question that is posted for its length."""
    return handler.operation_class is Ask


def test_every_call_is_named_and_for_somebody(application: Application) -> None:
    seen: dict[str, str] = {}
    for method, path, handler in calls(application):
        if path == "/openapi.json":
            continue
        assert isinstance(handler.operation_id, str), f"{method} {path} has no operation_id"
        assert handler.operation_id not in seen, f"{handler.operation_id} is {path} too"
        seen[handler.operation_id] = path
        assert handler.fn.__doc__, f"{handler.operation_id} says nothing of itself"
        assert handler.opt["policy"].kind is kind_of(path), path
    assert len(seen) >= 15


def test_every_change_tells_the_trail(application: Application) -> None:
    silent = [
        f"{method} {path}: do it through admin_api.requests.act"
        for method, path, handler in calls(application)
        if method != "GET"
        and not asks(handler)
        and not any(word in path + "/" for word in OWN_WORDS)
        and not tells_the_trail(handler)
    ]
    assert silent == []


def test_a_silent_change_is_seen() -> None:
    class Handler:
        @staticmethod
        def fn() -> None:
            """Changes something, tells nobody."""

    assert not tells_the_trail(Handler)


def test_every_change_asks_for_a_key(application: Application) -> None:
    for method, path, handler in calls(application):
        if path.startswith(("/{brand", PLATFORM)) and not any(
            word in path + "/" for word in OWN_WORDS
        ):
            changes = method != "GET" and not asks(handler)
            assert issubclass(handler.operation_class, Write) == changes, path


def test_no_question_can_change_anything(application: Application) -> None:
    modules = {inspect.getmodule(h.fn) for _, _, h in calls(application) if asks(h)}
    assert len(modules) >= 1
    for module in modules:
        assert module is not None
        source = inspect.getsource(module)
        assert [way for way in (".write(", "act(", "once(") if way in source] == [], module


@pytest.mark.parametrize("method", ["post", "put", "patch", "delete"])
async def test_an_unknown_call_is_a_problem(http: Any, method: str) -> None:
    client = await http("admin.localhost")
    answer = await getattr(client, method)("/api/admin/v1/nobody/nothing")
    assert (answer.status_code, answer.json()["code"]) == (404, "route_not_found")


def test_every_shape_has_a_name_of_its_own() -> None:
    """Two Structs of one name get names with module paths, and the console's client with them."""
    shapes = describe(HANDLERS)["components"]["schemas"]
    doubled = [name for name in shapes if re.match(r"(admin_api|wire)_", name)]
    assert doubled == [], "rename one of the Structs"


def test_every_action_of_the_trail_has_words() -> None:
    """What the trail tells is told in words: `admin_spa/src/features/audit/words.ts`."""
    root = Path(__file__).parents[2]
    words = (root / "admin_spa/src/features/audit/words.ts").read_text()
    known = set(re.findall(r'^  "([a-z_.]+)": mark\(', words, re.M))
    told = set()
    for path in (root / "platform/guerdon").rglob("*.py"):
        text = path.read_text()
        told |= set(re.findall(r'\baction="([a-z_]+\.[a-z_]+)"', text))
        if path.parts[-2] in ("admin_api", "sso") or path.name.startswith("staff"):
            told |= set(
                re.findall(
                    r'"((?:connection|email_domain|sign_in|sign_out|session)\.[a-z_]+)"', text
                )
            )
    assert len(told) >= 60
    assert sorted(told - known) == [], "put it into words, in three languages"


def test_every_reason_of_the_engine_has_words() -> None:
    """Why something is missing, and of what a score is made: `recommended/missing.ts`."""
    root = Path(__file__).parents[2]
    words = (root / "admin_spa/src/features/recommended/missing.ts").read_text()
    told = set(re.findall(r"^  (\w+): mark\(", words, re.M))
    found = set()
    for path in (root / "platform/guerdon/recommendations").glob("*.py"):
        text = path.read_text()
        found |= set(re.findall(r"(?:Refusal|Unfit|ScorePart)\(\s*\"(\w+)\"", text))
        found |= set(re.findall(r"Withheld\(\s*\"\w+\",\s*[^,]+,\s*\"(\w+)\"", text))
    assert {"not_eligible", "no_purchase", "not_pre_approved", "bag_included"} <= found
    assert found - told == set()
