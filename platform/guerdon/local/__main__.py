"""What `make demo` and `make clean` run: `python -m guerdon.local demo|clean`."""

import argparse
import os
import sys
from pathlib import Path

from guerdon.local import places
from guerdon.local.demo import Demo, DemoError
from guerdon.local.home import Home, HomeBusyError
from guerdon.local.report import Report
from guerdon.local.servers import ServerError
from guerdon.local.supervisor import ProcessFailedError
from guerdon.plumbing.process import die_with_parent


def main() -> int:
    """The exit status."""
    parser = argparse.ArgumentParser(prog="guerdon demo", description=__doc__)
    parser.add_argument("what", nargs="?", choices=("demo", "clean"), default="demo")
    parser.add_argument("--home", type=Path, default=os.environ.get("GUERDON_HOME") or ".guerdon")
    parser.add_argument("--port", type=int, default=os.environ.get("PORT") or 8000)
    options = parser.parse_args()
    home = Home(Path(options.home).absolute())
    try:
        if options.what == "clean":
            home.remove()
            places.remove_copies()
            return 0
        if os.environ.get("MAKELEVEL"):
            die_with_parent()  # a killed `make` takes the demo with it
        Demo(home, int(options.port), Report()).run()
    except (DemoError, HomeBusyError, ProcessFailedError, ServerError, places.PlaceError) as error:
        print(f"✗ {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
