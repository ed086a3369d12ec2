"""Role mining on ten public matrices: the fewest roles, each proven and verified; and how simple they can be made."""

import json
import lzma
import time
from argparse import Namespace
from pathlib import Path

from accord.governance.mining.checking import check
from accord.governance.mining.complexity import mine_simplest
from accord.governance.mining.exact import mine_minimum
from accord.governance.mining.parsing import parse_assignments
from accord.governance.mining.trimming import ROUNDS, complexity, trim
from accord.testing.planted_roles import plant, plant_many
from benchmarks.goals import at_least, at_most, is_so
from benchmarks.meter import Meter

SIMPLEST = {
    "healthcare": 211, "domino": 734, "emea": 7_280, "firewall2": 1_086, "firewall1": 1_994, "apj": 4_652,
    "americas_small": 8_698, "customer": 45_314, "americas_large": 85_987,
}  # fmt: skip
"""The least complexity that is known for each matrix at its fewest roles."""

_DATA = Path(__file__).parents[1] / "tests" / "data" / "rolemining"


def measure(arguments: Namespace) -> dict[str, object]:
    """Mine, verify and simplify each matrix; return counts, bounds and processor seconds.

    With `--users` so many users' planted assignments are mined instead, in both modes.
    """
    if arguments.users:
        return _measure_many(arguments.users)
    expected = json.loads((_DATA / "expected.json").read_text(encoding="utf-8"))
    matrices: dict[str, dict[str, object]] = {}
    total = 0.0
    for name, known in expected.items():
        text = lzma.decompress((_DATA / f"{name}.txt.xz").read_bytes()).decode()
        started = time.process_time()
        assignments = parse_assignments(text)
        found = mine_minimum(assignments)
        mined = time.process_time()
        verdict = check(assignments, found.roles, found.certificate)
        verified = time.process_time()
        total += verified - started
        matrices[name] = {
            "roles": len(found.roles),
            "lower_bound": verdict.bound,
            "is_minimum": len(found.roles) == known["minimum_roles"] == verdict.bound and verdict.is_exact,
            "mine_cpu_seconds": round(mined - started, 3),
            "verify_cpu_seconds": round(verified - mined, 3),
        }
        if not arguments.no_trim:
            matrices[name]["complexity"] = complexity(trim(assignments, found.roles, rounds=ROUNDS))
            matrices[name]["trim_cpu_seconds"] = round(time.process_time() - verified, 3)
    recovered = _recovered()
    minima = {name: m["roles"] for name, m in matrices.items()}
    goals = [
        is_so(
            "the ten minima, each proven and verified", minima, is_met=all(m["is_minimum"] for m in matrices.values())
        ),
        at_most("processor seconds for all ten, mined and verified", round(total, 3), 3.0),
        at_least("share of planted roles found through 1 % of noise", recovered["0.01"], 0.9),
    ]
    goals += [
        at_most(f"complexity of {name} at the fewest roles", int(str(found["complexity"])), SIMPLEST[name])
        for name, found in matrices.items()
        if "complexity" in found and name in SIMPLEST
    ]
    return {"matrices": matrices, "cpu_seconds": round(total, 3), "planted_recovered": recovered, "goals": goals}


def _measure_many(users: int) -> dict[str, object]:
    """Mine the assignments of very many users; their count is about eighteen times as large."""
    meter = Meter()
    with meter.phase("made"):
        assignments = plant_many(users=users, permissions=3_000, roles=1_000, noise=0.01, seed=0)
    with meter.phase("fewest roles"):
        fewest = mine_minimum(assignments)
    with meter.phase("verified"):
        verdict = check(assignments, fewest.roles, fewest.certificate)
    with meter.phase("simplest description"):
        simplest = mine_simplest(assignments)
    return {
        "assignments": assignments.count,
        "phases": meter.phases,
        "roles": len(fewest.roles),
        "lower_bound": verdict.bound,
        "gap": fewest.gap,
        "simplest_roles": len(simplest.roles),
        "simplest_cost": simplest.cost,
        "goals": [
            is_so("roles grant exactly what is held", verdict.is_exact, is_met=verdict.is_exact),
            is_so("the bound is proven", verdict.bound, is_met=verdict.is_sound and verdict.bound > 0),
        ],
    }


def _recovered() -> dict[str, float]:
    """Return which share of planted roles the default mode finds, exactly, by the share of pairs made wrong."""
    shares = {}
    for noise in (0.0, 0.01, 0.02):
        found = []
        for seed in range(3):
            planted, assignments = plant(users=2_000, permissions=500, roles=100, noise=noise, seed=seed)
            mined = {role.permissions for role in mine_simplest(assignments).roles}
            found.append(sum(role in mined for role in planted) / len(planted))
        shares[str(noise)] = round(sum(found) / len(found), 3)
    return shares
