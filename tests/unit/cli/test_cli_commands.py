"""What each command does to the store and says about it."""

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from command_line import Cli, write_people


def test_cycle_gives_everyone_an_account_and_confirms_it(cli: Cli, fresh: Path) -> None:
    ended = cli("cycle", "-c", fresh)
    assert ended.code == 0
    assert "4 create" in ended.out
    assert (fresh / "data" / "accounts.csv").read_text(encoding="utf-8").count("@example.org") == 4
    reports = cli("cycle", "-o", "json", "-c", fresh).json()
    assert [r["activity"]["kind"] for r in reports] == ["import", "import", "sync"]
    assert all(not r["activity"]["counts"] for r in reports)


def test_where_nothing_is_connected_yet_there_is_nothing_to_do(cli: Cli, tmp_path: Path) -> None:
    (tmp_path / "accord.yaml").write_text("data_folder: data\n", encoding="utf-8")
    assert cli("plan", "-o", "json", "-c", tmp_path).json()["plan"]["counts"] == []
    assert cli("cycle", "-c", tmp_path).code == 0


def test_cycle_stops_at_the_first_hold_and_says_what_came_before(cli: Cli, project: Path) -> None:
    write_people(project, range(1, 3))
    ended = cli("cycle", "-o", "json", "-c", project)
    assert ended.code == 4
    assert [r["activity"]["system"] for r in ended.json()] == ["accounts"]
    assert cli("status", "-o", "json", "-c", project).json()["plans"][0]["state"] == "held"


def test_a_held_plan_is_released_by_a_named_person_then_applied(cli: Cli, project: Path) -> None:
    write_people(project, range(1, 3))
    cli("run", "people", "full-import", "-c", project)
    plan = cli("plans", "--state", "held", "-o", "json", "-c", project).json()[0]["id"]
    assert cli("apply", plan, "-c", project).code == 4
    released = cli("release", plan, "--by", "anna", "--reason", "a branch was sold", "-c", project)
    assert "released by anna: a branch was sold" in released.out
    assert cli("apply", plan, "-c", project).code == 0
    trail = cli("audit", "-o", "json", "-c", project).json()
    assert [e["action"] for e in trail] == ["plan.apply", "plan.apply refused", "plan.release", "plan.apply"]
    assert trail[2]["reason"] == "a branch was sold"
    assert {"name": "by", "values": ["anna"], "rule": "", "since": ""} in trail[2]["detail"]


def test_an_audit_trail_that_somebody_touched_is_told_by_its_command(cli: Cli, project: Path) -> None:
    plan = cli("plan", "-o", "json", "-c", project).json()["plan"]["id"]
    cli("discard", plan, "--by", "anna", "--reason", "no", "-c", project)
    assert cli("audit", "verify", "-c", project).code == 0
    [control] = project.rglob("control.db")
    with closing(sqlite3.connect(control)) as database, database:
        assert database.execute("update audit set actor = 'eve' where seq = 1").rowcount == 1
    touched = cli("audit", "verify", "-c", project)
    assert touched.code != 0
    assert "at entry 1" in touched.err


def test_a_discarded_plan_is_never_applied(cli: Cli, project: Path) -> None:
    plan = cli("plan", "-o", "json", "-c", project).json()["plan"]["id"]
    assert cli("discard", plan, "--by", "anna", "--reason", "no", "-c", project).code == 0
    ended = cli("apply", plan, "-c", project)
    assert ended.code == 64
    assert "discarded" in ended.err


def test_apply_does_exactly_what_the_plan_showed(cli: Cli, project: Path) -> None:
    write_people(project, range(1, 22))
    plan = cli("plan", "--import", "-o", "json", "-c", project).json()
    applied = cli("apply", plan["plan"]["id"], "-o", "json", "-c", project).json()
    assert applied["activity"]["counts"] == plan["plan"]["counts"]
    exported = cli("run", "accounts", "export", "-o", "json", "-c", project).json()
    assert [(c["operation"], c["count"]) for c in exported["activity"]["counts"]] == [("create", 1)]
    assert "first21.last21" in (project / "data" / "accounts.csv").read_text(encoding="utf-8")


@pytest.mark.parametrize("spelling", ["full-import", "FullImport", "Full Import", "full_import"])
def test_profiles_may_be_spelled_as_people_do(cli: Cli, project: Path, spelling: str) -> None:
    ended = cli("run", "people", spelling, "-o", "json", "-c", project)
    assert ended.json()["activity"]["profile"] == "full-import"


@pytest.mark.parametrize("name", ["1", "people/1", "identity:1", "First1", "first1.last1", "accounts/first1.last1"])
def test_a_person_is_found_by_anchor_account_value_and_id(cli: Cli, project: Path, name: str) -> None:
    page = cli("show", name, "-o", "json", "-c", project).json()
    assert page["identity"]["name"] == "First1 Last1"
    assert [(o["system"], o["how"]) for o in page["objects"]] == [("accounts", "provisioned"), ("people", "projected")]
    department = next(a for a in page["identity"]["attributes"] if a["name"] == "department")
    assert (department["values"], department["rule"]) == (["SALES"], "person-from-people")


def test_what_waits_for_an_account_is_shown_with_before_and_after(cli: Cli, project: Path) -> None:
    write_people(project, range(1, 21), department="moved")
    plan = cli("plan", "--import", "-o", "json", "-c", project).json()["plan"]["id"]
    cli("apply", plan, "-c", project)
    page = cli("show", "First3", "-o", "json", "-c", project).json()
    assert page["objects"][0]["pending"]["changes"] == [{"name": "department", "before": ["SALES"], "after": ["MOVED"]}]


def test_history_tells_every_change_with_its_run(cli: Cli, project: Path) -> None:
    write_people(project, range(1, 21), department="moved")
    cli("cycle", "-c", project)
    told = cli("history", "First4", "-o", "json", "-c", project).json()
    mine = [e for e in told if e["subject"] == "First4 Last4"]
    assert [e["operation"] for e in mine] == ["add", "update"]
    assert mine[1]["changes"] == [{"name": "department", "before": ["SALES"], "after": ["MOVED"]}]
    assert mine[1]["actor"] == "operator"


def test_a_name_that_fits_several_is_not_guessed(cli: Cli, project: Path) -> None:
    ended = cli("show", "Last1", "-c", project)
    assert ended.code == 0
    ended = cli("show", "irst", "-c", project)
    assert ended.code == 64
    assert "identity:1 (First1 Last1)" in ended.err


def test_show_names_a_system_a_plan_and_an_activity(cli: Cli, project: Path) -> None:
    assert cli("show", "people", "-o", "json", "-c", project).json()["objects"][0]["count"] == 20
    activity = cli("show", "a2", "-o", "json", "-c", project).json()["activity"]
    assert activity["id"] == "A2"
    guid = activity["guid"]
    assert cli("show", guid, "-o", "json", "-c", project).json()["activity"]["id"] == "A2"


def test_systems_are_tested_and_discovered(cli: Cli, fresh: Path) -> None:
    assert "answers" in cli("systems", "test", "people", "-c", fresh).out
    found = cli("systems", "discover", "people", "-o", "json", "-c", fresh).json()
    assert "last_name" in [a["name"] for a in found[0]["attributes"]]
    declared = cli("systems", "discover", "people", "--declaration", "-c", fresh).out
    assert declared.startswith("objects:\n")


def test_doctor_finds_a_system_that_does_not_answer(cli: Cli, fresh: Path) -> None:
    assert cli("doctor", "-c", fresh).code == 0
    (fresh / "data" / "people.csv").unlink()
    ended = cli("doctor", "-o", "json", "-c", fresh)
    assert ended.code == 1
    failed = [f for f in ended.json() if f["finding"] == "failed"]
    assert [f["subject"] for f in failed] == ["system people"]
    assert failed[0]["remedy"]


def test_doctor_examines_on_when_the_configuration_is_wrong(cli: Cli, fresh: Path) -> None:
    (fresh / "accord.yaml").write_text("nonsense: true\n", encoding="utf-8")
    ended = cli("doctor", "-o", "json", "-c", fresh)
    found = {f["subject"]: f["finding"] for f in ended.json()}
    assert found["configuration"] == "failed"
    assert found["store"] == "ok"


def test_schemas_are_written_for_editors(cli: Cli, tmp_path: Path) -> None:
    assert cli("schema", "--to", tmp_path / "schema").code == 0
    assert sorted(p.name for p in (tmp_path / "schema").iterdir()) == [
        "accord.json", "lookups.json", "rules.json", "schedules.json", "systems.json", "types.json",
    ]  # fmt: skip
    assert cli("schema", "rules").json()["$schema"].startswith("https://json-schema.org/")
    assert cli("schema", "nonsense").code == 5


def test_init_never_writes_over_a_file(cli: Cli, fresh: Path) -> None:
    before = (fresh / "accord.yaml").read_bytes()
    assert cli("init", fresh).code == 64
    assert (fresh / "accord.yaml").read_bytes() == before


def test_a_store_is_begun_with_its_first_key_which_is_shown_once(cli: Cli, tmp_path: Path) -> None:
    begun = cli("init", "--data", tmp_path / "data", "-o", "json")
    assert begun.code == 0
    key = begun.json()
    assert key["key"].startswith("jim_ak_")
    assert key["roles"] == ["Administrator"]
    again = cli("init", "--data", tmp_path / "data")
    assert again.code == 64
    assert key["key"] not in again.out + again.err


def test_explain_tells_rule_expression_and_inputs_of_one_attribute(cli: Cli, project: Path) -> None:
    why = cli("explain", "first5.last5", "mail", "-o", "json", "-c", project).json()
    assert [(a["attribute"], a["wanted"], a["expression"]) for a in why["accounts"]] == [
        ("mail", "first5.last5@example.org", "account || '@example.org'")
    ]
    assert [v["attribute"] for v in why["values"]] == ["account"]
    department = cli("explain", "first5.last5", "department", "-c", project).out
    assert "upper(department)  with department = 'sales'  by person-from-people from people/5" in department
    assert cli("explain", "first5.last5", "shoe_size", "-c", project).code == 5


def test_a_plan_that_would_be_refused_is_told_to_be_out_of_date(cli: Cli, project: Path) -> None:
    write_people(project, range(1, 22))
    cli("plan", "--import", "-c", project)
    assert not cli("plans", "-o", "json", "-c", project).json()[0]["isStale"]
    write_people(project, range(1, 23))
    cli("run", "people", "full-import", "-c", project)
    assert cli("plans", "-o", "json", "-c", project).json()[0]["isStale"]
    assert "ready, out of date" in cli("plans", "-c", project).out


def test_a_held_run_is_told_as_held_without_the_remedy_in_lists(cli: Cli, project: Path) -> None:
    write_people(project, range(1, 3))
    cli("run", "people", "full-import", "-c", project)
    latest = cli("activities", "--limit", "1", "-o", "json", "-c", project).json()[0]
    assert latest["state"] == "held"
    assert latest["plan"]
    assert "remedy" not in cli("activities", "-c", project).out
