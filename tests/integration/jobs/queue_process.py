"""A process that performs what the queue gives it, and tells: URL NAME [TASK]. A task ends when a line is read."""

import sys

from accord.jobs.dbos_queue import DbosQueue


def tell(text: str) -> None:
    """Say a line."""
    sys.stdout.write(text + "\n")
    sys.stdout.flush()


def perform(task: str) -> None:
    """Say that a task has begun, and go on when told to."""
    tell(f"begun {task}")
    sys.stdin.readline()


def main(url: str, name: str, task: str = "") -> None:
    """Start the task, or take what is left of others."""
    queue = DbosQueue(url, name=name, at_once=1)
    queue.open(perform)
    if task:
        queue.start(task)
    else:
        tell(f"resumed {','.join(queue.resume_lost({name}))}")
    sys.stdin.readline()
    queue.close()


if __name__ == "__main__":
    main(*sys.argv[1:])
