"""Which identities live on, wait for their deletion, or end."""

from accord.engine.expressions import attempt
from accord.engine.frames import literal, quote
from accord.model.rules import DeletionRule, DeletionTrigger, SourceMatch
from accord.sync.compiling import CompiledType
from accord.sync.problems import record
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
    now = int(workspace.now.timestamp() * 1_000_000)
    merged = merged_relation(name)
    _make_counting(workspace, name)
    engine.run(
        "create or replace temp table leaving as select s.id, coalesce(s.gone_since, "
        f"{now}) as gone_since from stored_identity s where s.type = {literal(name)} and {_is_left(deletion)}"
    )
    if deletion.trigger is DeletionTrigger.MANUAL:
        engine.run("delete from leaving")
    _spare(workspace, identity_type)
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


def _spare(workspace: Workspace, identity_type: CompiledType) -> None:
    """Take from leaving whoever meets `unless` as stored, or cannot be asked."""
    if identity_type.unless is None:
        return
    engine = workspace.engine
    engine.run(
        f"create or replace temp table verdict as select _id as id, {attempt(identity_type.unless.sql)} as v "
        f"from {quote(f'known:{identity_type.type.name}')} where _id in (select id from leaving)"
    )
    record(
        workspace,
        "SCOPE_FAILED",
        "select null::bigint as object_id, id as identity_id, 'deletion unless' as evidence from verdict "
        "where v is null",
        rule="",
    )
    engine.run("delete from leaving where id in (select id from verdict where v is null or v.v)")


def _make_counting(workspace: Workspace, identity_type: str) -> None:
    """Make counting(identity_id, system, is_new) of the links that keep identities alive, and had(identity_id, system).

    Both are of those identities of the type that are stored: only they can end.
    `system` is null where nobody can tell any more: the object is gone, and the rule of its link too.
    """
    engine, rules = workspace.engine, workspace.rules
    inbound = ", ".join(literal(i.rule.name) for i in rules.inbound) or "''"
    outbound = ", ".join(literal(o.rule.name) for o in rules.outbound) or "''"
    scopes = " union all ".join(f"select id from {scope_relation(i.rule.name)}" for i in rules.inbound)
    stored = f"select id from stored_identity where type = {literal(identity_type)}"
    # A rule may have been renamed since it made the link: then it counts while some inbound rule wants the object.
    engine.run(
        "create or replace temp table counting as select l.identity_id, o.system, l.is_new from link l "
        f"semi join ({stored}) i on i.id = l.identity_id "
        f"join object o on o.id = l.object_id where l.rule in ({inbound}) or (l.rule not in ({outbound}) "
        f"and l.how <> 'provisioned' and l.object_id in ({scopes or 'select 0::bigint where false'}))"
    )
    systems = ", ".join(f"({literal(i.rule.name)}, {literal(i.rule.system)})" for i in rules.inbound) or "('', '')"
    engine.run(
        "create or replace temp table had as select distinct l.identity_id, coalesce(o.system, r.system) as system "
        f"from stored_link l semi join ({stored}) i on i.id = l.identity_id left join object o on o.id = l.object_id "
        f"left join (values {systems}) r(rule, system) on r.rule = l.rule "
        f"where l.rule not in ({outbound}) and l.how <> 'provisioned'"
    )


def _is_left(deletion: DeletionRule) -> str:
    """Return the condition, over stored_identity s, of having lost what keeps it alive."""
    nobody = "s.id not in (select identity_id from counting)"
    if deletion.trigger is not DeletionTrigger.AUTHORITATIVE_SOURCE:
        return nobody
    sources = ", ".join(literal(s) for s in deletion.sources) or "''"
    of = f"system in ({sources})"
    if deletion.match is SourceMatch.ANY:
        lost = (
            f"s.id in (select identity_id from had where {of} and (identity_id, system) not in "
            "(select (identity_id, system) from counting))"
        )
        stays = f"s.gone_since is not null and s.id not in (select identity_id from counting where {of} and is_new)"
        return f"({nobody} or {lost} or ({stays}))"
    was = f"(s.gone_since is not null or s.id in (select identity_id from had where system is null or {of}))"
    return f"({nobody} or ({was} and s.id not in (select identity_id from counting where {of})))"
