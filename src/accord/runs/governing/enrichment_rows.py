"""Derived values and how far targets are covered, as they are kept."""

import json
from collections.abc import Iterable

import pyarrow as pa

from accord.engine.frames import Engine
from accord.governance.enrichment.enriching import Coverage
from accord.store.governance import FOUND

ENRICHED, COVERAGE = "enriched", "coverage"


def value_rows(engine: Engine, values: pa.Table) -> pa.Table:
    """Return the finding of each value."""
    engine.register("_values", values)
    return engine.frame("""select lpad(owner_id::varchar, 12, '0') || ':' || target as id, owner_id,
        target as name, 'filled' as state,
        json_object('value', value, 'rule', rule, 'confidence', confidence, 'disputed', disputed)::varchar as doc
        from _values""").cast(FOUND)


def coverage_rows(coverage: Iterable[Coverage]) -> pa.Table:
    """Return the finding of each target."""
    return pa.Table.from_pylist(
        [
            {
                "id": c.target, "owner_id": 0, "name": c.target, "state": "known",
                "doc": json.dumps({"filled": c.filled, "owners": c.owners, "conflicts": c.conflicts,
                                   "byRule": dict(c.by_rule)}, sort_keys=True),
            }
            for c in coverage
        ],
        schema=FOUND,
    )  # fmt: skip
