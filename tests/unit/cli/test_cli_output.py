"""Data on standard output in the format asked for, words on standard error, and nothing mixed."""

import csv
import io
import json
from pathlib import Path

import pytest
from command_line import Cli, write_people
from ruamel.yaml import YAML

from accord.cli.options import options_last
from accord.cli.plain import camel, flat, plain
from accord.cli.tables.parts import clean, values


def test_status_as_json_has_documented_keys(cli: Cli, project: Path) -> None:
    status = cli("status", "-o", "json", "-c", project).json()
    assert list(status) == ["systems", "metaverse", "plans", "lastSync"]
    people = next(s for s in status["systems"] if s["name"] == "people")
    assert list(people) == [
        "name", "connector", "objects", "pending", "exported", "failed", "unknown", "last", "health",
    ]  # fmt: skip
    assert people["objects"] == [{"type": "person", "count": 20}]
    assert status["metaverse"] == [{"type": "person", "count": 20}]
    assert people["last"]["state"] == "done"
    assert people["health"]["verdict"] == "healthy"


def test_all_formats_say_the_same(cli: Cli, project: Path) -> None:
    whole = cli("activities", "-o", "json", "-c", project).json()
    lines = [json.loads(line) for line in cli("activities", "-o", "jsonl", "-c", project).out.splitlines()]
    rows = list(csv.DictReader(io.StringIO(cli("activities", "-o", "csv", "-c", project).out)))
    yaml = YAML(typ="safe").load(cli("activities", "-o", "yaml", "-c", project).out)
    assert whole == lines == yaml
    assert [row["id"] for row in rows] == [entry["id"] for entry in whole] == ["A5", "A4", "A3", "A2", "A1"]
    assert json.loads(rows[0]["counts"]) == whole[0]["counts"]


def test_a_plan_as_data_is_whole_and_as_a_table_a_sample(cli: Cli, project: Path) -> None:
    write_people(project, range(1, 21), department="moved")
    plan = cli("plan", "--import", "-q", "-c", project)
    assert "update accounts account  (3 of 20)" in plan.out
    name = cli("plans", "-o", "json", "-c", project).json()[0]["id"]
    changes = cli("show", name, "-o", "json", "-c", project).json()["changes"]
    assert sum(c["area"] == "export" for c in changes) == 20
    assert next(c for c in changes if c["area"] == "export")["changes"] == [
        {"name": "department", "before": ["SALES"], "after": ["MOVED"]}
    ]


def test_a_plan_as_csv_has_one_row_per_value(cli: Cli, project: Path) -> None:
    write_people(project, range(1, 21), department="moved")
    rows = list(csv.DictReader(io.StringIO(cli("plan", "--import", "-o", "csv", "-c", project).out)))
    exported = [row for row in rows if row["area"] == "export"]
    assert len(exported) == 20
    assert {(r["attribute"], r["before"], r["after"]) for r in exported} == {("department", "SALES", "MOVED")}


def test_hints_and_warnings_never_reach_standard_output(cli: Cli, fresh: Path) -> None:
    ended = cli("plan", "-o", "json", "-c", fresh)
    json.loads(ended.out)
    assert "was never imported" in ended.err
    assert "next:" not in cli("plan", "-q", "-c", fresh).err


def test_options_may_stand_before_the_command(cli: Cli, project: Path) -> None:
    assert cli("-c", project, "-o", "json", "status").json()["metaverse"][0]["count"] == 20
    assert options_last(["-q", "--output=json", "show", "x"]) == ["show", "x", "-q", "--output=json"]
    assert options_last(["-c", "f", "show", "--", "-x"]) == ["show", "-c", "f", "--", "-x"]
    assert options_last(["--help"]) == ["--help"]


def test_the_environment_names_the_folders(cli: Cli, project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ACCORD_CONFIG", str(project))
    assert cli("status", "-o", "json").json()["metaverse"][0]["count"] == 20
    monkeypatch.setenv("ACCORD_DATA", str(project / "elsewhere"))
    assert cli("status", "-o", "json").json()["metaverse"][0]["count"] == 0


def test_what_systems_say_is_never_markup_nor_a_command_to_the_terminal(cli: Cli, project: Path) -> None:
    with (project / "data" / "people.csv").open("a", encoding="utf-8") as file:
        file.write("21,[red]Eve[/red],\x1b[31mEvil\x1b]0;x\x07,sales,01.03.2015,,active\n")
    cli("cycle", "-c", project)
    shown = cli("show", "21", "-c", project).out
    assert "[red]Eve[/red]" in shown
    assert "\x1b" not in shown
    assert "\x07" not in shown
    assert clean("a\x1bb\u202ec\nd") == "a�b�c\nd"


def test_tables_keep_to_the_width_and_end_without_blanks(cli: Cli, project: Path) -> None:
    write_people(project, range(1, 40))
    for command in (
        ["plan", "--import"],
        ["status"],
        ["activities"],
        ["show", "First1"],
        ["history", "First1"],
        ["doctor"],
    ):
        for line in cli(*command, "-c", project).out.splitlines():
            assert len(line) <= 100
            assert line == line.rstrip()


def test_keys_are_camel_case_and_rows_are_flat() -> None:
    assert camel("started_at") == "startedAt"
    assert plain((Path("a"), None, 1.5)) == ["a", None, 1.5]
    assert flat({"a": {"b": 1, "c": None}, "d": ["x"], "e": "t"}) == {"a.b": "1", "a.c": "", "d": '["x"]', "e": "t"}


def test_many_and_long_values_are_shortened() -> None:
    assert values(["a"] * 7) == "a, a, a, a, a and 2 more"
    assert values(["x" * 300]).endswith("… (300 characters)")
