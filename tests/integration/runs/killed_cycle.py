"""Runs a whole cycle and dies, as in a power cut, when a phase of it begins: FOLDER URL NUMBER.

Phases are counted over all runs of the cycle, from 1. Ends with 0 when the cycle has fewer.
"""

import os
import signal
import sys
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path

from accord.app import open_accord
from accord.operations.runs import run_cycle


@dataclass(slots=True)
class Doom:
    """Progress that ends the process."""

    left: int

    def phase(self, name: str, total: int | None = None) -> None:
        self.left -= 1
        if self.left == 0:
            sys.stdout.write(name)
            sys.stdout.flush()
            os.kill(os.getpid(), signal.SIGKILL)

    def advance(self, count: int) -> None:
        pass


def main(folder: str, url: str, now: str, number: str) -> None:
    accord = open_accord(Path(folder), url=url or None, actor="doomed")
    context = replace(accord.context, progress=Doom(int(number)), clock=lambda: datetime.fromisoformat(now), threads=1)
    for _ in run_cycle(context):
        pass
    accord.close()


if __name__ == "__main__":
    main(*sys.argv[1:])
