"""Identities that stand as they are stored, for a plan that decides about accounts alone."""

from accord.engine.frames import literal, quote
from accord.model.frames import Reviews
from accord.sync.deciding import decide
from accord.sync.generating import show_identities
from accord.sync.relations import merged_relation, scope_relation, value_column
from accord.sync.settling import begin_settling
from accord.sync.workspace import Workspace


def may_be_taken(workspace: Workspace) -> bool:
    """Tell whether no other outcome could come from deciding about identities and links once more.

    It could where an inbound rule might link an object that outbound rules, changed now, dealt with after it, or where
    links are of rules that are no longer there.
    """
    rules = workspace.rules
    every = [*(i.rule.name for i in rules.inbound), *(o.rule.name for o in rules.outbound)]
    names = ", ".join(literal(name) for name in every) or "''"
    strange = f"select exists (from stored_link where rule not in ({names}))"
    read = {(i.rule.system, i.rule.object_type) for i in rules.inbound}
    fed = ", ".join(f"({literal(s)}, {literal(t)})" for s, t in sorted(read)) or "('', '')"
    unlinked = (
        f"select exists (from object o anti join stored_link l on l.object_id = o.id "
        f"where not o.is_planned and (o.system, o.type) in ({fed}))"
    )
    return not workspace.engine.value(strange) and not workspace.engine.value(unlinked)


def take_identities(workspace: Workspace) -> None:
    """Make every relation that `settle_identities` makes, of what is stored."""
    engine, rules = workspace.engine, workspace.rules
    engine.run("create table link as select object_id, identity_id, rule, how, false as is_new from stored_link")
    engine.run("create table identity as select id, type from stored_identity")
    engine.run("create table held(object_id bigint)")
    engine.load("review", Reviews.SCHEMA.empty_table())
    engine.run("create table flow_error(rule varchar, attribute varchar, identity_id bigint)")
    for inbound in rules.inbound:
        engine.run(f"create table {scope_relation(inbound.rule.name)}(id bigint)")
    decide(workspace)
    begin_settling(workspace)
    for name, identity_type in rules.types.items():
        columns = "".join(f", {value_column(a)}" for a in workspace.identity_values(name))
        engine.run(
            f"create table {merged_relation(name)} as select id, '' as pattern{columns} from {quote(f'stored:{name}')}"
        )
        show_identities(workspace, identity_type)
    engine.run("create view new_edge as from stored_edge")
    engine.run("create table identity_change(id bigint, type varchar, origin bigint, operation varchar)")
