"""The closed subset of one delta synchronisation: loaded, planned, widened until nothing it depends on is missing."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

import pyarrow as pa
import pyarrow.compute as pc

from accord.model.frames import IdentityEdges, Ids, Links, PendingExports, StagedEdges, StagedObjects
from accord.runs.changes import BIG, Changes
from accord.store.store import Store
from accord.sync.beyond import Bearers
from accord.sync.closing import Missing, find_probes
from accord.sync.compiling import CompiledRules
from accord.sync.workspace import Workspace


@dataclass(slots=True, kw_only=True)
class Closure:
    """Who is decided about (`objects`, `identities`), and how much of their references is looked at.

    Identities with many references are looked at reference by reference, unless they are among `whole`; once loaded,
    `in_part` are those.
    """

    store: Store
    rules: CompiledRules
    objects: set[int] = field(default_factory=set)
    identities: set[int] = field(default_factory=set)
    whole: set[int] = field(default_factory=set)
    members: set[int] = field(default_factory=set)
    texts: set[str] = field(default_factory=set)
    has_contests: bool = field(init=False)
    in_part: set[int] = field(default_factory=set)
    _has_parts: bool = False

    def __post_init__(self) -> None:
        self.has_contests = _has_contests(self.rules)

    def begin(self, changes: Changes) -> None:
        """Take in the changes and whoever refers to those that are new, gone or under another name."""
        self.texts |= changes.texts | changes.names
        self.grow(changes.objects, changes.identities)
        self.whole |= self._identities_of(changes.whole) | changes.whole
        renamed = self.store.connector_space.read_objects_by_id(list(changes.renamed)).table
        names = set(changes.names) | _texts(renamed, "dn") | _texts(renamed, "anchor")
        self.take_referrers(self._identities_of(changes.renamed), names)

    def grow(self, objects: Iterable[int], identities: Iterable[int]) -> bool:
        """Take in objects and identities with all that is linked to them; tell whether any of them is new."""
        new_objects, new_identities = set(objects) - self.objects, set(identities) - self.identities
        has_grown = bool(new_objects or new_identities)
        while new_objects or new_identities:
            self.objects |= new_objects
            self.identities |= new_identities
            found = self._identities_of(new_objects)
            links = self.store.metaverse.read_links_to(list(new_identities | found)).table
            new_identities, new_objects = found - self.identities, _ids(links["object_id"]) - self.objects
        return has_grown

    def take_referrers(self, identities: set[int], names: set[str]) -> bool:
        """Take in whoever refers to these identities, to one of their objects, or by one of the names."""
        store = self.store
        links = store.metaverse.read_links_to(list(identities)).table
        objects = store.connector_space.read_objects_by_id(links["object_id"]).table
        names = names | _texts(objects, "dn") | _texts(objects, "anchor")
        sources = _ids(store.connector_space.read_edges_to(sorted(names)).table["src"])
        sources |= _ids(store.subsets.pending_sources_to(links["object_id"]))
        self.texts |= names
        return self.grow(sources, _ids(store.metaverse.read_identity_edges_to(list(identities)).table["src"]))

    def take(self, missing: Missing) -> bool:
        """Take in what a finished plan asks for; tell whether that is anything."""
        lookups = self.store.lookups
        has_grown = self.grow(_ids(lookups.find_matching(missing.seekers)), ())
        has_grown |= self.grow((), self._there(_ids(lookups.find(missing.owners)["id"])))
        members = self._there(_ids(lookups.find(missing.members)["id"])) - self.identities - self.members
        self.members |= members
        texts = len(self.texts)
        has_grown |= self.take_referrers(_ids(missing.moved), set(missing.names.to_pylist()))
        has_grown |= self._has_parts and len(self.texts) > texts
        unsettled = (_ids(missing.unsettled) & self.identities) - self.whole
        big = {i for i, n in self._sizes(unsettled).items() if n > BIG}
        self.whole |= unsettled
        return bool(has_grown or members or big)

    def load(self, workspace: Workspace) -> None:
        """Fill a new workspace: everything about those decided about, names and links of those they refer to."""
        self._load_objects(workspace)
        store = self.store
        identities = list(self.identities)
        workspace.add_identities(store.metaverse.read_identities_by_id(identities))
        links = store.metaverse.read_links_to(identities).table
        workspace.add_links(Links(links))
        workspace.add_decisions(store.decisions.read())
        workspace.add_reviews(store.decisions.read_reviews_of(list(self.objects)))
        pending = store.subsets.pending_of(list(self.objects)).table
        workspace.add_pending(PendingExports(pending.select(PendingExports.SCHEMA.names)), pending["state"])
        pending_edges = store.subsets.pending_edges_from(list(self.objects))
        workspace.add_pending_edges(pending_edges)
        context = self._load_references(workspace, links, pending_edges.table)
        self._load_context(workspace, context)

    def _load_objects(self, workspace: Workspace) -> None:
        """Load objects, and identities by which their keys are known, until no key leads to anybody new."""
        loaded: set[int] = set()
        while waiting := self.objects - loaded:
            workspace.add_objects(self.store.connector_space.read_objects_by_id(list(waiting)))
            loaded |= waiting
            found = _ids(self.store.lookups.find_matching(find_probes(workspace)))
            self.grow((), self._there(found))

    def _load_references(self, workspace: Workspace, links: pa.Table, waiting: pa.Table) -> "_Context":
        store = self.store
        owner = dict(zip(links["object_id"].to_pylist(), links["identity_id"].to_pylist(), strict=True))
        sizes = self._sizes(self.identities)
        whole_identities = {
            i for i in self.identities if i in self.whole or sizes.get(i, 0) <= BIG or self.has_contests
        }
        counts = store.subsets.count_edges(list(self.objects))
        whole = {
            o for o in self.objects
            if (owner[o] in whole_identities if o in owner else counts.get(o, 0) <= BIG or o in self.whole)
        }  # fmt: skip
        edges = [store.connector_space.read_edges_of(list(whole)).table]
        identity_edges = [store.metaverse.read_identity_edges_of(list(whole_identities)).table]
        context = _Context(store, self)
        context.take_texts(edges[0], self.texts, waiting)
        context.take_identities(_ids(identity_edges[0]["dst"]) | self.members)
        parts = self.objects - whole
        self._has_parts = bool(parts)
        if parts:
            names = sorted(context.names() | self.texts | self._names())
            edges.append(store.subsets.edges_between(list(parts), names).table)
        self.in_part = rest = self.identities - whole_identities
        if rest:
            targets = list(self.identities | context.identities)
            identity_edges.append(store.subsets.identity_edges_between(list(rest), targets).table)
        workspace.add_edges(StagedEdges(pa.concat_tables(edges)))
        workspace.add_identity_edges(IdentityEdges(pa.concat_tables(identity_edges)))
        return context

    def _load_context(self, workspace: Workspace, context: "_Context") -> None:
        store = self.store
        workspace.add_context_objects(StagedObjects(context.objects))
        workspace.add_context_links(Links(context.links))
        workspace.add_context_identities(store.metaverse.read_identities_by_id(list(context.identities)))
        leaving = store.subsets.pending_of(context.objects["id"]).table
        leaving = leaving.filter(pc.equal(leaving["operation"], "delete"))
        workspace.add_context_leavers(Ids(pa.table({"id": leaving["object_id"]})))

    def _names(self) -> set[str]:
        table = self.store.connector_space.read_objects_by_id(list(self.objects)).table
        return _texts(table, "dn") | _texts(table, "anchor")

    def _sizes(self, identities: set[int]) -> dict[int, int]:
        """Return how many references identities hold at most, those of their objects among them."""
        store = self.store
        links = store.metaverse.read_links_to(list(identities)).table
        sizes = dict(store.subsets.count_identity_edges(list(identities)))
        counts = store.subsets.count_edges(links["object_id"])
        for object_id, identity in zip(links["object_id"].to_pylist(), links["identity_id"].to_pylist(), strict=True):
            sizes[identity] = max(sizes.get(identity, 0), counts.get(object_id, 0))
        return sizes

    def _identities_of(self, objects: Iterable[int]) -> set[int]:
        return _ids(self.store.metaverse.read_links_of(list(objects)).table["identity_id"])

    def _there(self, identities: set[int]) -> set[int]:
        unknown = identities - self.identities
        return _ids(self.store.metaverse.read_identities_by_id(list(unknown)).table["id"]) if unknown else set()


class _Context:
    """Those who are only referred to: identities with all their objects, and objects without identity."""

    def __init__(self, store: Store, closure: Closure) -> None:
        self._store = store
        self._closure = closure
        self.identities: set[int] = set()
        self.objects: pa.Table = StagedObjects.SCHEMA.empty_table()
        self.links: pa.Table = Links.SCHEMA.empty_table()

    def take_texts(self, edges: pa.Table, texts: set[str], waiting: pa.Table) -> None:
        """Take in the objects that references name, by text or by id."""
        store = self._store
        named = {t for t in edges["dst"].unique().to_pylist() if t} | texts
        named |= {t for t in waiting["dst_text"].to_pylist() if t}
        keys = sorted(named | {t.lower() for t in named})
        found = [store.connector_space.read_objects_by_id(waiting["dst_object"].drop_null().unique()).table]
        found += [store.subsets.named_objects(s, keys).table for s in self._closure.rules.rules.systems]
        self._add(pa.concat_tables(found))
        self.take_identities(set())

    def take_identities(self, identities: set[int]) -> None:
        """Take in identities, and those of the objects so far, with all their objects."""
        store, closure = self._store, self._closure
        found = identities | _ids(store.metaverse.read_links_of(self.objects["id"]).table["identity_id"])
        self.identities |= found - closure.identities
        links = store.metaverse.read_links_to(list(self.identities)).table
        self.links = _without(links, "object_id", closure.objects)
        self._add(store.connector_space.read_objects_by_id(self.links["object_id"]).table)

    def names(self) -> set[str]:
        """Return under which names they may be referred to."""
        return _texts(self.objects, "dn") | _texts(self.objects, "anchor")

    def _add(self, found: pa.Table) -> None:
        new = _without(found, "id", self._closure.objects | _ids(self.objects["id"]))
        rows = {row["id"]: row for row in new.to_pylist()}
        self.objects = pa.concat_tables(
            [self.objects, pa.Table.from_pylist(list(rows.values()), schema=StagedObjects.SCHEMA)]
        )


class Rest:
    """The rest of the store, for the plan of a part: see `accord.sync.beyond`."""

    def __init__(self, closure: Closure) -> None:
        self._store = closure.store
        self._closure = closure

    def named(self, system: str, keys: pa.ChunkedArray) -> StagedObjects:
        """Return the objects of a system that references could name so."""
        return self._store.subsets.named_objects(system, keys.drop_null().unique())

    def bearers(self, hashes: pa.ChunkedArray) -> Bearers:
        """Return who bears a value of one of these hashes."""
        ids = self._store.lookups.find(hashes)["id"].unique()
        return Bearers(
            identities=self._store.metaverse.read_identities_by_id(ids),
            objects=self._store.connector_space.read_objects_by_id(ids),
            links=self._store.metaverse.read_links_of(ids),
        )

    def count_objects(self) -> Mapping[str, int]:
        """Return how many objects each system holds in all."""
        return self._store.subsets.count_objects()

    def waiting(self) -> PendingExports:
        """Return what waits for objects that are not loaded, and was not sent."""
        table = self._store.subsets.pending_without(list(self._closure.objects)).table
        return PendingExports(table.select(PendingExports.SCHEMA.names))

    def count_waiting(self) -> Mapping[tuple[str, str], int]:
        """Return how much waits by system and operation, for objects that are not loaded, and was not sent."""
        return self._store.subsets.count_waiting(list(self._closure.objects))

    def count_waiting_removals(self) -> Mapping[str, int]:
        """Return how many references wait to be removed in each system, from objects that are not loaded."""
        return self._store.subsets.count_waiting_removals(list(self._closure.objects))

    def count_references(self) -> Mapping[str, int]:
        """Return how many references the objects of each system hold in all."""
        return self._store.subsets.count_references()

    def count_identities(self) -> Mapping[str, int]:
        """Return how many identities of each type there are in all."""
        return self._store.subsets.count_identities()


def _has_contests(rules: CompiledRules) -> bool:
    """Tell whether several rules have a say on one reference: then one reference more or less may decide about all."""
    feeding: dict[tuple[str, str], int] = {}
    for inbound in rules.inbound:
        for flow in inbound.flows:
            if flow.reference is not None:
                key = (inbound.rule.identity_type, flow.target.name)
                feeding[key] = feeding.get(key, 0) + (2 if flow.flow.null_is_value else 1)
    return any(n > 1 for n in feeding.values())


def _texts(table: pa.Table, column: str) -> set[str]:
    return {t for t in table[column].to_pylist() if t}


def _ids(column: pa.ChunkedArray) -> set[int]:
    return set(column.drop_null().to_pylist())


def _without(table: pa.Table, column: str, ids: set[int]) -> pa.Table:
    return table.filter(pc.invert(pc.is_in(table[column], value_set=pa.array(list(ids), pa.int64()))))
