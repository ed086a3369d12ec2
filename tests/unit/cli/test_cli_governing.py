"""Policies and managers from the command line."""

from pathlib import Path

import pytest
from command_line import Cli

POLICY = """policies:
  - id: sales-accounts
    severity: high
    sets: [application:accounts, "attribute:department=SALES"]
"""


@pytest.fixture
def folder(cli: Cli, tmp_path: Path) -> Path:
    made = tmp_path / "made"
    assert cli("init", made).code == 0
    assert cli("cycle", "-c", made).code == 0
    return made


def test_policies_of_a_file_are_judged_and_nothing_is_kept(cli: Cli, folder: Path, tmp_path: Path) -> None:
    file = tmp_path / "policies.yaml"
    file.write_text(POLICY, encoding="utf-8")
    ended = cli("policies", "check", file, "-c", folder, "--json")
    assert ended.code == 2
    found = ended.json()
    assert {v["owner"] for v in found["violations"]} == {"Anna Meyer", "Björn Nilsson"}
    assert found["violations"][0]["evidence"][0]["paths"] == ["accounts/anna.meyer"]
    assert [r["revoke"] for r in found["remedies"]] == [["application:accounts"]] * 2
    kept = cli("policies", "check", "-c", folder, "--json")
    assert (kept.code, kept.json()["violations"]) == (0, [])


def test_a_file_that_holds_no_policies_is_refused_at_its_place(cli: Cli, folder: Path, tmp_path: Path) -> None:
    file = tmp_path / "policies.yaml"
    file.write_text(POLICY.replace("application:accounts", "nonsense"), encoding="utf-8")
    ended = cli("policies", "check", file, "-c", folder)
    assert ended.code == 1
    assert "policies.yaml[0].sets[0]" in ended.err
    assert cli("policies", "check", tmp_path / "none.yaml", "-c", folder).code == 5
    file.write_text("a: [", encoding="utf-8")
    assert "cannot be read" in cli("policies", "check", file, "-c", folder).err


def test_policies_are_kept_asked_about_and_their_violations_tolerated(cli: Cli, folder: Path, tmp_path: Path) -> None:
    file = tmp_path / "policies.yaml"
    file.write_text(POLICY + "    valid_from: 2026-01-01T00:00:00Z\n", encoding="utf-8")
    assert cli("policies", "keep", file, "-c", folder).code == 0
    assert cli("policies", "check", "-c", folder).code == 2
    listed = cli("policies", "violations", "-c", folder, "-o", "json").json()
    assert {v["state"] for v in listed} == {"open"}
    terms = ("--held", "attribute:department=SALES", "--request", "application:accounts")
    asked = cli("policies", "ask", *terms, "-c", folder, "-o", "json")
    assert (asked.code, [p["policy"] for p in asked.json()]) == (2, ["sales-accounts"])
    assert cli("policies", "ask", "--owner", listed[0]["ownerId"], "--request", "group:x", "-c", folder).code == 0
    excepted = cli("policies", "except", listed[0]["id"], "--reason", "known", "--control", "log", "-c", folder)
    assert "mitigated" in excepted.out
    states = [v["state"] for v in cli("policies", "violations", "-c", folder, "-o", "json").json()]
    assert sorted(states) == ["mitigated", "open"]
    file.write_text(POLICY.replace("sales-accounts", "x") + "  - {id: y, sets: []}\n", encoding="utf-8")
    assert cli("policies", "keep", file, "-c", folder).code == 1
    assert cli("policies", "check", "-c", folder, "--json").json()["policies"] == 1


def test_managers_are_resolved_kept_and_written_once(cli: Cli, folder: Path) -> None:
    first = cli("managers", "resolve", "-c", folder, "--json").json()
    assert first["states"] == {"resolved": 4, "root": 1}
    assert {m["method"] for m in first["managers"] if m["status"] == "resolved"} == {"employee"}
    assert first["changed"]
    assert cli("managers", "resolve", "-c", folder, "--json").json()["changed"] == []


def test_managers_in_a_circle_end_with_what_to_sever(cli: Cli, folder: Path) -> None:
    people = folder / "data" / "people.csv"
    text = people.read_text(encoding="utf-8")
    people.write_text(text.replace("01.03.2015,,", "01.03.2015,1002,"), encoding="utf-8")
    assert cli("cycle", "-c", folder).code == 0
    ended = cli("managers", "resolve", "-c", folder)
    assert ended.code == 3
    assert "circle: Anna Meyer -> Björn Nilsson" in ended.out


def test_an_unknown_matcher_is_refused(cli: Cli, folder: Path) -> None:
    ended = cli("managers", "resolve", "-c", folder, "--matcher", "smell")
    assert ended.code == 64
    assert "employee_loose" in ended.err
