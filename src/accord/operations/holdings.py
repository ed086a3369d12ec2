"""Who holds what in a connected system, for role mining."""

import numpy as np
import pyarrow.compute as pc

from accord.engine.frames import Engine
from accord.governance.holdings import Population, assignment_pairs
from accord.governance.mining.assignments import Assignments, from_codes
from accord.governance.mining.attributes import Index
from accord.model.errors import UsageError
from accord.runs.context import Context
from accord.runs.governing.population import load_owners, said

__all__ = ["Assignments", "Index", "read_system_assignments"]


def read_system_assignments(context: Context, system: str) -> tuple[Assignments, Index]:
    """Return accounts and the groups they are in, direct or through groups, with the attributes of their owners.

    Raises NotFound, or UsageError where nobody is in anything.
    """
    context.system(system)
    store = context.store
    population = Population(
        objects=store.connector_space.read_objects(system),
        edges=store.connector_space.read_edges(system),
        links=store.metaverse.read_links(),
        identities=store.metaverse.read_identities(),
    )
    with context.engine() as engine:
        load_owners(context, engine, population)
        pairs = assignment_pairs(engine)
        if not pairs.num_rows:
            raise UsageError(
                f"nobody is a member of anything in {system}",
                remedy="import it, and declare its memberships as references of many values",
            )
        users = pc.dictionary_encode(pairs["user"].combine_chunks())
        permissions = pc.dictionary_encode(pairs["permission"].combine_chunks())
        assignments = from_codes(
            users.dictionary.to_pylist(),
            permissions.dictionary.to_pylist(),
            users.indices.to_numpy().astype(np.int64),
            permissions.indices.to_numpy().astype(np.int64),
        )
        return assignments, _attributes(engine, assignments)


def _attributes(engine: Engine, assignments: Assignments) -> Index:
    """Return the owners' values for each account, but for attributes that hardly anybody shares."""
    names = [str(row[0]) for row in engine.rows("select distinct unnest(json_keys(doc)) as name from owner order by 1")]
    found: dict[str, list[str | None]] = {}
    for name in names:
        rows = engine.rows(f"""select a.system || '/' || a.name, {said("o.doc", name)} from account a
            join owner o on o.owner_id = a.owner_id where {said("o.doc", name)} is not null""")
        values = dict(rows)
        if len(set(values.values())) <= max(20, len(assignments.users) // 2):
            found[name] = [values.get(user) for user in assignments.users]
    return Index(found)
