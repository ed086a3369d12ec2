"""What becomes of objects that belong to nobody."""

from accord.engine.frames import literal
from accord.sync.compiling import CompiledOutbound
from accord.sync.workspace import Workspace


def diff_unclaimed(workspace: Workspace, outbound: CompiledOutbound) -> None:
    """Add to wanted_export the deletion of objects that belong to nobody, where the rule deletes such.

    One that a problem, a review or a decision of a person is about is left alone: whose it is, is not settled.
    """
    rule = outbound.rule
    if not rule.deletes_unclaimed:
        return
    workspace.engine.run(
        f"insert into wanted_export select o.id, null, o.system, o.type, {literal(rule.name)}, 'delete', o.dn, "
        "null, null, null, 'unclaimed' from object o "
        f"where o.system = {literal(rule.system)} and o.type = {literal(rule.object_type)} and not o.is_planned "
        "and o.id not in (select object_id from link) and o.id not in (select object_id from stored_link) "
        "and o.id not in (select object_id from problem where object_id is not null) "
        "and o.id not in (select object_id from review) and o.id not in (select object_id from decision) "
        "and o.id not in (select object_id from wanted_export) and o.id not in (select id from context_object)"
    )
