"""Files of assignments, and the commands on them."""

import json
from pathlib import Path

import pytest
from matrices import DATA

from accord.cli.main import run
from accord.governance.mining.parsing import parse_assignments
from accord.model.errors import UsageError


def test_both_forms_say_the_same_and_users_met_twice_hold_both() -> None:
    by_user = parse_assignments("# comment\nann: a b\nbob: b\nann: c\n")
    by_pair = parse_assignments("user,permission\nann,a\nann,b\nbob,b\nann,c\nann,c\n")
    assert by_user == by_pair
    assert by_user.users == ("ann", "bob")
    assert by_user.count == 4


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "no assignments"),
        ("ann:\n", "nobody holds anything"),
        ("ann: a\nbob\n", "line 2 is no assignment: 'bob'"),
        ("ann,a\nbob,b,c\n", "line 2 is no assignment"),
        (": a\n", "line 1 is no assignment"),
    ],
)
def test_what_cannot_be_read_is_named_by_line(text: str, message: str) -> None:
    with pytest.raises(UsageError, match=message):
        parse_assignments(text, place="held.txt")


def test_mined_roles_are_verified_and_a_forged_result_is_not(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = str(DATA / "rolemining" / "domino.txt.xz")
    assert run(["roles", "mine", file, "--objective", "roles", "--json"]) == 0
    mined = json.loads(capsys.readouterr().out)
    assert (mined["roleCount"], mined["lowerBound"], mined["gap"], mined["isMinimal"]) == (20, 20, 0, True)
    assert mined["certificate"]["whole"] == 1

    result = tmp_path / "result.json"
    result.write_text(json.dumps(mined), encoding="utf-8")
    assert run(["roles", "verify", file, str(result), "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["isMinimal"] is True

    mined["roles"].pop()
    result.write_text(json.dumps(mined), encoding="utf-8")
    assert run(["roles", "verify", file, str(result), "--json"]) == 1
    assert json.loads(capsys.readouterr().out)["notGranted"] > 0


def test_the_default_mode_gives_what_is_granted_directly(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["roles", "mine", str(DATA / "rolemining" / "healthcare.txt.xz"), "--json"]) == 0
    mined = json.loads(capsys.readouterr().out)
    assert mined["objective"] == "complexity"
    assert len(mined["direct"]) == 36
    assert mined["certificate"] is None


def test_a_result_of_something_else_is_refused_with_the_way_to_make_one(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    result = tmp_path / "result.json"
    result.write_text('{"roles": 1}', encoding="utf-8")
    assert run(["roles", "verify", str(DATA / "rolemining" / "domino.txt.xz"), str(result)]) == 64
    assert "--objective roles --json" in capsys.readouterr().err


def test_a_file_or_a_system_must_be_named(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["roles", "mine"]) == 64
    assert "either a file or a system" in capsys.readouterr().err
    assert run(["roles", "mine", "nowhere.txt"]) == 5
