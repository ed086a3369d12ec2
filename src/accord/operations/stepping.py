"""What comes next in an execution of a schedule: decided from its steps and what became of those begun. Pure."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from accord.model.schedules import ScheduleStep
from accord.store.activity import Activity, ActivityState

_OPEN = (ActivityState.QUEUED, ActivityState.RUNNING)
_WELL = (ActivityState.DONE, ActivityState.DONE_WITH_ERRORS)


@dataclass(frozen=True, slots=True, kw_only=True)
class Begin:
    """Steps to begin now, by number."""

    steps: tuple[int, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Overdue:
    """Steps that take longer than they may, by number."""

    steps: tuple[int, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Wait:
    """Nothing: what was begun goes on."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Over:
    """The execution has ended."""

    state: ActivityState
    message: str = ""


Next = Begin | Overdue | Wait | Over


def next_of(steps: Sequence[ScheduleStep], begun: Mapping[int, Activity], *, is_cancelled: bool, now: datetime) -> Next:
    """Return what comes next. Steps that are parallel belong to the one before; such groups follow each other."""
    open_steps = [number for number, activity in begun.items() if activity.state in _OPEN]
    overdue = tuple(n for n in open_steps if not begun[n].cancel_requested_at and _is_overdue(steps[n], begun[n], now))
    if overdue:
        return Overdue(steps=overdue)
    if open_steps:
        return Wait()
    if is_cancelled:
        return Over(state=ActivityState.CANCELLED, message=f"cancelled after {len(begun)} of {len(steps)} steps")
    return _after(steps, begun)


def _after(steps: Sequence[ScheduleStep], begun: Mapping[int, Activity]) -> Next:
    """Return what comes after steps that have all ended."""
    failed = [n for n, activity in sorted(begun.items()) if activity.state not in _WELL]
    stopping = [n for n in failed if not steps[n].continues_on_failure]
    if stopping:
        return Over(state=ActivityState.FAILED, message="; ".join(_failure(n, steps[n], begun[n]) for n in stopping))
    following = next((group for group in groups(steps) if group[0] not in begun), None)
    if following is not None:
        return Begin(steps=following)
    if failed or any(activity.state is ActivityState.DONE_WITH_ERRORS for activity in begun.values()):
        words = "; ".join(_failure(n, steps[n], begun[n]) for n in failed)
        return Over(state=ActivityState.DONE_WITH_ERRORS, message=words)
    return Over(state=ActivityState.DONE, message="" if steps else "it has no steps")


def groups(steps: Sequence[ScheduleStep]) -> tuple[tuple[int, ...], ...]:
    """Return the numbers of the steps, those together that run side by side."""
    return tuple(_groups(steps))


def _groups(steps: Sequence[ScheduleStep]) -> Iterator[tuple[int, ...]]:
    group: list[int] = []
    for number, step in enumerate(steps):
        if group and not step.is_parallel:
            yield tuple(group)
            group = []
        group.append(number)
    if group:
        yield tuple(group)


def _is_overdue(step: ScheduleStep, activity: Activity, now: datetime) -> bool:
    if step.timeout_s is None or not activity.started_at:
        return False
    return (now - datetime.fromisoformat(activity.started_at)).total_seconds() > step.timeout_s


def _failure(number: int, step: ScheduleStep, activity: Activity) -> str:
    name = step.name or f"{step.system} {step.profile}".strip()
    return f"step {number + 1} ({name}) {activity.state.value}: {activity.message.splitlines()[0]}".rstrip(": ")
