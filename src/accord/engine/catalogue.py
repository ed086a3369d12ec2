"""What a function of the expression language is: its documentation and, when it is ours, its definition."""

from dataclasses import dataclass

PREFIX = "accord_"
"""Our functions carry this prefix in the engine, so that none is taken for one of the engine's own."""


@dataclass(frozen=True, slots=True)
class Function:
    """One function an expression may call.

    `result` is what `example` gives, written as in the reference page: canonical text, `null`, or a list.
    `macro` is the definition after the name, empty for a function of the engine; `engine_name` is what is called.
    """

    name: str
    signature: str
    meaning: str
    example: str
    result: str
    macro: str = ""
    calls: str = ""

    @property
    def engine_name(self) -> str:
        """Return the name under which the engine knows it."""
        return PREFIX + self.name if self.macro else self.calls or self.name


@dataclass(frozen=True, slots=True)
class Group:
    """Functions that belong together on the reference page."""

    title: str
    functions: tuple[Function, ...]


def bind(name: str, value: str, body: str) -> str:
    """Return SQL that computes the value once and uses it in the body as `"·name"`.

    A macro that names its parameter twice doubles the work at every level of nesting, and so does a parameter
    with a declared type: types are declared only where they choose between definitions.
    The name must be the macro's own, so that nothing handed in can be captured by it.
    """
    return f'list_transform([{value}], lambda "·{name}": {body})[1]'


def not_empty(name: str, value: str) -> str:
    """Return SQL of the text, null when it is empty; the engine's nullif would compute it twice."""
    return f'list_filter([{value}], lambda "·{name}": "·{name}" <> \'\')[1]'
