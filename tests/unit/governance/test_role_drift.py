"""The fewest edits, against trying all of them; and what roles beside holdings come to at the command line."""

import json
from itertools import product
from pathlib import Path

import numpy as np
import pytest
from matrices import of_rows

from accord.cli.main import run
from accord.governance.mining.drift import find_drift
from accord.governance.mining.roles import Role


@pytest.mark.parametrize("seed", range(12))
def test_no_fewer_edits_do_than_are_found(seed: int) -> None:
    random = np.random.default_rng(seed)
    rows = ["".join("1" if random.random() < 0.6 else "0" for _ in range(3)) for _ in range(3)]
    wanted = of_rows(*rows)
    roles = [Role(users=int(random.integers(0, 8)), permissions=int(random.integers(0, 8))) for _ in range(2)]
    drift = find_drift(wanted, roles)
    fewest = min(
        count
        for users in product(range(8), repeat=2)
        for permissions in product(range(8), repeat=2)
        if (count := _edits(wanted.rows, roles, users, permissions)) is not None
    )
    assert (len(drift.edits), drift.bound) == (fewest, fewest)


def test_without_drift_there_is_nothing_to_mend() -> None:
    drift = find_drift(of_rows("110", "110"), [Role(users=0b11, permissions=0b011)])
    assert (drift.edits, drift.bound) == ((), 0)


def test_drift_is_told_at_the_command_line_with_its_proof(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    held, roles = tmp_path / "held.txt", tmp_path / "roles.json"
    held.write_text("ann: read write\nbob: read write\ncyd: read\n", encoding="utf-8")
    existing = [{"name": "editor", "users": ["ann", "bob", "cyd", "gone"], "permissions": ["read", "write"]}]
    roles.write_text(json.dumps({"roles": existing}), encoding="utf-8")
    assert run(["roles", "drift", str(roles), str(held), "--json"]) == 2
    found = json.loads(capsys.readouterr().out)
    assert (found["overGranted"], found["editCount"], found["lowerBound"], found["gap"]) == (3, 3, 3, 0)
    kinds = {(e["kind"], e["user"], e["permission"]) for e in found["edits"]}
    assert ("remove_member", "gone", None) in kinds
    assert run(["roles", "drift", str(roles), str(held)]) == 2
    assert "proven fewest" in capsys.readouterr().out
    roles.write_text("[]", encoding="utf-8")
    assert run(["roles", "drift", str(roles), str(held)]) == 64
    assert "it holds no roles" in capsys.readouterr().err


def test_roles_are_told_by_attributes_at_the_command_line(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    held, people = tmp_path / "held.txt", tmp_path / "people.csv"
    held.write_text("".join(f"u{n}: a b c d\n" for n in range(6)) + "u6: z\n", encoding="utf-8")
    people.write_text("user,department\n" + "".join(f"u{n},sales\n" for n in range(7)), encoding="utf-8")
    command = ["roles", "mine", str(held), "--objective", "hybrid", "--json"]
    assert run(command) == 64
    assert "--attributes" in capsys.readouterr().err
    assert run([*command, "--attributes", str(people)]) == 0
    (role,) = json.loads(capsys.readouterr().out)["roles"]
    assert (role["name"], len(role["users"]), role["overGranted"]) == ("sales", 7, 4)
    assert role["gains"] == [["u6", p] for p in "abcd"]
    assert role["explanation"]["recall"] == 1.0
    people.write_text("user,department\nu1\n", encoding="utf-8")
    assert run([*command, "--attributes", str(people)]) == 64
    assert "line 2" in capsys.readouterr().err


def _edits(
    rows: tuple[int, ...], roles: list[Role], users: tuple[int, ...], permissions: tuple[int, ...]
) -> int | None:
    """Count the edits that lead to these roles and direct grants for the rest; None where too much is granted."""
    granted = [0] * len(rows)
    for members, contents in zip(users, permissions, strict=True):
        for user in range(len(rows)):
            if members >> user & 1:
                granted[user] |= contents
    if any(got & ~row for got, row in zip(granted, rows, strict=True)):
        return None
    direct = sum((row & ~got).bit_count() for got, row in zip(granted, rows, strict=True))
    return direct + sum(
        (role.users ^ now).bit_count() + (role.permissions ^ contents).bit_count()
        for role, now, contents in zip(roles, users, permissions, strict=True)
    )
