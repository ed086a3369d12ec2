"""What a script consists of."""

from dataclasses import dataclass

QUERY = "args.query"
STAGED = "args.stagingdestination "
"""Targets of assignments that are no variables: the query, and before its name an attribute of the staging row."""


@dataclass(frozen=True, slots=True)
class Literal:
    """A constant."""

    value: str | int | float | bool | None


@dataclass(frozen=True, slots=True)
class Name:
    """A variable, or a function or type by its name."""

    name: str


@dataclass(frozen=True, slots=True)
class Member:
    """A member of a value: `x.Length`."""

    of: "Expression"
    name: str


@dataclass(frozen=True, slots=True)
class Call:
    """A call, or an element by its number."""

    target: "Expression"
    arguments: "tuple[Expression, ...]"


@dataclass(frozen=True, slots=True)
class Unary:
    """`Not x`, `-x`."""

    operator: str
    operand: "Expression"


@dataclass(frozen=True, slots=True)
class Binary:
    """`x & y`, `x = y`, `x And y`."""

    operator: str
    left: "Expression"
    right: "Expression"


Expression = Literal | Name | Member | Call | Unary | Binary


@dataclass(frozen=True, slots=True)
class Assign:
    """A variable, or DTM.Result, gets a value; `Dim` without a value assigns nothing."""

    target: str
    value: Expression
    line: int


@dataclass(frozen=True, slots=True)
class Do:
    """A call for its effect."""

    call: Expression
    line: int


@dataclass(frozen=True, slots=True)
class If:
    """The first branch whose condition holds."""

    branches: "tuple[tuple[Expression, tuple[Statement, ...]], ...]"
    otherwise: "tuple[Statement, ...]"
    line: int


@dataclass(frozen=True, slots=True)
class Select:
    """The first case that equals the subject."""

    subject: Expression
    cases: "tuple[tuple[tuple[Expression, ...], tuple[Statement, ...]], ...]"
    otherwise: "tuple[Statement, ...]"
    line: int


@dataclass(frozen=True, slots=True)
class ForEach:
    """Once for each value."""

    name: str
    values: Expression
    body: "tuple[Statement, ...]"
    line: int


@dataclass(frozen=True, slots=True)
class While:
    """As long as the condition holds."""

    condition: Expression
    body: "tuple[Statement, ...]"
    line: int


Statement = Assign | Do | If | Select | ForEach | While
