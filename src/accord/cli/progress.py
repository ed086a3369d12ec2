"""What a run is doing, on a terminal: phase, bar, count, rate and time left, on standard error."""

import sys
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from typing import TYPE_CHECKING

from accord.cli.options import Options
from accord.cli.output import console_for

if TYPE_CHECKING:
    from rich.progress import Progress, TaskID

_NAMES = {"read": "reading", "compare": "comparing", "load": "loading", "plan": "planning", "keep": "keeping",
          "commit": "committing", "export": "exporting"}  # fmt: skip


class Watched:
    """Progress that a person watches: one line for the phase that goes on."""

    def __init__(self, bars: "Progress") -> None:
        self._bars = bars
        self._task: TaskID | None = None
        self._done = 0
        self._total: int | None = None

    def phase(self, name: str, total: int | None = None) -> None:
        """Begin a phase; `total` is how many objects it has, None or 0 when that is not known."""
        if self._task is not None:
            self._bars.remove_task(self._task)
        self._done, self._total = 0, total or None
        left = "" if self._total is None else "left"
        self._task = self._bars.add_task(_NAMES.get(name, name), total=self._total, count="", rate="", left=left)

    def advance(self, count: int) -> None:
        """Count objects of the present phase."""
        if self._task is None:
            return
        self._done += count
        of = "" if self._total is None else f" of {self._total:,}"
        self._bars.update(self._task, completed=self._done, count=f"{self._done:,}{of}", rate=self._rate(self._task))

    @contextmanager
    def hidden(self) -> Iterator[None]:
        """Take the line away while something else is written to the terminal."""
        if self._task is not None:
            self._bars.remove_task(self._task)
            self._task = None
        self._bars.stop()
        try:
            yield
        finally:
            self._bars.start()

    def _rate(self, task: "TaskID") -> str:
        speed = next((t.speed for t in self._bars.tasks if t.id == task), None)
        return f"{speed:,.0f}/s" if speed else ""


def hidden(progress: object) -> AbstractContextManager[None]:
    """Take progress away, where there is any, while something else is written to the terminal."""
    return progress.hidden() if isinstance(progress, Watched) else nullcontext()


@contextmanager
def watched(options: Options) -> Iterator[Watched | None]:
    """Show progress while inside, when a person watches; else None."""
    if options.quiet or not sys.stderr.isatty():
        yield None
        return
    from rich.progress import BarColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn, TimeRemainingColumn

    bars = Progress(
        SpinnerColumn(),
        TextColumn("{task.description:<11}"),
        BarColumn(bar_width=30),
        TextColumn("{task.fields[count]}"),
        TextColumn("{task.fields[rate]}", style="dim"),
        TimeElapsedColumn(),
        TimeRemainingColumn(compact=True),
        TextColumn("{task.fields[left]}", style="dim"),
        console=console_for(sys.stderr),
        transient=True,
    )
    with bars:
        yield Watched(bars)
