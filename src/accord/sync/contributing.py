"""What each inbound rule contributes to the identities its objects belong to."""

from collections.abc import Iterable, Sequence

from accord.engine.expressions import attempt
from accord.engine.frames import literal
from accord.sync.compiling import CompiledFlow, CompiledInbound, flow_value
from accord.sync.problems import learn_messages, record
from accord.sync.relations import attempted_relation, contribution_relation, failed_column, scope_relation, value_column
from accord.sync.workspace import Workspace, object_relation


def contribute(workspace: Workspace, inbound: CompiledInbound) -> None:
    """Make "contributed:R": one row per identity with the rule's values as canonical text.

    A flow that fails for an object gives null there and a row in flow_error(rule, attribute, identity_id); the
    attribute then keeps its stored value. Of several objects of one identity the one known longest contributes.
    May be repeated once links have changed.
    """
    rule, engine = inbound.rule, workspace.engine
    raw = attempted_relation(rule.name)
    flows = [f for f in inbound.flows if f.reference is None]
    columns = "".join(f", {attempt(f.sql) if f.can_fail else f.sql} as {value_column(f.target.name)}" for f in flows)
    # The expressions see the object's own columns and no other: an attribute may have any name.
    engine.run("delete from flow_error where rule = ?", [rule.name])
    engine.run("delete from problem where rule = ? and code = 'FLOW_FAILED'", [rule.name])
    engine.run(
        f"create or replace table {raw} as select l.identity_id, o.* from (select _id as object_id{columns} "
        f"from {object_relation(rule.system, rule.object_type)} "
        f"where _id in (select id from {scope_relation(rule.name)})) o join link l on l.object_id = o.object_id "
        f"join identity i on i.id = l.identity_id and i.type = {literal(rule.identity_type)}"
    )
    engine.run(
        f"delete from {raw} where object_id in (select object_id from (select object_id, row_number() over "
        f"(partition by identity_id order by object_id) as n from {raw} semi join (select identity_id from {raw} "
        "group by 1 having count(*) > 1) d using (identity_id)) where n > 1)"
    )
    failing = [f for f in flows if f.can_fail]
    _record_failures(workspace, inbound, raw, failing)
    engine.run(
        f"create or replace view {contribution_relation(rule.name)} as select identity_id, object_id{_values(flows)} "
        f"from {raw}"
    )


def _values(flows: Iterable[CompiledFlow]) -> str:
    columns = "".join(f", {flow_value(f)} as {value_column(f.target.name)}" for f in flows)
    # A failure is not silence: where silence may win, it must be told apart.
    failures = (
        f", {value_column(f.target.name) + ' is null' if f.can_fail else 'false'} as {failed_column(f.target.name)}"
        for f in flows
        if f.flow.null_is_value
    )
    return columns + "".join(failures)


def _record_failures(workspace: Workspace, inbound: CompiledInbound, raw: str, flows: Sequence[CompiledFlow]) -> None:
    engine = workspace.engine
    names = [f.target.name for f in flows]
    if not names:
        return
    counts = engine.rows("select " + ", ".join(f"count(*) - count({value_column(n)})" for n in names) + f" from {raw}")[
        0
    ]
    failing = {f.target.name: f.sql for f, count in zip(flows, counts, strict=True) if count}
    if failing:
        learn_messages(workspace, f"object:{inbound.rule.system}:{inbound.rule.object_type}", failing)
    for name in failing:
        where = f"from {raw} where {value_column(name)} is null"
        record(
            workspace,
            "FLOW_FAILED",
            f"select object_id, identity_id, m.text as evidence from {raw} left join message m on m.key = object_id "
            f"and m.name = {literal(name)} where {value_column(name)} is null",
            rule=inbound.rule.name,
            attribute=name,
        )
        engine.run(f"insert into flow_error select {literal(inbound.rule.name)}, {literal(name)}, identity_id {where}")
