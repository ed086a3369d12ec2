"""Compile and compute an expression as a run does: typed columns in, canonical text out."""

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from typing import Protocol

import pytest

from accord.engine.expressions import Column, Compiler, attempt
from accord.engine.frames import Engine, literal, quote
from accord.engine.functions import install, install_used
from accord.engine.types import from_text, to_text
from accord.model.schema import ValueType

NOW = datetime(2030, 5, 17, 8, 30, tzinfo=UTC)
SITES = {"ZH": "Zürich", "GE": "Genève"}

Value = str | list[str] | None


class Evaluate(Protocol):
    def __call__(self, text: str, attributes: Mapping[str, tuple[Column, Value]] | None = None) -> Value: ...


@pytest.fixture(scope="session")
def compiler() -> Iterator[Compiler]:
    with Compiler(lookups=["sites"]) as opened:
        yield opened


@pytest.fixture(scope="session")
def engine() -> Iterator[Engine]:
    with Engine(memory_limit="512MB", threads=1) as opened:
        install(opened, now=NOW, lookups={"sites": SITES})
        yield opened


@pytest.fixture(scope="session")
def evaluate(compiler: Compiler, engine: Engine) -> Evaluate:
    def run(text: str, attributes: Mapping[str, tuple[Column, Value]] | None = None) -> Value:
        given = attributes or {}
        expression = compiler.compile(text, {name: column for name, (column, _) in given.items()})
        columns = ", ".join(f"{_typed(column, value)} as {quote(name)}" for name, (column, value) in given.items())
        attempted = f"({attempt(expression.sql)}).v"
        value = to_text(attempted, expression.type or ValueType.TEXT, expression.is_multivalued)
        result: Value = engine.value(f"select {value} from (select {columns or 'null'})")
        return result

    return run


@pytest.fixture
def evaluate_alone(compiler: Compiler) -> Evaluate:
    """Compute where nothing is installed but what the expression needs."""

    def run(text: str, attributes: Mapping[str, tuple[Column, Value]] | None = None) -> Value:
        expression = compiler.compile(text, {name: column for name, (column, _) in (attributes or {}).items()})
        with Engine(memory_limit="256MB", threads=1) as alone:
            install_used(alone, expression.sql, now=NOW, lookups={"sites": SITES})
            value = to_text(expression.sql, expression.type or ValueType.TEXT, expression.is_multivalued)
            result: Value = alone.value(f"select {value}")
            return result

    return run


def _typed(column: Column, value: Value) -> str:
    if value is None:
        text = "null::varchar" + ("[]" if column.is_multivalued else "")
    elif isinstance(value, str):
        text = literal(value)
    else:
        text = "[" + ", ".join(literal(item) for item in value) + "]::varchar[]"
    return from_text(text, column.type, column.is_multivalued)
