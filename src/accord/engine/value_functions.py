"""Our functions on dates and lists. Nothing reads the clock: now is the run's."""

from datetime import UTC, datetime

from accord.engine.catalogue import Function as Fn
from accord.engine.catalogue import Group, bind, not_empty

_SPLIT = '"·split"'
_PART = '"·split_part"'
_JOINED = """array_to_string(list_filter(x, lambda "·join_part": "·join_part" <> ''), separator)"""
_LISTED = '"·contains_value"'

DATES = Group(
    "Dates and times",
    (
        Fn("now", "now()", "the time of this run (UTC); also current_timestamp", "now()", "2030-05-17T08:30:00Z",
          "() as {now}"),
        Fn("today", "today()", "the day of this run (UTC); also current_date", "today()", "2030-05-17",
          "() as cast({now} as date)"),
        Fn("parse_date", "parse_date(text[, format])", "the date in a text, by the format or ISO 8601",
          "parse_date('17.5.2030', '%d.%m.%Y')", "2030-05-17",
          "(x) as cast(trim(x) as date), (x, format) as cast(strptime(trim(x), format) as date)"),
        Fn("parse_datetime", "parse_datetime(text[, format])",
          "the time in a text, by the format or ISO 8601; an offset is applied",
          "parse_datetime('2030-05-17T10:30:00+02:00')", "2030-05-17T08:30:00Z",
          "(x) as timezone('UTC', cast(trim(x) as timestamptz)), "
          "(x, format) as timezone('UTC', cast(strptime(trim(x), format) as timestamptz))"),
        Fn("format_date", "format_date(date or time, format)", "a date as text: %d day, %m month, %Y year, %H:%M:%S",
          "format_date(date '2030-05-17', '%d.%m.%Y')", "17.05.2030",
          "(x date, format) as strftime(x, format), (x timestamp, format) as strftime(x, format)"),
        Fn("add_days", "add_days(date or time, n)", "so many days later, or earlier", "add_days(date '2030-02-28', 1)",
          "2030-03-01", "(x date, n bigint) as cast(x + to_days(n::integer) as date), "
          "(x timestamp, n bigint) as x + to_days(n::integer)"),
        Fn("add_months", "add_months(date or time, n)", "so many months later; the last day of a shorter month",
          "add_months(date '2030-01-31', 1)", "2030-02-28",
          "(x date, n bigint) as cast(x + to_months(n::integer) as date), "
          "(x timestamp, n bigint) as x + to_months(n::integer)"),
        Fn("add_years", "add_years(date or time, n)", "so many years later", "add_years(date '2028-02-29', 1)",
          "2029-02-28", "(x date, n bigint) as cast(x + to_years(n::integer) as date), "
          "(x timestamp, n bigint) as x + to_years(n::integer)"),
        Fn("days_between", "days_between(from, to)", "how many midnights lie between, negative when to is earlier",
          "days_between(date '2030-05-01', date '2030-05-17')", "16",
          "(a timestamp, b timestamp) as date_diff('day', a, b)"),
        Fn("to_local", "to_local(time, zone)", "the clock in a time zone at a time (UTC)",
          "to_local(timestamp '2030-05-17 08:30:00', 'Europe/Zurich')", "2030-05-17T10:30:00Z",
          "(x timestamp, zone) as timezone(zone, timezone('UTC', x))"),
        Fn("from_local", "from_local(time, zone)", "the time (UTC) when a clock in a time zone shows this",
          "from_local(timestamp '2030-05-17 10:30:00', 'Europe/Zurich')", "2030-05-17T08:30:00Z",
          "(x timestamp, zone) as timezone('UTC', timezone(zone, x))"),
    ),
)  # fmt: skip

VALUES = Group(
    "Several values",
    (
        Fn("split", "split(text, separator)", "the parts, trimmed, without empty ones",
          "split('a; b;;c', ';')", "['a', 'b', 'c']",
          f"(x, separator) as list_filter(list_transform(string_split(x, separator), "
          f"lambda {_PART}: trim({_PART})), lambda {_SPLIT}: {_SPLIT} <> '')"),
        Fn("join", "join(list, separator)", "one text, without nulls and empty texts; null when nothing is left",
          "join(['a', null, 'b'], ', ')", "a, b",
          f"(x varchar[], separator) as {not_empty('join', _JOINED)}"),
        Fn("contains_value", "contains_value(list, text)",
          "true when the text is one of the values, upper and lower case alike; false for null",
          "contains_value(['Staff', 'VPN'], 'vpn')", "true",
          f"(x, y) as coalesce(list_contains(list_transform(x, "
          f"lambda {_LISTED}: lower({_LISTED})), lower(y)), false)"),
    ),
)  # fmt: skip

GROUPS = (DATES, VALUES)

# A cast that always fails: error() counts as volatile, and `try` takes nothing volatile.
_FINITE = bind(
    "finite",
    "x",
    'case when "·finite" is null or "·finite" between {first} and {last} then "·finite"'
    " else cast('not in the years 1 to 9999: ' || \"·finite\" as date) end",
)
INTERNAL = (
    ("finite_date", "(x) as " + _FINITE.format(first="DATE '0001-01-01'", last="DATE '9999-12-31'")),
    ("finite_datetime", "(x) as " + _FINITE.format(
        first="TIMESTAMP '0001-01-01'", last="TIMESTAMP '9999-12-31 23:59:59.999999'")),
    ("as_time", "(x) as timezone('UTC', cast(x as timestamptz))"),
    ("try_as_time", "(x) as timezone('UTC', try_cast(x as timestamptz))"),
)  # fmt: skip
"""Macros the compiler puts into an expression itself: checks of results, casts that heed an offset."""


def now_literal(now: datetime) -> str:
    """Return the SQL literal of an aware time, in UTC."""
    return f"TIMESTAMP '{now.astimezone(UTC).strftime('%Y-%m-%d %H:%M:%S.%f')}'"
