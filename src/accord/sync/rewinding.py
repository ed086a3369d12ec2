"""What one run changed: what was there before it, what it left, and what is there now, value by value.

Relations made here, which the undoing of synchronisations and of exports read:
  turned(kind, id, ...)                       documents of identities and objects before and after the run, and now
  value_change(kind, id, attribute, b, a, n)  attributes the run changed; `what` is back, same or changed
  edge_back(kind, src, attr, dst, change)     references to add or remove, so that they are as before
  edge_changed(kind, src, attr)               references that are otherwise than the run left them
"""

from collections.abc import Iterable
from dataclasses import dataclass, field

import pyarrow as pa

from accord.engine.frames import literal
from accord.model.frames import Identities, StagedObjects
from accord.model.rules import RuleSet
from accord.model.schema import Writability
from accord.sync.workspace import Workspace

CODE = "CHANGED_SINCE"
_KEYS = "list_distinct(list_concat(coalesce(json_keys(before), []), coalesce(json_keys(after), [])))"


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """What of a run to undo: what it did to these identities and objects, to this attribute. None: to all."""

    identities: tuple[int, ...] | None = None
    objects: tuple[int, ...] | None = None
    attribute: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Trace:
    """What is remembered of one run, and where what it touched is now.

    `changes` are the run's rows of history and all later ones of the same subjects; `waiting` tells by which
    activity each pending export was planned; systems in `assigning` give anchors themselves.
    """

    activity: int
    changes: pa.Table
    made_identities: pa.Table
    made_links: pa.Table
    made_objects: pa.Table
    waiting: pa.Table
    identities: Identities
    objects: StagedObjects
    assigning: frozenset[str] = frozenset()
    choice: Choice = field(default_factory=Choice)


def rewind(workspace: Workspace, trace: Trace) -> None:
    """Make the relations that tell what the run changed, what of it still is, and what was changed again."""
    engine = workspace.engine
    for name, table in (
        ("hist", trace.changes),
        ("made_identity", trace.made_identities),
        ("made_link", trace.made_links),
        ("made_object", trace.made_objects),
        ("waiting", trace.waiting),
        ("now_identity", trace.identities.table),
        ("now_object", trace.objects.table),
        ("attribute_fact", _attribute_facts(workspace.rules.rules, trace.assigning)),
        ("chosen_identity", _ids(trace.choice.identities)),
        ("chosen_object", _ids(trace.choice.objects)),
    ):
        engine.load(name, table)
    for statement in _TURNED.replace(":activity", str(trace.activity)).split(";"):
        engine.run(statement.replace(":chosen", _of_kind(trace.choice)))
    _compare_values(workspace, trace.choice)
    _compare_edges(workspace, trace)


def chosen(choice: Choice, kind: str, column: str) -> str:
    """Return the condition that an identity or object is one of those chosen."""
    ids = choice.identities if kind == "identity" else choice.objects
    return "true" if ids is None else f"{column} in (select id from chosen_{kind})"


def document(value: str) -> str:
    """Return an aggregate over rows of `attribute` and its JSON value: the document of those that are not null."""
    pair = f"to_json(attribute)::varchar || ':' || {value}"
    return f"'{{' || coalesce(string_agg({pair}, ',' order by attribute) filter ({value} is not null), '') || '}}'"


def value_in(held: str) -> str:
    """Return the JSON value that a document holds of the row's `attribute`, null when none."""
    return f"json_extract({held}, '/' || replace(replace(attribute, '~', '~0'), '/', '~1'))::varchar"


_TURNED = """
create table found as
  with span as (
    select kind, subject, min(seq) as first, max(seq) as last from hist
    where activity = :activity and kind in ('identity', 'object') and :chosen group by all
  ), next as (
    select s.kind, s.subject, min(h.seq) as seq from span s
    join hist h on h.kind = s.kind and h.subject = s.subject and h.seq > s.last group by all
  )
  select s.kind, s.subject as id, h.type, h.system, h.anchor, h.before, h.before_dn, h.gone_since as before_gone,
    l.operation, n.activity as since, n.operation as next_operation, n.before as next_before,
    n.before_dn as next_dn, n.gone_since as next_gone
  from span s join hist h on h.seq = s.first join hist l on l.seq = s.last
    left join next x on x.kind = s.kind and x.subject = s.subject left join hist n on n.seq = x.seq;
create table turned as
  select f.*, p.id is not null as is_there, p.doc as now, p.dn as now_dn, p.gone_since as now_gone, p.origin,
    case when f.operation = 'remove' then null when f.since is not null then f.next_before else p.doc end as after,
    case when f.operation = 'remove' then null when f.since is not null then f.next_dn else p.dn end as after_dn,
    case when f.since is not null then f.next_gone else p.gone_since end as after_gone
  from found f left join (
    select 'identity' as kind, id, doc, null as dn, gone_since, origin from now_identity
    union all select 'object', id, doc, dn, null, null from now_object
  ) p on p.kind = f.kind and p.id = f.id
"""


def _of_kind(choice: Choice) -> str:
    identity, staged = chosen(choice, "identity", "subject"), chosen(choice, "object", "subject")
    return f"(case when kind = 'identity' then {identity} else {staged} end)"


def _compare_values(workspace: Workspace, choice: Choice) -> None:
    only = "true" if choice.attribute is None else f"lower(attribute) = lower({literal(choice.attribute)})"
    values = ", ".join(f"{value_in(held)} as {name}" for name, held in (("b", "before"), ("a", "after"), ("n", "now")))
    workspace.engine.run(
        "create table value_change as select *, case when n is not distinct from a then 'back' "
        "when n is not distinct from b then 'same' else 'changed' end as what from "
        f"(select kind, id, type, system, since, attribute, {values} from "
        f"(select *, unnest({_KEYS}) as attribute from turned "
        "where operation <> 'remove' and is_there and before is not null and after is not null)) "
        f"where b is distinct from a and {only}"
    )


def _compare_edges(workspace: Workspace, trace: Trace) -> None:
    engine = workspace.engine
    has_dn = "exists (select 1 from attribute_fact f where f.system = o.system and f.type = o.type and f.has_dn)"
    engine.run(
        "create table holder as select 'edge' as kind, id, system, type from now_object "
        "union select 'edge', id, system, type from turned where kind = 'object' "
        "union select 'identity_edge', id, '', type from now_identity "
        "union select 'identity_edge', id, '', type from turned where kind = 'identity'"
    )
    attribute = trace.choice.attribute
    only = "true" if attribute is None else f"lower(h.attr) = lower({literal(attribute)})"
    identity, staged = chosen(trace.choice, "identity", "h.subject"), chosen(trace.choice, "object", "h.subject")
    subject = f"(case when h.kind = 'identity_edge' then {identity} else {staged} end)"
    engine.run(
        "create table edge_turn as select kind, src, attr, dst, is_many, arg_max(operation, seq) as "
        "operation from ("
        "select h.kind, h.subject as src, h.attr, h.operation, h.seq, "
        f"case when h.kind = 'edge' and {has_dn} then lower(h.dst) else h.dst end as dst, "
        "coalesce((select max(f.is_many) from attribute_fact f where f.system = o.system and f.type = o.type "
        "and f.attribute = h.attr), true) as is_many "
        "from hist h join holder o on o.kind = h.kind and o.id = h.subject "
        f"where h.activity = {trace.activity} and h.kind in ('edge', 'identity_edge') and {only} and {subject}"
        ") group by all"
    )
    _judge_edges(workspace)


def _judge_edges(workspace: Workspace) -> None:
    """Judge each reference of many by itself; where one is the most, the former and the new are one change."""
    engine = workspace.engine
    engine.run(
        "create table edge_now as select 'edge' as kind, src, attr, dst from edge "
        "where src in (select src from edge_turn where kind = 'edge') "
        "union all select 'identity_edge', src, attr, dst::varchar from stored_edge "
        "where src in (select src from edge_turn where kind = 'identity_edge')"
    )
    engine.run(
        "create table edge_one as select *, case when n = a then 'back' when n = b then 'same' else 'changed' end "
        "as what from (select t.kind, t.src, t.attr, "
        "list_sort(coalesce(list(t.dst) filter (t.operation = 'remove'), [])) as b, "
        "list_sort(coalesce(list(t.dst) filter (t.operation = 'add'), [])) as a, "
        "list_sort(coalesce((select list(e.dst) from edge_now e where e.kind = t.kind and e.src = t.src "
        "and e.attr = t.attr), [])) as n from edge_turn t where not t.is_many group by t.kind, t.src, t.attr)"
    )
    engine.run("create table edge_changed as select kind, src, attr from edge_one where what = 'changed'")
    engine.run(
        "create table edge_back as select t.kind, t.src, t.attr, t.dst, "
        "case t.operation when 'add' then 'remove' else 'add' end as change from edge_turn t "
        "left join edge_now e on e.kind = t.kind and e.src = t.src and e.attr = t.attr and e.dst = t.dst "
        "left join edge_one s on s.kind = t.kind and s.src = t.src and s.attr = t.attr "
        "where (t.operation = 'add') = (e.dst is not null) and coalesce(s.what, 'back') = 'back'"
    )


def _attribute_facts(rules: RuleSet, assigning: Iterable[str]) -> pa.Table:
    """Return what an undo must know of attributes; those of identities under the system ''."""
    rows: list[dict[str, object]] = [
        {
            "system": system.name, "type": t.name, "attribute": a.name, "is_many": a.is_multivalued,
            "has_dn": t.has_dn, "on_update": a.writability is Writability.READ_WRITE,
            "on_create": a.writability is not Writability.READ_ONLY
            and not (system.name in assigning and a.name in t.anchor),
        }
        for system in rules.systems.values()
        for t in system.object_types.values()
        for a in t.attributes.values()
    ]  # fmt: skip
    rows += [
        {"system": "", "type": t.name, "attribute": name, "is_many": a.schema.is_multivalued, "has_dn": False,
         "on_update": True, "on_create": True}
        for t in rules.identity_types.values()
        for name, a in t.attributes.items()
    ]  # fmt: skip
    return pa.Table.from_pylist(rows, schema=_FACTS)


_FACTS = pa.schema(
    [("system", pa.string()), ("type", pa.string()), ("attribute", pa.string()), ("is_many", pa.bool_()),
     ("has_dn", pa.bool_()), ("on_update", pa.bool_()), ("on_create", pa.bool_())]
)  # fmt: skip


def _ids(ids: tuple[int, ...] | None) -> pa.Table:
    return pa.table({"id": pa.array(ids or (), pa.int64())})
