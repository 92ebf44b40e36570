"""Where the data folders live: beside the code in a checkout, inside the package in a wheel."""

import os
from importlib.resources import files
from pathlib import Path

_IN_CHECKOUT = {"console": "admin_spa/dist"}


def bundled(name: str) -> Path:
    """The data folder `themes`, `tenants`, `migrations` or `console` (built, and maybe not yet);
    `GUERDON_<NAME>_DIR` overrides."""
    if override := os.environ.get(f"GUERDON_{name.upper()}_DIR"):
        return Path(override)
    package = Path(str(files("guerdon")))
    packaged = package / "_bundled" / name
    return packaged if packaged.is_dir() else package.parents[1] / _IN_CHECKOUT.get(name, name)
