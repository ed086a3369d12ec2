"""A crash when any phase of any run of a cycle begins, and a cycle after it, end where a cycle without crash ends."""

import shutil
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from worlds import World, people, person

SCRIPT = Path(__file__).with_name("killed_cycle.py")
ROWS = [*people(23), person(24, title="head"), person(26), person(27, manager="E026"), person(25, status="left")]


def die(world: World, number: int) -> str | None:
    """Run a cycle in a process that dies when its phase of this number begins; return that, None if it has fewer."""
    world.close()
    arguments = [str(world.folder), world.url or "", world.now.isoformat(), str(number)]
    ended = subprocess.run([sys.executable, SCRIPT, *arguments], capture_output=True, text=True, check=False)
    if ended.returncode == 0:
        return None
    assert ended.returncode == -signal.SIGKILL, ended.stderr
    return ended.stdout


def remembered(world: World) -> dict[str, Any]:
    """Return what is known and what the target holds, without ids: those of a run that died are not used again."""
    columns = ("cn", "sn", "mail", "employeeNumber", "title", "departmentNumber", "manager", "active")
    identities = {n: {k: v for k, v in i.items() if k != "_id"} for n, i in world.identities().items()}
    links = world.accord.store.metaverse.read_links().table
    return {
        "identities": identities, "target": world.target(*columns), "pending": world.pending(),
        "staged": {s: world.staged(s) for s in ("hr", "directory")},
        "links": sorted(zip(links["rule"].to_pylist(), links["how"].to_pylist(), strict=True)),
    }  # fmt: skip


@pytest.mark.slow
def test_a_crash_between_any_two_phases_changes_nothing_of_the_outcome(local_settled: World, tmp_path: Path) -> None:
    world = local_settled
    world.write_hr(ROWS)
    world.close()
    begin = tmp_path / "begin"
    shutil.copytree(world.folder, begin)
    world.cycle()
    expected = remembered(world)
    assert expected["pending"] == []
    assert len(expected["target"]) == 27
    phases: list[str] = []
    while True:
        world.close()
        shutil.rmtree(world.folder)
        shutil.copytree(begin, world.folder)
        phase = die(world, len(phases) + 1)
        if phase is None:
            break
        phases.append(phase)
        world.cycle()
        assert remembered(world) == expected, phases
    assert phases[:3] == ["read", "compare", "commit"]
    assert [p for p in phases if p in ("load", "plan", "export")] == ["load", "plan", "export"]
    assert len(phases) >= 13
