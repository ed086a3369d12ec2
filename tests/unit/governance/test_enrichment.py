"""Enrichment: each kind of rule, precedence, order, provenance, taking back, and rules that cannot be."""

import json
from datetime import UTC, datetime

import pyarrow as pa
import pytest

from accord.engine.frames import Engine
from accord.governance.enrichment.enriching import RELATED, SUBJECTS, Enriched, enrich
from accord.governance.enrichment.rules import parse_rules
from accord.model.errors import ConfigError, ExpressionError

ANN, BOB = 1, 2
PEOPLE = {
    ANN: {"dept": "R & D", "title": "Sr. Engineer", "cost": "7"},
    BOB: {"dept": "sales", "title": "Boss", "cost": "much"},
}


def _enrich(*rules: dict[str, object], related: list[tuple[str, int, int, dict[str, str]]] | None = None) -> Enriched:
    subjects = pa.table([list(PEOPLE), [json.dumps(doc) for doc in PEOPLE.values()]], schema=SUBJECTS)
    rows = [(r, o, x, json.dumps(doc)) for r, o, x, doc in related or []]
    columns = [list(column) for column in zip(*rows, strict=True)] if rows else [[], [], [], []]
    with Engine() as engine:
        now = datetime(2026, 1, 1, tzinfo=UTC)
        return enrich(engine, subjects, pa.table(columns, schema=RELATED), parse_rules(list(rules)), now=now)


def _values(found: Enriched) -> dict[tuple[int, str], tuple[str, str]]:
    return {(row["owner_id"], row["target"]): (row["value"], row["rule"]) for row in found.values.to_pylist()}


NORMALISE = {"id": "dept", "kind": "normalise", "target": "department", "source": "dept",
             "synonyms": {"Research": ["R & D", "r&d"], "Sales": []}}  # fmt: skip

LOOKUP = {"id": "r", "kind": "lookup", "target": "t", "source": "dept", "table": {"SALES": "S1"}}
CLASSIFY = {"id": "r", "kind": "classify", "target": "t", "source": "title",
            "patterns": [{"match": "^sr", "value": "senior"}]}  # fmt: skip


@pytest.mark.parametrize(
    ("rule", "expected"),
    [
        (NORMALISE, {ANN: "Research", BOB: "Sales"}),
        (LOOKUP, {BOB: "S1"}),
        (LOOKUP | {"default": "?"}, {ANN: "?", BOB: "S1"}),
        (CLASSIFY, {ANN: "senior"}),
        ({"id": "r", "kind": "derive", "target": "t", "expression": "upper(dept)"}, {ANN: "R & D", BOB: "SALES"}),
        ({"id": "r", "kind": "pin", "target": "t", "owners": {BOB: "by hand", 99: "nobody"}}, {BOB: "by hand"}),
    ],
)
def test_each_kind_of_rule_gives_its_values(rule: dict[str, object], expected: dict[int, str]) -> None:
    assert {owner: value for (owner, _), (value, _) in _values(_enrich(rule)).items()} == expected


def test_values_come_along_relations_and_are_gathered_over_them() -> None:
    related = [
        ("groups", ANN, 50, {"tier": "gold"}),
        ("accounts", ANN, 60, {"risk": "9"}),
        ("accounts", ANN, 61, {"risk": "10"}),
    ]
    found = _values(
        _enrich(
            {"id": "tier", "kind": "inherit", "target": "tier", "relation": "groups", "source": "tier"},
            {"id": "risk", "kind": "aggregate", "target": "risk", "relation": "accounts", "source": "risk"},
            {"id": "n", "kind": "aggregate", "target": "accounts", "relation": "accounts", "function": "count"},
            related=related,
        )
    )
    assert found == {(ANN, "tier"): ("gold", "tier"), (ANN, "risk"): ("10", "risk"), (ANN, "accounts"): ("2", "n")}


def test_a_pin_wins_then_the_lower_order_and_disagreement_is_counted() -> None:
    found = _enrich(
        {"id": "late", "kind": "derive", "target": "t", "expression": "'late'", "order": 20},
        {"id": "early", "kind": "derive", "target": "t", "expression": "'early'", "order": 10},
        {"id": "hand", "kind": "pin", "target": "t", "owners": {BOB: "hand"}, "order": 99},
    )
    assert _values(found) == {(ANN, "t"): ("early", "early"), (BOB, "t"): ("hand", "hand")}
    (coverage,) = found.coverage
    assert (coverage.filled, coverage.owners, coverage.conflicts) == (2, 2, 2)
    assert coverage.by_rule == {"early": 1, "hand": 1}


def test_a_rule_reads_what_another_gave_whatever_the_order_they_are_written_in() -> None:
    reader = {"id": "code", "kind": "lookup", "target": "code", "source": "department", "table": {"research": "R1"}}
    assert _values(_enrich(reader, NORMALISE))[ANN, "code"] == ("R1", "code")


def test_without_a_rule_nothing_of_it_is_left() -> None:
    assert _values(_enrich(NORMALISE | {"active": False})) == {}


def test_rules_that_need_each_other_are_refused_with_the_circle() -> None:
    with pytest.raises(ConfigError, match="a -> b -> a"):
        _enrich(
            {"id": "1", "kind": "lookup", "target": "a", "source": "b", "table": {"x": "y"}},
            {"id": "2", "kind": "lookup", "target": "b", "source": "a", "table": {"x": "y"}},
        )


def test_an_expression_that_fails_for_one_owner_gives_that_owner_nothing() -> None:
    rule = {"id": "r", "kind": "derive", "target": "t", "expression": "cast(cost as integer) + 1"}
    assert _values(_enrich(rule)) == {(ANN, "t"): ("8", "r")}


@pytest.mark.parametrize(
    ("rule", "message"),
    [
        ({"id": "r", "kind": "magic", "target": "t"}, "magic"),
        ({"id": "r", "kind": "lookup", "target": "t"}, "needs source"),
        ({"id": "r", "kind": "inherit", "target": "t", "source": "x", "relation": "friends"}, "no relation"),
        ({"kind": "pin", "target": "t", "owners": {1: "x"}}, "no id"),
        ({"id": "r", "kind": "pin", "target": "t", "owners": {1: "x"}, "confidence": 2}, "at most 1"),
    ],
)
def test_a_rule_that_cannot_be_is_refused(rule: dict[str, object], message: str) -> None:
    with pytest.raises(ConfigError, match=message):
        parse_rules([rule])


def test_a_wrong_expression_is_refused_with_its_place() -> None:
    with pytest.raises(ExpressionError, match="rule r"):
        _enrich({"id": "r", "kind": "derive", "target": "t", "expression": "nowhere + 1"})
