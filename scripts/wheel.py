"""Build hook: a wheel holds the built console, and one that would not is refused."""

from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface


class ConsoleHook(BuildHookInterface):  # type: ignore[misc, type-arg]
    """Looks for the console before anything is packed."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """An editable install serves the console from the checkout and needs none."""
        if version != "editable" and not (Path(self.root) / "admin_spa/dist/index.html").is_file():
            self.app.abort(
                "The console is not built: admin_spa/dist/index.html is missing. "
                "Run `make console` (or scripts/console.sh) and build the wheel again."
            )
