"""What flows make of accounts, beside what the accounts hold: the values and names that are to change."""

from collections.abc import Sequence

from accord.engine.frames import literal
from accord.engine.types import doc_of
from accord.model.rules import OutboundRule
from accord.sync.compiling import CompiledFlow, attempted_columns, settled_columns
from accord.sync.enforcing import is_enforced
from accord.sync.problems import learn_messages, record
from accord.sync.relations import DN, IDENTITY, NOW_DN, OBJECT, failed_column, value_column
from accord.sync.workspace import Workspace, staged_relation


def wished(workspace: Workspace, people: str, who: str, flows: Sequence[CompiledFlow]) -> str:
    """Return the query (identity_id, object_id, dn, now_dn, values, failures) of what the flows make of some accounts.

    `who` is a query of its first four columns; it becomes a table of its own, so that values are gone through once.
    """
    workspace.engine.run(
        f"create or replace temp table wisher as select identity_id as {IDENTITY}, object_id as {OBJECT}, "
        f"dn as {DN}, now_dn as {NOW_DN} from ({who})"
    )
    return wish_of(people, flows)


def wish_of(people: str, flows: Sequence[CompiledFlow]) -> str:
    """Return the same query for the accounts of the last `wished`, of people as another relation has them."""
    return (
        f"select identity_id, object_id, dn, now_dn{settled_columns(flows)} from (select {IDENTITY} as identity_id, "
        f"{OBJECT} as object_id, {DN} as dn, {NOW_DN} as now_dn{attempted_columns(flows)} "
        f"from {people} join wisher on {IDENTITY} = _id)"
    )


def report_failures(workspace: Workspace, rule: OutboundRule, flows: Sequence[CompiledFlow]) -> None:
    """Record each flow that failed for an account in `wish`."""
    failing = {f.target.name: f.sql for f in flows if f.can_fail}
    if not failing:
        return
    counts = workspace.engine.rows(
        "select " + ", ".join(f"count(*) filter ({failed_column(n)})" for n in failing) + " from wish"
    )[0]
    broken = {n: sql for (n, sql), count in zip(failing.items(), counts, strict=True) if count}
    if broken:
        learn_messages(workspace, f"identity:{rule.identity_type}", broken)
    for name in broken:
        record(
            workspace,
            "FLOW_FAILED",
            "select object_id, identity_id, m.text as evidence from wish left join message m on m.key = identity_id "
            f"and m.name = {literal(name)} where {failed_column(name)}",
            rule=rule.name,
            attribute=name,
        )


def insert_updates(
    workspace: Workspace,
    rule: OutboundRule,
    flows: Sequence[CompiledFlow],
    *,
    operation: str | None,
    reason: str | None,
) -> None:
    """Add to wanted_export what the accounts in `wish` lack, names included; None: by what is to change."""
    engine = workspace.engine
    changed = {f.target.name: _differs(f) + _if_due(rule, f, operation) for f in flows}
    renamed = "lower(d.dn) <> lower(d.now_dn)"
    before = doc_of(
        {f.target.name: (f"case when {changed[f.target.name]} then s.{value_column(f.target.name)} end",
                         f.target.is_multivalued) for f in flows}
    )  # fmt: skip
    after = doc_of(
        {f.target.name: (f"case when {changed[f.target.name]} then d.{value_column(f.target.name)} end",
                         f.target.is_multivalued) for f in flows}
    )  # fmt: skip
    verb = operation or f"case when {renamed} then 'rename' else 'update' end"
    why = literal(reason) if reason is not None else "null"
    anything = " or ".join([renamed, *(f"({c})" for c in changed.values())])
    engine.run(
        f"insert into wanted_export select d.object_id, d.identity_id, {literal(rule.system)}, "
        f"{literal(rule.object_type)}, {literal(rule.name)}, {verb}, d.now_dn, case when {renamed} then d.dn end, "
        f"{before}, {after}, {why} from wish d "
        f"join {staged_relation(rule.system, rule.object_type)} s on s.id = d.object_id "
        f"where {anything}"
    )


def _if_due(rule: OutboundRule, flow: CompiledFlow, operation: str | None) -> str:
    if operation is not None or is_enforced(rule, flow):
        return ""
    return f" and d.object_id in (select object_id from due where attribute = {literal(flow.target.name)})"


def _differs(flow: CompiledFlow) -> str:
    target = flow.target
    name = value_column(target.name)
    wanted, held = f"d.{name}", f"s.{name}"
    if not target.is_case_sensitive:
        fold = (
            "list_sort(list_distinct(list_transform({}, lambda x: lower(x))))" if target.is_multivalued else "lower({})"
        )
        wanted, held = fold.format(wanted), fold.format(held)
    elif target.is_multivalued:
        wanted, held = f"list_sort({wanted})", f"list_sort({held})"
    differs = f"{wanted} is distinct from {held}"
    return f"({differs}) and not d.{failed_column(target.name)}" if flow.can_fail else differs
