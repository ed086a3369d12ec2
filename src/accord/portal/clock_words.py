"""When something runs, as people say it: cron as words, and words as the triggers of DataSync schedules."""

import re
from collections.abc import Mapping, Sequence

from accord.model.moments import AT_START, moment_of

_DAYS = ("Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday")
_EVERY = re.compile(r"every (\d+) (minute|hour)s?")
_START = "when the service starts"
_ONCE = re.compile(r"once at (\d{4}-\d\d-\d\d)[ t](\d?\d:\d\d)")
_AT = re.compile(r"(.+?),? at (\d?\d:\d\d)")


def said(cron: str) -> str:
    """Return a cron expression in words where it is a usual one, else as it is."""
    if cron == AT_START:
        return _START
    moment = moment_of(cron)
    return _said(cron) if moment is None else f"once at {moment:%Y-%m-%d %H:%M}"


def all_said(crons: Sequence[str]) -> str:
    """Return several cron expressions in words."""
    return "; ".join(said(cron) for cron in crons)


def editable(cron: str) -> str:
    """Return a cron expression as a line of a form: in words where they are understood, else as it is."""
    words = said(cron)
    return cron if trigger_of(words)["type"] == "Cron" else words


def trigger_of(line: str) -> Mapping[str, object]:
    """Return the trigger that a line of a form means: words that `said` gives, else cron."""
    text = " ".join(line.lower().split())
    if text == _START:
        return {"type": "AtStart"}
    if found := _ONCE.fullmatch(text):
        return {"type": "Once", "at": f"{found[1]}T{found[2]:0>5}"}
    if found := _EVERY.fullmatch(text):
        return {"type": "Every", "minutes": int(found[1]) * (60 if found[2] == "hour" else 1)}
    return _by_day(text) or {"type": "Cron", "expression": line.strip()}


def _by_day(text: str) -> Mapping[str, object] | None:
    if found := _AT.fullmatch(text):
        if found[1] in ("every day", "daily"):
            return {"type": "Daily", "at": found[2]}
        if found[1] == "monday to friday":
            return {"type": "Weekly", "days": [day.lower() for day in _DAYS[1:6]], "at": found[2]}
        names = [word for word in re.split(r"[, ]+|and", found[1]) if word and word != "every"]
        return {"type": "Weekly", "days": [_whole_day(name) for name in names], "at": found[2]}
    return None


def _said(cron: str) -> str:
    minute, hour, day, month, weekday = cron.split()
    days = _days(weekday)
    if (day, month) != ("*", "*") or days is None:
        return cron
    if hour == "*" and weekday == "*" and re.fullmatch(r"\*/\d+", minute):
        return f"every {minute[2:]} minutes"
    if minute == "0" and weekday == "*" and re.fullmatch(r"\*/\d+", hour):
        return f"every {hour[2:]} hours"
    if not minute.isdecimal() or not all(h.isdecimal() for h in hour.split(",")):
        return cron
    hours = [int(h) for h in hour.split(",")]
    if minute == "0" and weekday == "*" and len(hours) > 2 and hours == [*range(0, 24, hours[1])]:
        return f"every {hours[1]} hours"
    return f"{days} at {', '.join(f'{h:02}:{int(minute):02}' for h in hours)}"


def _whole_day(name: str) -> str:
    short = name[:3]
    return next((day.lower() for day in _DAYS if day.lower().startswith(short) and len(name) > 2), name)


def _days(weekday: str) -> str | None:
    if weekday == "*":
        return "every day"
    if weekday in ("1-5", "1,2,3,4,5"):
        return "Monday to Friday"
    numbers = weekday.split(",")
    return ", ".join(_DAYS[int(n) % 7] for n in numbers) if all(n.isdecimal() for n in numbers) else None
