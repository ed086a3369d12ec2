"""Who holds what in a connected system, for role mining."""

import numpy as np
import pyarrow.compute as pc

from accord.governance.holdings import Population, assignment_pairs, load_holdings, meaning_of
from accord.governance.mining.assignments import Assignments, from_codes
from accord.model.errors import UsageError
from accord.runs.context import Context


def read_system_assignments(context: Context, system: str) -> Assignments:
    """Return accounts and the groups they are in, direct or through groups; raise NotFound, or UsageError for none."""
    context.system(system)
    store = context.store
    population = Population(
        objects=store.connector_space.read_objects(system),
        edges=store.connector_space.read_edges(system),
        links=store.metaverse.read_links(),
        identities=store.metaverse.read_identities(),
    )
    with context.engine() as engine:
        load_holdings(engine, population, meaning_of(context.rules))
        pairs = assignment_pairs(engine)
    if not pairs.num_rows:
        raise UsageError(
            f"nobody is a member of anything in {system}",
            remedy="import it, and declare its memberships as references of many values",
        )
    users = pc.dictionary_encode(pairs["user"].combine_chunks())
    permissions = pc.dictionary_encode(pairs["permission"].combine_chunks())
    return from_codes(
        users.dictionary.to_pylist(),
        permissions.dictionary.to_pylist(),
        users.indices.to_numpy().astype(np.int64),
        permissions.indices.to_numpy().astype(np.int64),
    )
