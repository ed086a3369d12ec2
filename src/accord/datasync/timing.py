"""The triggers of a schedule as expressions: cron and those of `model.moments`, in UTC. Pure."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime

from croniter import croniter

from accord.datasync.loose import Loose, wrong
from accord.model.moments import AT_START, once

_DAYS = ("sunday", "monday", "tuesday", "wednesday", "thursday", "friday", "saturday")
_TIME = re.compile(r"([01]?\d|2[0-3]):([0-5]\d)")


@dataclass(frozen=True, slots=True, kw_only=True)
class Timing:
    """What a schedule starts and when."""

    name: str
    is_enabled: bool
    crons: tuple[str, ...]
    jobs: tuple[int, ...]
    collections: tuple[int, ...]


def read_timing(content: Mapping[str, object]) -> Timing:
    """Return what the body of a schedule says; raise Invalid with the place of what cannot be understood."""
    body = Loose(content)
    name = body.text("name").strip()
    if not name:
        raise wrong("name", "a schedule needs a name")
    timing = Timing(
        name=name,
        is_enabled=body.flag("enabled", default=True),
        crons=tuple(_cron(trigger) for trigger in body.many("triggers")),
        jobs=_ids(body, "jobs"),
        collections=_ids(body, "collections"),
    )
    if not timing.jobs and not timing.collections:
        raise wrong("jobs", "a schedule needs jobs or collections to start")
    return timing


def _cron(trigger: Loose) -> str:
    kind = trigger.text("type", "Cron").casefold()
    if kind == "once":
        return _once(trigger)
    if kind == "atstart":
        return AT_START
    make = {"cron": _given, "daily": _daily, "weekly": _weekly, "monthly": _monthly, "every": _every}.get(kind)
    if make is None:
        raise wrong(trigger.at("type"), f"there is no trigger {kind!r}", "use Cron, Daily, Weekly, Monthly, Every, "
                    "Once or AtStart")  # fmt: skip
    cron = make(trigger)
    if not croniter.is_valid(cron) or len(cron.split()) != 5:
        raise wrong(trigger.at("expression"), f"{cron!r} is no cron expression of five fields")
    return cron


def _once(trigger: Loose) -> str:
    try:
        return once(datetime.fromisoformat(trigger.text("at").strip()))
    except ValueError:
        raise wrong(trigger.at("at"), "must be a moment like 2026-12-01T02:30, in UTC") from None


def _given(trigger: Loose) -> str:
    return trigger.text("expression").strip()


def _daily(trigger: Loose) -> str:
    every = trigger.number("every", 1)
    return f"{_at(trigger)} {'*' if every <= 1 else f'*/{every}'} * *"


def _weekly(trigger: Loose) -> str:
    return f"{_at(trigger)} * * {','.join(_days(trigger))}"


def _monthly(trigger: Loose) -> str:
    days = ",".join(str(day) for day in _ids(trigger, "days")) or "1"
    months = ",".join(str(month) for month in _ids(trigger, "months")) or "*"
    return f"{_at(trigger)} {days} {months} *"


def _every(trigger: Loose) -> str:
    minutes = trigger.number("minutes", 60)
    if minutes < 1 or (minutes > 59 and minutes % 60) or minutes > 1439:
        raise wrong(trigger.at("minutes"), "must be 1 to 59, or whole hours of less than a day")
    return f"*/{minutes} * * * *" if minutes < 60 else f"0 */{minutes // 60} * * *"


def _at(trigger: Loose) -> str:
    found = _TIME.fullmatch(trigger.text("at", "00:00").strip())
    if found is None:
        raise wrong(trigger.at("at"), "must be a time like 02:30, in UTC")
    return f"{int(found.group(2))} {int(found.group(1))}"


def _days(trigger: Loose) -> Iterator[str]:
    days = trigger.raw("days")
    for day in days if isinstance(days, list) else []:
        word = str(day).casefold()
        if word not in _DAYS:
            raise wrong(trigger.at("days"), f"{day!r} is no day of the week")
        yield str(_DAYS.index(word))


def _ids(body: Loose, key: str) -> tuple[int, ...]:
    given = body.raw(key)
    if given is None:
        return ()
    if not isinstance(given, list) or not all(str(item).isdigit() for item in given):
        raise wrong(body.at(key), "must be a list of whole numbers")
    return tuple(int(str(item)) for item in given)
