"""Workers as real processes: jobs take turns, are cancelled from anywhere, and survive whoever does them."""

import os
import signal
import time
from collections.abc import Iterator

import psutil
import pytest
from processes_of_jobs import jobs_command
from workers import Office, end, is_gone, kill, wait_for

from accord.store.activities import ActivityState
from worlds import World

DONE, QUEUED, RUNNING = ActivityState.DONE, ActivityState.QUEUED, ActivityState.RUNNING


@pytest.fixture
def office(world: World) -> Iterator[Office]:
    made = Office(world)
    yield made
    made.close()


@pytest.fixture
def local_office(local_world: World) -> Iterator[Office]:
    made = Office(local_world)
    yield made
    made.close()


def test_a_worker_that_is_killed_leaves_its_job_to_the_next(office: Office) -> None:
    office.slow()
    first = office.hire()
    job = office.ask("full-import", "phones")
    office.until(job, RUNNING)
    runner = office.runner_of(job)
    kill(first)
    wait_for(lambda: is_gone(runner))
    office.quick()
    second = office.hire()
    ended = office.until_ended(job)
    assert (ended.state, ended.attempt) == (DONE, 2), ended.message
    assert ended.message == "1 read, 0 unchanged"
    end(second)


@pytest.mark.postgresql
@pytest.mark.parametrize("store_url", ["postgresql"], indirect=True)
def test_another_worker_takes_over_and_never_two_run_one_system(office: Office) -> None:
    office.slow()
    workers = {process.pid: process for process in (office.hire(), office.hire())}
    first, second = office.ask("full-import", "phones"), office.ask("full-import", "phones")
    office.until(first, RUNNING)
    parent = next(pid for pid in workers if _is_child(office.runner_of(first), pid))
    kill(workers.pop(parent))
    wait_for(lambda: office.read(first).attempt == 2, office.log)
    assert office.until(first, RUNNING).attempt == 2
    assert office.read(second).state is QUEUED
    ghost = office.runner_of(first)
    os.kill(ghost, signal.SIGKILL)
    wait_for(lambda: is_gone(ghost))
    office.quick()
    ended = [office.until_ended(job) for job in (first, second)]
    assert [activity.state for activity in ended] == [DONE, DONE]
    assert ended[1].started_at >= str(ended[0].ended_at)
    end(workers.popitem()[1])


@pytest.mark.slow
def test_a_run_that_gives_no_sign_of_life_is_begun_anew_and_ended(local_office: Office) -> None:
    office = local_office
    office.slow()
    worker = office.hire()
    job = office.ask("full-import", "phones")
    office.until(job, RUNNING)
    silent = office.runner_of(job)
    os.kill(silent, signal.SIGSTOP)
    office.store.control.execute("update activity set beat_at = 1 where guid = :guid", {"guid": job})
    wait_for(lambda: office.read(job).attempt == 2, office.log)
    wait_for(lambda: is_gone(silent))
    assert office.runner_of(job) != silent
    end(worker)


@pytest.mark.slow
def test_systems_go_side_by_side_and_a_synchronisation_waits_for_all(local_office: Office) -> None:
    office = local_office
    office.slow()
    worker = office.hire()
    slow = office.ask("full-import", "phones")
    office.until(slow, RUNNING)
    quick = office.ask("full-import", "hr")
    assert office.until_ended(quick).state is DONE
    sync, behind = office.ask("full-sync"), office.ask("full-import", "hr")
    listed = jobs_command(office.world, "list")
    assert [(job["activity"]["kind"], job["waitsFor"]) for job in listed] == [
        ("import", None), ("sync", "A1"), ("import", "A3"),
    ]  # fmt: skip
    assert office.read(behind).state is QUEUED
    asked = time.monotonic()
    jobs_command(office.world, "cancel", slow)
    cancelled = office.until_ended(slow)
    assert cancelled.state is ActivityState.CANCELLED
    assert cancelled.message.endswith("during read; nothing was changed")
    assert time.monotonic() - asked < 20
    assert office.until_ended(sync).state is DONE
    assert office.until_ended(behind).state is DONE
    end(worker)


def test_a_worker_that_is_told_to_end_leaves_its_jobs_to_the_next(local_office: Office) -> None:
    office = local_office
    office.slow()
    worker = office.hire()
    job = office.ask("full-import", "phones")
    office.until(job, RUNNING)
    end(worker)
    assert office.read(job).state is QUEUED


def test_asked_twice_with_one_key_it_is_done_once(local_office: Office) -> None:
    office = local_office
    assert office.ask("full-import", "hr", key="monday") == office.ask("full-import", "hr", key="monday")
    assert office.ask("full-import", "hr") != office.ask("full-import", "hr")


def test_a_waiting_job_is_cancelled_at_once_and_can_be_asked_for_again(local_office: Office) -> None:
    office = local_office
    job = office.ask("full-import", "hr")
    jobs_command(office.world, "cancel", job)
    assert office.read(job).state is ActivityState.CANCELLED
    again = jobs_command(office.world, "retry", job)["activity"]
    assert office.read(again).state is QUEUED


@pytest.mark.slow
def test_a_job_whose_process_dies_three_times_has_failed(local_office: Office) -> None:
    office = local_office
    office.slow()
    worker = office.hire()
    job = office.ask("full-import", "phones")
    for attempt in (1, 2, 3):
        wait_for(lambda attempt=attempt: office.read(job).attempt == attempt and office.read(job).state is RUNNING)
        os.kill(office.runner_of(job), signal.SIGKILL)
    ended = office.until_ended(job)
    assert ended.state is ActivityState.FAILED
    assert "ended without finishing" in ended.message
    end(worker)


def _is_child(pid: int, parent: int) -> bool:
    return psutil.Process(pid).ppid() == parent
