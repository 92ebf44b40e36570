"""The tie between a process and its parent."""

import ctypes
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
