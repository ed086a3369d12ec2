"""Which staged objects an inbound rule applies to."""

from accord.engine.expressions import attempt
from accord.sync.compiling import CompiledInbound
from accord.sync.problems import record
from accord.sync.relations import scope_relation
from accord.sync.workspace import Workspace, object_relation


def scope_objects(workspace: Workspace, inbound: CompiledInbound) -> None:
    """Make "scope:R"(id), the objects in the rule's scope.

    An object whose scope cannot be evaluated stays in scope when it is linked, and is a problem either way.
    """
    rule, engine = inbound.rule, workspace.engine
    objects = object_relation(rule.system, rule.object_type)
    result = scope_relation(rule.name)
    if inbound.scope is None:
        engine.run(f"create table {result} as select _id as id from {objects} where not _is_planned")
        return
    engine.run(
        f"create or replace temp table verdict as select _id as id, {attempt(inbound.scope.sql)} as v "
        f"from {objects} where not _is_planned"
    )
    record(
        workspace,
        "SCOPE_FAILED",
        "select id as object_id, null::bigint as identity_id, null as evidence from verdict where v is null",
        rule=rule.name,
    )
    engine.run(
        f"create table {result} as select id from verdict where v.v "
        "union all select id from verdict semi join stored_link l on l.object_id = verdict.id where v is null"
    )
