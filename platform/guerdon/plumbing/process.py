"""A process: its tie to its parent, its memory."""

import ctypes
import gc
import signal
import sys

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
