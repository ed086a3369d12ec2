"""What of an account that is there may be written where a rule does not enforce: what the identity itself changed.

What the target changed by itself is left alone. No memory of what was sent is needed for that: an identity as it is
stored is what the last synchronisation wanted, and what has not arrived yet is pending.
"""

from collections.abc import Sequence

from accord.engine.frames import literal
from accord.model.rules import OutboundRule
from accord.sync.compiling import CompiledFlow
from accord.sync.relations import account_relation, value_column
from accord.sync.workspace import Workspace


def is_enforced(rule: OutboundRule, flow: CompiledFlow) -> bool:
    """Tell whether drift of the flow's target is put back."""
    return rule.is_enforced if flow.flow.is_enforced is None else flow.flow.is_enforced


def find_due(workspace: Workspace, rule: OutboundRule, flows: Sequence[CompiledFlow], before: str) -> None:
    """Make due(object_id, attribute): what may be written of `wish` by flows that do not enforce.

    `before` is the query (identity_id, values) of what the flows make of the identities as they are stored.
    """
    engine = workspace.engine
    engine.run("create or replace temp table due(object_id bigint, attribute varchar)")
    free = [f for f in flows if not is_enforced(rule, f)]
    for flow in free:
        name, column = literal(flow.target.name), value_column(flow.target.name)
        now, was = (f"list_sort({a}.{column})" if flow.target.is_multivalued else f"{a}.{column}" for a in "wb")
        engine.run(
            f"insert into due select w.object_id, {name} from wish w left join ({before}) b "
            f"on b.identity_id = w.identity_id where {now} is distinct from {was}"
        )
        engine.run(
            f"insert into due select w.object_id, {name} from wish w join stored_pending p using (object_id) "
            f"where list_contains(json_keys(coalesce(p.before, '{{}}')), {name}) "
            f"or list_contains(json_keys(coalesce(p.after, '{{}}')), {name})"
        )
        engine.run(
            f"insert into due select w.object_id, {name} from wish w join link l using (object_id) where l.is_new"
        )


def keep_due_references(workspace: Workspace, rule: OutboundRule, flow: CompiledFlow) -> None:
    """Take from want_edge what was wanted before and is missing, from have_edge what was never wanted.

    What is pending stays due, and so does everything of an account whose link is new.
    """
    if is_enforced(rule, flow):
        return
    engine, attribute = workspace.engine, literal(flow.target.name)
    engine.run(
        "create or replace temp table wanted_before as select distinct a.object_id, l.object_id as dst_object "
        f"from {account_relation(rule.name)} a join stored_edge e on e.src = a.identity_id "
        f"and e.attr = {literal(flow.reference or '')} "
        "join (from stored_link union all from context_link) l on l.identity_id = e.dst "
        f"join object o on o.id = l.object_id and o.system = {literal(rule.system)}"
    )
    new = "object_id in (select object_id from link where is_new)"
    pending = (
        "(object_id, dst_object) in (select (object_id, dst_object) from stored_pending_edge "
        f"where attr = {attribute} and change = "
    )
    before = "(object_id, dst_object) in (select (object_id, dst_object) from wanted_before)"
    engine.run(
        "create or replace temp table free_edge as select object_id, dst_object from want_edge "
        "anti join have_edge using (object_id, dst_object) "
        f"where {before} and not {new} and not coalesce({pending}'add'), false)"
    )
    engine.run(
        "delete from have_edge where not coalesce((object_id, dst_object) in "
        "(select (object_id, dst_object) from want_edge), false) "
        f"and not coalesce({before}, false) and not {new} and not coalesce({pending}'remove'), false)"
    )
    engine.run("delete from want_edge where (object_id, dst_object) in (select (object_id, dst_object) from free_edge)")
