"""The reference page, the editors' schemas and the example folder agree with what is read."""

import re
from pathlib import Path

import pytest
from config_folders import FILES, KINDS, loaded, write
from ruamel.yaml import YAML

from accord.config import FileKind, digest_of, init, json_schemas, limits, load, schema_text, timetable
from accord.config import files as shapes
from accord.config.conditions import ConditionPart, GroupPart
from accord.connectors.registry import connector_kind
from accord.model.errors import UsageError
from accord.model.rules import Guard

HOW_TO = Path(__file__).parents[3] / "docs" / "how-to" / "write-rules.md"
PAGE = Path(__file__).parents[3] / "docs" / "reference" / "configuration.md"
TABLES = (
    shapes.AccordFile,
    shapes.CertificatePart,
    shapes.SystemFile,
    shapes.ObjectTypePart,
    shapes.MatchPart,
    shapes.ObjectAttributePart,
    timetable.ProfilePart,
    limits.GuardPart,
    limits.LimitPart,
    shapes.IdentityTypeFile,
    shapes.IdentityAttributePart,
    shapes.UniquePart,
    shapes.DerivedPart,
    shapes.DeletionPart,
    shapes.InboundRuleFile,
    shapes.JoinPart,
    shapes.FuzzyPart,
    shapes.ComparisonPart,
    shapes.InboundFlowPart,
    shapes.OutboundRuleFile,
    shapes.OutboundFlowPart,
    shapes.PasswordPart,
    GroupPart,
    ConditionPart,
    shapes.LookupFile,
    timetable.ScheduleFile,
    timetable.TimesPart,
    timetable.IntervalPart,
    timetable.StepPart,
)


def _tables():
    text = PAGE.read_text(encoding="utf-8")
    for table in re.findall(r"^\| key \| meaning \| default \|\n\|---.*\n((?:\|.*\n)+)", text, flags=re.MULTILINE):
        rows = [[cell.strip() for cell in re.split(r"(?<!\\)\|", line)[1:-1]] for line in table.splitlines()]
        yield {row[0].strip("`"): (row[1], row[2]) for row in rows}


def test_every_model_of_a_file_is_in_the_reference():
    named = (*vars(shapes).values(), *vars(timetable).values(), *vars(limits).values())
    declared = {m for m in named if isinstance(m, type) and issubclass(m, shapes.Part)}

    assert declared - {shapes.Part, shapes.ShortPart, shapes.RuleFile} == set(TABLES) - {GroupPart, ConditionPart}


@pytest.mark.parametrize(
    ("table", "model"), list(zip(_tables(), TABLES, strict=True)), ids=lambda m: getattr(m, "__name__", "")
)
def test_every_key_is_documented_with_its_meaning_and_default(table, model):
    fields = {field.alias or name: field for name, field in model.model_fields.items()}
    assert list(table) == list(fields)
    for key, field in fields.items():
        meaning, default = table[key]
        assert meaning == field.description
        if field.is_required():
            assert default == "required"
        elif (
            field.default not in (None, (), {}, "") and field.default_factory is None and model is not limits.LimitPart
        ):
            shown = str(field.default).lower() if isinstance(field.default, bool) else str(field.default)
            assert default == f"`{shown}`"


def test_the_limits_documented_are_the_built_in_ones():
    table = next(t for t in _tables() if "membership_drop" in t)
    for name, (_, default) in table.items():
        limit = getattr(Guard(), name)
        assert default == (f"{limit.percent:g} %, free {limit.free}" if limit.percent is not None else "no limit")
        assert limit.count is None


def test_the_example_files_of_the_reference_make_a_configuration_that_loads(tmp_path):
    folders = {"system": "systems", "type": "types", "rule": "rules", "lookup": "lookups"}
    files = {"systems/directory.yaml": _DIRECTORY, "rules/team-from-hr.yaml": _TEAM}
    for block in re.findall(r"^```yaml\n(.*?)^```", PAGE.read_text(encoding="utf-8"), flags=re.MULTILINE | re.DOTALL):
        key = block.split(":")[0]
        if key in folders:
            files[f"{folders[key]}/{block.split(chr(10))[0].split(': ')[1]}.yaml"] = block.replace(
                "connector: csv", "connector: list"
            )
        elif key == "data_folder":
            files["accord.yaml"] = block
    assert len(files) == 9

    assert [str(w) for w in loaded(tmp_path, files).warnings] == []


def test_the_files_of_the_how_to_make_a_configuration_that_loads(tmp_path):
    text = HOW_TO.read_text(encoding="utf-8")
    blocks = re.findall(r"^```yaml\n# (\S+)\n(.*?)^```", text, flags=re.MULTILINE | re.DOTALL)
    write(tmp_path, dict(blocks))

    configuration = load(tmp_path, kind_of=connector_kind)

    assert configuration.warnings == ()
    assert len(configuration.rules.systems) == len(configuration.rules.inbound) + len(configuration.rules.outbound) == 3


_DIRECTORY = """\
system: directory
connector: directory
settings: {host: ldap.example}
objects:
  user:
    anchor: entryUUID
    attributes: {uid: text, sn: text, manager: reference, description: text}
"""
_TEAM = """\
rule: team-from-hr
direction: inbound
system: hr
object: person
identity: team
join: [{department: code}]
project: true
flows: {code: department}
"""


def test_editors_get_a_schema_for_every_kind_of_file_with_the_settings_of_every_connector():
    schemas = json_schemas({name: kind.settings for name, kind in KINDS.items()})

    assert set(schemas) == set(FileKind)
    system = schemas[FileKind.SYSTEM]
    assert system["properties"]["connector"]["enum"] == ["directory", "list", "table"]
    chosen = {rule["if"]["properties"]["connector"]["const"]: rule["then"] for rule in system["allOf"]}
    reference = chosen["directory"]["properties"]["settings"]["$ref"]
    settings = system["$defs"][reference.removeprefix("#/$defs/")]
    assert settings["properties"]["port"]["default"] == 636
    assert settings["additionalProperties"] is False
    secret = system["$defs"]["directory.BindSettings"]["properties"]["secret"]
    assert secret["pattern"] == "^(env|file|secret):.+"


def test_every_reference_inside_a_schema_leads_somewhere():
    for schema in json_schemas({name: kind.settings for name, kind in KINDS.items()}).values():
        for reference in re.findall(r'"\$ref": "#/\$defs/([^"]+)"', schema_text(schema)):
            assert reference in schema["$defs"]


def test_schemas_allow_the_short_forms():
    rule = json_schemas({})[FileKind.RULE]

    assert {
        choice["type"] if isinstance(choice["type"], str) else "scalar"
        for choice in rule["$defs"]["InboundFlowPart"]["anyOf"]
    } == {"scalar", "object"}
    assert schema_text(rule) == schema_text(json_schemas({})[FileKind.RULE])


def test_the_example_folder_loads_without_a_warning_and_is_commented(tmp_path):
    written = init(tmp_path)

    configuration = load(tmp_path, kind_of=connector_kind)

    assert configuration.warnings == ()
    assert configuration.data_folder == tmp_path.resolve() / ".accord"
    assert configuration.open_settings("people").path == tmp_path.resolve() / "data" / "people.csv"
    assert configuration.rules.digest == digest_of(configuration.rules)
    assert "/data/" in (tmp_path / ".gitignore").read_text()
    assert len((tmp_path / "data" / "people.csv").read_text(encoding="utf-8").splitlines()) == 6
    for path in written:
        if path.suffix == ".yaml":
            assert path.read_text().startswith("# ")
            YAML(typ="safe").load(path)


def test_the_example_never_writes_over_a_file(tmp_path):
    write(tmp_path, {"types/person.yaml": FILES["types/person.yaml"]})

    with pytest.raises(UsageError, match=r"person\.yaml"):
        init(tmp_path)
    assert not (tmp_path / "accord.yaml").exists()
