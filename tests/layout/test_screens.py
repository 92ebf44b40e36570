"""`make screens` takes every screen of the console."""

from tests.e2e.console_screens import SCREENS, routed


def test_every_screen_of_the_console_is_taken() -> None:
    assert routed() == set(SCREENS)
    assert len(routed()) > 15
