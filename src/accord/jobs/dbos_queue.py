"""The queue on DBOS core, the one module that knows it.

Its traps and how they are closed: every worker has a name of its own, never used twice, so that no two execute one
task and nobody recovers what is not his; tasks of dead workers are resumed with the queue's name, so that any worker
may take them; the version is ours and fixed; nothing is ever sent to the vendor's console, whatever is in the
environment.

A task is started by the worker that has room for it, in its own process: looking often whether somebody put one into a
table would keep a server that has nothing to do busy.
"""

import os
from collections.abc import Callable, Collection

from accord.jobs.port import Task

# With these in its environment the library takes the vendor's names, versions and console instead of what it is told.
for _name in [name for name in os.environ if name.startswith("DBOS_")]:
    del os.environ[_name]

from dbos import DBOS, DBOSConfig, SetWorkflowID  # noqa: E402 - it reads them when it is loaded

_QUEUE = "systems"
_VERSION = "1"
_POLL_S = 1.0
"""How often to look for tasks of dead workers."""

_OPEN_STATES = ["ENQUEUED", "PENDING"]

_performers: list[Callable[[str], None]] = []


@DBOS.workflow(name="perform")
def _perform(task: str) -> None:
    if _performers:
        _performers[-1](task)


class DbosQueue:
    """A worker's end of the queue; one per process. `url` is SQLAlchemy's, `name` the worker's, `at_once` its limit."""

    def __init__(self, url: str, *, name: str, at_once: int) -> None:
        self._url = url
        self._name = name
        self._at_once = at_once
        self._is_open = False

    def open(self, perform: Callable[[str], None]) -> None:
        """Begin to take tasks."""
        config: DBOSConfig = {
            "name": "accord",
            "system_database_url": self._url,
            "executor_id": self._name,
            "application_version": _VERSION,
            # What became of a task is told by whoever performs it; what the queue says of it would be said twice.
            "log_level": "CRITICAL",
            "console_log_level": "CRITICAL",
            "notification_listener_polling_interval_sec": 1.0,
        }
        _performers.append(perform)
        self._is_open = True
        DBOS(config=config)
        DBOS.launch()
        DBOS.register_queue(_QUEUE, worker_concurrency=self._at_once, polling_interval_sec=_POLL_S)

    def start(self, task: str) -> None:
        """Start a task here, if nobody has it."""
        with SetWorkflowID(task):
            DBOS.start_workflow(_perform, task)

    def cancel(self, task: str) -> None:
        """Forget a task."""
        DBOS.cancel_workflow(task)

    def resume_lost(self, living: Collection[str]) -> tuple[str, ...]:
        """Put the tasks of dead workers back, for any worker."""
        lost = tuple(
            flow.workflow_id
            for flow in DBOS.list_workflows(status="PENDING", load_input=False, load_output=False)
            if flow.executor_id not in living
        )
        for task in lost:
            DBOS.resume_workflow(task, queue_name=_QUEUE)
        return lost

    def list(self) -> tuple[Task, ...]:
        """Return the tasks that wait or go on."""
        found = DBOS.list_workflows(status=_OPEN_STATES, load_input=False, load_output=False)
        return tuple(Task(id=f.workflow_id, state=f.status, worker=f.executor_id or "") for f in found)

    def close(self) -> None:
        """Take no more tasks."""
        if self._is_open:
            self._is_open = False
            DBOS.destroy(workflow_completion_timeout_sec=0)
            _performers.clear()
