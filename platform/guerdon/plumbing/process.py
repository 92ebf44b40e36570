"""A process: its tie to its parent, its memory, its end."""

import ctypes
import faulthandler
import gc
import signal
import sys
from typing import Final

# What a process may take beyond its time to drain, to hang up everywhere.
HANG_UP_S: Final = 5
_PR_SET_PDEATHSIG = 1
_libc = ctypes.CDLL(None, use_errno=True) if sys.platform == "linux" else None


def die_with_parent(death_signal: signal.Signals = signal.SIGTERM) -> None:
    """Ask the kernel to signal this process when the thread that started it ends.

    A change of user clears the setting. Without effect where the kernel is not Linux.
    """
    if _libc is not None:
        _libc.prctl(_PR_SET_PDEATHSIG, int(death_signal), 0, 0, 0)


def settle() -> None:
    """Leave what is loaded by now out of garbage collection, and collect in larger steps.

    The modules and routes of a process are a quarter of a million objects that stay for its life;
    looking through them again and again was a third of the time of a large request.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(20_000, 20, 20)


def end_within(seconds: float) -> None:
    """From now on this process ends by itself; if it has not by then, it ends where it stands and
    standard error shows where that was.

    A server that is gone without a word can be waited for without end, also by what only hangs up.
    Nothing is lost: what was in hand is a row that somebody else takes up.
    """
    faulthandler.dump_traceback_later(seconds, exit=True)
