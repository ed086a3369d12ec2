"""A thousand policies over a million owners: facts to bitsets, violations, remedies, and a question beforehand."""

import time
from argparse import Namespace
from datetime import UTC, datetime

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from accord.engine.frames import Engine
from accord.governance.policies.evaluating import FACTS, find_violations, load_facts
from accord.governance.policies.preventing import Gate
from accord.governance.policies.remedying import find_remedies
from accord.governance.policies.rules import Policy, PolicyKind, TermSet
from benchmarks.goals import at_most, is_so
from benchmarks.meter import Meter

_TERMS = 2_000
_HELD_EACH = 5
_ASKED = 1_000


def measure(arguments: Namespace) -> dict[str, object]:
    """Return phases, the count of violations, and milliseconds for one question."""
    random = np.random.default_rng(0)
    who = np.repeat(np.arange(1, arguments.owners + 1), _HELD_EACH)
    # Few terms are held by many, most by few, as entitlements are.
    what = (random.random(len(who)) ** 3 * _TERMS).astype(np.int32)
    names = pa.array([f"entitlement:erp/{at}" for at in range(_TERMS)])
    facts = pa.table([pa.array(who), pc.take(names, pa.array(what))], schema=FACTS)
    policies = tuple(_policy(at, random) for at in range(arguments.rules))
    meter = Meter()
    with Engine(has_attempts=False) as engine:
        with meter.phase("facts to bitsets"):
            loaded = load_facts(engine, pa.table({"owner_id": np.arange(1, arguments.owners + 1)}), facts, policies)
        with meter.phase("violations"):
            violations = find_violations(policies, loaded)
    with meter.phase("remedies"):
        remedies = find_remedies(policies, violations)
    gate, now = Gate(policies), datetime(2026, 1, 1, tzinfo=UTC)
    started = time.process_time()
    for at in range(_ASKED):
        gate.ask(
            [f"entitlement:erp/{(at * 7) % _TERMS}", "entitlement:erp/3"], [f"entitlement:erp/{at % _TERMS}"], now=now
        )
    ask_ms = round((time.process_time() - started) * 1000 / _ASKED, 4)
    seconds = round(sum(phase["cpu_seconds"] for phase in meter.phases.values()), 2)
    return {
        "owners": arguments.owners,
        "rules": arguments.rules,
        "facts": len(who),
        "phases": meter.phases,
        "violations": len(violations),
        "remedies": len(remedies),
        "ask_ms": ask_ms,
        "goals": [
            at_most("processor seconds for all policies over all owners, with remedies", seconds, 60),
            at_most("milliseconds to ask about one change", ask_ms, 10),
            is_so("every violator gets a remedy", len(remedies), is_met=len(remedies) > 0),
        ],
    }


def _policy(at: int, random: np.random.Generator) -> Policy:
    chosen = [f"entitlement:erp/{n}" for n in random.choice(_TERMS, 6, replace=False)]
    return Policy(
        id=f"p{at}",
        name=f"policy {at}",
        kind=PolicyKind.CONFLICT,
        sets=(TermSet(terms=tuple(chosen[:3])), TermSet(terms=tuple(chosen[3:]))),
    )
