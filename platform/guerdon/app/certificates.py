"""What the proxy asks before it obtains a certificate for a name: is it served here?

Anybody can open a connection under any name, so each answer costs the same little, and no more
names than a bound are looked up. Whatever goes wrong is a no.
"""

import asyncio
import time
from typing import Final

import structlog
from litestar import Response, get
from litestar.di import NamedDependency
from litestar.params import FromQuery

from guerdon.identity.policy import public
from guerdon.runtime import Runtime

PREFIX: Final = "/_ask"
# Names that are not in memory, asked for within a second and at once; per process.
RATE: Final = 20.0
BURST: Final = 100.0
_PATIENCE_S: Final = 2.0
_NAME_LENGTH_MAX: Final = 253
_log = structlog.get_logger(__name__)


class Allowance:
    """How many more unknown names may be looked up now."""

    def __init__(self) -> None:
        self._left = BURST
        self._at = time.monotonic()

    def take(self) -> bool:
        """Whether one more may."""
        now = time.monotonic()
        self._left = min(BURST, self._left + (now - self._at) * RATE)
        self._at = now
        if self._left < 1:
            return False
        self._left -= 1
        return True


_allowance: Final = Allowance()


@get(f"{PREFIX}/certificate", opt={"policy": public(session=False)}, include_in_schema=False)
async def may_have_certificate(
    rt: NamedDependency[Runtime], domain: FromQuery[str]
) -> Response[None]:
    """200 when a certificate for `domain` may be obtained; anything else is a no."""
    return Response(
        None, status_code=await _judge(rt, domain), headers={"cache-control": "no-store"}
    )


async def _judge(rt: Runtime, domain: str) -> int:
    name = domain.lower()
    if len(name) > _NAME_LENGTH_MAX:
        return 404
    settings = rt.settings
    if name in {
        settings.base_domain,
        settings.console_authority.partition(":")[0],
        settings.staff_authority.partition(":")[0],
        settings.hooks_authority.partition(":")[0],
    }:
        return 200
    # A flood of made-up names does not keep those of brands that are visited from theirs.
    if rt.directory.peek(name) is None and not _allowance.take():
        return 429
    try:
        async with asyncio.timeout(_PATIENCE_S), rt.db.control() as s:
            good = await s.value(
                "SELECT ctl.host_may_have_certificate_v1(%(name)s)", {"name": name}
            )
    except Exception as error:
        _log.warning("certificate_not_decided", error=type(error).__name__)
        return 503
    return 200 if good else 404
