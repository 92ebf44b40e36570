"""`python -m guerdon.local.pictures [FOLDER]`: draw every picture of the demo brands."""

import sys
from pathlib import Path

from guerdon.kit.paths import bundled
from guerdon.local.pictures import pictures
from guerdon.local.pictures.plan import PLAN


def main() -> None:
    """Write the files below FOLDER, by default the demo brands' own."""
    root = Path(sys.argv[1]) if len(sys.argv) > 1 else bundled("tenants") / "demo"
    for brand in PLAN:
        folder = root / brand / "pictures"
        folder.mkdir(parents=True, exist_ok=True)
        for name, svg in pictures(brand):
            (folder / name).write_text(svg, encoding="utf-8")


if __name__ == "__main__":
    main()
