"""What a run is doing, on a terminal: phase, bar, count, rate and time left, on standard error."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from accord.cli.options import Options
from accord.cli.output import console_for

if TYPE_CHECKING:
    from rich.progress import Progress, TaskID

_NAMES = {"read": "reading", "compare": "comparing", "load": "loading", "plan": "planning", "keep": "keeping",
          "commit": "committing", "export": "exporting"}  # fmt: skip


class Watched:
    """Progress that a person watches; every phase is a line of its own while it lasts."""

    def __init__(self, bars: "Progress") -> None:
        self._bars = bars
        self._task: TaskID | None = None

    def phase(self, name: str, total: int | None = None) -> None:
        """Begin a phase; `total` is how many objects it has, None or 0 when that is not known."""
        if self._task is not None:
            self._bars.remove_task(self._task)
        self._task = self._bars.add_task(_NAMES.get(name, name), total=total or None, rate="")

    def advance(self, count: int) -> None:
        """Count objects of the present phase."""
        if self._task is not None:
            self._bars.advance(self._task, count)
            self._bars.update(self._task, rate=self._rate(self._task))

    def _rate(self, task: "TaskID") -> str:
        speed = next((t.speed for t in self._bars.tasks if t.id == task), None)
        return "" if not speed else f"{speed:,.0f}/s"


@contextmanager
def watched(options: Options) -> Iterator[Watched | None]:
    """Show progress while inside, when a person watches; else None."""
    if options.quiet or not sys.stderr.isatty():
        yield None
        return
    from rich.progress import (
        BarColumn,
        MofNCompleteColumn,
        Progress,
        SpinnerColumn,
        TextColumn,
        TimeRemainingColumn,
    )

    bars = Progress(
        SpinnerColumn(),
        TextColumn("{task.description:<11}"),
        BarColumn(bar_width=30),
        MofNCompleteColumn(),
        TextColumn("{task.fields[rate]:>12}", style="dim"),
        TimeRemainingColumn(compact=True),
        console=console_for(sys.stderr),
        transient=True,
    )
    with bars:
        yield Watched(bars)
