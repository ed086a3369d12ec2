"""What type an expression has, as the engine says it, and what that means for an attribute."""

import re
from dataclasses import dataclass

from accord.engine.catalogue import PREFIX
from accord.engine.frames import Engine
from accord.engine.syntax import Refused
from accord.engine.types import sql_type
from accord.model.schema import ValueType

_ITEM = '"·result"'
_TYPES = {
    "VARCHAR": ValueType.TEXT, "UUID": ValueType.GUID, "BOOLEAN": ValueType.BOOLEAN, "BLOB": ValueType.BINARY,
    "TINYINT": ValueType.INTEGER, "SMALLINT": ValueType.INTEGER, "INTEGER": ValueType.INTEGER,
    "BIGINT": ValueType.INTEGER, "HUGEINT": ValueType.INTEGER, "UTINYINT": ValueType.INTEGER,
    "USMALLINT": ValueType.INTEGER, "UINTEGER": ValueType.INTEGER, "UBIGINT": ValueType.INTEGER,
    "UHUGEINT": ValueType.INTEGER, "FLOAT": ValueType.DECIMAL, "DOUBLE": ValueType.DECIMAL,
    "DECIMAL": ValueType.DECIMAL, "DATE": ValueType.DATE, "TIMESTAMP": ValueType.DATETIME,
    "TIMESTAMP_S": ValueType.DATETIME, "TIMESTAMP_MS": ValueType.DATETIME, "TIMESTAMP_NS": ValueType.DATETIME,
    "TIMESTAMP WITH TIME ZONE": ValueType.DATETIME,
}  # fmt: skip
_NULL = '"NULL"'


@dataclass(frozen=True, slots=True)
class Result:
    """The type of an expression's values and the engine's own type, from which `wrap` leads to ours."""

    type: ValueType | None
    is_multivalued: bool
    engine_type: str

    @property
    def sql_type(self) -> str:
        """Return the type of the compute column; a null of no type is text."""
        return sql_type(self.type or ValueType.TEXT, self.is_multivalued)

    def wrap(self, sql: str) -> str:
        """Return SQL whose type is exactly `sql_type`; numbers and times out of range fail."""
        if self.is_multivalued and self.type in (ValueType.DATE, ValueType.DATETIME):
            return f"list_transform({sql}, lambda {_ITEM}: {self._wrap_one(_ITEM)})"
        if self.is_multivalued:
            return sql if self.engine_type == self.sql_type else f"cast({sql} as {self.sql_type})"
        return self._wrap_one(sql)

    def _wrap_one(self, sql: str) -> str:
        name = self.engine_type.removesuffix("[]")
        if self.type is ValueType.DATE:
            return f"{PREFIX}finite_date({sql})"
        if self.type is ValueType.DATETIME:
            utc = f"timezone('UTC', {sql})" if name.endswith("TIME ZONE") else sql
            exact = utc if name in ("TIMESTAMP", "TIMESTAMP WITH TIME ZONE") else f"cast({utc} as TIMESTAMP)"
            return f"{PREFIX}finite_datetime({exact})"
        return sql if self.engine_type == self.sql_type else f"cast({sql} as {self.sql_type})"


def described(engine: Engine, sql: str, source: str) -> str:
    """Return the engine's type of an expression over a source, without computing it."""
    return str(engine.rows(f"describe select {sql} as v from {source}")[0][1])


def result_of(engine_type: str) -> Result:
    """Return what the engine's type means for an attribute; raise Refused when no attribute can have it."""
    item = engine_type.removesuffix("[]")
    is_multivalued = item != engine_type
    compact = "DECIMAL(38,10)" if item == "DECIMAL(38,10)" else re.sub(r"\(.*\)", "", item)
    if item == _NULL:
        return Result(None, is_multivalued, engine_type)
    if compact.startswith("DECIMAL"):
        return Result(ValueType.DECIMAL, is_multivalued, engine_type)
    if compact not in _TYPES or item.startswith(("STRUCT", "MAP")):
        raise Refused(f"no attribute can hold {spoken(engine_type)}", 0, "turn it into text, a number or a date")
    return Result(_TYPES[compact], is_multivalued, engine_type)


def spoken(engine_type: str) -> str:
    """Return what a person calls the engine's type."""
    item = engine_type.removesuffix("[]")
    known = _TYPES.get(re.sub(r"\(.*\)", "", item))
    name = known.value if known else "null" if item == _NULL else item.lower()
    return f"a list of {name}" if item != engine_type else name


def first_line(message: str) -> str:
    """Return the engine's message without its kind and its listing."""
    return re.sub(r"^[A-Za-z ]+ Error: ", "", message.strip().split("\n")[0])
