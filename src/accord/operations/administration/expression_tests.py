"""Trying an expression on values somebody makes up."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from accord.engine.expressions import Column, Compiler, attempt
from accord.engine.frames import EngineError, quote
from accord.engine.functions import install
from accord.model.errors import ExpressionError
from accord.model.schema import ValueType
from accord.operations.administration.desk import CAMEL, Desk

Sample = str | bool | int | float | list[str] | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ExpressionTest:
    """An expression with the values of the attributes it uses, of the metaverse or of a system."""

    __pydantic_config__ = CAMEL
    expression: str
    mv_attributes: Mapping[str, Sample] = field(default_factory=dict)
    cs_attributes: Mapping[str, Sample] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class ExpressionResult:
    """What it gives, or why it gives nothing and where the mistake is."""

    __pydantic_config__ = CAMEL
    is_valid: bool
    result: str | list[str] | None = None
    result_type: str | None = None
    error_message: str | None = None
    error_position: int | None = None


def try_expression(desk: Desk, test: ExpressionTest) -> ExpressionResult:
    """Return what an expression gives for these values; nothing is read and nothing kept."""
    given = {**test.cs_attributes, **test.mv_attributes}
    columns = {name: _column(value) for name, value in given.items()}
    lookups = desk.read.lookups
    try:
        with Compiler(lookups=lookups) as compiler:
            expression = compiler.compile(test.expression, columns)
    except ExpressionError as error:
        return ExpressionResult(is_valid=False, error_message=str(error), error_position=error.column or None)
    with desk.context.small_engine() as engine:
        install(engine, now=desk.context.clock(), lookups=lookups)
        source = ", ".join(f"{_literal(value)} as {quote(name)}" for name, value in given.items()) or "null as nothing"
        try:
            rows = engine.rows(f"select ({attempt(expression.sql)}).v from (select {source})")
        except EngineError as error:
            return ExpressionResult(is_valid=False, error_message=str(error))
    value = rows[0][0]
    shown = [str(item) for item in value] if isinstance(value, list) else None if value is None else str(value)
    return ExpressionResult(is_valid=True, result=shown, result_type=str(expression.type) if expression.type else None)


def _column(value: Sample) -> Column:
    type_ = ValueType.TEXT
    if isinstance(value, bool):
        type_ = ValueType.BOOLEAN
    elif isinstance(value, int):
        type_ = ValueType.INTEGER
    elif isinstance(value, float):
        type_ = ValueType.DECIMAL
    return Column(type=type_, is_multivalued=isinstance(value, list), is_case_sensitive=True)


def _literal(value: Sample) -> str:
    if value is None:
        return "null::varchar"
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, int):
        return f"{value}::bigint"
    if isinstance(value, float):
        return f"{value}::decimal(38, 10)"
    if isinstance(value, list):
        return f"[{', '.join(_literal(item) for item in value)}]::varchar[]"
    return "'" + value.replace("'", "''") + "'"
