"""What comes next in an execution of a schedule."""

from datetime import UTC, datetime, timedelta

import pytest

from accord.model.schedules import ScheduleStep
from accord.operations.stepping import Begin, Over, Overdue, Wait, groups, next_of
from accord.store.activity import Activity, ActivityState

NOW = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)
DONE, FAILED, RUNNING = ActivityState.DONE, ActivityState.FAILED, ActivityState.RUNNING


def step(system: str, **values) -> ScheduleStep:
    return ScheduleStep(system=system, profile="Full Import", **values)


def activity(state: ActivityState, *, message: str = "", cancel: str = "") -> Activity:
    return Activity(
        id=1, guid="g", kind="import", system="hr", profile="p", plan_id=None, parent=9, state=state, actor="a",
        reason="", started_at=(NOW - timedelta(seconds=100)).isoformat(), ended_at=None, message=message, counts=(),
        phases=(), task="t", queued_at="", parameters={}, cancel_requested_at=cancel, cancel_requested_by="", beat_at=0,
        attempt=1,
    )  # fmt: skip


def decide(steps: list[ScheduleStep], *states: ActivityState | None, is_cancelled: bool = False):
    begun = {n: activity(state, message="no answer") for n, state in enumerate(states) if state is not None}
    return next_of(steps, begun, is_cancelled=is_cancelled, now=NOW)


SERIES = [step("a"), step("b"), step("c", is_parallel=True), step("d")]


def test_steps_follow_each_other_and_parallel_ones_begin_together() -> None:
    assert groups(SERIES) == ((0,), (1, 2), (3,))
    assert decide(SERIES) == Begin(steps=(0,))
    assert decide(SERIES, RUNNING) == Wait()
    assert decide(SERIES, DONE) == Begin(steps=(1, 2))
    assert decide(SERIES, DONE, DONE, RUNNING) == Wait()
    assert decide(SERIES, DONE, DONE, DONE) == Begin(steps=(3,))
    assert decide(SERIES, DONE, DONE, DONE, DONE) == Over(state=DONE)


@pytest.mark.parametrize("state", [FAILED, ActivityState.HELD, ActivityState.CANCELLED])
def test_a_step_that_fails_ends_the_execution_when_those_beside_it_have_ended(state: ActivityState) -> None:
    assert decide(SERIES, DONE, state, RUNNING) == Wait()
    over = decide(SERIES, DONE, state, DONE)
    assert isinstance(over, Over)
    assert over.state is FAILED
    assert over.message == f"step 2 (b Full Import) {state.value}: no answer"


def test_a_step_may_fail_without_ending_the_execution() -> None:
    steps = [step("a", continues_on_failure=True, name="First"), step("b")]
    assert decide(steps, FAILED) == Begin(steps=(1,))
    over = decide(steps, FAILED, DONE)
    assert isinstance(over, Over)
    assert (over.state, over.message) == (ActivityState.DONE_WITH_ERRORS, "step 1 (First) failed: no answer")


def test_objects_with_errors_do_not_fail_a_step() -> None:
    assert decide(SERIES, ActivityState.DONE_WITH_ERRORS) == Begin(steps=(1, 2))


def test_a_step_that_takes_too_long_is_stopped_once() -> None:
    steps = [step("a", timeout_s=60)]
    assert decide(steps, RUNNING) == Overdue(steps=(0,))
    assert decide([step("a", timeout_s=600)], RUNNING) == Wait()
    asked = {0: activity(RUNNING, cancel=NOW.isoformat())}
    assert next_of(steps, asked, is_cancelled=False, now=NOW) == Wait()


def test_after_a_cancellation_nothing_begins_and_what_goes_on_is_waited_for() -> None:
    assert decide(SERIES, DONE, RUNNING, is_cancelled=True) == Wait()
    over = decide(SERIES, DONE, ActivityState.CANCELLED, is_cancelled=True)
    assert over == Over(state=ActivityState.CANCELLED, message="cancelled after 2 of 4 steps")


def test_without_steps_there_is_nothing_to_do() -> None:
    assert decide([]) == Over(state=DONE, message="it has no steps")
