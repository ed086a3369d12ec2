"""Which identities live on, wait for their deletion, or end."""

from accord.engine.frames import literal, quote
from accord.model.rules import DeletionTrigger
from accord.sync.compiling import CompiledType
from accord.sync.relations import merged_relation, scope_relation, value_column
from accord.sync.workspace import Workspace

_DAY_MICROSECONDS = 86_400_000_000


def end_identities(workspace: Workspace, identity_type: CompiledType) -> None:
    """Decide who ends, and complete "merged:M" with the identities that stay without any contribution.

    Fills gone(id, gone_since) for those that wait, ended(id, type) for those that end now. An identity in its
    grace period keeps the values it had; so does one that only a person may end. Links made by outbound rules
    do not keep an identity alive: an account that Accord itself made is no reason for a person to stay.
    """
    engine, name = workspace.engine, identity_type.type.name
    deletion = identity_type.type.deletion
    engine.run("create table if not exists gone(id bigint, gone_since bigint)")
    engine.run("create table if not exists ended(id bigint, type varchar)")
    now = int(workspace.now.timestamp() * 1_000_000)
    merged = merged_relation(name)
    engine.run(
        "create or replace temp table leaving as select s.id, coalesce(s.gone_since, "
        f"{now}) as gone_since from stored_identity s where s.type = {literal(name)} and {_is_left(workspace, name)}"
    )
    if deletion.trigger is DeletionTrigger.MANUAL:
        engine.run("delete from leaving")
    grace = deletion.grace_days * _DAY_MICROSECONDS
    engine.run(f"insert into ended select id, {literal(name)} from leaving where gone_since + {grace} <= {now}")
    engine.run("insert into gone select id, gone_since from leaving anti join ended using (id)")
    # Who waits keeps all values, also those that a source still there would change.
    engine.run(f"delete from {merged} where id in (select id from ended union all select id from gone)")
    engine.run("delete from contributing where id in (select id from gone)")
    columns = "".join(f", {value_column(a)}" for a in workspace.identity_values(name))
    engine.run(
        f"insert into {merged} (id, pattern{columns}) select s.id, null{columns} from {quote(f'stored:{name}')} s "
        f"anti join {merged} m on m.id = s.id anti join ended e on e.id = s.id"
    )
    engine.run("delete from link where identity_id in (select id from ended where type = " + literal(name) + ")")


def _is_left(workspace: Workspace, identity_type: str) -> str:
    """Return the condition, over stored_identity s, of having lost what keeps it alive."""
    deletion = workspace.rules.types[identity_type].type.deletion
    inbound = ", ".join(literal(i.rule.name) for i in workspace.rules.inbound) or "''"
    outbound = ", ".join(literal(o.rule.name) for o in workspace.rules.outbound) or "''"
    scopes = " union all ".join(f"select id from {scope_relation(i.rule.name)}" for i in workspace.rules.inbound)
    # A rule may have been renamed since it made the link: then it counts while some inbound rule wants the object.
    keeps = (
        f"(l.rule in ({inbound}) or (l.rule not in ({outbound}) and l.how <> 'provisioned' "
        f"and l.object_id in ({scopes or 'select 0::bigint where false'})))"
    )
    if deletion.trigger is DeletionTrigger.AUTHORITATIVE_SOURCE:
        sources = ", ".join(literal(s) for s in deletion.sources) or "''"
        keeps += f" and o.system in ({sources})"
    return f"s.id not in (select l.identity_id from link l join object o on o.id = l.object_id where {keeps})"
