"""A part of the population: some owners with their accounts and whatever groups these are in, read by keys."""

from collections.abc import Iterable

import pyarrow as pa
import pyarrow.compute as pc

from accord.governance.holdings import ANSWERING, OWNER_TYPES, Population, meaning_of
from accord.model.frames import Identities, Links, StagedEdges, StagedObjects
from accord.runs.changes import Changes, read_changes
from accord.runs.context import Context
from accord.runs.governing.population import attribute_names
from accord.store.baselines import Baseline, Position

MOST = 20_000
"""Up to so many owners are looked at one by one; of more, everything is read."""


def read_part(context: Context, owners: Iterable[int]) -> Population:
    """Return these owners with all that `load_holdings` needs to tell what they hold."""
    store = context.store
    ids = sorted(owners)
    links = store.metaverse.read_links_to(ids).table
    objects = [store.connector_space.read_objects_by_id(links["object_id"]).table]
    memberships = meaning_of(context.rules).memberships
    downward = pa.array(sorted({a for (_, _, a), is_upward in memberships.items() if not is_upward}), pa.string())
    upward = pa.array(sorted({a for (_, _, a), is_upward in memberships.items() if is_upward}), pa.string())
    known = set(objects[0]["id"].to_pylist())
    # Of accounts all references are wanted: a manager is one. Of groups what they are in, and who answers for them;
    # their members, who may be very many, are read from the members' side.
    own = store.connector_space.read_edges_of(objects[0]["id"]).table
    edges, frontier = [], objects[0]
    while frontier.num_rows:
        into = store.connector_space.read_edges_to(sorted(_names(frontier))).table
        into = into.filter(pc.is_in(into["attr"], downward))
        edges += [own, into]
        found = _named(context, own.filter(pc.is_in(own["attr"], upward)), frontier)
        found.append(store.connector_space.read_objects_by_id(sorted(set(into["src"].to_pylist()) - known)).table)
        frontier = _new(pa.concat_tables(found), known)
        objects.append(frontier)
        wanted = [*upward.to_pylist(), *_answering(context)]
        own = store.subsets.edges_of_attributes(frontier["id"], wanted).table
    table = pa.concat_tables(edges) if edges else StagedEdges.SCHEMA.empty_table()
    return Population(
        objects=StagedObjects(pa.concat_tables(objects)),
        edges=StagedEdges(table.group_by(["src", "attr", "dst"]).aggregate([]).cast(StagedEdges.SCHEMA)),
        links=Links(links),
        identities=Identities(store.metaverse.read_identities_by_id(ids).table),
    )


def changes_since(context: Context, position: Position) -> Changes:
    """Return what changed in connector space and metaverse since a position."""
    return read_changes(context.store, Baseline(position=position, rules_digest="", look_ups="", at=""))


def owners_of(context: Context, changes: Changes) -> tuple[set[int], bool]:
    """Return the owners that the changes concern, gone ones too; and whether something that is no account changed."""
    store = context.store
    changed = sorted(changes.objects)
    links = store.metaverse.read_links_of(changed).table
    linked = set(links["identity_id"].to_pylist())
    there = store.metaverse.read_identities_by_id(sorted(changes.identities | linked)).table
    others = {
        i for i, t in zip(there["id"].to_pylist(), there["type"].to_pylist(), strict=True) if t not in OWNER_TYPES
    }
    of_others = {
        o for o, i in zip(links["object_id"].to_pylist(), links["identity_id"].to_pylist(), strict=True) if i in others
    }
    has_more = bool(of_others or changes.objects - set(links["object_id"].to_pylist()))
    return (changes.identities | linked) - others, has_more


def _names(objects: pa.Table) -> set[str]:
    found: set[str] = set()
    for column in ("dn", "anchor"):
        names = {name for name in objects[column].to_pylist() if name is not None}
        found |= names | ({name.lower() for name in names} if column == "dn" else set())
    return found


def _named(context: Context, above: pa.Table, sources: pa.Table) -> list[pa.Table]:
    """Return the objects that these references name, system by system."""
    systems = dict(zip(sources["id"].to_pylist(), sources["system"].to_pylist(), strict=True))
    wanted: dict[str, set[str]] = {}
    for source, name in zip(above["src"].to_pylist(), above["dst"].to_pylist(), strict=True):
        wanted.setdefault(systems[source], set()).update((name, name.lower()))
    named = context.store.subsets.named_objects
    return [named(system, sorted(names)).table for system, names in sorted(wanted.items())]


def _answering(context: Context) -> set[str]:
    """Return the declared attributes that tell who answers for something."""
    return {name for name in attribute_names(context) if name.lower() in ANSWERING}


def _new(found: pa.Table, known: set[int]) -> pa.Table:
    fresh = found.filter(pc.invert(pc.is_in(found["id"], pa.array(sorted(known), pa.int64()))))
    ids = fresh["id"].to_pylist()
    first = {identifier: at for at, identifier in reversed(list(enumerate(ids)))}
    known.update(ids)
    return fresh.take(pa.array(sorted(first.values()), pa.int64()))
