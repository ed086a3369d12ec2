"""Of whom the rules say something else since the last synchronisation only because time has passed."""

from collections.abc import Iterator
from datetime import datetime

from accord.runs.ahead import read_ahead
from accord.runs.changes import Changes
from accord.runs.context import Context
from accord.sync.compiling import CompiledRules
from accord.sync.passing import (
    find_passed_identities,
    find_passed_objects,
    identity_types_in_time,
    object_types_in_time,
)
from accord.sync.workspace import NextIds, Workspace

_BATCHES_AHEAD = 2


def take_passed(context: Context, rules: CompiledRules, changes: Changes, since: datetime) -> None:
    """Add to the changes everybody of whom a rule says another thing now than it did at the time of the last one.

    Looks at all objects and identities about which a rule asks the time, and computes nothing else about them.
    """
    objects: set[int] = set()
    identities: set[int] = set()
    with context.engine() as engine:
        workspace = Workspace(engine, rules, now=since, next_ids=NextIds(object_id=1, identity_id=1))
        for found in _objects(context, workspace, rules):
            objects |= found
        for identity_type in identity_types_in_time(rules):
            everybody = context.store.metaverse.read_identities(identity_type)
            identities |= find_passed_identities(workspace, identity_type, everybody, context.clock())
    changes.objects |= objects
    changes.identities |= identities
    # What they refer to counts whole: a scope that is left may take all references with it.
    changes.whole |= objects | identities


def _objects(context: Context, workspace: Workspace, rules: CompiledRules) -> Iterator[set[int]]:
    for system, object_type in object_types_in_time(rules):
        batches = context.store.connector_space.stream_objects(system, object_type)
        for objects in read_ahead(batches, count=_BATCHES_AHEAD):
            yield find_passed_objects(workspace, system, object_type, objects, context.clock())
