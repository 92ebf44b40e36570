"""`make screens` takes every page of the member site and every screen of the console."""

import inspect
import re
from collections.abc import Sequence

from litestar.handlers import HTTPRouteHandler
from tests.e2e import platform_screens as platform
from tests.e2e.console_screens import OPEN, PLATFORM, SCREENS, routed
from tests.e2e.founder import Founder
from tests.e2e.member_screens import GUEST_PAGES, MEMBER_PAGES, NO_PAGES

from guerdon.member_web.routes import HANDLERS
from guerdon.onboarding.schemas import STEPS
from guerdon.platform_web.routes import HANDLERS as PLATFORM_HANDLERS
from guerdon.programme import SECTIONS


def test_every_screen_of_the_console_is_taken() -> None:
    outside, inside = routed()
    assert outside == set(OPEN.values())
    assert inside == {*SCREENS, *PLATFORM}
    assert [name for name, looks in {**SCREENS, **PLATFORM}.items() if not looks] == []
    sections = {f"/programme/{one.section}" for one in SECTIONS} | {"/recommendations"}
    shown = {where for looks in SCREENS.values() for where, _ in looks}
    assert sections - shown == {"/programme/recommendations"}


def answered(handlers: Sequence[object]) -> set[str]:
    return {
        path
        for handler in handlers
        if isinstance(handler, HTTPRouteHandler) and "GET" in handler.http_methods
        for path in handler.paths
    }


def test_every_page_of_the_member_site_is_taken() -> None:
    pages = set(GUEST_PAGES) | set(MEMBER_PAGES)
    assert answered(HANDLERS) - NO_PAGES == pages
    assert pages & NO_PAGES == set()


def test_every_page_of_the_platform_is_taken() -> None:
    pages = {*platform.OPEN, *platform.WALKED}
    assert answered(PLATFORM_HANDLERS) - platform.NO_PAGES == pages
    assert pages & platform.NO_PAGES == set()
    # The walk of a sign-up tells the step it stands at, each by its name.
    walk = inspect.getsource(Founder.steps)
    assert re.findall(r'yield "(\w+)"', walk) == [*STEPS, "ready"]
    assert set(platform.SECOND) < set(STEPS)
