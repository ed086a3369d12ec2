"""The process in which one job is done. It is started ahead, opens everything, says so, and waits for its job.

Its input names the job; when its input ends, whoever started it is gone, and it ends as well, as if killed: the store
takes back what was not committed, and another worker finds the job unfinished.
"""

import json
import os
import sys
import threading
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

from accord.app import open_server
from accord.engine.frames import interrupt_all
from accord.model.errors import AccordError
from accord.operations.execution import perform
from accord.runs.stopping import Stop

PATIENCE_S = 12 * 3600.0
_ORPHANED = 3
_BEHIND_ANSWERS = 5


def main() -> None:
    """Be ready, do one job, end."""
    places = json.loads(sys.stdin.readline())
    with open_server(_path(places["data"]), places["url"], config=_path(places["config"])) as server:
        with server.writing("worker") as context:
            session = context.store.session.name
        try:
            print(json.dumps({"session": session}), flush=True)  # noqa: T201 - this is what the worker reads
        except BrokenPipeError:
            os._exit(_ORPHANED)
        order = sys.stdin.readline()
        if not order:
            return
        # Whoever asks the server how far it is waits for an answer; the run does not notice.
        os.nice(_BEHIND_ANSWERS)
        threading.Thread(target=_end_with_parent, daemon=True).start()
        stop = Stop()
        with server.writing("worker") as context, stop.waking(interrupt_all):
            activity = context.store.activities.read_by_guid(json.loads(order)["activity"])
            own = replace(context, actor=activity.actor, activity=activity, stop=stop, patience_s=PATIENCE_S)
            # The record says how it ended; for what is no error of ours the worker needs no more.
            with suppress(AccordError):
                perform(own, activity)


def _end_with_parent() -> None:
    sys.stdin.read()
    os._exit(_ORPHANED)


def _path(text: str | None) -> Path | None:
    return None if text is None else Path(text)


if __name__ == "__main__":
    main()
