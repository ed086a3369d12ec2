"""Users and long-tail groups from one OpenLDAP into another: the benchmark itself, small, which raises unless exact."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PEOPLE = 120


@pytest.mark.ldap
@pytest.mark.slow
def test_members_are_exact_through_a_year_and_one_changed_member_is_one_value_sent(tmp_path: Path) -> None:
    paths = os.pathsep.join([str(ROOT), *filter(None, [os.environ.get("PYTHONPATH")])])
    ended = subprocess.run(
        [sys.executable, "-m", "benchmarks", "directories", "--people", str(PEOPLE), "--json"],
        cwd=tmp_path, env={**os.environ, "PYTHONPATH": paths}, capture_output=True, text=True, timeout=600, check=False,
    )  # fmt: skip
    assert ended.returncode == 0, ended.stderr
    steps = json.loads(ended.stdout)["steps"]
    assert list(steps) == ["initial", "one member", "forward", "drift", "new group", "deleted group", "leavers"]
    initial = steps["initial"]
    assert initial["person create"] == PEOPLE
    assert initial["group add"] == initial["members"] > 500

    def told(step: str) -> dict[str, int]:
        return {name: count for name, count in steps[step].items() if name != "members"}

    assert told("one member") == {"group update": 1, "group add": 1, "members sent": 1}
    assert told("forward") == {"group update": 3, "group add": 9, "group remove": 6, "members sent": 15}
    assert told("drift") == {"group update": 2, "group add": 4, "group remove": 4, "members sent": 8}
    assert told("new group") == {"group create": 1, "group add": PEOPLE // 3, "members sent": PEOPLE // 3}
    assert told("deleted group") == {"group delete": 1, "members sent": 0}
    assert told("leavers")["person delete"] == 1
