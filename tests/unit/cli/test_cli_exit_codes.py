"""Every exit code is reached by what it stands for, and nothing but a message comes with it."""

from pathlib import Path

import pytest
from command_line import Cli, write_people

from accord.app import open_accord
from accord.cli.exit_codes import MEANINGS, ExitCode, exit_code_of
from accord.model import errors


def test_a_run_that_went_well_ends_with_zero(cli: Cli, project: Path) -> None:
    assert cli("run", "people", "full-import", "-c", project).code == 0


def test_a_configuration_that_is_wrong_ends_with_one(cli: Cli, fresh: Path) -> None:
    (fresh / "rules" / "person-from-people.yaml").write_text("rule: other\n", encoding="utf-8")
    ended = cli("validate", "-c", fresh)
    assert ended.code == ExitCode.FAILED
    assert "rules/person-from-people.yaml" in ended.err
    assert "remedy:" in ended.err
    assert ended.out == ""


def test_detailed_exitcode_tells_changes_from_none(cli: Cli, project: Path) -> None:
    assert cli("plan", "--detailed-exitcode", "-c", project).code == ExitCode.OK
    write_people(project, range(1, 23))
    assert cli("plan", "--import", "--detailed-exitcode", "-c", project).code == ExitCode.CHANGES
    assert cli("plan", "-c", project).code == ExitCode.OK


def test_detailed_exitcode_tells_a_held_plan(cli: Cli, project: Path) -> None:
    write_people(project, range(1, 21), department="moved")
    guard = "\nguard:\n  update: {count: 3, percent: null, free: 0}\n"
    system = project / "systems" / "accounts.yaml"
    system.write_text(system.read_text(encoding="utf-8") + guard, encoding="utf-8")
    ended = cli("plan", "--import", "--detailed-exitcode", "-c", project)
    assert ended.code == ExitCode.REFUSED
    assert "update" in ended.out


def test_one_bad_row_ends_with_three_and_is_named(cli: Cli, project: Path) -> None:
    with (project / "data" / "people.csv").open("a", encoding="utf-8") as file:
        file.write("21,Ada,Byron,sales,the first of May,,active\n")
    ended = cli("run", "people", "full-import", "-c", project)
    assert ended.code == ExitCode.OBJECT_ERRORS
    assert "hire_date" in ended.out


def test_a_held_run_ends_with_four_and_names_the_plan(cli: Cli, project: Path) -> None:
    write_people(project, range(1, 3))
    ended = cli("run", "people", "full-import", "-c", project)
    assert ended.code == ExitCode.REFUSED
    assert "error[HELD]" in ended.err
    assert "accord release P" in ended.err


def test_a_plan_that_the_world_left_behind_ends_with_four(cli: Cli, project: Path) -> None:
    write_people(project, range(1, 22))
    plan = cli("plan", "--import", "-o", "json", "-c", project).json()["plan"]["id"]
    write_people(project, range(1, 23))
    assert cli("run", "people", "full-import", "-c", project).code == ExitCode.OK
    ended = cli("apply", plan, "-c", project)
    assert ended.code == ExitCode.REFUSED
    assert "error[PLAN_STALE]" in ended.err


@pytest.mark.parametrize("what", ["P99", "A99", "nobody at all", "people/99", "identity:99"])
def test_what_is_not_there_ends_with_five(cli: Cli, project: Path, what: str) -> None:
    ended = cli("show", what, "-c", project)
    assert ended.code == ExitCode.NOT_FOUND
    assert "error[NOT_FOUND]" in ended.err


def test_a_missing_file_ends_with_six(cli: Cli, fresh: Path) -> None:
    (fresh / "data" / "people.csv").unlink()
    ended = cli("run", "people", "full-import", "-c", fresh)
    assert ended.code == ExitCode.PERMISSION
    assert "people.csv" in ended.err


def test_a_read_that_is_not_complete_ends_with_seven(cli: Cli, fresh: Path) -> None:
    people = fresh / "data" / "people.csv"
    people.write_bytes(people.read_bytes() + b'1009,"Cut')
    ended = cli("run", "people", "full-import", "-c", fresh)
    assert ended.code == ExitCode.UNREACHABLE


@pytest.mark.parametrize(
    "tokens",
    [
        ["nonsense"],
        ["run", "people"],
        ["run", "people", "delta-dream"],
        ["plan", "--nope"],
        ["-o", "xml", "status"],
        ["release", "P1", "--by", "anna"],
        ["release", "P3", "--by", " ", "--reason", "why"],
        ["show", "First"],
    ],
)
def test_what_cannot_be_asked_ends_with_64(cli: Cli, project: Path, tokens: list[str]) -> None:
    ended = cli(*tokens, "-c", project)
    assert ended.code == ExitCode.USAGE
    assert ended.err.startswith("error[")
    assert ended.out == ""


def test_a_second_writer_ends_with_one_and_is_told_who_writes(cli: Cli, project: Path) -> None:
    with open_accord(project):
        ended = cli("run", "people", "full-import", "-c", project)
        looked = cli("status", "-c", project)
    assert ended.code == ExitCode.FAILED
    assert "error[DATA_FOLDER_BUSY]" in ended.err
    assert looked.code == ExitCode.OK


def test_every_error_has_an_exit_code_and_every_code_a_meaning() -> None:
    ends = {kind: exit_code_of(kind.__new__(kind)) for kind in vars(errors).values()
            if isinstance(kind, type) and issubclass(kind, errors.AccordError)}  # fmt: skip
    assert ends[errors.IncompleteRead] is ExitCode.UNREACHABLE
    assert ends[errors.ExpressionError] is ExitCode.FAILED
    assert MEANINGS.keys() == set(ExitCode)
