"""Schedules in the store: due once whoever looks, changed while nobody restarts, followed to their end."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from workers import Office, end, wait_for

from accord.app import Accord, open_accord
from accord.model.errors import UsageError
from accord.model.schedules import RunKind, RunProfile, Schedule, ScheduleStep
from accord.operations.schedules import (
    Execution,
    cancel_execution,
    follow,
    list_executions,
    read_execution,
    run_due,
    run_now,
)  # fmt: skip
from accord.runs.context import Context
from accord.store.activities import ActivityState
from worlds import World, people

DAY = timedelta(days=1)
NOON = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)
PROFILES = {name: {"Read": RunProfile(name="Read", kind=RunKind.FULL_IMPORT)} for name in ("hr", "phones")}
NIGHTLY = Schedule(
    name="nightly", title="Nightly", is_enabled=True, crons=("0 12 * * *",),
    steps=(ScheduleStep(system="hr", profile="Read"), ScheduleStep(system="phones", profile="Read")),
)  # fmt: skip


@pytest.fixture
def accord(world: World) -> Iterator[Accord]:
    world.make(people(3))
    with open_accord(world.folder, url=world.url) as opened:
        yield opened


def at(accord: Accord, moment: datetime) -> Context:
    return replace(accord.context, clock=lambda: moment)


def states(execution: Execution) -> list[str]:
    return [step.state for step in execution.steps]


def due(accord: Accord, moment: datetime, schedule: Schedule = NIGHTLY) -> bool:
    return run_due(at(accord, moment), schedule, PROFILES) is not None


def finish(accord: Accord, execution: Execution, number: int, state: ActivityState) -> None:
    """End a step as a worker would."""
    activity = execution.steps[number].activity
    assert activity is not None
    store = accord.store
    started = store.jobs.start(int(activity.id[1:]), session=store.session.name, now=NOON)
    assert started is not None
    store.activities.finish(started.id, state, now=NOON, message="so it is")


def test_a_time_that_comes_is_executed_once_by_whoever_looks_first(accord: Accord) -> None:
    assert not due(accord, NOON - DAY)
    assert not due(accord, NOON - timedelta(seconds=1))
    assert due(accord, NOON)
    assert not due(accord, NOON + timedelta(seconds=1))
    # Another worker that looked before and comes late.
    accord.store.timetable.check("nightly", NIGHTLY.crons, at=NOON - DAY)
    due(accord, NOON + timedelta(seconds=2))
    assert len(list_executions(accord.context, "nightly")) == 1


def test_times_that_are_new_do_not_reach_back(accord: Accord) -> None:
    assert not due(accord, NOON - timedelta(minutes=10))
    changed = replace(NIGHTLY, crons=("55 11 * * *",))
    assert not due(accord, NOON - timedelta(minutes=2), changed)
    assert due(accord, NOON - timedelta(minutes=5) + DAY, changed)


@pytest.mark.parametrize("makes_up", [False, True])
def test_times_missed_are_left_out_or_made_up_for_once(accord: Accord, *, makes_up: bool) -> None:
    schedule = replace(NIGHTLY, makes_up=makes_up)
    due(accord, NOON - 5 * DAY, schedule)
    assert due(accord, NOON + timedelta(hours=3), schedule) is makes_up
    assert not due(accord, NOON + timedelta(hours=4), schedule)


def test_disabled_schedules_and_those_without_times_wait_for_somebody(accord: Accord) -> None:
    for schedule in (replace(NIGHTLY, is_enabled=False), replace(NIGHTLY, crons=())):
        due(accord, NOON - DAY, schedule)
        assert not due(accord, NOON, schedule)
    assert states(run_now(accord.context, replace(NIGHTLY, crons=()), PROFILES)) == ["pending", "pending"]


def test_while_an_execution_goes_on_the_next_is_left_out(accord: Accord) -> None:
    running = run_now(accord.context, NIGHTLY, PROFILES)
    with pytest.raises(UsageError, match=running.activity.id):
        run_now(accord.context, NIGHTLY, PROFILES)
    due(accord, NOON - DAY)
    assert not due(accord, NOON)
    left_out = list_executions(accord.context, "nightly")[0]
    assert (left_out.activity.state, left_out.due_at, left_out.steps) == ("cancelled", NOON.isoformat(), ())
    assert running.activity.id in left_out.activity.message
    assert not due(accord, NOON + timedelta(seconds=1))
    assert len(list_executions(accord.context, "nightly")) == 2


def test_an_execution_is_followed_step_by_step_to_its_end(accord: Accord) -> None:
    name = run_now(accord.context, NIGHTLY, PROFILES).activity.id
    for _ in range(2):
        follow(accord.context, accord.store.timetable.open_executions()[0])
        assert states(read_execution(accord.context, name)) == ["queued", "pending"]
    finish(accord, read_execution(accord.context, name), 0, ActivityState.DONE)
    follow(accord.context, accord.store.timetable.open_executions()[0])
    assert states(read_execution(accord.context, name)) == ["done", "queued"]
    finish(accord, read_execution(accord.context, name), 1, ActivityState.FAILED)
    follow(accord.context, accord.store.timetable.open_executions()[0])
    ended = read_execution(accord.context, name)
    assert ended.activity.state == "failed"
    assert ended.activity.message == "step 2 (phones Read) failed: so it is"
    assert accord.store.timetable.open_executions() == ()


def test_cancelling_an_execution_ends_its_steps(accord: Accord) -> None:
    name = run_now(accord.context, NIGHTLY, PROFILES).activity.id
    follow(accord.context, accord.store.timetable.open_executions()[0])
    cancel_execution(accord.context, name)
    follow(accord.context, accord.store.timetable.open_executions()[0])
    ended = read_execution(accord.context, name)
    assert (ended.activity.state, states(ended)) == ("cancelled", ["cancelled", "pending"])


def test_a_step_that_cannot_be_asked_for_is_a_step_that_failed(accord: Accord) -> None:
    odd = replace(NIGHTLY, steps=(ScheduleStep(system="hr", profile="Nonsense"),))
    name = run_now(accord.context, odd, PROFILES).activity.id
    for _ in range(2):
        for execution in accord.store.timetable.open_executions():
            follow(accord.context, execution)
    ended = read_execution(accord.context, name)
    assert (ended.activity.state, states(ended)) == ("failed", ["failed"])


def test_opening_a_store_leaves_executions_alone(accord: Accord) -> None:
    name = run_now(accord.context, NIGHTLY, PROFILES).activity.id
    follow(accord.context, accord.store.timetable.open_executions()[0])
    assert accord.store.recover() == ()
    assert read_execution(accord.context, name).activity.state == "running"


def test_a_worker_keeps_a_schedule(local_world: World) -> None:
    office = Office(local_world)
    try:
        office.quick()
        local_world.configure(
            "schedules/nightly",
            "schedule: nightly\ncron: 0 0 * * *\nmissed: once\nsteps:\n"
            "  - {system: hr, profile: Full Import}\n  - {system: phones, profile: Full Import, parallel: true}\n",
        )
        office.store.timetable.check("nightly", ["0 0 * * *"], at=datetime.now(UTC) - 2 * DAY)  # noqa: TID251
        worker = office.hire()
        context = office.accord.context
        wait_for(lambda: [e.activity.state for e in list_executions(context)] == ["done"])
        assert states(list_executions(context)[0]) == ["done", "done"]
        end(worker)
    finally:
        office.close()
