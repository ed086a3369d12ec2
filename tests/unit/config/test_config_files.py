"""What is wrong with a file by itself: YAML, keys, types."""

import pytest
from config_folders import FILES, changed, errors_of, only_error
from hypothesis import given, settings
from hypothesis import strategies as st

from accord.config.tree import MAX_BYTES


def _system(tmp_path, text):
    return only_error(tmp_path, FILES | {"systems/hr.yaml": text})


@pytest.mark.parametrize(
    ("text", "line", "message", "remedy"),
    [
        ("system: hr\nsystem: hr\n", 2, "'system' is here twice (first in line 1)", "remove"),
        ("system: hr\nobjects:\n\tperson: {}\n", 3, "not YAML", "spaces"),
        ("system: hr: x\n", 1, "not YAML", "quotes"),
        ("system: 'hr\n", 2, "not YAML", "close"),
        ("system: [hr\nconnector: x\n", 2, "not YAML", "close"),
        ("- system\n", 1, "not a mapping", "key: value"),
        ("", 1, "empty", "key: value"),
        ("# only a comment\n", 1, "empty", "key: value"),
        ("system: hr\n---\nsystem: hr\n", 2, "second document", "---"),
        ("system: !!python/object:os.system hr\n", 1, "tag", "remove"),
        ("system: hr\nsettings: \x07\n", 2, "not YAML", "control character"),
        ("system: hr\n? [a, b]\n: c\n", 2, "key must be", "quotes"),
    ],
)
def test_what_is_not_plain_yaml_is_named_with_line_and_remedy(tmp_path, text, line, message, remedy):
    found = _system(tmp_path, text)

    assert found[0] == f"systems/hr.yaml:{line}"
    assert message in found[1]
    assert remedy in found[2]


def test_text_that_is_not_utf8_is_named_with_its_line(tmp_path):
    assert _system(tmp_path, b"system: hr\nconnector: \xe4\n")[:2] == (
        "systems/hr.yaml:2",
        "the text is not UTF-8",
    )


def test_aliases_are_refused_so_no_file_grows_beyond_its_size(tmp_path):
    bomb = "a: &a [x, x]\n" + "".join(
        f"{name}: &{name} [{', '.join(['*' + before] * 9)}]\n"
        for before, name in zip("abcdefgh", "bcdefghi", strict=True)
    )
    errors = errors_of(tmp_path, FILES | {"systems/hr.yaml": bomb})

    assert len(errors) == 72
    assert errors[0] == ("systems/hr.yaml:2", "the alias *a is not allowed", "write the value out")


def test_a_file_that_is_too_large_is_not_read(tmp_path):
    assert "1,000,000" in _system(tmp_path, b"#" * (MAX_BYTES + 10))[1]


@pytest.mark.parametrize("text", ["[" * 5000, "a: " + "{a: " * 5000, "- " * 5000])
def test_endless_nesting_ends_with_an_error(tmp_path, text):
    assert "deeper" in _system(tmp_path, text)[1]


@pytest.mark.parametrize(
    "case",
    [
        (
            "systems/hr.yaml",
            "objects:",
            "objets:\n  x: 1\nobjects:",
            4,
            "no key objets",
            "did you mean 'objects'?",
        ),
        ("systems/hr.yaml", "connector: list\n", "", 1, "connector is missing", "add `connector:`"),
        ("systems/hr.yaml", "level: integer", "level: interger", 10, "'interger' is not possible", "'integer'"),
        ("systems/hr.yaml", "multivalued: true", "multivalue: true", 11, "no key", "did you mean 'multivalued'?"),
        (
            "systems/hr.yaml",
            "multivalued: true",
            "multivalued: perhaps",
            11,
            "must be true or false",
            "true or false",
        ),
        ("systems/hr.yaml", "    anchor: employee_id\n", "", 5, "anchor is missing", "identifies an object"),
        ("systems/hr.yaml", "anchor: employee_id", "anchor: []", 6, "anchor is empty", "identifies"),
        ("systems/hr.yaml", "level: integer", "_dn: text", 10, "reserved", ""),
        ("systems/hr.yaml", "  person:", "  per.son:", 5, "not a possible name", ""),
        ("systems/hr.yaml", "system: hr", "system: h r", 1, "not a possible name", "letters"),
        ("types/person.yaml", "base: lower(first_name)", "base: ''", 11, "is empty", "expression"),
        ("types/person.yaml", "type: person", "type: person\ndeletion: {trigger: never}", 2, "'never'", "manual"),
        ("types/person.yaml", "type: person", "type: person\ndeletion: {grace_days: -1}", 2, "greater", "Days"),
        ("rules/in.yaml", "direction: inbound", "direction: inbund", 2, "'inbund'", "direction: inbound"),
        ("rules/in.yaml", "direction: inbound\n", "", 1, "direction is missing", "direction: outbound"),
        ("rules/in.yaml", "project: true", "provision: true", 9, "no key provision", ""),
        (
            "rules/in.yaml",
            "project: true",
            "on_leave: delete",
            9,
            "'delete' is not possible",
            "disconnect, remain",
        ),
        ("rules/in.yaml", "  level: level", "  level: {expresion: level}", 13, "", "expression"),
        (
            "rules/in.yaml",
            "level: level",
            "level: {expression: level, initial_only: true}",
            13,
            "initial_only",
            "",
        ),
        ("rules/in.yaml", "level: level", "level:", 13, "", ""),
        ("rules/in.yaml", "project: true", "order: soon", 9, "order", "order"),
        (
            "rules/in.yaml",
            "- employee_id: employee_id",
            "- {employee_id: employee_id, case_sensitive: true}",
            8,
            "under `keys:`",
            "",
        ),
        (
            "rules/in.yaml",
            "join:\n  - employee_id: employee_id",
            "join: employee_id",
            7,
            "must be a list",
            "[first",
        ),
    ],
)
def test_a_mistake_in_a_key_is_named_with_line_and_remedy(tmp_path, case):
    name, old, new, line, message, remedy = case
    found = errors_of(tmp_path, changed(FILES, name, (old, new)))[0]

    assert found[0] == f"{name}:{line}"
    assert message in found[1]
    assert remedy in found[2]


_MUTATIONS = st.lists(
    st.tuples(
        st.sampled_from(sorted(FILES)),
        st.integers(0, 400),
        st.integers(0, 12),
        st.sampled_from(["", "\n", ":", "- ", "[", "{", "'", '"', "&a ", "*a", "!x ", "\t", "\x00", "😀", "null", "x"]),
    ),
    min_size=1,
    max_size=4,
)


@settings(max_examples=25, deadline=None)
@given(_MUTATIONS)
def test_no_damage_to_a_file_ends_in_anything_but_errors_with_a_place_and_a_remedy(tmp_path_factory, mutations):
    files = dict(FILES)
    for name, position, length, text in mutations:
        files[name] = files[name][:position] + text + files[name][position + length :]

    for place, message, remedy in errors_of(tmp_path_factory.mktemp("damaged"), files):
        assert place.split(":")[0] in files or "/" in place
        assert message
        assert remedy or "expression" not in message


@pytest.mark.parametrize(
    ("written", "line", "message", "remedy"),
    [
        ("{}", 3, "path is missing", ""),
        ("{path: x, pth: y}", 3, "no key pth", "did you mean 'path'?"),
        ("\n  path: x\n  header_row: two", 5, "header_row", ""),
        ("\n  path: 5", 4, "path", ""),
        ("\n  path: x\n  header_row: 0", 5, "header_row: rows count from 1", ""),
        ("{path: x, header_row: 13}", 3, "settings: row 13 brings bad luck", ""),
        ("\n  path: x\n  password: hunter2", 5, "the secret password stands in the file", "password: env:NAME"),
        ("\n  path: x\n  password: 'env:'", 5, "the secret password stands in the file", ""),
    ],
)
def test_settings_are_checked_against_the_connector_with_lines(tmp_path, written, line, message, remedy):
    found = only_error(
        tmp_path, changed(FILES, "systems/hr.yaml", ("settings: {path: hr.csv}", f"settings: {written}"))
    )

    assert found[0] == f"systems/hr.yaml:{line}"
    assert message in found[1]
    assert remedy in found[2]
    assert "hunter2" not in str(found)
