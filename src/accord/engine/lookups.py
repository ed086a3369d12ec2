"""Lookup tables of any size inside expressions.

A join would be the set-based way, but a sub-query cannot stand inside `try` nor inside a lambda. So a table becomes
a list of buckets, found by the hash of the key, each a text of its few entries: 0.7 us per row for 10,000
entries, where a MAP takes 6 us and a constant join list would have to be made by every caller.
"""

from collections.abc import Mapping

import pyarrow as pa

from accord.engine.catalogue import PREFIX
from accord.engine.frames import Engine, literal, quote
from accord.model.errors import ConfigError

# Record and unit separator: control characters that texts do not hold.
_RECORD, _UNIT = chr(30), chr(31)
_ENTRIES = "_lookup_entries"


def macro_name(table: str) -> str:
    """Return the name of the macro that looks a key up in the table."""
    return f"{PREFIX}lookup:{table}"


def install_lookup(engine: Engine, table: str, entries: Mapping[str, str]) -> None:
    """Make the macro of one table: key -> value, and key, default -> value."""
    _check(table, entries)
    buckets = 1 << max(1, len(entries)).bit_length()
    engine.register(
        _ENTRIES,
        pa.table({"key": list(entries), "value": list(entries.values())}, schema=_SCHEMA),
    )
    try:
        engine.run(
            f"set variable {quote(macro_name(table))} = (select list(entries order by bucket) from ("
            f"select bucket, chr(30) || coalesce(string_agg(key || chr(31) || value || chr(30), ''), '') as entries"
            f" from range({buckets}) as b(bucket) left join {_ENTRIES} on hash(key) % {buckets} = bucket"
            " group by bucket))"
        )
    finally:
        engine.unregister(_ENTRIES)
    engine.run(f"create or replace macro {quote(macro_name(table))}{_definition(table, buckets)}")


def _definition(table: str, buckets: int) -> str:
    bucket = f"getvariable({literal(macro_name(table))})[(hash(x::varchar) % {buckets})::bigint + 1]"
    # A list has null where it has no second part: then the key is not there.
    found = f"string_split(string_split({bucket}, chr(30) || x || chr(31))[2], chr(30))[1]"
    return f"(x) as {found}, (x, y) as coalesce({found}, y)"


_SCHEMA = pa.schema([("key", pa.string()), ("value", pa.string())])


def _check(table: str, entries: Mapping[str, str]) -> None:
    for key, value in entries.items():
        if not value or any(mark in text for mark in (_RECORD, _UNIT) for text in (key, value)):
            raise ConfigError(
                f"lookup table {table!r} has an empty value or a control character at key {key!r}",
                remedy="leave entries without a value out",
            )
