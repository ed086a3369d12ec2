"""Expressions of administrators: checked, typed, and given back as SQL that is safe to place in a statement.

An expression is one SQL scalar expression over the attributes of one object. The gate (`syntax`) decides on the
engine's own tree what it may consist of; the SQL is printed from the checked tree, never taken from the text. The
engine that runs it is locked as well, should the gate have a hole.
"""

import difflib
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from types import TracebackType
from typing import Self

from accord.engine import results
from accord.engine.catalogue import PREFIX
from accord.engine.diagnosis import blame, check_constant, check_constants
from accord.engine.frames import Engine, EngineError, quote
from accord.engine.functions import FUNCTIONS, install
from accord.engine.gate import Gate
from accord.engine.syntax import Node, Refused, Syntax
from accord.engine.types import sql_type
from accord.model.errors import ExpressionError
from accord.model.schema import ValueType

_WORD = re.compile(r"[^\W\d]\w*", re.ASCII)
_REMEDY = "write it otherwise: the reference of expressions shows what there is"
# Any time will do: binding needs the functions, not what they give.
_ANY_TIME = datetime(2000, 1, 1, tzinfo=UTC)
_ELSEWHERE = {
    "initcap": "name_case", "proper": "name_case", "capitalise": "name_case", "concatenate": "concat",
    "iif": "if", "isnull": "coalesce", "nvl": "coalesce", "eq": "=", "timezone": "to_local or from_local",
    "escapedn": "dn_escape", "strptime": "parse_date or parse_datetime", "strftime": "format_date",
    "string_split": "split", "repeat": "lpad", "getdate": "now", "ucase": "upper", "lcase": "lower",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Column:
    """What an expression may read: the type of one attribute."""

    type: ValueType
    is_multivalued: bool = False
    is_case_sensitive: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Expression:
    """A checked expression. `sql` names attributes as quoted identifiers and gives `sql_type`.

    `type` is None when the expression is always null or an empty list: it fits any attribute.
    A bare attribute keeps its type; texts that are computed are TEXT, also those made of references.
    `is_time_dependent`: the value may change with the time of the run alone.
    """

    text: str
    sql: str
    uses: frozenset[str]
    type: ValueType | None
    is_multivalued: bool
    sql_type: str
    is_time_dependent: bool = False


class Compiler:
    """Turns texts into expressions, in an engine of its own. Not shared between threads.

    `lookups` names the declared lookup tables.
    """

    def __init__(self, *, lookups: Iterable[str] = ()) -> None:
        self._lookups = frozenset(lookups)
        self._engine = Engine(memory_limit="256MB", threads=1)
        install(self._engine, now=_ANY_TIME, lookups={table: {} for table in self._lookups})
        self._syntax = Syntax(self._engine)
        reserved = "select keyword_name from duckdb_keywords() where keyword_category = 'reserved'"
        self._reserved = frozenset(row[0] for row in self._engine.rows(reserved))

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Release the engine."""
        self._engine.close()

    def compile(self, text: str, columns: Mapping[str, Column], *, place: str = "") -> Expression:
        """Return the checked expression; raise ExpressionError with the place of the first mistake."""
        try:
            return self._compile(text, columns)
        except Refused as refusal:
            column = 0 if refusal.at is None else _characters(text, refusal.at) + 1
            remedy = refusal.remedy or _REMEDY
            raise ExpressionError(refusal.message, text, column=column, remedy=remedy, place=place) from refusal

    def compile_condition(self, text: str, columns: Mapping[str, Column], *, place: str = "") -> Expression:
        """Return the checked expression, which must be true or false."""
        expression = self.compile(text, columns, place=place)
        if expression.type is not ValueType.BOOLEAN or expression.is_multivalued:
            raise ExpressionError(
                f"a condition must be true or false; this is {results.spoken(expression.sql_type)}",
                text,
                remedy="compare it with something: = , is not null, like",
                place=place,
            )
        return expression

    def _compile(self, text: str, columns: Mapping[str, Column]) -> Expression:
        names = _Names(text, columns, self._reserved)
        gate = Gate(resolve=names.resolve, unknown_function=_unknown_function, lookups=self._lookups)
        try:
            tree = self._syntax.parse(text)
        except Refused as refusal:
            raise names.explained(refusal) from refusal
        gate.check(tree)
        check_constants(self._engine, self._syntax, tree)
        sql = self._syntax.print(tree)
        source = _typed_nulls({name: columns[name] for name in gate.uses})
        result = results.result_of(self._type(tree, sql, source))
        if tree["class"] == "COLUMN_REF":
            return _bare(text, tree["column_names"][0], columns)
        wrapped = result.wrap(sql)
        if not gate.uses:
            check_constant(self._engine, wrapped, 0)
        return Expression(
            text=text, sql=wrapped, uses=frozenset(gate.uses), type=result.type,
            is_multivalued=result.is_multivalued, sql_type=result.sql_type,
            is_time_dependent=gate.is_time_dependent,
        )  # fmt: skip

    def _type(self, tree: Node, sql: str, source: str) -> str:
        try:
            return results.described(self._engine, sql, source)
        except EngineError as error:
            raise blame(self._engine, self._syntax, tree, source, str(error)) from error


@dataclass(frozen=True, slots=True)
class _Names:
    """The attributes an expression may name, as SQL finds names: upper and lower case alike."""

    text: str
    columns: Mapping[str, Column]
    reserved: frozenset[str]

    def resolve(self, name: str, at: int | None) -> str:
        """Return the declared name, or raise Refused with the nearest one."""
        if name in self.columns:
            return name
        alike = [column for column in self.columns if column.lower() == name.lower()]
        if len(alike) == 1:
            return alike[0]
        if alike:
            raise Refused(f"{name!r} may be {' or '.join(alike)}", at, "name one of them exactly")
        raise Refused(f"unknown attribute {name!r}{self._near(name, at)}", at, self._remedy(at))

    def explained(self, refusal: Refused) -> Refused:
        """Return a syntax error with the attribute in its place that needs double quotes, if that is why."""
        for match in _WORD.finditer(self.text):
            name = match.group()
            if name.lower() in self.reserved and name in self.columns and not self._is_quoted(match.start()):
                at = len(self.text[: match.start()].encode())
                return Refused(
                    f"{name} is a word of the language", at, f"write the attribute in double quotes: {quote(name)}"
                )
        return refusal

    def _near(self, name: str, at: int | None) -> str:
        if self._unquoted(at):
            return ""
        lowered = {column.lower(): column for column in self.columns}
        near = difflib.get_close_matches(name.lower(), lowered, 1)
        return f" (did you mean {lowered[near[0]]!r}?)" if near else ""

    def _remedy(self, at: int | None) -> str:
        odd = self._unquoted(at)
        if odd:
            return f"write the attribute in double quotes: {quote(odd)}"
        start = -1 if at is None else _characters(self.text, at)
        if self.text[start : start + 1] == '"':
            return "double quotes are for attributes; write a text in single quotes"
        return f"attributes here: {', '.join(sorted(self.columns)[:20]) or 'none'}"

    def _unquoted(self, at: int | None) -> str | None:
        """Return the attribute with characters other than letters, digits and _ that begins at a place."""
        if at is None:
            return None
        rest = self.text[_characters(self.text, at) :].lower()
        odd = [name for name in self.columns if not _WORD.fullmatch(name) and rest.startswith(name.lower())]
        return max(odd, key=len, default=None)

    def _is_quoted(self, start: int) -> bool:
        before = self.text[:start]
        return before.endswith('"') or before.count("'") % 2 == 1


def attempt(sql: str) -> str:
    """Return SQL of a struct: null where the expression fails, else its field `v` is the value, null or not.

    So `(attempt).v` is the value and `attempt is null` says that this row has an error; no row stops another.
    Costs nothing where nothing fails, 10-50 us per failure. Not finite numbers fail as well.
    """
    return f"try({{'v': {sql}}})"


@dataclass(frozen=True, slots=True, kw_only=True)
class Failure:
    """Why one expression failed for one row, in the engine's words."""

    key: object
    name: str
    message: str


_FAILING = "_failing_rows"


def first_errors(
    engine: Engine, relation: str, key_column: str, expressions: Mapping[str, str], limit: int
) -> list[Failure]:
    """Return the first failures of each expression (name -> SQL) over a relation, by evaluating those rows alone.

    The relation must have the columns the expressions use. At most `limit` rows per expression are looked at.
    """
    failures: list[Failure] = []
    for name, sql in expressions.items():
        engine.run(
            f'create or replace temp table {_FAILING} as select row_number() over () as "·row", * '
            f"from (select * from {quote(relation)} where {attempt(sql)} is null limit {limit:d})"
        )
        keys = engine.rows(f'select "·row", {quote(key_column)} from {_FAILING} order by 1')
        failures += [Failure(key=key, name=name, message=_message(engine, sql, row)) for row, key in keys]
        engine.run(f"drop table {_FAILING}")
    return failures


def _message(engine: Engine, sql: str, row: int) -> str:
    try:
        engine.rows(f'select {sql} from {_FAILING} where "·row" = {row:d}')
    except EngineError as error:
        return results.first_line(str(error))
    return "the value cannot be computed"


def _bare(text: str, name: str, columns: Mapping[str, Column]) -> Expression:
    column = columns[name]
    return Expression(
        text=text, sql=quote(name), uses=frozenset({name}), type=column.type,
        is_multivalued=column.is_multivalued, sql_type=sql_type(column.type, column.is_multivalued),
    )  # fmt: skip


def _typed_nulls(columns: Mapping[str, Column]) -> str:
    nulls = ", ".join(
        f"cast(null as {sql_type(column.type, column.is_multivalued)}) as {quote(name)}"
        for name, column in columns.items()
    )
    return f"(select {nulls or 'null'})"


def _unknown_function(name: str, at: int | None) -> Refused:
    public = name.removeprefix(PREFIX)
    if public in _ELSEWHERE:
        return Refused(f"{name}() is not available (use {_ELSEWHERE[public]})", at)
    near = difflib.get_close_matches(public, FUNCTIONS, 1, 0.7)
    hint = f" (did you mean {near[0]}?)" if near else ""
    return Refused(f"unknown or forbidden function {name}(){hint}", at)


def _characters(text: str, size_bytes: int) -> int:
    return len(text.encode()[:size_bytes].decode(errors="ignore"))
