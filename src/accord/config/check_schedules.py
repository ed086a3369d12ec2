"""Checks of schedules: that their steps name run profiles there are, and that cron means something."""

import re

from accord.config.findings import Findings, suggest
from accord.config.places import FileKind, PlaceOf
from accord.config.reading import FilesRead
from accord.config.timetable import ScheduleFile

_FIELD = r"(\*|[0-9A-Za-z]+(-[0-9A-Za-z]+)?)(/[0-9]+)?"
_CRON = re.compile(rf"{_FIELD}(,{_FIELD})*( {_FIELD}(,{_FIELD})*){{4}}")


def check_schedules(
    read: FilesRead, findings: Findings, place: PlaceOf, broken: frozenset[tuple[FileKind, str]]
) -> None:
    """Note what is wrong with each schedule. A system without profiles of its own has those of its kind."""
    for name, schedule in read.schedules.items():
        if schedule.cron is not None and not _CRON.fullmatch(" ".join(schedule.cron.split())):
            findings.error(
                f"{schedule.cron!r} is not five fields of cron",
                place=place(FileKind.SCHEDULE, name, "cron"),
                remedy="write minute, hour, day, month and day of the week, like `30 2 * * 1-5`",
            )
        _check_steps(read, name, schedule, findings, place, broken)


def _check_steps(  # noqa: PLR0913, PLR0917 - what a check of one file needs
    read: FilesRead,
    name: str,
    schedule: ScheduleFile,
    findings: Findings,
    place: PlaceOf,
    broken: frozenset[tuple[FileKind, str]],
) -> None:
    for position, step in enumerate(schedule.steps):
        if step.job is not None:
            continue
        system = read.systems.get(step.system)
        if (FileKind.SYSTEM, step.system) in broken:
            continue
        if system is None:
            at = place(FileKind.SCHEDULE, name, "steps", position, "system")
            findings.error(f"there is no system {step.system!r}", place=at, remedy=suggest(step.system, read.systems))
        elif system.profiles and step.profile not in system.profiles:
            at = place(FileKind.SCHEDULE, name, "steps", position, "profile")
            remedy = suggest(step.profile, system.profiles)
            findings.error(f"{step.system} has no run profile {step.profile!r}", place=at, remedy=remedy)
