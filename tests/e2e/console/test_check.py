"""What the look at a screen lets pass: nothing that is seen while the page keeps still."""

from typing import Any

import pytest
from tests.e2e.console.conftest import SeatFactory

pytestmark = pytest.mark.e2e

_PALE = """
() => {
  const text = document.createElement("p");
  text.id = "pale";
  text.style.cssText = "color: #bbb; background: #fff";
  text.textContent = "Too pale to be read";
  document.querySelector("main").append(text);
}
"""
# It is worked out again once somebody has begun to watch, and is gone afterwards.
_MOVING = """
() => {
  const text = document.querySelector("#pale");
  let watched;
  Object.defineProperty(window, "__stir", {
    get: () => watched,
    set: (value) => {
      watched = value;
      setTimeout(() => text.setAttribute("aria-busy", "true"));
      setTimeout(() => text.remove(), 4000);
    },
  });
}
"""


async def test_a_finding_stands_unless_the_page_was_moving(tenant: Any, seat: SeatFactory) -> None:
    olga = await seat(tenant)
    page = await olga.go()
    await olga.check()
    await page.evaluate(_PALE)
    with pytest.raises(AssertionError, match="color-contrast"):
        await olga.check()
    await page.evaluate("() => { delete window.__stir; }")
    await page.evaluate(_MOVING)
    await olga.check()
