"""Browsers for a brand's people."""

from collections.abc import AsyncIterator, Callable

import pytest
from tests.conftest import ConsoleFactory
from tests.identity.corporate import Corporate
from tests.identity.people import Browser
from tests.identity.provider import Provider

from guerdon.app import Application
from guerdon.identity import providers
from guerdon.runtime import Runtime
from guerdon.tenancy.schemas import Tenant


@pytest.fixture(autouse=True)
def no_keys_of_earlier_tests() -> None:
    """Providers of other tests listened at the same addresses, with keys of their own."""
    providers._kept.clear()


@pytest.fixture
async def browser_at(
    application: Application, rt: Runtime
) -> AsyncIterator[Callable[..., Browser]]:
    """`browser_at(tenant)`: a fresh browser at the console, on its way to a brand."""
    made: list[Browser] = []

    def at(tenant: Tenant) -> Browser:
        browser = Browser(application, rt, tenant)
        made.append(browser)
        return browser

    yield at
    for browser in made:
        await browser.client.aclose()


@pytest.fixture
async def corporate(
    rt: Runtime, tenant: Tenant, console: ConsoleFactory, provider: Provider
) -> Corporate:
    """A brand whose owner sets up a sign-in at the provider that lies."""
    provider.reset()
    return Corporate(rt, tenant, await console(tenant), provider)
