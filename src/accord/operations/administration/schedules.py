"""Schedules: list, make, replace, remove, switch on and off."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any, get_args

from croniter import croniter

from accord.config.canonical import Document
from accord.config.places import FileKind
from accord.config.timetable import JobType, ScheduleFile
from accord.config.timing import schedule_from
from accord.model.errors import Conflict, Invalid, NotFound
from accord.operations.administration.desk import CAMEL, Desk, Draft, free_name, titled
from accord.operations.administration.last_executions import LastExecution, last_execution_of
from accord.operations.administration.moments import changed_at, made_at
from accord.operations.administration.naming import guid, number_in
from accord.operations.administration.profiles import profile_named
from accord.operations.administration.systems import system_named

JOB_TYPES: tuple[str, ...] = get_args(JobType)
"""Jobs that a step can run."""


class TriggerType(StrEnum):
    """Whether the clock starts a schedule, or a person."""

    CRON = "Cron"
    MANUAL = "Manual"


class PatternType(StrEnum):
    """How the times are said."""

    SPECIFIC_TIMES = "SpecificTimes"
    INTERVAL = "Interval"
    CUSTOM = "Custom"


class ScheduleUnit(StrEnum):
    """What an interval is counted in."""

    MINUTES = "Minutes"
    HOURS = "Hours"


class StepType(StrEnum):
    """What a step does. Run profiles and jobs run here; scripts do not."""

    RUN_PROFILE = "RunProfile"
    JOB = "Job"
    POWER_SHELL = "PowerShell"
    EXECUTABLE = "Executable"
    SQL_SCRIPT = "SqlScript"
    TEMPORAL_SCOPE = "TemporalScopeReconciliation"


class ExecutionMode(StrEnum):
    """After the step before, or beside it."""

    SEQUENTIAL = "Sequential"
    PARALLEL = "ParallelWithPrevious"


@dataclass(frozen=True, slots=True, kw_only=True)
class StepView:
    """A step of a schedule: a run profile of a system, or a job of a type, such as `role_generation`."""

    __pydantic_config__ = CAMEL
    step_type: StepType = StepType.RUN_PROFILE
    id: str | None = None
    step_index: int = 0
    name: str | None = None
    execution_mode: ExecutionMode = ExecutionMode.SEQUENTIAL
    continue_on_failure: bool = False
    timeout_seconds: int | None = None
    connected_system_id: int | None = None
    run_profile_id: int | None = None
    job_type: str | None = None
    job_parameters: Mapping[str, Any] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ScheduleView(LastExecution):
    """A schedule with its steps, and what became of it the last time."""

    id: str
    name: str
    description: str | None
    trigger_type: TriggerType
    cron_expression: str | None
    pattern_type: PatternType
    days_of_week: str | None
    run_times: str | None
    interval_value: int | None
    interval_unit: ScheduleUnit | None
    interval_window_start: str | None
    interval_window_end: str | None
    is_enabled: bool
    next_run_time: str | None
    step_count: int
    created: str
    last_updated: str | None
    steps: tuple[StepView, ...]
    problems: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class ScheduleTerms:
    """What a schedule is; replacing one replaces all of it, its steps too."""

    __pydantic_config__ = CAMEL
    name: str
    description: str | None = None
    trigger_type: TriggerType = TriggerType.CRON
    cron_expression: str | None = None
    pattern_type: PatternType = PatternType.SPECIFIC_TIMES
    days_of_week: str | None = None
    run_times: str | None = None
    interval_value: int | None = None
    interval_unit: ScheduleUnit | None = None
    interval_window_start: str | None = None
    interval_window_end: str | None = None
    is_enabled: bool = True
    steps: Sequence[StepView] = field(default_factory=tuple)
    change_reason: str | None = None


def list_schedules(desk: Desk) -> list[ScheduleView]:
    """Return the schedules by name."""
    return [_view(desk, name) for name in sorted(desk.read.schedules)]


def read_schedule(desk: Desk, number: str) -> ScheduleView:
    """Return one schedule; raise NotFound when there is none."""
    return _view(desk, schedule_named(desk, number))


def add_schedule(desk: Desk, terms: ScheduleTerms) -> ScheduleView:
    """Make a schedule; raise Conflict when there is one of that name."""
    _require_free(desk, terms.name)
    name = free_name(terms.name, desk.read.schedules)
    document = _document(desk, name, terms)
    after = desk.change(
        "create_schedule", name, terms.change_reason, lambda draft: draft.put(FileKind.SCHEDULE, name, document)
    )
    return _view(after, name)


def replace_schedule(desk: Desk, number: str, terms: ScheduleTerms) -> ScheduleView:
    """Put another schedule in the place of one; its steps are those given and no others."""
    name = schedule_named(desk, number)
    if terms.name != (desk.read.schedules[name].title or name):
        _require_free(desk, terms.name)
    document = _document(desk, name, terms)
    after = desk.change(
        "change_schedule", name, terms.change_reason, lambda draft: draft.put(FileKind.SCHEDULE, name, document)
    )
    return _view(after, name)


def switch_schedule(desk: Desk, number: str, reason: str | None, *, is_enabled: bool) -> ScheduleView:
    """Let the clock start a schedule, or not."""
    name = schedule_named(desk, number)

    def edit(draft: Draft) -> None:
        draft.document(FileKind.SCHEDULE, name)["enabled"] = is_enabled

    return _view(desk.change("enable_schedule" if is_enabled else "disable_schedule", name, reason, edit), name)


def remove_schedule(desk: Desk, number: str, reason: str | None) -> None:
    """Remove a schedule."""
    name = schedule_named(desk, number)
    desk.change("remove_schedule", name, reason, lambda draft: draft.remove(FileKind.SCHEDULE, name))


def schedule_named(desk: Desk, number: str) -> str:
    """Return the name of the schedule of a GUID; raise NotFound when there is none."""
    name = desk.ids.steps("schedule", number_in("schedule", number, what="schedule"))[0]
    if name not in desk.read.schedules:
        raise NotFound(f"there is no schedule {number}", remedy="list the schedules")
    return name


def _document(desk: Desk, name: str, terms: ScheduleTerms) -> Document:
    document = titled({"schedule": name}, name, terms.name)
    document |= {"description": terms.description or "", "enabled": terms.is_enabled}
    try:
        document |= dict(_pattern(terms))
    except ValueError as error:
        raise Invalid("the times are not as they should be", {"runTimes": [str(error)]}) from error
    if terms.trigger_type is TriggerType.MANUAL and document.keys() & {"cron", "times", "interval"}:
        document["trigger"] = "manual"
    document["steps"] = [_step(desk, step) for step in sorted(terms.steps, key=lambda s: s.step_index)]
    return document


def _pattern(terms: ScheduleTerms) -> Iterator[tuple[str, object]]:
    days = [int(day) for day in (terms.days_of_week or "").split(",") if day.strip()]
    match terms.pattern_type:
        case PatternType.CUSTOM if terms.cron_expression:
            yield "cron", terms.cron_expression
        case PatternType.INTERVAL if terms.interval_value:
            unit = (terms.interval_unit or ScheduleUnit.MINUTES).lower()
            window = {"begin": terms.interval_window_start, "end": terms.interval_window_end}
            given = {key: value[:5] for key, value in window.items() if value}
            yield "interval", {"every": terms.interval_value, "unit": unit, **given, "days": days}
        case PatternType.SPECIFIC_TIMES if terms.run_times:
            yield "times", {"days": days, "at": [t.strip() for t in terms.run_times.split(",")]}
        case _ if terms.cron_expression:
            yield "cron", terms.cron_expression
        case _:
            return


def _step(desk: Desk, step: StepView) -> Document:
    document = _what(desk, step) | {
        "parallel": step.execution_mode is ExecutionMode.PARALLEL, "continue_on_failure": step.continue_on_failure,
    }  # fmt: skip
    return document | {k: v for k, v in (("name", step.name), ("timeout_s", step.timeout_seconds)) if v}


def _what(desk: Desk, step: StepView) -> Document:
    """Return what a step runs."""
    match step.step_type:
        case StepType.RUN_PROFILE if step.connected_system_id is not None and step.run_profile_id is not None:
            system = system_named(desk, step.connected_system_id)
            return {"system": system, "profile": profile_named(desk, step.connected_system_id, step.run_profile_id)[1]}
        case StepType.RUN_PROFILE:
            raise Invalid("a step names what it runs", {"steps": ["give connectedSystemId and runProfileId"]})
        case StepType.JOB if step.job_type in JOB_TYPES:
            return {"job": step.job_type, "parameters": dict(step.job_parameters or {})}
        case StepType.JOB:
            raise Invalid("a step names what it runs", {"steps": [f"give as jobType one of {', '.join(JOB_TYPES)}"]})
        case _:
            wrong = f"{step.step_type} does not run here; use RunProfile or Job"
            raise Invalid("a step runs a run profile or a job", {"steps": [wrong]})


def _require_free(desk: Desk, title: str) -> None:
    if any((file.title or name).lower() == title.lower() for name, file in desk.read.schedules.items()):
        raise Conflict(f"there is a schedule {title!r} already", remedy="choose another name")


def next_run(file: ScheduleFile, now: datetime) -> datetime | None:
    """Return when the clock starts a schedule next, None when it never does."""
    crons = schedule_from(file).crons if file.enabled else ()
    return min((croniter(cron, now).get_next(datetime) for cron in crons), default=None)


def _view(desk: Desk, name: str) -> ScheduleView:
    file = desk.read.schedules[name]
    interval, times = file.interval, file.times
    problems = desk.stored.drafts.get((FileKind.SCHEDULE, name), ())
    following = None if problems else next_run(file, desk.context.clock())
    days = times.days if times else interval.days if interval else ()
    has_times = bool(file.cron or times or interval)
    return ScheduleView(
        id=guid("schedule", desk.ids.of("schedule", name)), name=file.title or name,
        description=file.description or None,
        trigger_type=TriggerType.MANUAL if file.trigger == "manual" or not has_times else TriggerType.CRON,
        cron_expression=file.cron or ("; ".join(schedule_from(file).crons) or None),
        pattern_type=PatternType.CUSTOM
        if file.cron
        else PatternType.INTERVAL
        if interval
        else PatternType.SPECIFIC_TIMES,
        days_of_week=",".join(map(str, days)) or None, run_times=",".join(times.at) if times else None,
        interval_value=interval.every if interval else None,
        interval_unit=ScheduleUnit(interval.unit.title()) if interval else None,
        interval_window_start=interval.begin if interval else None,
        interval_window_end=interval.end if interval else None, is_enabled=file.enabled,
        next_run_time=following.isoformat().replace("+00:00", "Z") if following else None,
        step_count=len(file.steps), created=made_at(desk, FileKind.SCHEDULE, name),
        last_updated=changed_at(desk, FileKind.SCHEDULE, name),
        steps=tuple(_step_view(desk, name, position) for position in range(len(file.steps))),
        problems=tuple(error.message for error in problems), **last_execution_of(desk.context, name),
    )  # fmt: skip


def _step_view(desk: Desk, name: str, position: int) -> StepView:
    step = desk.read.schedules[name].steps[position]
    return StepView(
        id=guid("step", desk.ids.of("step", name, position)), step_index=position, name=step.name,
        execution_mode=ExecutionMode.PARALLEL if step.parallel else ExecutionMode.SEQUENTIAL,
        continue_on_failure=step.continue_on_failure, timeout_seconds=step.timeout_s,
        connected_system_id=desk.ids.get("system", step.system),
        run_profile_id=desk.ids.get("profile", step.system, step.profile),
        step_type=StepType.JOB if step.job else StepType.RUN_PROFILE, job_type=step.job,
        job_parameters=dict(step.parameters) if step.job else None,
    )  # fmt: skip
