"""`make screens` takes every page of the member site and every screen of the console."""

from litestar.handlers import HTTPRouteHandler
from tests.e2e.console_screens import OPEN, PLATFORM, SCREENS, routed
from tests.e2e.member_screens import GUEST_PAGES, MEMBER_PAGES, NO_PAGES

from guerdon.member_web.routes import HANDLERS
from guerdon.programme import SECTIONS


def test_every_screen_of_the_console_is_taken() -> None:
    outside, inside = routed()
    assert outside == set(OPEN.values())
    assert inside == {*SCREENS, *PLATFORM}
    assert [name for name, looks in {**SCREENS, **PLATFORM}.items() if not looks] == []
    sections = {f"/programme/{one.section}" for one in SECTIONS} | {"/recommendations"}
    shown = {where for looks in SCREENS.values() for where, _ in looks}
    assert sections - shown == {"/programme/recommendations"}


def test_every_page_of_the_member_site_is_taken() -> None:
    answered = {
        path
        for handler in HANDLERS
        if isinstance(handler, HTTPRouteHandler) and "GET" in handler.http_methods
        for path in handler.paths
    }
    pages = set(GUEST_PAGES) | set(MEMBER_PAGES)
    assert answered - NO_PAGES == pages
    assert pages & NO_PAGES == set()
