"""What is wrong between files: names, types, capabilities."""

import pytest
from config_folders import FILES, WITH_DIRECTORY, changed, errors_of, kind_of, loaded, only_error

from accord.config import load, validate
from accord.model.errors import ConfigErrors
from accord.model.rules import RuleSet

PERSON = "types/person.yaml"
IN, OUT, DIRECTORY_RULE = "rules/in.yaml", "rules/out.yaml", "rules/to-directory.yaml"


@pytest.mark.parametrize(
    "case",
    [
        # names
        (IN, "system: hr", "system: hrr", 3, "no system 'hrr'", "did you mean 'hr'?"),
        (IN, "object: person", "object: persn", 4, "no object type in hr 'persn'", "did you mean 'person'?"),
        (IN, "identity: person", "identity: people", 5, "no identity type 'people'", "person"),
        (IN, "- employee_id: employee_id", "- employee_id: employe_id", 8, "no attribute", "'employee_id'"),
        (IN, "  level: level", "  levle: level", 13, "no attribute of person 'levle'", "did you mean 'level'?"),
        (OUT, "  level: level", "  levle: level", 12, "no attribute of accounts.account", "did you mean 'level'?"),
        (PERSON, "[accounts.account.login]", "[accounts.account.logn]", 12, "'logn'", "did you mean 'login'?"),
        (PERSON, "[accounts.account.login]", "[acounts.account.login]", 12, "'acounts'", "'accounts'"),
        (PERSON, "[accounts.account.login]", "[login]", 12, "three parts", "system.object.attribute"),
        (PERSON, "level: integer", "level: {type: integer, precedence: [inn]}",
         5, "no inbound rule 'inn'", "'in'"),
        (PERSON, "level: integer", "level: {type: integer, precedence: [out]}", 5, "no inbound rule 'out'", "in"),
        (PERSON, "level: integer", "level: {type: integer, precedence: [in, in]}", 5, "twice", "remove"),
        (PERSON, "account:\n", "account:\n    precedence: [in]\n", 9, "no flow into 'account'", "add a flow"),
        # types of values
        (IN, "employee_id is not null", "employee_id", 6, "", ""),
        (IN, "  level: level", "  level: first_name",
         13, "is integer, but the expression gives text", "as bigint)"),
        (IN, "  first_name: trim(first_name)", "  first_name: mails", 12, "gives several", "[1]"),
        (IN, "  level: level", "  level: manager_id", 13, "'manager_id' is a reference", "reference"),
        (IN, "  manager: manager_id", "  manager: employee_id", 15, "bare name of a reference", "manager_id"),
        (IN, "- employee_id: employee_id", "- first_name: level", 8, "'level' is integer", "cast"),
        (IN, "- employee_id: employee_id", "- employee_id: manager", 8, "is a reference", ""),
        (IN, "trim(first_name)", "trim(frist_name)", 12, "frist_name", ""),
        (OUT, "anchor: account", "anchor: mails", 9, "one text", "[1]"),
        (OUT, "  active: false", "  active: '''no'''", 16, "is boolean", "boolean"),
        (PERSON, "type: person", "type: person\ndisplay: mails", 2, "one text", ""),
        # what an outbound rule needs
        (OUT, "anchor: account\n", "", 8, "needs an anchor (login)", "add `anchor:`"),
        (OUT, "on_leave: disable", "on_leave: delete", 14, "cannot delete", "disable"),
        (OUT, "disable:\n  active: false\n", "", 14, "needs the flows", "disable:"),
        (OUT, "anchor: account", "anchor: account\ndn: account", 10, "have no dn", "remove"),
        (OUT, "system: accounts\nobject: account", "system: hr\nobject: person", 3, "cannot write", "remove"),
        # unique values
        (PERSON, "base: lower(first_name)", "base: lower(account)", 11, "need each other: account -> account", ""),
        (PERSON, "base: lower(first_name)", "base: mails", 11, "one text", ""),
        (PERSON, "taken_in:", "suffix: '{n}'\n      taken_in:", 12, "{base} and {n}", "{base}{n}"),
        (PERSON, "taken_in:", "suffix: '{base}-----{n}'\n      max_length: 4\n      taken_in:", 12, "no room", ""),
        # derived references
        (PERSON, "manager: reference",
         "manager: {type: reference, derived: {type: person, theirs: level, ours: level}}",
         7, "is derived, but the rule 'in' flows", "remove"),
        (PERSON, "account:\n    type: text", "account:\n    type: integer", 10, "one text", ""),
        # deletion
        (PERSON, "type: person", "type: person\ndeletion: {trigger: authoritative_source}",
         2, "needs sources", ""),
        (PERSON, "type: person", "type: person\ndeletion: {sources: [hr]}", 2, "takes no sources", ""),
        (PERSON, "type: person", "type: person\ndeletion: {trigger: authoritative_source, sources: [hrr]}", 2,
         "no system", "'hr'"),
        (PERSON, "type: person", "type: person\ndeletion: {trigger: authoritative_source, sources: [accounts]}", 2,
         "no inbound rule", ""),
        # names that SQL does not tell apart
        ("systems/hr.yaml", "level: integer", "level: integer\n      Level: integer",
         11, "differ in case only", ""),
        # anchors and formats
        ("systems/hr.yaml", "anchor: employee_id", "anchor: mails", 11, "cannot be multi-valued", ""),
        ("systems/hr.yaml", "anchor: employee_id", "anchor: [employee_id, employee_id]", 6, "twice", ""),
        ("systems/hr.yaml", "level: integer", "level: {type: integer, format: '%d'}", 10, "for dates", ""),
        ("systems/hr.yaml", "level: integer", "x: {type: date, format: 'DD.MM.YYYY'}\n      level: integer", 10,
         "no % fields", "%d.%m.%Y"),
    ],
)  # fmt: skip
def test_a_mistake_is_named_at_its_line_with_a_remedy(tmp_path, case):
    name, old, new, line, message, remedy = case
    found = errors_of(tmp_path, changed(FILES, name, (old, new)))
    at_line = [e for e in found if e[0] == f"{name}:{line}" and message in e[1]]

    assert at_line, found
    assert remedy in at_line[0][2]


@pytest.mark.parametrize(
    ("old", "new", "line", "message"),
    [
        ("dn: \"'uid=' || account\"\n", "", 6, "needs a dn"),
        ("provision: true", "provision: true\nanchor: account", 7, "makes the anchor of a new account itself"),
        ("  sn: first_name\n", "", 8, "needs 'sn'"),
        ("  uid: account", "  entryUUID: account", 9, "read-only"),
        ("{expression: first_name, initial_only: true}", "first_name", 12, "only when the account is created"),
    ],
)
def test_what_a_directory_needs_is_checked(tmp_path, old, new, line, message):
    found = errors_of(tmp_path, changed(WITH_DIRECTORY, DIRECTORY_RULE, (old, new)))

    assert [e for e in found if e[0] == f"{DIRECTORY_RULE}:{line}" and message in e[1]], found


def test_two_flows_into_targets_that_differ_in_case_are_an_error(tmp_path):
    found = errors_of(tmp_path, changed(FILES, OUT, ("  name: first_name", "  name: first_name\n  NAME: first_name")))

    assert (f"{OUT}:12", "two flows lead into 'NAME'") in [e[:2] for e in found]


def test_an_error_in_an_expression_has_the_column_and_a_caret(tmp_path):
    loaded(tmp_path)
    rule = tmp_path / IN
    rule.write_text(FILES[IN].replace("trim(first_name)", "trim(frist_name)"))
    with pytest.raises(ConfigErrors) as caught:
        load(tmp_path, kind_of=kind_of)
    (error,) = caught.value.errors
    assert error.place == f"{IN}:12"
    assert error.column == 6
    assert "  trim(frist_name)\n       ^" in str(caught.value)
    assert "first_name" in error.remedy or "first_name" in error.message


def test_a_circle_of_unique_values_is_reported_once_with_its_way(tmp_path):
    second = "  mail:\n    type: text\n    unique: {base: account}\n"
    files = changed(FILES, PERSON, ("base: lower(first_name)", "base: mail"))
    files[PERSON] += second

    assert only_error(tmp_path, files)[1] == "unique values need each other: account -> mail -> account"


def test_a_unique_value_may_be_built_from_another(tmp_path):
    files = FILES | {PERSON: FILES[PERSON] + "  mail:\n    type: text\n    unique: {base: account || '@x'}\n"}

    assert errors_of(tmp_path, files) == []


def test_a_derived_reference_compares_attributes_of_one_type(tmp_path):
    team = (
        "type: team\nattributes:\n  code: text\n  members:\n    type: reference\n    multivalued: true\n"
        "    derived: {type: person, theirs: first_name, ours: code, scope: level > 3}\n"
    )
    rule = (
        "rule: team-in\ndirection: inbound\nsystem: hr\nobject: person\nidentity: team\n"
        "join: [{first_name: code}]\nproject: true\nflows: {code: first_name}\n"
    )
    files = FILES | {"types/team.yaml": team, "rules/team-in.yaml": rule}
    assert errors_of(tmp_path / "right", files) == []

    wrong = changed(files, "types/team.yaml", ("theirs: first_name", "theirs: level"))
    assert "never equal" in only_error(tmp_path / "types", wrong)[1]
    wrong = changed(files, "types/team.yaml", ("theirs: first_name", "theirs: mails"))
    assert "cannot be compared" in only_error(tmp_path / "several", wrong)[1]
    wrong = changed(files, "types/team.yaml", ("type: reference", "type: text"))
    assert "must be a reference" in only_error(tmp_path / "reference", wrong)[1]
    wrong = changed(files, "types/team.yaml", ("{type: person", "{type: persn"))
    assert "'person'" in only_error(tmp_path / "type", wrong)[2]


def test_values_widen_into_decimals_and_text_by_themselves(tmp_path):
    files = changed(FILES, PERSON, ("  first_name: text\n", "  first_name: text\n  grade: decimal\n  code: text\n"))
    files = changed(files, IN, ("  level: level", "  level: level\n  grade: level\n  code: level"))

    assert errors_of(tmp_path, files) == []


def test_null_flows_into_an_attribute_of_any_type(tmp_path):
    assert errors_of(tmp_path, changed(FILES, IN, ("  level: level", "  level: 'null'"))) == []


def test_one_value_flows_into_a_multi_valued_attribute(tmp_path):
    assert errors_of(tmp_path, changed(FILES, IN, ("  mails: mails", "  mails: first_name"))) == []


def test_what_has_no_effect_is_a_warning_with_its_line(tmp_path):
    files = changed(FILES, "systems/hr.yaml", ("level: integer", "level: integer\n      phone: text"))
    files = changed(files, PERSON, ("level: integer", "level: integer\n  phone: text"))
    files = changed(files, OUT, ("on_leave: disable", "on_leave: remain"))
    files["systems/spare.yaml"] = FILES["systems/hr.yaml"].replace("hr", "spare", 1)
    files["types/spare.yaml"] = "type: spare\nattributes: {x: {type: text, unique: {base: \"'x'\"}}}\n"

    assert [(w.place, w.message) for w in loaded(tmp_path, files).warnings] == [
        ("rules/out.yaml:15", "`disable:` is never used, because on_leave is remain"),
        ("systems/hr.yaml:11", "no rule uses the attribute 'phone'"),
        ("systems/spare.yaml:1", "no rule uses the system 'spare'"),
        ("types/person.yaml:6", "nothing flows into 'phone'"),
        ("types/spare.yaml:1", "no rule uses the identity type 'spare'"),
    ]


def test_a_rule_whose_objects_nobody_links_is_a_warning(tmp_path):
    files = changed(FILES, IN, ("join:\n  - employee_id: employee_id\n", ""), ("project: true\n", ""))

    (warning,) = loaded(tmp_path, files).warnings
    assert warning.place == "rules/in.yaml:1"
    assert "joins or projects" in warning.message


def test_rules_made_in_code_are_checked_without_a_folder(tmp_path):
    rules = loaded(tmp_path).rules
    without = RuleSet(
        systems={"hr": rules.systems["hr"]},
        identity_types=rules.identity_types,
        inbound=rules.inbound,
        outbound=rules.outbound,
    )

    places = [error.place for error in validate(without, kind_of=kind_of).errors]

    assert places == ["types/person.yaml:1 (attributes.account.unique.taken_in.0)", "rules/out.yaml:1 (system)"]
