"""Every operator on every type of value, alone and in groups, against a plain reading of what it means.

The meaning is written here a second time, in Python, and knows nothing of the engine.
"""

import re
from base64 import b64encode
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from itertools import pairwise

import pytest

from accord.engine.conditions import OPERATORS, expression_of
from accord.engine.expressions import Column, Compiler
from accord.engine.frames import Engine, literal, quote
from accord.engine.functions import install
from accord.engine.types import from_text
from accord.model.errors import ConfigError
from accord.model.rules import Condition, ConditionGroup, GroupKind, Operator
from accord.model.schema import ValueType

O, V = Operator, ValueType  # noqa: E741 - read in a table
NOW = datetime(2030, 5, 17, 8, 30, tzinfo=UTC)
GUIDS = ("9a7b3c1e-0d2f-4e5a-8b6c-7d8e9f0a1b2c", "00000000-0000-0000-0000-000000000001")

# For each type: what objects hold (canonical), and what conditions compare with (as written -> what it means).
HELD = {
    V.TEXT: ["IT", "it", "IT-Ops", "shIT", "an IT man", "Zürich", "ZÜRICH", "it's", "100%", "_", '"v"'],
    V.INTEGER: ["-3", "0", "7", "9223372036854775807"],
    V.DECIMAL: ["-1.5", "0", "1.5", "1.5000000001"],
    V.BOOLEAN: ["true", "false"],
    V.DATE: ["2030-05-16", "2030-05-17", "2030-05-18", "2030-06-16", "2029-05-17", "2030-02-17"],
    V.DATETIME: ["2030-05-17T00:00:00Z", "2030-05-16T23:59:59Z", "2030-05-17T08:30:00Z", "2030-05-17T08:29:59.5Z",
                 "2030-05-17T10:30:00Z"],
    V.BINARY: ["AP8=", "AA==", "YQ=="],
    V.GUID: list(GUIDS),
}  # fmt: skip
ASKED = {
    V.TEXT: {"IT": "IT", "it's": "it's", "zürich": "zürich", "%": "%", "_": "_"},
    V.INTEGER: {"0": 0, "+7": 7, "-3": -3},
    V.DECIMAL: {"1.50": Decimal("1.5"), "-2": Decimal(-2), "1.5000000001": Decimal("1.5000000001")},
    V.BOOLEAN: {"true": True, "FALSE": False},
    V.DATE: {
        "2030-05-17": date(2030, 5, 17), "today": date(2030, 5, 17), "1 day ago": date(2030, 5, 16),
        "30 days from now": date(2030, 6, 16), "1 year ago": date(2029, 5, 17), "3 months ago": date(2030, 2, 17),
        "0 weeks from now": date(2030, 5, 17), "now": NOW, "9 hours ago": NOW - timedelta(hours=9),
    },
    V.DATETIME: {
        "2030-05-17T10:30:00+02:00": NOW, "now": NOW, "today": datetime(2030, 5, 17, tzinfo=UTC),
        "2030-05-17": datetime(2030, 5, 17, tzinfo=UTC), "2 hours from now": NOW + timedelta(hours=2),
        "0 days ago": datetime(2030, 5, 17, tzinfo=UTC), "1 week ago": datetime(2030, 5, 10, tzinfo=UTC),
    },
    V.BINARY: {"AP8=": b"\x00\xff", "AA==": b"\x00"},
    V.GUID: {GUIDS[0].upper(): GUIDS[0], "{" + GUIDS[1].replace("-", "") + "}": GUIDS[1]},
}  # fmt: skip
PATTERNS = ("[iI]T.*", "(?i)zürich|it", "")
READ = {
    V.TEXT: str, V.INTEGER: int, V.DECIMAL: Decimal, V.BOOLEAN: lambda t: t == "true", V.DATE: date.fromisoformat,
    V.DATETIME: datetime.fromisoformat, V.GUID: str,
    V.BINARY: lambda t: {b64encode(b).decode(): b for b in (b"\x00\xff", b"\x00", b"a")}[t],
}  # fmt: skip

NAMES = {kind: (f"{kind} one", f"{kind} many") for kind in HELD} | {V.TEXT: ("v", "texts")}
COLUMNS = {
    name: Column(kind, is_multivalued=is_many, is_case_sensitive=True)
    for kind, names in NAMES.items()
    for is_many, name in enumerate(names)
} | {"Folded": Column(V.TEXT, is_case_sensitive=False)}


def _objects():
    """Yield one object for each value held, one without any, and some with several; each as column -> values."""
    yield {name: [] for name in COLUMNS}
    for kind, held in HELD.items():
        one, many = NAMES[kind]
        for value in held:
            yield {one: [value], many: [value], **({"Folded": [value]} if kind is V.TEXT else {})}
        for pair in pairwise(held):
            yield {many: list(pair)}


OBJECTS = [{name: given.get(name, []) for name in COLUMNS} for given in _objects()]


def _conditions():
    for name, column in COLUMNS.items():
        for operator in sorted(OPERATORS[column.type]):
            cases = (None, True, False) if column.type is V.TEXT else (None,)
            if operator in {O.IS_PRESENT, O.IS_ABSENT}:
                yield Condition(attribute=name, operator=operator)
                continue
            written = list(ASKED[column.type])
            asked = [tuple(written), tuple(written[:1])] if operator is O.IN else [(text,) for text in written]
            if operator is O.MATCHES:
                asked = [(pattern,) for pattern in PATTERNS if pattern]
            for values in asked:
                for case in cases:
                    yield Condition(attribute=name, operator=operator, values=values, is_case_sensitive=case)


CONDITIONS = list(_conditions())


def _groups():
    for condition in CONDITIONS:
        yield ConditionGroup(kind=GroupKind.ALL, members=(condition,))
    for outer in GroupKind:
        for inner in GroupKind:
            for n in range(0, len(CONDITIONS) - 40, 17):
                one, two, three = CONDITIONS[n], CONDITIONS[n + 5], CONDITIONS[n + 40]
                yield ConditionGroup(kind=outer, members=(one, ConditionGroup(kind=inner, members=(two, three))))


GROUPS = list(_groups())


# The meaning, in Python.


def _holds(group, given):
    verdicts = [_holds(m, given) if isinstance(m, ConditionGroup) else _is_met(m, given) for m in group.members]
    return {"all": all(verdicts), "any": any(verdicts), "none": not any(verdicts)}[group.kind]


def _is_met(condition, given):
    column, operator = COLUMNS[condition.attribute], str(condition.operator)
    held = [READ[column.type](text) for text in given[condition.attribute]]
    if operator in {"is_present", "is_absent"}:
        return bool(held) is (operator == "is_present")
    positive = operator.removeprefix("not_")
    sensitive = condition.is_case_sensitive
    sensitive = column.is_case_sensitive if sensitive is None else sensitive
    matched = any(_matches(positive, value, condition.values, column.type, sensitive=sensitive) for value in held)
    return matched is (positive == operator)


def _matches(operator, value, texts, kind, *, sensitive):
    if operator == "matches":
        return re.fullmatch(texts[0], value, 0 if sensitive else re.IGNORECASE) is not None
    asked = [ASKED[kind][text] for text in texts]
    if kind is V.TEXT and not sensitive:
        value, asked = value.lower(), [text.lower() for text in asked]
    if isinstance(asked[0], datetime) and not isinstance(value, datetime):
        value = datetime(value.year, value.month, value.day, tzinfo=UTC)
    return {
        "equals": lambda: value == asked[0],
        "in": lambda: value in asked,
        "starts_with": lambda: value[: len(asked[0])] == asked[0],
        "ends_with": lambda: value[-len(asked[0]) :] == asked[0],
        "contains": lambda: value.find(asked[0]) >= 0,
        "less_than": lambda: value < asked[0],
        "at_most": lambda: value <= asked[0],
        "greater_than": lambda: value > asked[0],
        "at_least": lambda: value >= asked[0],
    }[operator]()


# The engine's answers: all groups over all objects, in one query.


@pytest.fixture(scope="module")
def answers(compiler: Compiler) -> list[tuple[bool | None, ...]]:
    with Engine(memory_limit="512MB", threads=1) as engine:
        install(engine, now=NOW, lookups={})
        engine.run(f"create table given as {' union all '.join(_select(n, o) for n, o in enumerate(OBJECTS))}")
        asked = ", ".join(compiler.compile_condition(expression_of(g, COLUMNS), COLUMNS).sql for g in GROUPS)
        return engine.rows(f"select {asked} from given order by row_number")


def _select(number, given):
    columns = []
    for name, texts in given.items():
        column = COLUMNS[name]
        text = f"[{', '.join(map(literal, texts))}]::varchar[]" if column.is_multivalued and texts else "null"
        if not column.is_multivalued and texts:
            text = literal(texts[0])
        text = text if texts else f"null::varchar{'[]' if column.is_multivalued else ''}"
        columns.append(f"{from_text(text, column.type, column.is_multivalued)} as {quote(name)}")
    return f"select {number} as row_number, {', '.join(columns)}"


CELLS = sorted({(COLUMNS[c.attribute].type, c.operator, c.attribute) for c in CONDITIONS})


@pytest.mark.parametrize(("kind", "operator", "name"), CELLS)
def test_a_condition_means_what_it_says(answers, kind, operator, name):
    asked = [n for n, c in enumerate(CONDITIONS) if (c.operator, c.attribute) == (operator, name)]
    for row, given in zip(answers, OBJECTS, strict=True):
        for n in asked:
            assert row[n] is _holds(GROUPS[n], given), (GROUPS[n], given, kind)


@pytest.mark.parametrize("outer", GroupKind)
@pytest.mark.parametrize("inner", GroupKind)
def test_groups_nest(answers, outer, inner):
    asked = [
        n for n, g in enumerate(GROUPS)
        if n >= len(CONDITIONS) and (g.kind, g.members[1].kind) == (outer, inner)
    ]  # fmt: skip
    assert len(asked) > 5
    for row, given in zip(answers, OBJECTS, strict=True):
        for n in asked:
            assert row[n] is _holds(GROUPS[n], given), (GROUPS[n], given)


def test_the_matrix_is_wide_and_decides_both_ways(answers):
    assert len(CELLS) >= 120
    assert {operator for _, operator, _ in CELLS} == set(Operator)
    assert len(GROUPS) > 300
    assert len({True, False} & {cell for row in answers for cell in row}) == 2
    assert not any(cell is None for row in answers for cell in row)


BOUNDARIES = [
    ("at_least", "30 days ago", "2030-04-17", True),
    ("at_least", "30 days ago", "2030-04-16", False),
    ("less_than", "1 month from now", "2030-06-16", True),
    ("less_than", "1 month from now", "2030-06-17", False),
    ("greater_than", "2 weeks ago", "2030-05-04", True),
    ("greater_than", "2 weeks ago", "2030-05-03", False),
    ("at_most", "6 years ago", "2024-05-17", True),
    ("at_most", "6 years ago", "2024-05-18", False),
]


@pytest.mark.parametrize("clock", ["2030-05-17T00:00:00+00:00", "2030-05-17T23:59:59+00:00"])
@pytest.mark.parametrize(("operator", "value", "held", "expected"), BOUNDARIES)
def test_days_count_from_midnight_whatever_the_hour(  # noqa: PLR0917 - one boundary a row
    compiler, clock, operator, value, held, expected
):
    columns = {"d": Column(V.DATE), "t": Column(V.DATETIME)}
    with Engine(memory_limit="128MB", threads=1) as engine:
        install(engine, now=datetime.fromisoformat(clock), lookups={})
        for name, given in (("d", f"date '{held}'"), ("t", f"timestamp '{held} 00:00:00'")):
            sql = compiler.compile_condition(expression_of(_only(name, operator, value), columns), columns).sql
            assert engine.value(f"select {sql} from (select {given} as {name})") is expected


def test_months_end_on_the_last_day_of_a_shorter_month(compiler):
    columns = {"d": Column(V.DATE)}
    sql = compiler.compile_condition(expression_of(_only("d", "equals", "1 month ago"), columns), columns).sql
    with Engine(memory_limit="128MB", threads=1) as engine:
        install(engine, now=datetime(2030, 3, 31, tzinfo=UTC), lookups={})
        assert engine.value(f"select {sql} from (select date '2030-02-28' as d)") is True


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("born < today()", True),
        ("born < current_date", True),
        ("now() is not null", True),
        ("CURRENT_TIMESTAMP > seen", True),
        ("case when a = 'x' then add_days(Today(), 1) > born else true end", True),
        ("len([v for v in many if v > today()]) > 0", True),
        ("a = 'today()'", False),
        ("born > date '2030-01-01'", False),
        ("a = b", False),
    ],
)  # fmt: skip
def test_an_expression_says_whether_the_clock_alone_may_change_it(compiler, text, expected):
    columns = {"a": Column(V.TEXT), "b": Column(V.TEXT), "born": Column(V.DATE), "seen": Column(V.DATETIME),
               "many": Column(V.DATE, is_multivalued=True)}  # fmt: skip
    assert compiler.compile_condition(text, columns).is_time_dependent is expected


def test_an_attribute_named_like_the_clock_is_an_attribute(compiler):
    assert not compiler.compile("current_date", {"current_date": Column(V.DATE)}).is_time_dependent


@pytest.mark.parametrize(("value", "expected"), [("2030-05-17", False), ("3 days ago", True), ("2 hours ago", True)])
def test_a_group_with_a_relative_date_depends_on_time(compiler, value, expected):
    columns = {"d": Column(V.DATE)}
    expression = compiler.compile_condition(expression_of(_only("d", "less_than", value), columns), columns)
    assert expression.is_time_dependent is expected
    assert expression.uses == {"d"}


WRONG = [
    ("n", "starts_with", "1", "'n' is integer, which has no starts_with"),
    ("n", "equals", "1.5", "'1.5' is not a value of type integer"),
    ("n", "equals", "9223372036854775808", "is not a value of type integer"),
    ("q", "equals", "nan", "is not a value of type decimal"),
    ("q", "equals", "0.00000000001", "is not a value of type decimal"),
    ("b", "equals", "yes", "is not a value of type boolean"),
    ("b", "less_than", "true", "has no less_than"),
    ("d", "equals", "17.05.2030", "is not a value of type date"),
    ("d", "equals", "3 fortnights ago", "is not a value of type date"),
    ("d", "equals", "2030-02-30", "is not a value of type date"),
    ("t", "equals", "2030-05-17T25:00:00Z", "is not a value of type datetime"),
    ("g", "equals", "9a7b", "is not a value of type guid"),
    ("x", "equals", "not base64", "is not a value of type binary"),
    ("s", "equals", " ", "the value is empty"),
    ("s", "less_than", "a", "'s' is text, which has no less_than"),
    ("unknown", "equals", "a", "there is no attribute 'unknown' to compare"),
]


@pytest.mark.parametrize(("name", "operator", "value", "message"), WRONG)
def test_what_cannot_be_compared_is_said_with_a_remedy(name, operator, value, message):
    kinds = {"n": V.INTEGER, "q": V.DECIMAL, "b": V.BOOLEAN, "d": V.DATE, "t": V.DATETIME, "g": V.GUID, "x": V.BINARY,
             "s": V.TEXT}  # fmt: skip
    with pytest.raises(ConfigError, match=re.escape(message)) as raised:
        expression_of(_only(name, operator, value), {n: Column(k) for n, k in kinds.items()}, place="rules/r.yaml:7")
    assert raised.value.remedy
    assert raised.value.place == "rules/r.yaml:7"


def _only(name, operator, value):
    condition = Condition(attribute=name, operator=Operator(operator), values=(value,))
    return ConditionGroup(kind=GroupKind.ALL, members=(condition,))
