"""The reference page of expressions says what is so: every function is on it, every example is computed."""

import re
from pathlib import Path

import pytest

from accord.engine.expressions import Column
from accord.engine.functions import FUNCTIONS, GROUPS
from accord.model.schema import ValueType

PAGE = Path(__file__).parents[3] / "docs" / "reference" / "expressions.md"
LINES = PAGE.read_text(encoding="utf-8").splitlines()
_EXAMPLE = re.compile(r"^(?:- .*: .*?\. )?`(?P<text>.+)` gives (?P<result>null|`(?P<shown>.*)`)$")
EXAMPLES = [found for line in LINES if (found := _EXAMPLE.match(line))]
ATTRIBUTES = {
    "first_name": (Column(ValueType.TEXT), "Zoë"),
    "last_name": (Column(ValueType.TEXT), "O'Neil"),
    "mail": (Column(ValueType.TEXT), None),
    "title": (Column(ValueType.TEXT), "Senior Engineer"),
    "ms-DS-ConsistencyGuid": (Column(ValueType.TEXT), "AP8="),
    "proxyAddresses": (Column(ValueType.TEXT, is_multivalued=True), ["SMTP:zoe@corp.example", "x400:C=CH"]),
    "end": (Column(ValueType.DATE), "2030-05-31"),
}


def line_of(name: str) -> str:
    function = FUNCTIONS[name]
    result = "null" if function.result == "null" else f"`{function.result}`"
    return f"- `{function.signature}`: {function.meaning}. `{function.example}` gives {result}"


@pytest.mark.parametrize("name", FUNCTIONS)
def test_every_function_has_its_line(name):
    assert line_of(name) in LINES


def test_the_groups_stand_in_order():
    headings = [line.removeprefix("### ") for line in LINES if line.startswith("### ")]
    assert headings == [group.title for group in GROUPS]


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda example: example["text"])
def test_every_example_gives_what_the_page_says(evaluate, example):
    value = evaluate(example["text"], ATTRIBUTES)
    shown = "[" + ", ".join(f"'{item}'" for item in value) + "]" if isinstance(value, list) else value
    assert shown == example["shown"]


def test_no_example_is_overlooked():
    assert len(EXAMPLES) == sum(" gives " in line and line.startswith(("- `", "`")) for line in LINES)
    assert len(EXAMPLES) > len(FUNCTIONS)
