"""What a folder of files becomes."""

import pytest
from config_folders import DIRECTORY, FILES, WITH_DIRECTORY, changed, errors_of, kind_of, loaded, only_error, write

from accord.config import load
from accord.model.errors import ConfigError
from accord.model.joins import JoinKey
from accord.model.rules import DeletionTrigger, Guard, Limit, OnLeave, UniqueValue
from accord.model.schema import AttributeSchema, ValueType, Writability


def test_a_right_configuration_loads_without_a_warning_but_for_what_is_not_used(tmp_path):
    assert loaded(tmp_path).warnings == ()


def test_a_system_gets_its_object_types_settings_and_place(tmp_path):
    system = loaded(tmp_path).rules.systems["hr"]

    assert system.connector == "list"
    assert system.settings == {"path": "hr.csv"}
    assert system.place == "systems/hr.yaml:1"
    person = system.object_types["person"]
    assert person.anchor == ("employee_id",)
    assert not person.has_dn
    assert person.attributes["mails"] == AttributeSchema(name="mails", is_multivalued=True)
    assert person.attributes["manager_id"].type is ValueType.REFERENCE


def test_an_identity_type_gets_unique_values_and_the_default_deletion(tmp_path):
    person = loaded(tmp_path).rules.identity_types["person"]

    assert person.attributes["account"].unique == UniqueValue(
        base="lower(first_name)", taken_in=(("accounts", "account", "login"),)
    )
    assert person.deletion.trigger is DeletionTrigger.LAST_CONNECTOR


def test_rules_get_flows_with_their_own_lines(tmp_path):
    (rule,) = loaded(tmp_path).rules.inbound

    assert rule.projects
    assert rule.joins[0].keys == (JoinKey(expression="employee_id", attribute="employee_id"),)
    assert [(f.target, f.expression, f.place) for f in rule.flows][1] == (
        "first_name",
        "trim(first_name)",
        "rules/in.yaml:12",
    )


def test_an_outbound_rule_gets_its_flows_of_leaving(tmp_path):
    (rule,) = loaded(tmp_path).rules.outbound

    assert (rule.provisions, rule.anchor, rule.on_leave) == (True, "account", OnLeave.DISABLE)
    # false is a word of YAML and of SQL: here it is the expression.
    assert [(f.target, f.expression) for f in rule.disable] == [("active", "false")]


def test_objects_have_a_dn_where_the_connector_has_dns(tmp_path):
    rules = loaded(tmp_path, WITH_DIRECTORY).rules

    assert rules.systems["directory"].object_types["user"].has_dn
    assert rules.outbound[1].dn == "'uid=' || account"


def test_an_anchor_that_is_not_listed_is_text_and_read_only_where_the_system_makes_it(tmp_path):
    files = changed(
        WITH_DIRECTORY, "systems/directory.yaml", ("      entryUUID: {type: guid, writability: read_only}\n", "")
    )
    anchor = loaded(tmp_path, files).rules.systems["directory"].object_types["user"].attributes["entryUUID"]

    assert (anchor.type, anchor.writability) == (ValueType.TEXT, Writability.READ_ONLY)


def test_an_anchor_may_be_several_attributes(tmp_path):
    files = changed(FILES, "systems/hr.yaml", ("anchor: employee_id", "anchor: [employee_id, first_name]"))

    assert loaded(tmp_path, files).rules.systems["hr"].object_types["person"].anchor == (
        "employee_id",
        "first_name",
    )


def test_rules_apply_in_their_order_then_by_name(tmp_path):
    first = changed(FILES, "rules/in.yaml", ("rule: in\n", "rule: zz\norder: 5\n"))["rules/in.yaml"]
    second = changed(FILES, "rules/in.yaml", ("rule: in\n", "rule: aa\n"))["rules/in.yaml"]
    rules = loaded(tmp_path, FILES | {"rules/zz.yaml": first, "rules/aa.yaml": second}).rules

    assert [r.name for r in rules.inbound] == ["zz", "aa", "in"]


def test_limits_of_the_folder_hold_for_every_system_and_a_system_overrides_them_key_by_key(tmp_path):
    files = changed(FILES, "systems/hr.yaml", ("objects:", "guard: {delete: {count: 3}}\nobjects:"))
    files["accord.yaml"] = "guard:\n  delete: {percent: 2, free: 0}\n  update: {percent: null}\n"
    rules = loaded(tmp_path, files).rules

    assert rules.systems["accounts"].guard.delete == Limit(percent=2.0, free=0)
    assert rules.systems["hr"].guard.delete == Limit(count=3, percent=2.0, free=0)
    assert rules.systems["hr"].guard.update == Limit(percent=None, free=50)
    assert rules.systems["hr"].guard.rename == Guard().rename


def test_the_data_folder_starts_at_the_configuration_folder(tmp_path):
    assert loaded(tmp_path / "a", FILES | {"accord.yaml": "data_folder: state\n"}).data_folder == (
        (tmp_path / "a").resolve() / "state"
    )
    assert loaded(tmp_path / "b", FILES).data_folder is None


def test_lookups_are_text_to_text_from_yaml_and_from_csv(tmp_path):
    files = FILES | {
        "lookups/countries.yaml": "lookup: countries\nvalues:\n  NO: Norway\n  049: 1.10\n",
        "lookups/cities.csv": 'key,value\nZH,"Zürich, Stadt"\n',
    }

    assert loaded(tmp_path, files).rules.lookups == {
        "countries": {"NO": "Norway", "049": "1.10"},
        "cities": {"ZH": "Zürich, Stadt"},
    }


@pytest.mark.parametrize(
    ("text", "place", "message"),
    [
        ("a,b\nx,y\n", "lookups/c.csv:1", "first line"),
        ("key,value\nx,y,z\n", "lookups/c.csv:2", "3 columns"),
        ("key,value\nx,y\nx,z\n", "lookups/c.csv:3", "twice"),
        ("", "lookups/c.csv:1", "first line"),
        (b"key,value\nx,\xff\n", "lookups/c.csv:1", "UTF-8"),
    ],
)
def test_a_wrong_csv_lookup_is_named_with_its_line(tmp_path, text, place, message):
    found = only_error(tmp_path, FILES | {"lookups/c.csv": text})

    assert found[0] == place
    assert message in found[1]


def test_a_folder_that_is_no_configuration_says_how_to_make_one(tmp_path):
    with pytest.raises(ConfigError, match="accord init"):
        load(tmp_path, kind_of=kind_of)


def test_a_file_is_named_after_what_it_declares(tmp_path):
    files = FILES | {"systems/copy.yaml": FILES["systems/hr.yaml"]}
    place, message, remedy = only_error(tmp_path, files)

    assert (place, "'hr'" in message, "system: copy" in remedy) == ("systems/copy.yaml:1", True, True)


@pytest.mark.parametrize("name", ["rules/more.yml", "extra.yaml", "rule/x.yaml", "system/x.yaml"])
def test_yaml_that_would_be_passed_over_is_an_error(tmp_path, name):
    place, _, remedy = only_error(tmp_path, FILES | {name: "rule: x\n"})

    assert place in {name, name.split("/")[0]}
    assert remedy


def test_other_files_are_left_alone(tmp_path):
    others = {"README.md": "x", "data/people.csv": "x", "systems/notes.txt": "x", "rules/.hidden.yaml": "x"}

    assert errors_of(tmp_path, FILES | others) == []


def test_files_are_found_in_any_order_and_with_a_byte_order_mark(tmp_path):
    files = FILES | {"systems/hr.yaml": b"\xef\xbb\xbf" + FILES["systems/hr.yaml"].encode().replace(b"\n", b"\r\n")}

    assert loaded(tmp_path / "a", files).rules.digest == loaded(tmp_path / "b").rules.digest


def test_errors_of_all_files_are_reported_together_in_order_of_file_and_line(tmp_path):
    files = changed(FILES, "systems/hr.yaml", ("system: hr", "system: hr\nconector: x\ngaurd: {}"))
    files = changed(files, "rules/out.yaml", ("level: level", "levl: level"), ("name: first_name", "nam: first_name"))
    files = changed(files, "types/person.yaml", ("manager: reference", "manager: referenz"))

    assert [place for place, _, _ in errors_of(tmp_path, files)] == [
        "systems/hr.yaml:2",
        "systems/hr.yaml:3",
        "types/person.yaml:7",
    ]
    # What names a broken file is not reported again; the rest comes once that is right.
    right = files | {name: FILES[name] for name in ("systems/hr.yaml", "types/person.yaml")}
    assert [place for place, _, _ in errors_of(tmp_path, right)] == ["rules/out.yaml:11", "rules/out.yaml:12"]


def test_a_missing_library_of_a_connector_is_reported_at_the_connector(tmp_path):
    files = FILES | {"systems/x.yaml": DIRECTORY.replace("directory", "x", 1).replace("directory", "soap", 1)}
    place, message, remedy = only_error(write(tmp_path, {}), files)

    assert place == "systems/x.yaml:2"
    assert "soap" in message
    assert "directory" in remedy
