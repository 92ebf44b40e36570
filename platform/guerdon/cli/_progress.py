"""How far an import is, on a terminal."""

from collections.abc import Callable

from rich.console import Console
from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeRemainingColumn


class progress:
    """A bar of the bytes read; entering it gives what to tell how many there are so far."""

    def __init__(self, console: Console, size_bytes: int) -> None:
        self._bar = Progress(
            TextColumn("Importing"),
            BarColumn(),
            TaskProgressColumn(),
            TimeRemainingColumn(),
            console=console,
        )
        self._size_bytes = size_bytes

    def __enter__(self) -> Callable[[int], None]:
        self._bar.start()
        task = self._bar.add_task("import", total=max(1, self._size_bytes))
        return lambda done_bytes: self._bar.update(task, completed=done_bytes)

    def __exit__(self, *_: object) -> None:
        self._bar.stop()
