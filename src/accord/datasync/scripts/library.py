"""What scripts may call: functions, members of texts and times. Nothing of it reaches beyond its arguments."""

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta

MOST_CHARACTERS = 100_000

Value = str | int | float | bool | datetime | list[str] | None


class ScriptFailed(Exception):
    """A script went wrong on one row."""


def member_of_time(value: datetime, name: str, *given: Value) -> Value:
    """Return a member of a time; raise ScriptFailed when it has none of that name."""
    amounts = {"adddays": "days", "addhours": "hours", "addminutes": "minutes"}
    if name in amounts:
        return value + timedelta(**{amounts[name]: as_number(given[0])})
    if name in ("year", "month", "day", "hour", "minute"):
        return int(getattr(value, name))
    if name == "tostring":
        return _formatted(value, as_text(given[0]) if given else "yyyy-MM-dd HH:mm:ss")
    raise ScriptFailed(f"a time has no {name}")


def _formatted(value: datetime, pattern: str) -> str:
    for theirs, ours in (
        ("yyyy", "%Y"), ("yy", "%y"), ("MM", "%m"), ("dd", "%d"), ("HH", "%H"), ("hh", "%I"), ("mm", "%M"),
        ("ss", "%S"),
    ):  # fmt: skip
        pattern = pattern.replace(theirs, ours)
    return value.strftime(pattern)


def checked(function: Callable[..., Value], given: list[Value], name: str) -> Value:
    """Return what a function gives; raise ScriptFailed when it cannot take these values."""
    try:
        found = function(*given)
    except (TypeError, ValueError, IndexError, OverflowError) as error:
        raise ScriptFailed(f"{name}: {error}") from error
    if isinstance(found, str) and len(found) > MOST_CHARACTERS:
        raise ScriptFailed(f"{name}: the text is too long")
    return found


def is_true(value: Value) -> bool:
    """Tell whether a value counts as true."""
    return value.casefold() == "true" if isinstance(value, str) else bool(value)


def as_items(value: Value) -> list[str]:
    """Return a value as a list; a text is its characters."""
    if isinstance(value, list):
        return value
    return list(as_text(value))


def as_number(value: Value) -> float:
    """Return a value as a number; raise ScriptFailed when it is none."""
    if isinstance(value, bool | int | float):
        return value
    try:
        return float(as_text(value) or 0)
    except ValueError:
        raise ScriptFailed(f"{as_text(value)[:40]!r} is not a number") from None


def as_text(value: Value) -> str:
    """Return a value as text; nothing is the empty text."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "True" if value else "False"
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    if isinstance(value, datetime):
        return _formatted(value, "yyyy-MM-dd HH:mm:ss")
    return ", ".join(value) if isinstance(value, list) else str(value)


def _split(text: str, separator: Value = " ") -> list[str]:
    return text.split(as_text(separator) or " ")


def _mid(text: Value, start: Value, length: Value = None) -> str:
    first = int(as_number(start)) - 1
    return as_text(text)[first:] if length is None else as_text(text)[first : first + int(as_number(length))]


def _substring(text: str, start: Value, length: Value = None) -> str:
    first = int(as_number(start))
    if first < 0 or first > len(text) or (length is not None and first + as_number(length) > len(text)):
        raise ScriptFailed("Substring: the text is not that long")
    return text[first:] if length is None else text[first : first + int(as_number(length))]


def _string_format(pattern: Value, *given: Value) -> str:
    text = as_text(pattern)
    for number, value in enumerate(given):
        text = text.replace("{" + str(number) + "}", as_text(value))
    return text


COMPARISONS: Mapping[str, Callable[[int, int], bool]] = {
    "=": lambda a, b: a == b, "<>": lambda a, b: a != b, "<": lambda a, b: a < b, ">": lambda a, b: a > b,
    "<=": lambda a, b: a <= b, ">=": lambda a, b: a >= b,
}  # fmt: skip
ARITHMETIC: Mapping[str, Callable[[float, float], float]] = {
    "+": lambda a, b: a + b, "-": lambda a, b: a - b, "*": lambda a, b: a * b, "/": lambda a, b: a / b,
    "mod": lambda a, b: a % b,
}  # fmt: skip
METHODS: Mapping[str, Callable[..., Value]] = {
    "length": len, "tolower": str.lower, "toupper": str.upper, "trim": str.strip, "substring": _substring,
    "tostring": str, "split": _split, "tochararray": list,
    "replace": lambda text, old, new: text.replace(as_text(old), as_text(new)) if as_text(old) else text,
    "startswith": lambda text, part: text.startswith(as_text(part)),
    "endswith": lambda text, part: text.endswith(as_text(part)),
    "contains": lambda text, part: as_text(part) in text,
    "indexof": lambda text, part: text.find(as_text(part)),
    "padleft": lambda text, n, c=" ": text.rjust(min(int(as_number(n)), MOST_CHARACTERS), as_text(c)),
}  # fmt: skip
FUNCTIONS: Mapping[str, Callable[..., Value]] = {
    "len": lambda text: len(as_text(text)), "left": lambda text, n: as_text(text)[: int(as_number(n))],
    "right": lambda text, n: as_text(text)[-int(as_number(n)) :] if as_number(n) else "", "mid": _mid,
    "lcase": lambda text: as_text(text).lower(), "ucase": lambda text: as_text(text).upper(),
    "trim": lambda text: as_text(text).strip(),
    "replace": lambda text, old, new: as_text(text).replace(as_text(old), as_text(new)),
    "instr": lambda text, part: as_text(text).find(as_text(part)) + 1, "cstr": as_text,
    "cint": lambda value: round(as_number(value)), "isnothing": lambda value: value is None or value == "",
    "split": lambda text, separator=" ": _split(as_text(text), separator),
}  # fmt: skip
STATIC: Mapping[str, Callable[..., Value]] = {
    "string.format": _string_format, "string.isnullorempty": lambda text: not as_text(text),
    "char.isdigit": lambda text: as_text(text).isdigit(), "char.isletter": lambda text: as_text(text).isalpha(),
    "dtm.expandvariables": as_text,
}  # fmt: skip
