"""`guerdon webhooks` on a real brand."""

import asyncio
from typing import Any

import pytest
from click.testing import CliRunner

from guerdon.cli import webhooks
from guerdon.settings import Settings


@pytest.fixture
def invoke(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> Any:
    from guerdon.cli import _runtime

    monkeypatch.setattr(_runtime, "load_settings", lambda: settings)

    async def call(*arguments: str) -> str:
        run = CliRunner().invoke
        result = await asyncio.to_thread(run, webhooks.command, arguments, catch_exceptions=False)
        assert result.exit_code == 0, result.output
        return str(result.output)

    return call


async def test_endpoints_secrets_log_and_replay(invoke: Any, make_tenant: Any) -> None:
    tenant = await make_tenant(
        integrations={
            "webhooks": [{"key": "till", "url": "https://example.com/hook", "events": []}]
        }
    )
    where = ("--tenant", tenant.slug)
    assert "till  on  no secret yet  https://example.com/hook  all events" in await invoke(
        "list", *where
    )
    assert (await invoke("rotate-secret", *where, "till")).startswith("whsec_")
    assert "till  on  signed" in await invoke("list", *where)
    assert await invoke("log", *where, "till") == ""
    assert await invoke("replay", *where, "till", "--since", "2026-01-01") == "0 queued\n"
    assert await invoke("enable", *where, "till") == ""
