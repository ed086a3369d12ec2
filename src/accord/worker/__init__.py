"""The workers: they take jobs in turn and do each in a process of its own, which is ready before it is needed.

`start_worker` runs one inside a server; `python -m accord.worker.child` is what it starts.
"""

from accord.worker.worker import Worker, running_worker, start_worker

__all__ = ["Worker", "running_worker", "start_worker"]
