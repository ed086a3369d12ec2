"""What each inbound rule contributes to the identities its objects belong to."""

from collections.abc import Sequence

from accord.engine.frames import literal
from accord.sync.compiling import CompiledFlow, CompiledInbound, attempted_columns, settled_columns
from accord.sync.problems import learn_messages, record
from accord.sync.relations import IDENTITY, OBJECT, contribution_relation, failed_column, scope_relation
from accord.sync.workspace import Workspace, object_relation


def contribute(workspace: Workspace, inbound: CompiledInbound) -> None:
    """Make "contributed:R": one row per identity with the rule's values as canonical text, and whether each failed.

    A flow that fails for an object gives null there and a row in flow_error(rule, attribute, identity_id); the
    attribute then keeps its stored value. Of several objects of one identity the one known longest contributes.
    May be repeated once links have changed.
    """
    rule, engine = inbound.rule, workspace.engine
    contributed = contribution_relation(rule.name)
    flows = [f for f in inbound.flows if f.reference is None]
    engine.run("delete from flow_error where rule = ?", [rule.name])
    engine.run("delete from problem where rule = ? and code = 'FLOW_FAILED'", [rule.name])
    # First who, then what: values are many columns wide, and should be gone through once.
    engine.run(
        f"create or replace temp table contributor as select min(l.object_id) as {OBJECT}, l.identity_id as {IDENTITY} "
        f"from link l semi join {scope_relation(rule.name)} s on s.id = l.object_id "
        f"join identity i on i.id = l.identity_id and i.type = {literal(rule.identity_type)} group by l.identity_id"
    )
    engine.run(
        f"create or replace table {contributed} as select identity_id, object_id{settled_columns(flows)} "
        f"from (select {IDENTITY} as identity_id, _id as object_id{attempted_columns(flows)} "
        f"from {object_relation(rule.system, rule.object_type)} join contributor on {OBJECT} = _id)"
    )
    _record_failures(workspace, inbound, [f for f in flows if f.can_fail])


def _record_failures(workspace: Workspace, inbound: CompiledInbound, flows: Sequence[CompiledFlow]) -> None:
    engine, contributed = workspace.engine, contribution_relation(inbound.rule.name)
    names = [f.target.name for f in flows]
    if not names:
        return
    counts = engine.rows(
        "select " + ", ".join(f"count(*) filter ({failed_column(n)})" for n in names) + f" from {contributed}"
    )[0]
    failing = {f.target.name: f.sql for f, count in zip(flows, counts, strict=True) if count}
    if failing:
        learn_messages(workspace, f"object:{inbound.rule.system}:{inbound.rule.object_type}", failing)
    for name in failing:
        where = f"where {failed_column(name)}"
        record(
            workspace,
            "FLOW_FAILED",
            f"select object_id, identity_id, m.text as evidence from {contributed} left join message m "
            f"on m.key = object_id and m.name = {literal(name)} {where}",
            rule=inbound.rule.name,
            attribute=name,
        )
        engine.run(
            f"insert into flow_error select {literal(inbound.rule.name)}, {literal(name)}, identity_id "
            f"from {contributed} {where}"
        )
