"""The processes in which jobs are done: one does many, each as another session; one is ready in advance."""

import os
import signal
from functools import partial

from workers import wait_for

from accord.app import Server, open_server
from accord.operations.execution import execute
from accord.operations.performing import Order
from accord.store.activities import Activity, ActivityState
from accord.store.times import utc_now
from accord.worker.children import Child, Spares
from worlds import World, people

PATIENCE_S = 60.0


def test_one_process_does_job_after_job_and_another_is_there_when_it_dies(local_world: World) -> None:
    local_world.make(people(5))
    local_world.close()
    with open_server(local_world.folder / "state", config=local_world.folder) as server:
        with server.writing("worker") as context:
            lock = context.store.lock
        spares = Spares(partial(Child, server.places, config=str(local_world.folder), lock=lock), most=1)
        try:
            child = _taken(spares)
            first, second = _done(server, child, "1"), _done(server, child, "2")
            assert [first.message, second.message] == ["5 read, 0 unchanged", "5 read, 5 unchanged"]
            assert child.is_ready
            # Giving way means something within one session only.
            assert os.getsid(child.pid) == os.getsid(0)
            assert os.getpriority(os.PRIO_PROCESS, child.pid) > os.getpriority(os.PRIO_PROCESS, 0)
            spares.put_back(child)
            assert _taken(spares) is child
            spares.put_back(child)
            os.kill(child.pid, signal.SIGKILL)
            wait_for(lambda: not child.is_ready)
            other = _taken(spares)
            assert other.pid != child.pid
            spares.put_back(other)
        finally:
            spares.close()
        assert other.exit_code == 0


def _taken(spares: Spares) -> Child:
    child = spares.take()
    assert child is not None
    return child


def _done(server: Server, child: Child, key: str) -> Activity:
    with server.writing("somebody") as context:
        job = execute(context, Order(work="full-import", system="hr"), key=key).activity
        store = context.store
        session = child.session
        assert store.jobs.start(store.activities.read_by_guid(job).id, session=session, now=utc_now()) is not None
        child.give(job)
        assert child.wait(PATIENCE_S)
        assert child.session != session
        ended = store.activities.read_by_guid(job)
    assert ended.state is ActivityState.DONE
    return ended
