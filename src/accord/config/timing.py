"""Turns run profiles and schedules as written into what is run and when. Pure."""

from collections.abc import Iterator, Mapping, Sequence

from accord.config.kinds import KindCapabilities
from accord.config.timetable import IntervalPart, ProfilePart, ScheduleFile, TimesPart
from accord.model.schedules import IntervalUnit, Narrowing, RunKind, RunProfile, Schedule, ScheduleStep

_DEFAULT_NAMES: Mapping[RunKind, str] = {
    RunKind.FULL_IMPORT: "Full Import",
    RunKind.DELTA_IMPORT: "Delta Import",
    RunKind.FULL_SYNC: "Full Synchronisation",
    RunKind.DELTA_SYNC: "Delta Synchronisation",
    RunKind.EXPORT: "Export",
}


def default_profiles(capabilities: KindCapabilities | None) -> dict[str, ProfilePart]:
    """Return one profile for everything a kind of system can do."""
    unable = set()
    if capabilities is None or not capabilities.can_write:
        unable.add(RunKind.EXPORT)
    if capabilities is None or not capabilities.can_read_changes:
        unable.add(RunKind.DELTA_IMPORT)
    return {name: ProfilePart(run=kind) for kind, name in _DEFAULT_NAMES.items() if kind not in unable}


def profiles_from(parts: Mapping[str, ProfilePart]) -> dict[str, RunProfile]:
    """Return the run profiles by name."""
    return {
        name: RunProfile(
            name=name,
            kind=part.run,
            narrowing=Narrowing(
                partition=part.partition, file=part.file, page_rows=part.page_rows, verifies=part.verify
            ),
        )
        for name, part in parts.items()
    }


def schedule_from(file: ScheduleFile) -> Schedule:
    """Return the schedule."""
    return Schedule(
        name=file.schedule,
        title=file.title or file.schedule,
        is_enabled=file.enabled,
        makes_up=file.missed == "once",
        crons=() if file.trigger == "manual" else tuple(_crons(file)),
        steps=tuple(
            ScheduleStep(
                system=step.system, profile=step.job or step.profile,
                parameters={name: _value(text) for name, text in step.parameters.items()},
                name=step.name or "", is_parallel=step.parallel,
                continues_on_failure=step.continue_on_failure, timeout_s=step.timeout_s,
            )
            for step in file.steps
        ),
    )  # fmt: skip


def _value(text: object) -> object:
    """Return a parameter as JSON has it: files are read as texts."""
    if not isinstance(text, str):
        return text
    if text in ("true", "false"):
        return text == "true"
    return int(text) if text.isdecimal() else text


def _crons(file: ScheduleFile) -> Iterator[str]:
    if file.cron:
        yield file.cron
    if file.times:
        yield from _at(file.times)
    if file.interval:
        yield from _every(file.interval)


def _at(times: TimesPart) -> Iterator[str]:
    for moment in times.at:
        hour, minute = moment.split(":")
        yield f"{int(minute)} {int(hour)} * * {_days(times.days)}"


def _every(interval: IntervalPart) -> Iterator[str]:
    """Yield one line per distinct minute of the hour; a window or a step that is no divisor is spelt out."""
    step = interval.every * (60 if interval.unit is IntervalUnit.HOURS else 1)
    begin, end = _minutes(interval.begin or "00:00"), _minutes(interval.end or "23:59")
    hours: dict[int, list[int]] = {}
    for moment in range(begin, end + 1, step):
        hours.setdefault(moment % 60, []).append(moment // 60)
    minutes: dict[tuple[int, ...], list[int]] = {}
    for minute, found in hours.items():
        minutes.setdefault(tuple(found), []).append(minute)
    for at_hours, at in minutes.items():
        yield f"{_list(sorted(at), 60)} {_list(at_hours, 24)} * * {_days(interval.days)}"


def _minutes(moment: str) -> int:
    hour, minute = moment.split(":")
    return int(hour) * 60 + int(minute)


def _list(values: Sequence[int], of: int) -> str:
    return "*" if len(values) == of else ",".join(str(value) for value in values)


def _days(days: tuple[int, ...]) -> str:
    return ",".join(str(day) for day in sorted(set(days))) if days else "*"
