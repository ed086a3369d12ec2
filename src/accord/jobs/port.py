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
    """Tasks by id, each given to one worker."""

    def open(self, perform: Callable[[str], None]) -> None:
        """Begin to take tasks; `perform` is called in a thread for each, and the task is over when it returns."""

    def start(self, task: str) -> None:
        """Start a task in this worker. Where another has it, or it was started before, this does nothing."""

    def cancel(self, task: str) -> None:
        """Forget a task; who performs it already is not disturbed."""

    def resume_lost(self, living: Collection[str]) -> tuple[str, ...]:
        """Let any worker have the tasks of workers whose names are not among the living; return them."""

    def list(self) -> tuple[Task, ...]:
        """Return the tasks that wait or go on."""

    def close(self) -> None:
        """Take no more tasks. May be repeated."""
