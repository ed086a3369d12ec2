"""Managers of a million owners: named in four ways, resolved, with levels and approvers."""

from argparse import Namespace

import numpy as np
import pyarrow as pa

from accord.engine.frames import Engine
from accord.governance.managers.resolving import CLAIMS, KEYS, KNOWN, OWNERS, Inputs, resolve
from benchmarks.goals import at_most, is_so
from benchmarks.meter import Meter

_SPAN = 10


def measure(arguments: Namespace) -> dict[str, object]:
    """Return phases and how many are in which state."""
    ids = np.arange(1, arguments.owners + 1)
    names = [f"Person {at}" for at in ids.tolist()]
    owners = pa.table([ids, names, ids % 50 != 0, ids % 20 != 1], schema=OWNERS)
    keys = pa.concat_tables(
        pa.table([ids, [matcher] * len(ids), [form.format(at) for at in ids.tolist()]], schema=KEYS)
        for matcher, form in (("employee", "E{:08d}"), ("mail", "p{}@example.org"), ("dn", "CN=p{}, OU=x,DC=y"))
    )
    keys = pa.concat_tables([keys, pa.table([ids, ["display_name"] * len(ids), names], schema=KEYS)])
    forms = ("e{:08d}", "{}", "P{}@EXAMPLE.org", "cn=P{},ou=X, dc=Y")
    raw = [forms[at % 4].format(at // _SPAN) if at >= _SPAN else None for at in ids.tolist()]
    claims = pa.table([ids, np.zeros(len(ids), np.int32), ["hr"] * len(ids), raw], schema=CLAIMS)
    meter = Meter()
    with meter.phase("resolve"), Engine(has_attempts=False) as engine:
        inputs = Inputs(owners=owners, keys=keys, claims=claims, known=KNOWN.empty_table())
        found = resolve(engine, inputs, now=1)
    counts = {entry["values"]: entry["counts"] for entry in found.frame["status"].value_counts().to_pylist()}
    seconds = round(sum(phase["cpu_seconds"] for phase in meter.phases.values()), 2)
    open_ = sum(counts.get(status, 0) for status in ("unresolved", "ambiguous"))
    goals = [
        at_most("processor seconds to resolve everybody", seconds, 30),
        is_so("nobody who is named is left open", open_, is_met=open_ == 0),
    ]
    return {"owners": arguments.owners, "phases": meter.phases, "status": counts, "goals": goals}
