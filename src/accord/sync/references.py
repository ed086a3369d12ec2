"""References between identities: from what systems say, and from equal values. Edges only, never in documents."""

from collections.abc import Collection

from accord.engine.expressions import attempt
from accord.engine.frames import literal, quote
from accord.sync.compiling import CompiledDerived, CompiledType
from accord.sync.relations import identity_relation, scope_relation
from accord.sync.workspace import Workspace, context_relation


def resolve_references(workspace: Workspace) -> None:
    """Make new_edge(src, attr, dst): every reference between identities that live on, as it shall be.

    A text that names no object we know, or an object without identity, gives no edge; it follows when it can.
    Identities without any contribution keep the references they had.
    """
    engine = workspace.engine
    name_targets(workspace, {i.rule.system for i in workspace.rules.inbound}, with_planned=False)
    engine.run("create table new_edge(src bigint, attr varchar, dst bigint)")
    for identity_type in workspace.rules.types.values():
        _resolve_type(workspace, identity_type)
    _keep_waiting(workspace)


def name_targets(workspace: Workspace, systems: Collection[str], *, with_planned: bool) -> None:
    """Make target(src, attr, dst_object, dst): each reference of some systems with the object it names, if known.

    An object of the referrer's own type is meant before one of another type with the same key. An account that is only
    planned names nobody in what a system said, but a reference to be written may name it.
    """
    engine = workspace.engine
    there = "" if with_planned else " and not t.is_planned"
    wanted = f"o.system in ({', '.join(literal(s) for s in sorted(systems)) or 'null'})"
    engine.run(
        "create or replace table target as select e.src, e.attr, t.id as dst_object, e.dst "
        f"from edge e join object o on o.id = e.src and not o.is_planned and {wanted} "
        f"left join object t on t.system = o.system and t.type = o.type and t.key = e.dst{there}"
    )
    engine.run(
        "create or replace temp table unnamed as select e.src, e.attr, e.dst, o.system "
        "from target e join object o on o.id = e.src where e.dst_object is null"
    )
    engine.run("delete from target where dst_object is null")
    engine.run(
        "insert into target select u.src, u.attr, min(t.id), u.dst from unnamed u "
        f"left join object t on t.system = u.system and t.key = u.dst{there} group by u.src, u.attr, u.dst"
    )


def _resolve_type(workspace: Workspace, identity_type: CompiledType) -> None:
    engine, name = workspace.engine, identity_type.type.name
    queries: dict[str, list[tuple[str, str]]] = {}
    for inbound in workspace.rules.inbound:
        if inbound.rule.identity_type != name:
            continue
        for flow in inbound.flows:
            if flow.reference is not None:
                said = _said(inbound.rule.name, flow.reference, name)
                if flow.flow.null_is_value:
                    said += f" union all {_silent(inbound.rule.name, name)}"
                queries.setdefault(flow.target.name, []).append((inbound.rule.name, said))
    for derived in identity_type.derived:
        queries.setdefault(derived.attribute.name, []).append(("", _derived(name, derived)))
    for attribute, found in queries.items():
        precedence = identity_type.type.attributes[attribute].precedence
        found.sort(key=lambda q: precedence.index(q[0]) if q[0] in precedence else len(precedence))
        ranked = " union all ".join(f"select src, dst, {n} as n from ({q})" for n, (_, q) in enumerate(found))
        winners = " qualify n = min(n) over (partition by src)" if len(found) > 1 else ""
        engine.run(
            f"insert into new_edge select src, {literal(attribute)}, dst from (select distinct src, dst from "
            f"(select src, dst, n from ({ranked}){winners}) q where dst is not null)"
        )


def _keep_waiting(workspace: Workspace) -> None:
    """Keep the references of identities that live on without contributions; derived ones are always computed."""
    derived = ", ".join(
        f"({literal(name)}, {literal(d.attribute.name)})"
        for name, identity_type in workspace.rules.types.items()
        for d in identity_type.derived
    )
    workspace.engine.run(
        "insert into new_edge select e.src, e.attr, e.dst from stored_edge e join identity i on i.id = e.src "
        "anti join contributing c on c.id = e.src "
        "anti join ended x on x.id = e.src anti join ended y on y.id = e.dst"
        + (f" where (i.type, e.attr) not in ({derived})" if derived else "")
    )


def _said(rule: str, reference: str, identity_type: str) -> str:
    return (
        "select l.identity_id as src, d.identity_id as dst from target t join link l on l.object_id = t.src "
        f"semi join {scope_relation(rule)} s on s.id = t.src "
        f"join identity i on i.id = l.identity_id and i.type = {literal(identity_type)} "
        f"join link d on d.object_id = t.dst_object anti join gone g on g.id = l.identity_id "
        f"where t.attr = {literal(reference)}"
    )


def _silent(rule: str, identity_type: str) -> str:
    """Return a row without reference for everybody the rule speaks of: silence that may win."""
    return (
        f"select l.identity_id, null::bigint from link l semi join {scope_relation(rule)} s on s.id = l.object_id "
        f"join identity i on i.id = l.identity_id and i.type = {literal(identity_type)} "
        "anti join gone g on g.id = l.identity_id"
    )


def _derived(identity_type: str, derived: CompiledDerived) -> str:
    rule = derived.derived
    scope = f" where coalesce(({attempt(derived.scope.sql)}).v, false)" if derived.scope is not None else ""
    theirs = " union all ".join(
        f"select _id, {quote(rule.theirs)} as v from {people}{scope}"
        for people in (identity_relation(rule.type), context_relation(rule.type))
    )
    ours = f"(select _id, {quote(rule.ours)} as v from {identity_relation(identity_type)})"
    return f"select o._id as src, t._id as dst from {ours} o join ({theirs}) t on t.v = o.v"
