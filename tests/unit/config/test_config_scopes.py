"""Scopes as groups of conditions: read, checked line by line, and written back."""

import pytest
from config_folders import FILES, changed, kind_of, loaded, only_error

from accord.config import diff, digest_of, json_schemas
from accord.config.dump import dumped_files
from accord.config.places import FileKind
from accord.model.rules import Condition, ConditionGroup, GroupKind, Operator

_EXPRESSION = "scope: employee_id is not null\n"
GROUP = """\
scope:
  all:
    - {attribute: first_name, starts_with: An, case_sensitive: false}
    - any:
        - {attribute: level, at_least: 3}
        - {attribute: mails, is_absent: true}
    - none:
        - attribute: employee_id
          in: [007, "8"]
"""


def _with(scope):
    return changed(FILES, "rules/in.yaml", (_EXPRESSION, scope))


def test_a_scope_may_be_a_group_of_conditions(tmp_path):
    (rule,) = loaded(tmp_path, _with(GROUP)).rules.inbound

    assert rule.scope == ConditionGroup(
        kind=GroupKind.ALL,
        members=(
            Condition(
                attribute="first_name", operator=Operator.STARTS_WITH, values=("An",), is_case_sensitive=False
            ),
            ConditionGroup(
                kind=GroupKind.ANY,
                members=(
                    Condition(attribute="level", operator=Operator.AT_LEAST, values=("3",)),
                    Condition(attribute="mails", operator=Operator.IS_ABSENT),
                ),
            ),
            ConditionGroup(
                kind=GroupKind.NONE,
                members=(Condition(attribute="employee_id", operator=Operator.IN, values=("007", "8")),),
            ),
        ),
    )  # fmt: skip


def test_a_group_is_written_back_to_the_same_bytes(tmp_path):
    first = loaded(tmp_path / "first", _with(GROUP)).rules
    written = dumped_files(first, kind_of=kind_of)
    again = loaded(tmp_path / "second", dict(written)).rules

    assert again.inbound[0].scope == first.inbound[0].scope
    assert dumped_files(again, kind_of=kind_of) == written
    assert digest_of(again) == digest_of(first)


def test_a_changed_condition_changes_the_digest_and_is_in_the_difference(tmp_path):
    before = loaded(tmp_path / "before", _with(GROUP)).rules
    after = loaded(tmp_path / "after", _with(GROUP.replace("at_least: 3", "at_least: 4"))).rules

    assert digest_of(before) != digest_of(after)
    assert len(diff(before, after)) == 1


def test_editors_know_every_operator():
    rule = json_schemas({})[FileKind.RULE]

    assert set(rule["$defs"]["ConditionPart"]["properties"]) == {"attribute", "case_sensitive", *Operator}
    assert set(rule["$defs"]["GroupPart"]["properties"]) == set(GroupKind)


WRONG = [
    ("at_least: 3", "at_laest: 3", 10, "there is no operator at_laest", "did you mean 'at_least'"),
    ("at_least: 3", "ends_with: 3", 10, "'level' is integer, which has no ends_with", "at_least"),
    ("at_least: 3", "at_least: high", 10, "'high' is not a value of type integer", "whole number"),
    ("at_least: 3", "at_least: 3, at_most: 5", 10, "has one operator; here are 2", "one condition for each"),
    (", at_least: 3", "", 10, "has one operator; here are none", "one condition for each"),
    ("at_least: 3", "at_least: null", 10, "at_least has no value", "is_absent"),
    ("level", "levle", 10, "there is no attribute 'levle'", "did you mean 'level'"),
    ("is_absent: true", "is_absent: false", 11, "'false' is not possible", "true"),
    ('in: [007, "8"]', "in: []", 13, "in has no value", "one"),
    ('in: [007, "8"]', 'matches: "a["', 6, "missing ]", ""),
    ("case_sensitive: false", "case_sensitive: maybe", 8, "must be true or false", "true or false"),
]  # fmt: skip


@pytest.mark.parametrize(("old", "new", "line", "message", "remedy"), WRONG)
def test_a_wrong_condition_is_named_by_its_line_with_a_remedy(  # noqa: PLR0917 - one mistake a row
    tmp_path, old, new, line, message, remedy
):
    assert old in GROUP
    place, said, advice = only_error(tmp_path, _with(GROUP.replace(old, new, 1)))

    assert message in said
    assert remedy in advice
    assert place == f"rules/in.yaml:{line}"


@pytest.mark.parametrize(
    ("scope", "message"),
    [
        ("scope: {all: []}\n", "the group 'all' is empty"),
        ("scope: {every: []}\n", "there is no kind of group every"),
        ("scope: {attribute: level, equals: 3}\n", "a group has exactly one key of all, any, none"),
        ("scope: {all: [{any: [{none: []}]}]}\n", "the group 'none' is empty"),
        ("scope: {all: [level]}\n", "a condition must be a mapping"),
        ("scope: {all: {attribute: level, equals: 3}}\n", "must be a list"),
        ("scope: [level]\n", "must be one text"),
    ],
)
def test_a_wrong_group_is_said(tmp_path, scope, message):
    place, said, advice = only_error(tmp_path, _with(scope))

    assert message in said
    assert advice
    assert place == "rules/in.yaml:6"
