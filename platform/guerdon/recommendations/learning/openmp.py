"""Makes OpenMP's library ready for `implicit`, whose wheel leaves it to the system.

A small Debian has none. `scripts/environment.sh` puts Debian's own into the environment then, where
the loader does not look; what is loaded by its path satisfies whoever asks for its name later.
"""

import ctypes
import sys
from pathlib import Path
from typing import Final

NAME: Final = "libgomp.so.1"


def load() -> None:
    """Load it from the system, or from the environment. Raises ImportError saying what to do."""
    for where in (NAME, str(Path(sys.prefix) / "lib" / NAME)):
        try:
            ctypes.CDLL(where, ctypes.RTLD_GLOBAL)
        except OSError:
            continue
        return
    raise ImportError(f"learning needs {NAME}: apt-get install libgomp1", name=NAME)


load()
