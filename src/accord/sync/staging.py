"""What one complete read changes in a connector space, decided by content: set-wise, without looking at objects."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import pyarrow as pa

from accord.engine.frames import Engine, in_order, literal, quote
from accord.engine.types import content_hash, doc_of, doc_structure, is_unparseable, is_unread, parse_text
from accord.model.errors import RowError
from accord.model.frames import (
    AddedObjects,
    Ids,
    RemovedObjects,
    RestampedObjects,
    StagedEdges,
    StagedKeys,
    StagedObjects,
    UpdatedObjects,
)
from accord.model.plan import Breach, Count, ImportPlan, Verdict
from accord.model.rules import ConnectedSystem
from accord.model.schema import AttributeSchema, ObjectTypeSchema, ValueType
from accord.sync.following import follow_names
from accord.sync.limits import Counted, breach
from accord.sync.relations import value_column

_MAX_REPORTED = 10_000
_FIRST_DIGEST_ROWS = 62_500
_DIGEST_ROWS = 250_000


@dataclass(frozen=True, slots=True, kw_only=True)
class PlannedImport:
    """An import plan with its table of counts and the guard's verdict."""

    plan: ImportPlan
    counts: tuple[Count, ...]
    verdict: Verdict


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """What a complete read was of: a whole system, one partition of it, or only these object types.

    `verifies`: contents are compared themselves, also where their hashes are equal.
    """

    partition: str | None = None
    verifies: bool = False
    object_types: frozenset[str] | None = None

    @property
    def is_part(self) -> bool:
        """Whether it was not the whole system."""
        return self.partition is not None or self.object_types is not None


_WHOLE = Seen()


class Intake:
    """What one read of a system brings, on an engine of its own: batches go in, differences come out.

    Order of use: `add` every batch, `compare` with the stored keys, `plan` with what is stored of the objects
    that `compare` named.
    """

    def __init__(self, engine: Engine, system: ConnectedSystem, object_types: Mapping[str, ObjectTypeSchema]) -> None:
        self.engine = engine
        self._system = system
        self._types = object_types
        self._errors: list[RowError] = []
        self._waiting: list[pa.RecordBatch] = []
        self._waiting_type: ObjectTypeSchema | None = None
        self._enough = _FIRST_DIGEST_ROWS
        self._unidentified: set[str] = set()
        self._rejected = 0
        self._read = 0
        self._seen = _WHOLE
        engine.run("create table seen(type varchar, anchor varchar)")
        engine.run("create table gone(type varchar, anchor varchar)")
        engine.run("create table read_object(type varchar, anchor varchar, place varchar, dn varchar, doc varchar, "
                   "hash bigint, is_broken boolean)")  # fmt: skip
        engine.run("create table read_edge(type varchar, anchor varchar, attr varchar, dst varchar)")

    def add(self, object_type: str, rows: pa.RecordBatch, errors: tuple[RowError, ...] = ()) -> None:
        """Take one batch; rows that cannot be typed become errors, their objects stay as they were."""
        schema = self._types[object_type]
        self._read += rows.num_rows + len(errors)
        self._take_errors(errors, object_type)
        if self._waiting and self._waiting_type is not schema:
            self._digest()
        self._waiting_type = schema
        self._waiting.append(rows)
        if sum(batch.num_rows for batch in self._waiting) >= self._enough:
            # Little at first, so that not only the reader is at work.
            self._enough = min(2 * self._enough, _DIGEST_ROWS)
            self._digest()

    def add_changes(
        self, object_type: str, rows: pa.RecordBatch, removed: Sequence[str], errors: tuple[RowError, ...]
    ) -> None:
        """Take one batch of changes; what earlier batches said of the same objects no longer counts."""
        self._digest()
        anchors = pa.concat_arrays([rows["_anchor"].cast(pa.string()), pa.array(removed, pa.string())])
        self.engine.register("named", pa.table({"anchor": anchors}))
        try:
            for table in ("read_object", "read_edge", "seen", "gone"):
                self.engine.run(
                    f"delete from {table} where type = {literal(object_type)} and anchor in (select anchor from named)"
                )
        finally:
            self.engine.unregister("named")
        if removed:
            self.engine.load("gone", pa.table({"type": [object_type] * len(removed), "anchor": list(removed)}))
        self.add(object_type, rows, errors)

    def leave(self, object_type: str, anchors: Sequence[str | None]) -> None:
        """Take objects as seen that stay as they were known; with None, nobody of the type counts as gone."""
        known = [anchor for anchor in anchors if anchor is not None]
        if known:
            self.engine.load("seen", pa.table({"type": [object_type] * len(known), "anchor": known}))
        if len(known) < len(anchors):
            self._unidentified.add(object_type)
        self._read += len(anchors)

    def named(self) -> pa.Table:
        """Return (anchor, dn) of everything read and everything said to be gone."""
        self._digest()
        return self.engine.frame("select anchor, dn from read_object union all select anchor, null from gone")

    def compare(self, stored: StagedKeys, next_object_id: int, seen: Seen = _WHOLE) -> pa.Table:
        """Decide added, updated and removed objects; return the ids (id) whose stored content `plan` needs.

        Of a part nobody else is gone for not being seen.
        """
        self._seen = seen
        self._match(stored, next_object_id)
        return self._removed(self._missing())

    def compare_changes(self, stored: StagedKeys, next_object_id: int) -> pa.Table:
        """Decide like `compare`, but of what a system named only: nobody is gone for not being named."""
        self._match(stored, next_object_id)
        return self._removed(
            "select k.id, k.type, k.anchor, k.dn from stored_key k "
            "semi join gone g on g.type = k.type and g.anchor = k.anchor where k.hash is not null"
        )

    def plan(
        self,
        before: StagedObjects,
        before_edges: StagedEdges,
        *,
        stored_count: Callable[[], int] | None = None,
        referring: StagedEdges | None = None,
    ) -> PlannedImport:
        """Return the plan; `before` and `before_edges` are the stored content of the ids that `compare` returned.

        `stored_count` tells how many objects the system has, where not all of their keys were given to compare with.
        It is asked only when that matters, because counting may take longer than a few changes do. `referring` are
        stored references to names that changed, of a system that keeps them up itself.
        """
        engine = self.engine
        is_part = stored_count is not None or self._seen.is_part
        engine.load("before_object", before.table)
        engine.load("before_edge", before_edges.table)
        engine.run(
            "create table now_edge as select i.id as src, e.attr, e.dst from read_edge e join "
            "(select id, type, anchor from added union all select id, type, anchor from updated) i "
            "on i.type = e.type and i.anchor = e.anchor "
        )
        engine.run(
            "create table edge_change as select n.src, n.attr, n.dst, 'add' as change from now_edge n "
            "anti join before_edge b on b.src = n.src and b.attr = n.attr and b.dst = n.dst union all "
            "select b.src, b.attr, b.dst, 'remove' from before_edge b anti join removed r on r.id = b.src "
            "anti join now_edge n on b.src = n.src and b.attr = n.attr and b.dst = n.dst"
        )
        if referring is not None:
            follow_names(engine, referring)
        engine.run(
            "create table restamped as select u.id, u.hash from updated u join before_object b on b.id = u.id "
            "anti join edge_change e on e.src = u.id "
            "where b.doc = u.doc and b.anchor = u.anchor and lower(u.dn) is not distinct from lower(b.dn)"
        )
        engine.run("delete from updated where id in (select id from restamped)")
        self._report_disagreed()
        plan = ImportPlan(
            system=self._system.name,
            added=AddedObjects(in_order(engine.frame("from added"), "id")),
            updated=UpdatedObjects(
                engine.frame(
                    "select u.id, u.type, u.anchor, u.dn, u.hash, u.doc, b.doc as before, u.stored_dn as before_dn "
                    "from updated u left join before_object b on b.id = u.id order by u.id"
                )
            ),
            removed=RemovedObjects(
                engine.frame(
                    "select r.id, r.type, r.anchor, r.dn, b.doc as before from removed r "
                    "left join before_object b on b.id = r.id order by r.id"
                )
            ),
            edges_added=StagedEdges(engine.frame("select src, attr, dst from edge_change where change = 'add'")),
            edges_removed=StagedEdges(engine.frame("select src, attr, dst from edge_change where change = 'remove'")),
            restamped=RestampedObjects(engine.frame("from restamped")),
            named=self._named() if is_part else Ids.empty(),
            is_complete=not is_part,
            unchanged=len_of(engine, "matched") - len_of(engine, "added") - len_of(engine, "updated"),
            read=self._read,
            errors=tuple(self._errors),
        )
        return PlannedImport(
            plan=plan,
            counts=_count(engine, self._system.name),
            verdict=self._check(plan, stored_count or self._count_stored),
        )

    def _named(self) -> Ids:
        """Return those known objects that a read of a part showed, or said to be gone."""
        return Ids(
            self.engine.frame("select id from matched where id is not null union select id from removed order by id")
        )

    def _match(self, stored: StagedKeys, next_object_id: int) -> None:
        """Make matched, added and updated of everything that was read."""
        engine = self.engine
        self._digest()
        self._reject_duplicates()
        engine.load("stored_key", stored.table)
        # A planned object is recognised by its dn until the system has told its anchor.
        engine.run(
            "create table matched as select r.type, r.anchor, r.dn, r.hash, coalesce(k.id, p.id) as id, "
            "k.hash as stored_hash, coalesce(k.dn, p.dn) as stored_dn from read_object r "
            "left join stored_key k on k.type = r.type and k.anchor = r.anchor "
            "left join (select type, lower(dn) as dn_key, min(id) as id, min(dn) as dn from stored_key "
            "where anchor is null and dn is not null group by all) p "
            "on k.id is null and p.type = r.type and p.dn_key = lower(r.dn)"
        )
        # Numbering is kept apart from the documents: a window over wide rows would sort them.
        engine.run(
            f"create table numbered as select {next_object_id - 1} + row_number() over (order by type, anchor) as id, "
            "type, anchor from matched where id is null"
        )
        engine.run(
            "create table added as select n.id, r.type, r.anchor, r.dn, r.hash, r.doc from read_object r "
            "join numbered n on n.type = r.type and n.anchor = r.anchor"
        )
        engine.run(
            "create table updated as select m.id, r.type, r.anchor, r.dn, r.hash, r.doc, m.stored_dn "
            "from read_object r "
            "join matched m on m.type = r.type and m.anchor = r.anchor and m.id is not null "
            f"and ({str(self._seen.verifies).lower()} or m.hash is distinct from m.stored_hash "
            "or lower(m.dn) is distinct from lower(m.stored_dn))"
        )

    def _missing(self) -> str:
        """Return the query of those whom a complete read did not show.

        A row without a readable anchor may be anybody's: while there is one, nobody of its type counts as gone.
        """
        types = ", ".join(literal(t) for t in self._types)
        unsure = ", ".join(literal(t) for t in sorted(self._unidentified)) or "''"
        return (
            "select k.id, k.type, k.anchor, k.dn from stored_key k "
            "anti join seen s on s.type = k.type and s.anchor = k.anchor "
            f"where k.hash is not null and k.type in ({types}) and k.type not in ({unsure}) and {self._is_covered()}"
        )

    def _is_covered(self) -> str:
        """Return the condition that a stored key `k` is of what was read. Names are in normal form on both sides."""
        types = "true"
        if self._seen.object_types is not None:
            types = f"k.type in ({', '.join(literal(t) for t in sorted(self._seen.object_types))})"
        if self._seen.partition is None:
            return types
        partition = literal(self._seen.partition.lower())
        return f"{types} and (lower(k.dn) = {partition} or ends_with(lower(k.dn), ',' || {partition}))"

    def _report_disagreed(self) -> None:
        """Report the objects whose content changed although their hash did not; they are brought up to date."""
        if not self._seen.verifies:
            return
        engine = self.engine
        engine.run("delete from restamped where id in (select id from matched m where m.hash = m.stored_hash)")
        for object_type, anchor in engine.rows(
            "select u.type, u.anchor from updated u join matched m on m.id = u.id where m.hash = m.stored_hash "
            f"and lower(m.dn) is not distinct from lower(m.stored_dn) order by all limit {_MAX_REPORTED}"
        ):
            self._errors.append(
                RowError(
                    code="HASH_DISAGREED",
                    message="what is stored is something else, although its hash is the same",
                    at=anchor,
                    anchor=anchor,
                    object_type=object_type,
                    remedy="it was brought up to date; if this comes again, clear the connector space and import it",
                )
            )

    def _removed(self, query: str) -> pa.Table:
        self.engine.run(f"create table removed as {query}")
        return self.engine.frame("select id from updated union all select id from removed order by id")

    def _digest(self) -> None:
        """Take in the batches that wait, many at once: each statement has its price, and large ones use all threads."""
        schema, waiting = self._waiting_type, self._waiting
        self._waiting_type, self._waiting = None, []
        if schema is None or not waiting:
            return
        self.engine.register("batch", pa.Table.from_batches(waiting))
        try:
            self._add_rows(schema)
        finally:
            self.engine.unregister("batch")

    def _add_rows(self, schema: ObjectTypeSchema) -> None:
        engine, attributes, name = self.engine, schema.attributes, literal(schema.name)
        engine.run(f"insert into seen select {name}, _anchor from batch where _anchor is not null")
        engine.run(
            f"insert into read_object select {name}, _anchor, _at, _dn, doc, {content_hash('doc || refs')}, is_broken "
            f"from ({_documents(schema)})"
        )
        for attribute in attributes.values():
            if attribute.type is ValueType.REFERENCE:
                value = quote(attribute.name)
                values = f"unnest({value})" if attribute.is_multivalued else value
                engine.run(
                    f"insert into read_edge select distinct {name}, _anchor, {literal(attribute.name)}, dst from "
                    f"(select _anchor, {values} as dst from batch where _anchor is not null) "
                    "where coalesce(dst, '') <> ''"
                )
        if self._report(schema, "MISSING_ANCHOR", "_anchor is null", None, "the object has no anchor"):
            self._unidentified.add(schema.name)
        if engine.value("select count(*) from read_object where is_broken"):
            self._report_broken(schema)

    def _report_broken(self, schema: ObjectTypeSchema) -> None:
        """Turn the objects of this batch with values that cannot be typed into errors."""
        for name, attribute in schema.attributes.items():
            wanted = f"{attribute.type}" + (f" of format {attribute.format}" if attribute.format else "")
            where = f"_anchor is not null and ({is_unparseable(quote(name), attribute)})"
            self._report(schema, "UNPARSEABLE_VALUE", where, name, f"not a valid {wanted}")
        self.engine.run("delete from read_object where is_broken")

    def _take_errors(self, errors: tuple[RowError, ...], object_type: str) -> None:
        """Count the reader's errors; objects whose anchor could be read are seen, so they are not taken for gone."""
        known = [(object_type, e.anchor) for e in errors if e.anchor is not None]
        if known:
            columns = {"type": [t for t, _ in known], "anchor": [a for _, a in known]}
            self.engine.load("seen", pa.table(columns))
        self._unidentified |= {object_type for e in errors if e.anchor is None}
        self._rejected += len(errors)
        self._errors += errors[: max(_MAX_REPORTED - len(self._errors), 0)]

    def _report(self, schema: ObjectTypeSchema, code: str, where: str, attribute: str | None, message: str) -> int:
        shape = f"left({quote(attribute)}::varchar, 40)" if attribute is not None else "null"
        failed = int(self.engine.value(f"select count(*) from batch where {where}"))
        if not failed:
            return 0
        self._rejected += failed
        room = max(_MAX_REPORTED - len(self._errors), 0)
        for at, anchor, value in self.engine.rows(
            f"select _at, _anchor, {shape} from batch where {where} limit {room}"
        ):
            self._errors.append(
                RowError(
                    code=code,
                    message=message if value is None else f"{value!r} is {message}",
                    at=at or "",
                    anchor=anchor,
                    object_type=schema.name,
                    attribute=attribute,
                    remedy="correct the value in the source; until then the object stays as it was",
                )
            )
        return failed

    def _reject_duplicates(self) -> None:
        engine = self.engine
        engine.run("create table duplicate as select type, anchor from seen group by all having count(*) > 1")
        if not len_of(engine, "duplicate"):
            return
        rows = engine.rows(
            "select r.type, r.anchor, r.place, list_sort(list(r.place) over (partition by r.type, r.anchor)) "
            "from read_object r semi join duplicate d on d.type = r.type and d.anchor = r.anchor "
            f"order by all limit {_MAX_REPORTED}"
        )
        self._rejected += int(engine.value("select count(*) from read_object semi join duplicate using (type, anchor)"))
        for object_type, anchor, at, everywhere in rows:
            others = ", ".join(a for a in everywhere if a != at) or at
            self._errors.append(
                RowError(
                    code="DUPLICATE_ANCHOR",
                    message=f"the anchor {anchor!r} stands in {others} as well, so no such row is used",
                    at=at,
                    anchor=anchor,
                    object_type=object_type,
                    remedy="give each object an anchor of its own in the source",
                )
            )
        for table in ("read_object", "read_edge"):
            engine.run(f"delete from {table} where (type, anchor) in (select (type, anchor) from duplicate)")

    def _count_stored(self) -> int:
        covered = f"select count(*) from stored_key k where hash is not null and {self._is_covered()}"
        return int(self.engine.value(covered))

    def _check(self, plan: ImportPlan, stored: Callable[[], int]) -> Verdict:
        system, guard = self._system.name, self._system.guard
        losses = self._losses()
        may_break = len(plan.removed) > guard.source_drop.free
        may_break |= any(lost > guard.attribute_wipe.free for _, lost in losses)
        there = stored() if may_break else 0
        found: list[Breach | None] = [
            breach(
                system,
                "source_drop",
                guard.source_drop,
                Counted(count=len(plan.removed), out_of=there, what=f"objects missing from {system}"),
            ),
            breach(
                system,
                "source_errors",
                guard.source_errors,
                Counted(
                    count=self._rejected, out_of=max(self._read, 1), what=f"objects of {system} that could not be read"
                ),
            ),
        ]
        for attribute, lost in losses:
            found.append(
                breach(
                    system,
                    "attribute_wipe",
                    guard.attribute_wipe,
                    Counted(count=lost, out_of=there, what=f"objects of {system} that lost {attribute}"),
                )
            )
        return Verdict(breaches=tuple(b for b in found if b is not None))

    def _losses(self) -> list[tuple[str, int]]:
        """Return how many objects lost each attribute, edges included."""
        losses: list[tuple[str, int]] = []
        if not len_of(self.engine, "updated"):
            return losses
        for schema in self._types.values():
            values = {n: a for n, a in schema.attributes.items() if a.type is not ValueType.REFERENCE}
            if not values:
                continue
            structure = literal(doc_structure(values))
            counts = ", ".join(f"count(*) filter (b.{quote(n)} is not null and n.{quote(n)} is null)" for n in values)
            row = self.engine.rows(
                f"select {counts} from (select from_json(b.doc, {structure}) as b, from_json(u.doc, {structure}) as n "
                f"from updated u join before_object b on b.id = u.id and b.doc is not null "
                f"where u.type = {literal(schema.name)})"
            )[0]
            losses += [(n, int(c)) for n, c in zip(values, row, strict=True) if c]
        losses += self.engine.rows(
            "select attr, count(distinct src) from before_edge b where src in (select id from updated) "
            "and (src, attr) not in (select (src, attr) from now_edge) group by 1 order by 1"
        )
        return losses


def len_of(engine: Engine, relation: str) -> int:
    """Return the number of rows of a relation."""
    return int(engine.value(f"select count(*) from {relation}"))


def _documents(schema: ObjectTypeSchema) -> str:
    """Return the query (_anchor, _at, _dn, doc, refs, is_broken) over a batch; every value is read once."""
    values = {n: a for n, a in sorted(schema.attributes.items()) if a.type is not ValueType.REFERENCE}
    checked = {n: quote(f"raw:{n}") for n, a in values.items() if a.type is not ValueType.TEXT}
    columns = [f"{parse_text(quote(n), a)} as {value_column(n)}" for n, a in values.items()]
    columns += [f"{quote(n)} as {raw}" for n, raw in checked.items()]
    doc = doc_of({n: (value_column(n), a.is_multivalued) for n, a in values.items()})
    broken = (is_unread(raw, value_column(n), values[n]) for n, raw in checked.items())
    return (
        f"select _anchor, _at, _dn, {doc} as doc, refs, {' or '.join(broken) or 'false'} as is_broken "
        f"from (select _anchor, _at, {'_dn' if schema.has_dn else 'null::varchar as _dn'}, "
        f"{_references(schema.attributes)} as refs{''.join(f', {c}' for c in columns)} "
        "from batch where _anchor is not null)"
    )


def _references(attributes: Mapping[str, AttributeSchema]) -> str:
    parts = [
        f"coalesce(array_to_string(list_sort(list_distinct({quote(n)})), chr(1)), '')"
        if a.is_multivalued
        else f"coalesce({quote(n)}, '')"
        for n, a in sorted(attributes.items())
        if a.type is ValueType.REFERENCE
    ]
    return " || chr(2) || ".join(parts) if parts else "''"


def _count(engine: Engine, system: str) -> tuple[Count, ...]:
    rows = engine.rows(
        "select type, 'add', count(*) from added group by 1 union all "
        "select type, 'update', count(*) from updated group by 1 union all "
        "select type, 'remove', count(*) from removed group by 1 order by all"
    )
    return tuple(Count(area="connector space", system=system, object_type=t, operation=o, count=c) for t, o, c in rows)
