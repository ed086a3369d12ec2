"""A process that performs what the queue gives it, and tells: URL NAME [TASK]. A task ends when a line is read.

A line `resume NAMES` puts back the tasks of those who are not among the names.
"""

import sys
from queue import SimpleQueue

from accord.jobs.dbos_queue import DbosQueue


def tell(text: str) -> None:
    """Say a line."""
    sys.stdout.write(text + "\n")
    sys.stdout.flush()


def main(url: str, name: str, task: str = "") -> None:
    """Start the task if there is one, then do as told."""
    queue, done = DbosQueue(url, name=name, at_once=2), SimpleQueue[str]()

    def perform(task: str) -> None:
        tell(f"begun {task}")
        done.get()

    queue.open(perform)
    if task:
        queue.start(task)
    for line in sys.stdin:
        word, _, names = line.strip().partition(" ")
        if word == "resume":
            tell(f"resumed {','.join(queue.resume_lost({name, *names.split()}))}")
        else:
            done.put(word)
    queue.close()


if __name__ == "__main__":
    main(*sys.argv[1:])
