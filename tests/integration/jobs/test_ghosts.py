"""Who was taken for dead and is not can neither commit nor say anything about its activity."""

import os
import subprocess
import sys
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

from accord.app import open_accord
from accord.operations.execution import execute, perform
from accord.operations.performing import Order
from accord.store.activities import ActivityState
from accord.store.times import micros, utc_now
from worlds import World, people


def test_a_ghost_can_neither_commit_nor_speak(world: World) -> None:
    world.make(people(5))
    with open_accord(world.folder, url=world.url) as accord:
        store = accord.store
        job = execute(accord.context, Order(work="full-import", system="hr")).activity
        file, environment = store.lock.for_child() if store.lock else (None, {})
        ghost = subprocess.Popen(
            [sys.executable, Path(__file__).with_name("ghost_run.py"), world.folder, world.url or "", job],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env={**os.environ, **environment},
            pass_fds=() if file is None else (file,),
        )  # fmt: skip
        assert ghost.stdout is not None
        assert ghost.stdout.readline() == "reading\n"
        taken_over = store.recover(silent_since=micros(utc_now() + timedelta(hours=1)))
        again = store.jobs.start(taken_over[0], session=store.session.name, now=utc_now())
        assert again is not None
        assert again.attempt == 2
        perform(replace(accord.context, activity=again), again)
        world.write_hr(people(9))
        said, _ = ghost.communicate("go on\n", timeout=120)
        assert said == "PLAN_STALE\n"
        ended = store.activities.read_by_guid(job)
        assert (ended.state, ended.message) == (ActivityState.DONE, "5 read, 0 unchanged")
        assert len(store.connector_space.read_objects("hr")) == 5
