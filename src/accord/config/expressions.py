"""Compiles the expressions of a configuration and says whether what they give fits where it goes."""

from collections.abc import Mapping
from dataclasses import dataclass

from accord.config.findings import Findings
from accord.engine.expressions import Column, Compiler, Expression
from accord.model.errors import ExpressionError
from accord.model.schema import AttributeSchema, ValueType

# What a value becomes without loss and without a failing row.
_WIDENS = frozenset(
    {(ValueType.INTEGER, ValueType.DECIMAL)}
    | {
        (source, ValueType.TEXT)
        for source in (
            ValueType.INTEGER,
            ValueType.DECIMAL,
            ValueType.BOOLEAN,
            ValueType.DATE,
            ValueType.DATETIME,
            ValueType.GUID,
        )
    }
)
_CASTS: Mapping[ValueType, str] = {
    ValueType.TEXT: "varchar",
    ValueType.INTEGER: "bigint",
    ValueType.DECIMAL: "decimal(38, 10)",
    ValueType.BOOLEAN: "boolean",
    ValueType.DATE: "date",
    ValueType.DATETIME: "timestamptz",
    ValueType.GUID: "uuid",
}


@dataclass(frozen=True, slots=True)
class Expressions:
    """The compiler, with errors noted instead of raised."""

    compiler: Compiler
    findings: Findings

    def value(self, text: str, columns: Mapping[str, Column], *, place: str) -> Expression | None:
        """Return the compiled expression, None after noting why it is wrong."""
        try:
            return self.compiler.compile(text, columns, place=place)
        except ExpressionError as error:
            self.findings.errors.append(error)
            return None

    def condition(self, text: str, columns: Mapping[str, Column], *, place: str) -> frozenset[str]:
        """Return the columns a condition uses, none after noting why it is wrong."""
        try:
            return self.compiler.compile_condition(text, columns, place=place).uses
        except ExpressionError as error:
            self.findings.errors.append(error)
            return frozenset()

    def single_text(self, text: str, columns: Mapping[str, Column], *, place: str, what: str) -> frozenset[str]:
        """Return the columns used by an expression that must give one text."""
        expression = self.value(text, columns, place=place)
        if expression is None:
            return frozenset()
        self._one_text(expression, place, what)
        return expression.uses

    def fits(self, expression: Expression, target: AttributeSchema, *, place: str) -> None:
        """Note when the value of an expression cannot go into an attribute as it is."""
        if expression.is_multivalued and not target.is_multivalued:
            self.findings.error(
                f"{target.name!r} holds one value, but the expression gives several",
                place=place,
                remedy="choose one, for example with [1], or declare the target multi-valued",
            )
        if not _is_compatible(expression, target.type):
            self.findings.error(
                f"{target.name!r} is {target.type}, but the expression gives {expression.type}",
                place=place,
                remedy=_cast_remedy(expression, target.type),
            )

    def compares(self, expression: Expression, attribute: AttributeSchema, *, place: str) -> None:
        """Note when the value of an expression can never equal an attribute's."""
        if not _is_compatible(expression, attribute.type):
            self.findings.error(
                f"{attribute.name!r} is {attribute.type}, but the expression gives {expression.type}",
                place=place,
                remedy=_cast_remedy(expression, attribute.type),
            )

    def _one_text(self, expression: Expression, place: str, what: str) -> None:
        if expression.is_multivalued or not _is_compatible(expression, ValueType.TEXT):
            given = "several values" if expression.is_multivalued else str(expression.type)
            self.findings.error(
                f"{what} must be one text, but the expression gives {given}",
                place=place,
                remedy="choose one, for example with [1], and cast it to varchar",
            )


def bare_name(text: str) -> str:
    """Return the attribute an expression names when it is nothing but a name."""
    stripped = text.strip()
    is_quoted = len(stripped) > 1 and stripped.startswith('"') and stripped.endswith('"')
    return stripped[1:-1].replace('""', '"') if is_quoted else stripped


def _is_compatible(expression: Expression, target: ValueType) -> bool:
    # An expression that is always null has no type and fits everywhere.
    return expression.type is None or expression.type is target or (expression.type, target) in _WIDENS


def _cast_remedy(expression: Expression, target: ValueType) -> str:
    if target not in _CASTS or expression.type is ValueType.BINARY:
        return f"declare the source as {target} too"
    written = expression.text.strip()
    shown = written if len(written) <= 40 and "\n" not in written else "..."
    return f"declare the source as {target} too, or write cast({shown} as {_CASTS[target]})"
