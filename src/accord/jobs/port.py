"""What this product wants of a durable queue: work is handed to one worker, and not lost when that worker dies."""

from collections.abc import Callable, Collection
from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True, slots=True, kw_only=True)
class Task:
    """One task as the queue sees it. `worker` is who has it, empty while it waits."""

    id: str
    state: str
    worker: str


class Queue(Protocol):
    """Tasks by id, each in a lane; of one lane, one at a time is handed out."""

    def open(self, perform: Callable[[str], None]) -> None:
        """Begin to take tasks; `perform` is called in a thread for each, and the task is over when it returns."""

    def start(self, task: str, lane: str) -> None:
        """Put a task into its lane. Once is enough: again does nothing."""

    def cancel(self, task: str) -> None:
        """Forget a task; who performs it already is not disturbed."""

    def resume_lost(self, living: Collection[str]) -> tuple[str, ...]:
        """Put the tasks of workers whose names are not among the living back into their lanes; return them."""

    def list(self) -> tuple[Task, ...]:
        """Return the tasks that wait or go on."""

    def close(self) -> None:
        """Take no more tasks. May be repeated."""
