"""Digest, diff and dump: what is the same, what differs, and how it is written back."""

import pytest
from config_folders import FILES, WITH_DIRECTORY, changed, kind_of, loaded
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from accord.config import ChangeKind, FileKind, diff, dump, dumped_files, load
from accord.config.canonical import yaml_of as _yaml
from accord.config.findings import Findings
from accord.config.tree import as_values, read_tree
from accord.model.errors import UsageError


def test_comments_order_of_keys_and_descriptions_do_not_change_the_digest(tmp_path):
    files = changed(FILES, "systems/hr.yaml", ("      level: integer\n", ""))
    files = changed(
        files,
        "systems/hr.yaml",
        ("      mails:", "      # how senior\n      level: {type: integer}\n      mails:"),
    )
    files = changed(files, "types/person.yaml", ("level: integer", "level: {type: integer, description: seniority}"))
    files = {name: files[name] for name in reversed(files)}

    assert loaded(tmp_path / "a", files).rules.digest == loaded(tmp_path / "b").rules.digest


@pytest.mark.parametrize(
    ("name", "old", "new"),
    [
        ("systems/hr.yaml", "path: hr.csv", "path: other.csv"),
        ("systems/hr.yaml", "level: integer", "level: {type: integer, case_sensitive: false}"),
        ("systems/accounts.yaml", "env:TABLE_PASSWORD", "env:OTHER"),
        ("systems/hr.yaml", "objects:", "guard: {delete: {percent: 1}}\nobjects:"),
        ("types/person.yaml", "level: integer", "level: {type: integer, precedence: [in]}"),
        ("types/person.yaml", "type: person", "type: person\ndeletion: {grace_days: 1}"),
        ("rules/in.yaml", "trim(first_name)", "upper(first_name)"),
        ("rules/in.yaml", "direction: inbound", "direction: inbound\norder: 99"),
        ("rules/out.yaml", "active: false", "active: true"),
    ],
)
def test_whatever_changes_a_run_changes_the_digest(tmp_path, name, old, new):
    before, after = loaded(tmp_path / "a").rules, loaded(tmp_path / "b", changed(FILES, name, (old, new))).rules

    assert before.digest != after.digest
    assert diff(before, after)


def test_an_attribute_called_description_counts(tmp_path):
    files = changed(FILES, "systems/accounts.yaml", ("name: text", "description: text\n      name: text"))
    flows = changed(files, "rules/out.yaml", ("name: first_name", "name: first_name\n  description: account"))
    other = changed(files, "rules/out.yaml", ("name: first_name", "name: first_name\n  description: first_name"))

    assert loaded(tmp_path / "a", flows).rules.digest != loaded(tmp_path / "b", other).rules.digest


def test_a_lookup_changes_the_digest(tmp_path):
    table = {"lookups/c.yaml": "lookup: c\nvalues: {a: b}\n"}

    assert loaded(tmp_path / "a", FILES | table).rules.digest != loaded(tmp_path / "b").rules.digest


def test_a_diff_names_what_was_added_removed_and_changed_field_by_field(tmp_path):
    after = changed(
        FILES, "rules/in.yaml", ("trim(first_name)", "upper(first_name)"), ("scope: employee_id is not null\n", "")
    )
    after = changed(after, "systems/hr.yaml", ("level: integer", "level: {type: integer, required: true}"))
    after["rules/more.yaml"] = FILES["rules/in.yaml"].replace("rule: in", "rule: more")
    del after["rules/out.yaml"]

    found = diff(loaded(tmp_path / "a").rules, loaded(tmp_path / "b", after).rules)

    assert [(c.of, c.name, c.kind) for c in found] == [
        (FileKind.SYSTEM, "hr", ChangeKind.CHANGED),
        (FileKind.RULE, "in", ChangeKind.CHANGED),
        (FileKind.RULE, "more", ChangeKind.ADDED),
        (FileKind.RULE, "out", ChangeKind.REMOVED),
    ]
    assert [(f.field, f.kind, f.before, f.after) for f in found[1].fields] == [
        (("flows", "first_name"), ChangeKind.CHANGED, "trim(first_name)", "upper(first_name)"),
        (("scope",), ChangeKind.REMOVED, "employee_id is not null", None),
    ]
    (level,) = found[0].fields
    assert level.field == ("objects", "person", "attributes", "level")
    assert level.after == {"type": "integer", "required": True}


def test_equal_rules_have_no_diff(tmp_path):
    assert diff(loaded(tmp_path / "a").rules, loaded(tmp_path / "b").rules) == ()


RICH = changed(
    WITH_DIRECTORY,
    "rules/in.yaml",
    ("- employee_id: employee_id",
     "- {keys: {employee_id: employee_id}, case_sensitive: true}\n  - first_name: first_name"),
    ("level: level", "level: {expression: level, null_is_value: true}"),
) | {
    "lookups/c.yaml": "lookup: c\nvalues: {NO: 'true', a: ' b ', '1': '007'}\n",
    "accord.yaml": "guard: {update: {percent: null, count: 7}}\n",
}  # fmt: skip


def test_a_dump_loads_to_the_same_rules_and_is_written_alike_every_time(tmp_path):
    rules = loaded(tmp_path / "a", RICH).rules

    dump(rules, tmp_path / "b", kind_of=kind_of)
    again = load(tmp_path / "b", kind_of=kind_of).rules

    assert diff(rules, again) == ()
    assert again.digest == rules.digest
    assert again.lookups == rules.lookups
    assert again.systems["hr"].guard == rules.systems["hr"].guard
    assert dumped_files(again, kind_of=kind_of) == dumped_files(rules, kind_of=kind_of)


def test_a_dump_never_writes_over_anything(tmp_path):
    rules = loaded(tmp_path).rules

    with pytest.raises(UsageError, match="not empty"):
        dump(rules, tmp_path, kind_of=kind_of)


_TEXTS = st.text(st.characters(codec="utf-8", exclude_categories=("Cs", "Cc", "Cn")), max_size=30)
_MULTILINE = st.lists(_TEXTS, max_size=3).map("\n".join)
_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-(10**17), 10**17) | _TEXTS | _MULTILINE
    | st.sampled_from(["yes", "null", "~", "007", "1e5",
                       "1_000", "0x1F", "2024-01-01", "- a", "a: b", "# x", "'", "\t", "=", "<<"]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(_TEXTS, inner, max_size=3),
    max_leaves=8,
)  # fmt: skip


@settings(max_examples=200, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.dictionaries(_TEXTS, _VALUES, min_size=1, max_size=4))
def test_whatever_is_written_is_read_back_as_it_was(document):
    findings = Findings()
    tree = read_tree(_yaml(document), "x.yaml", findings)

    assert findings.errors == []
    assert as_values(tree) == document
