"""What persons decided about links, carried out before any rule: join, split, never.

A decision that cannot hold is a problem with its reason; its object stays as it was.
"""

from accord.engine.frames import literal
from accord.model.rules import InboundRule, OutboundRule
from accord.sync.problems import record
from accord.sync.relations import scope_relation
from accord.sync.workspace import Workspace

BY_HAND = "joined by hand"
_CODES = ("DECISION_GONE", "DECISION_WITHOUT_RULE", "DECISION_TAKEN")


def decide(workspace: Workspace) -> None:
    """Bring link in line with the decisions; needs link as `keep_links` leaves it.

    Makes parted(object_id, identity_id), the stored links that a decision ends; decided(object_id, identity_id, ...),
    the joins that hold; never(object_id, identity_id), pairs that are no match.
    """
    engine = workspace.engine
    engine.run(
        "create table parted as select distinct l.object_id, l.identity_id from stored_link l join decision d "
        "on d.object_id = l.object_id and d.identity_id = l.identity_id and d.kind in ('split', 'never') "
        "join object o on o.id = l.object_id and not o.is_planned"
    )
    engine.run("create table never as select object_id, identity_id from decision where kind = 'never'")
    _find_candidates(workspace)
    if not engine.value("select count(*) from decision"):
        return
    _refuse_impossible(workspace)
    _refuse_taken(workspace)
    _part(workspace)
    _link(workspace)
    for code in _CODES:
        record(
            workspace,
            code,
            "select object_id, identity_id, 'identity ' || identity_id::varchar as evidence from refused_decision "
            f"where code = {literal(code)}",
            rule="",
        )
    engine.run("insert into held select object_id from refused_decision anti join link using (object_id)")


def _find_candidates(workspace: Workspace) -> None:
    engine = workspace.engine
    engine.run(
        "create table decided as select d.object_id, d.identity_id, o.system, o.type, i.type as identity_type, "
        "null::varchar as rule, false as is_many, l.object_id is not null as is_stored from decision d "
        "join object o on o.id = d.object_id and not o.is_planned "
        "left join stored_identity i on i.id = d.identity_id "
        "left join stored_link l on l.object_id = d.object_id and l.identity_id = d.identity_id where d.kind = 'join'"
    )
    engine.run("create temp table refused_decision(object_id bigint, identity_id bigint, code varchar)")


def _refuse_impossible(workspace: Workspace) -> None:
    """Give each decision the rule in whose name its link is made; those without identity or rule cannot hold."""
    _refuse(workspace, "DECISION_GONE", "identity_type is null")
    rules = workspace.rules
    inbound = [i.rule for i in rules.inbound]
    for rule in (r for r in inbound if r.joins or r.projects):
        _name(workspace, rule, f"object_id in (select id from {scope_relation(rule.name)})")
    for outbound in rules.outbound:
        _name(workspace, outbound.rule, "true")
    for rule in inbound:
        _name(workspace, rule, f"object_id in (select id from {scope_relation(rule.name)})")
    _refuse(workspace, "DECISION_WITHOUT_RULE", "rule is null and not is_stored")


def _name(workspace: Workspace, rule: InboundRule | OutboundRule, condition: str) -> None:
    is_many = isinstance(rule, InboundRule) and rule.joins_many
    workspace.engine.run(
        f"update decided set rule = {literal(rule.name)}, is_many = {str(is_many).lower()} "
        f"where rule is null and system = {literal(rule.system)} "
        f"and type = {literal(rule.object_type)} and identity_type = {literal(rule.identity_type)} and {condition}"
    )


def _refuse_taken(workspace: Workspace) -> None:
    """Drop decisions whose identity has another object there, until those left do not stand in each other's way.

    What cannot hold leaves its object where it is, and there it may stand in the way of another.
    """
    taken = (
        "exists (select 1 from decided d where d.identity_id = c.identity_id and d.object_id <> c.object_id "
        "and d.system = c.system and d.type = c.type) "
        "or exists (select 1 from link l join object o on o.id = l.object_id "
        "where l.identity_id = c.identity_id and l.object_id <> c.object_id and o.system = c.system "
        "and o.type = c.type and l.object_id not in (select object_id from decided) "
        f"and coalesce({workspace.rules.slot_of('l.rule')}, '') = '' "
        "and (l.object_id, l.identity_id) not in (select (object_id, identity_id) from parted) "
        "and (not o.is_planned or l.object_id in (select object_id from stored_pending where state = 'unknown')))"
    )
    while _refuse(workspace, "DECISION_TAKEN", f"(object_id, identity_id) in (select (c.object_id, c.identity_id) "
                  f"from decided c where not c.is_stored and not c.is_many and ({taken}))"):  # fmt: skip
        continue


def _refuse(workspace: Workspace, code: str, condition: str) -> int:
    engine = workspace.engine
    before = int(engine.value("select count(*) from decided"))
    engine.run(
        f"insert into refused_decision select object_id, identity_id, {literal(code)} from decided where {condition}"
    )
    engine.run("delete from decided where object_id in (select object_id from refused_decision)")
    return before - int(engine.value("select count(*) from decided"))


def _part(workspace: Workspace) -> None:
    """End links of objects that go elsewhere, and the planned accounts that give way to joined ones."""
    engine = workspace.engine
    engine.run(
        "insert into parted select l.object_id, l.identity_id from stored_link l join decided d "
        "on d.object_id = l.object_id and d.identity_id <> l.identity_id "
        "anti join parted p on p.object_id = l.object_id and p.identity_id = l.identity_id"
    )
    engine.run("delete from link where (object_id, identity_id) in (select (object_id, identity_id) from parted)")
    engine.run(
        "delete from link where object_id in (select o.id from object o join link l on l.object_id = o.id "
        "join decided d on d.identity_id = l.identity_id and d.system = o.system and d.type = o.type "
        f"where o.is_planned and coalesce({workspace.rules.slot_of('l.rule')}, '') = '' "
        "and o.id not in (select object_id from stored_pending where state = 'unknown'))"
    )


def _link(workspace: Workspace) -> None:
    """Put back the links that are there, and make the others."""
    engine = workspace.engine
    engine.run(
        "insert into link select s.object_id, s.identity_id, s.rule, s.how, false from stored_link s "
        "join decided d on d.object_id = s.object_id and d.identity_id = s.identity_id "
        "anti join link l on l.object_id = s.object_id"
    )
    engine.run(
        f"insert into link select object_id, identity_id, rule, {literal(BY_HAND)}, true from decided "
        "anti join link using (object_id)"
    )
