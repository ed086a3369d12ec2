"""The relations one plan is computed on: frames are loaded here, stages add theirs, the plan is read from them.

Relations after loading (names are stable: "why" is a select on them):
  object(id, system, type, anchor, dn, key, is_planned)   every staged object; `key` is what references name
  "staged:S:T"(id, anchor, dn, <attribute> text...)        values as canonical text, only attributes rules use
  "object:S:T"                                             the same, typed, for expressions
  edge(src, attr, dst)                                     references as keys
  stored_link, stored_identity, stored_edge, stored_pending, stored_pending_edge
  stored_review                                            what waits for a person to decide
  decision(object_id, identity_id, kind)                   what persons decided: join, split, never
  "stored:M"(id, <attribute> text...), "known:M" typed     identities as they are stored
  problem                                                  what could not be decided (PlanErrors)
Of those whom a delta synchronisation only refers to (a full one has none):
  context_object(id), their rows in `object`; context_link; context_leaving(id), to be deleted already
  "context:M" typed                                        identities that derived references may name
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

import pyarrow as pa

from accord.engine import functions
from accord.engine.frames import Engine, literal, quote
from accord.engine.types import doc_structure, from_text
from accord.model.frames import (
    Decisions,
    Frame,
    Identities,
    IdentityEdges,
    Ids,
    Links,
    PendingEdges,
    PendingExports,
    PlanErrors,
    Reviews,
    StagedEdges,
    StagedObjects,
)
from accord.model.schema import AttributeSchema
from accord.sync.beyond import Beyond
from accord.sync.compiling import CompiledRules
from accord.sync.relations import value_column


@dataclass(frozen=True, slots=True, kw_only=True)
class NextIds:
    """The first ids that a plan may give away."""

    object_id: int
    identity_id: int


class Workspace:
    """One plan's relations on one engine. Frames may be handed in piecemeal and dropped by the caller at once.

    `is_settled`: identities and links stand as they are stored; all objects are of the systems decided about.
    """

    def __init__(self, engine: Engine, rules: CompiledRules, *, now: datetime, next_ids: NextIds) -> None:
        self.engine = engine
        self.rules = rules
        self.now = now
        self.next_ids, self.first_new_object = next_ids, next_ids.object_id
        self.is_explained = self.is_remembered = self.is_settled = False
        self.beyond: Beyond | None = None
        functions.install_used(engine, rules.sql, now=now, lookups=rules.rules.lookups)
        for name, frame in _RELATIONS.items():
            engine.load(name, frame.SCHEMA.empty_table())
        engine.run("create table stored_identity(id bigint, type varchar, origin bigint, gone_since bigint)")
        engine.run("create table stored_pending(object_id bigint, identity_id bigint, system varchar, type varchar, "
                   "rule varchar, operation varchar, dn varchar, new_dn varchar, before varchar, after varchar, "
                   "reason varchar, state varchar)")  # fmt: skip
        engine.run("create table object(id bigint, system varchar, type varchar, anchor varchar, dn varchar, "
                   "key varchar, is_planned boolean)")  # fmt: skip
        engine.run("create table edge(src bigint, attr varchar, dst varchar)")
        engine.run("create table context_object(id bigint)")
        engine.run("create table context_leaving(id bigint)")
        for system, object_type in rules.object_types():
            self._make_object_relations(system, object_type)
        for identity_type in rules.types:
            self._make_identity_relations(identity_type)

    def add_objects(self, frame: StagedObjects) -> None:
        """Add staged objects of any systems and types; those of undeclared types are left out."""
        engine = self.engine
        engine.register("_new", frame.table)
        try:
            present = engine.rows("select distinct system, type from _new")
            for system, object_type in present:
                if (system, object_type) in self.rules.object_types():
                    self._add_objects_of(system, object_type)
        finally:
            engine.unregister("_new")

    def add_edges(self, frame: StagedEdges) -> None:
        """Add references of staged objects; every object must be there before."""
        self.engine.register("_new", frame.table)
        try:
            self.engine.run(
                "insert into edge select e.src, e.attr, case when t.has_dn then lower(e.dst) else e.dst end "
                f"from _new e join object o on o.id = e.src join {self._type_facts()} using (system, type)"
            )
        finally:
            self.engine.unregister("_new")

    def add_identities(self, frame: Identities) -> None:
        """Add identities of any types; those of undeclared types are left out."""
        engine = self.engine
        engine.load("stored_identity", frame.table.drop_columns(["doc"]))
        engine.register("_new", frame.table)
        try:
            for name in self.rules.types:
                documents = quote(f"documents:{name}")
                engine.run(f"insert into {documents} select id, doc from _new where type = {literal(name)}")
        finally:
            engine.unregister("_new")

    def add_links(self, frame: Links) -> None:
        """Add links."""
        self.engine.load("stored_link", frame.table)

    def add_decisions(self, frame: Decisions) -> None:
        """Add what persons decided about objects; the identities meant must be there too, as far as they exist."""
        self.engine.load("decision", frame.table)

    def add_reviews(self, frame: Reviews) -> None:
        """Add what waits for a person, of the objects that are there or were."""
        self.engine.load("stored_review", frame.table)

    def add_identity_edges(self, frame: IdentityEdges) -> None:
        """Add references between identities."""
        self.engine.load("stored_edge", frame.table)

    def add_context_objects(self, frame: StagedObjects) -> None:
        """Add objects that are only referred to: their names count, nothing is decided about them."""
        engine = self.engine
        engine.register("_new", frame.table)
        try:
            engine.run(
                "create or replace temp table _context as select n.id, system, type, anchor, dn, "
                "case when t.has_dn then lower(dn) else anchor end as key, doc is null as is_planned "
                f"from _new n join {self._type_facts()} using (system, type) "
                "anti join object o on o.id = n.id"
            )
        finally:
            engine.unregister("_new")
        engine.run("insert into object from _context")
        engine.run("insert into context_object select id from _context")

    def add_context_links(self, frame: Links) -> None:
        """Add links of objects that are only referred to."""
        self.engine.load("context_link", frame.table)

    def add_context_leavers(self, ids: Ids) -> None:
        """Add objects that are only referred to and are to be deleted already."""
        self.engine.load("context_leaving", ids.table)

    def add_context_identities(self, frame: Identities) -> None:
        """Add identities that are only referred to, as they are stored."""
        self.engine.register("_new", frame.table)
        try:
            for name in self.rules.types:
                target = quote(f"context_documents:{name}")
                self.engine.run(f"insert into {target} select id, doc from _new where type = {literal(name)}")
        finally:
            self.engine.unregister("_new")

    def add_pending(self, frame: PendingExports, states: pa.ChunkedArray) -> None:
        """Add pending exports with their states, row by row alike."""
        self.engine.load("stored_pending", frame.table.append_column("state", states))

    def add_pending_edges(self, frame: PendingEdges) -> None:
        """Add references waiting to be exported."""
        self.engine.load("stored_pending_edge", frame.table)

    def object_values(self, system: str, object_type: str) -> Mapping[str, AttributeSchema]:
        """Return the value attributes of an object type that this plan knows."""
        return self.rules.object_attributes(system, object_type)

    def identity_values(self, identity_type: str) -> Mapping[str, AttributeSchema]:
        """Return the value attributes of an identity type, by name in order."""
        return {a.name: a for a in self.rules.types[identity_type].values}

    def has_dn(self, system: str, object_type: str) -> bool:
        """Tell whether objects of that type are named by a dn."""
        return self.rules.rules.systems[system].object_types[object_type].has_dn

    def take_identity_ids(self, count: int) -> int:
        """Return the next free identity id and take that many."""
        first = self.next_ids.identity_id
        self.next_ids = NextIds(object_id=self.next_ids.object_id, identity_id=first + count)
        return first

    def take_object_ids(self, count: int) -> int:
        """Return the next free object id and take that many."""
        first = self.next_ids.object_id
        self.next_ids = NextIds(object_id=first + count, identity_id=self.next_ids.identity_id)
        return first

    def drop(self, *relations: str) -> None:
        """Let go of tables no later stage reads, so that their memory serves the next; not while being explained."""
        if not self.is_explained:
            for relation in relations:
                self.engine.run(f"drop table {relation}")

    def frame(self, sql: str) -> pa.Table:
        """Return a query's result."""
        return self.engine.frame(sql)

    def typed_view(self, view: str, relation: str, attributes: Mapping[str, AttributeSchema], keys: str) -> None:
        """Make a view that shows the canonical text columns of a relation as typed columns, beside its keys."""
        columns = "".join(
            f", {from_text(value_column(n), a.type, a.is_multivalued)} as {quote(n)}" for n, a in attributes.items()
        )
        self.engine.run(f"create or replace view {view} as select {keys}{columns} from {relation}")

    def _type_facts(self) -> str:
        facts = ", ".join(
            f"({literal(s)}, {literal(t)}, {str(self.has_dn(s, t)).lower()})" for s, t in self.rules.object_types()
        )
        return f"(values {facts or '(null, null, false)'}) t(system, type, has_dn)"

    def _make_object_relations(self, system: str, object_type: str) -> None:
        attributes = self.object_values(system, object_type)
        staged, typed = staged_relation(system, object_type), object_relation(system, object_type)
        columns = _columns(attributes)
        self.engine.run(f"create table {staged}(id bigint, anchor varchar, dn varchar, is_planned boolean{columns})")
        virtual = "".join(f", {name}" for name in ("anchor", "dn") if name not in attributes)
        keys = f"id as _id, is_planned as _is_planned{virtual}"
        self.typed_view(typed, staged, attributes, keys)

    def _make_identity_relations(self, identity_type: str) -> None:
        attributes = self.identity_values(identity_type)
        documents, stored = quote(f"documents:{identity_type}"), quote(f"stored:{identity_type}")
        self.engine.run(f"create table {documents}(id bigint, doc varchar)")
        # A view: most identities are computed anew, and their stored documents only compared as a whole.
        self.engine.run(
            f"create view {stored} as select id, doc{_extract_after(attributes)} "
            f"from (select id, doc, {_parse('doc', attributes)} as j from {documents})"
        )
        self.typed_view(quote(f"known:{identity_type}"), stored, attributes, "id as _id")
        context = quote(f"context_documents:{identity_type}")
        self.engine.run(f"create table {context}(id bigint, doc varchar)")
        parsed = (
            f"(select id{_extract_after(attributes)} from (select id, {_parse('doc', attributes)} as j from {context}))"
        )
        self.typed_view(context_relation(identity_type), parsed, attributes, "id as _id")

    def _add_objects_of(self, system: str, object_type: str) -> None:
        attributes = self.object_values(system, object_type)
        key = "lower(dn)" if self.has_dn(system, object_type) else "anchor"
        where = f"system = {literal(system)} and type = {literal(object_type)}"
        self.engine.run(
            f"insert into object select id, system, type, anchor, dn, {key}, doc is null from _new where {where}"
        )
        self.engine.run(
            f"insert into {staged_relation(system, object_type)} "
            f"select id, anchor, dn, doc is null{_extract_after(attributes)} "
            f"from (select *, {_parse('doc', attributes)} as j from _new where {where})"
        )


def staged_relation(system: str, object_type: str) -> str:
    """Return the quoted name of the relation of staged objects as text."""
    return quote(f"staged:{system}:{object_type}")


def object_relation(system: str, object_type: str) -> str:
    """Return the quoted name of the view of staged objects as typed columns."""
    return quote(f"object:{system}:{object_type}")


def context_relation(identity_type: str) -> str:
    """Return "context:M": the identities that are only referred to, for expressions."""
    return quote(f"context:{identity_type}")


_RELATIONS: Mapping[str, type[Frame]] = {
    "decision": Decisions,
    "stored_review": Reviews,
    "stored_link": Links,
    "context_link": Links,
    "stored_edge": IdentityEdges,
    "stored_pending_edge": PendingEdges,
    "problem": PlanErrors,
}


def _columns(attributes: Mapping[str, AttributeSchema]) -> str:
    return "".join(f", {value_column(n)} varchar{'[]' if a.is_multivalued else ''}" for n, a in attributes.items())


def _parse(doc: str, attributes: Mapping[str, AttributeSchema]) -> str:
    return f"from_json({doc}, {literal(doc_structure(attributes))})" if attributes else "null"


def _extract_after(attributes: Mapping[str, AttributeSchema]) -> str:
    return "".join(f", j.{quote(n)} as {value_column(n)}" for n in attributes)
