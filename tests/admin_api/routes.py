"""The calls of the admin API as the running application has them, and what is declared for each.

`python -m tests.admin_api.routes` writes the declaration anew; the difference is to be reviewed.
"""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple
from uuid import UUID

from litestar import Litestar
from litestar.routes import HTTPRoute

from guerdon.identity.policy import Kind, Policy

# What begins with these; the second stands at the staff host only.
BRANDS, PLATFORM = "/api/admin/v1", "/api/platform/v1"
DECLARED = Path(__file__).with_name("permissions.txt")
# An id that nothing has.
NOWHERE = str(UUID(int=7))


class Call(NamedTuple):
    """One operation. `permission`: `public`, `anybody`, or what a role has to include."""

    operation: str
    method: str
    path: str
    permission: str
    fresh: bool
    face: str

    @property
    def of_platform(self) -> bool:
        """Whether it is one of the platform's own staff."""
        return self.face == PLATFORM

    def address(self, brand: str) -> str:
        """Its address at a brand, with ids that nothing has."""
        path = re.sub(r"{brand(:str)?}", brand, self.path)
        path = re.sub(r"{\w+:uuid}", NOWHERE, path)
        path = re.sub(r"{\w+:int}", "987654321", path)
        return self.face + re.sub(r"{[^}]+}", "nothing-has-this", path)

    def line(self) -> str:
        """As it stands in the declaration."""
        fresh = " fresh" if self.fresh else ""
        at = "platform " if self.of_platform else ""
        return f"{self.operation:40} {at}{self.permission}{fresh}"


def calls(app: Litestar) -> Iterator[Call]:
    """Every operation, with the permission that its code asks for."""
    for route in app.routes:
        if not isinstance(route, HTTPRoute):
            continue
        face = next((f for f in (BRANDS, PLATFORM) if route.path.startswith("/_console" + f)), None)
        if face is None:
            continue
        for handler in route.route_handlers:
            policy = handler.opt.get("policy")
            for method in sorted(handler.http_methods - {"OPTIONS", "HEAD"}):
                assert isinstance(policy, Policy), route.path
                permission = (
                    "public" if policy.kind is Kind.CONSOLE_PUBLIC else policy.scope or "anybody"
                )
                assert (policy.kind is Kind.PLATFORM) == (face == PLATFORM), route.path
                path = route.path.removeprefix("/_console" + face)
                name = handler.operation_id or f"{method} {path}"
                yield Call(str(name), str(method), path, permission, policy.fresh, face)


def declared() -> dict[str, str]:
    """What is declared: permission (and freshness) by operation."""
    lines = DECLARED.read_text().splitlines()
    return {
        line[:40].strip(): line[40:].strip() for line in lines if line and not line.startswith("#")
    }


def main() -> None:
    """Write the declaration as the code has it."""
    from guerdon.app import create_app
    from guerdon.settings import Settings

    app = create_app(Settings(context_key="00" * 32, master_key="00" * 32)).litestar
    lines = sorted(call.line() for call in calls(app))
    DECLARED.write_text(
        "# Every operation of the admin API and who may call it: `public` (at a console's host),\n"
        "# `anybody` (who works for the brand), or a permission; `platform`: for the platform's\n"
        "# own staff, at the staff host only; `fresh`: by step-up.\n" + "\n".join(lines) + "\n"
    )


if __name__ == "__main__":
    main()
