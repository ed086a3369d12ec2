"""The whole synchronisation, top to bottom: which stages there are and in which order."""

from collections.abc import Collection, Iterator
from dataclasses import dataclass, fields
from datetime import datetime

from accord.engine.frames import literal, quote
from accord.model.plan import Count, SyncPlan, Verdict
from accord.sync.contributing import contribute
from accord.sync.counting import count_changes
from accord.sync.deciding import decide
from accord.sync.ending import end_identities
from accord.sync.exporting import diff_desired, merge_pending
from accord.sync.generating import generate_unique_values, show_identities
from accord.sync.joining import join, keep_links, may_join_more, project
from accord.sync.leaving import diff_leavers
from accord.sync.limits import check_limits
from accord.sync.lookups import note_contributed, note_settled
from accord.sync.plan_frames import (
    identity_document,
    read_changes_of_identities,
    read_exports,
    read_links,
    read_new_identities,
    read_parts,
    select_new_identities,
)
from accord.sync.provisioning import forget_planned, leave, provision
from accord.sync.references import name_targets, resolve_references
from accord.sync.relations import merged_relation
from accord.sync.scoping import scope_objects
from accord.sync.settling import begin_settling, settle_precedence
from accord.sync.taking import take_identities
from accord.sync.unclaimed import diff_unclaimed
from accord.sync.workspace import Workspace, staged_relation


@dataclass(frozen=True, slots=True, kw_only=True)
class Decided:
    """What is known of a plan before its frames are read: its table of counts and the guard's verdict.

    `is_timeless` tells that a later time alone would not change it: no rule asks the time, nobody waits for deletion.
    `at` is the time for which it was made.
    `may_join_more` tells that new links may lead to more: an object is left without identity, or an account was joined
    whose values nobody has read yet.
    """

    counts: tuple[Count, ...]
    verdict: Verdict
    at: datetime
    is_timeless: bool = False
    may_join_more: bool = True

    def with_plan(self, plan: SyncPlan) -> "Planned":
        """Return it together with the plan."""
        return Planned(plan=plan, **{f.name: getattr(self, f.name) for f in fields(Decided)})


@dataclass(frozen=True, slots=True, kw_only=True)
class Planned(Decided):
    """A plan with what was decided about it."""

    plan: SyncPlan


def plan_sync(workspace: Workspace) -> Planned:
    """Return what synchronising the workspace's objects changes. The workspace keeps every stage's relations."""
    return decide_sync(workspace).with_plan(SyncPlan.joined(read_parts(workspace)))


def decide_sync(workspace: Workspace) -> Decided:
    """Decide what synchronising the workspace's objects changes; `read_parts` gives it afterwards."""
    return Unfolding(workspace).decide()


class Unfolding:
    """A plan in the making: identities are settled at once, accounts when they are asked for.

    So its first parts can be written while the rest is still being decided about. What is written must be taken back
    when the guard's verdict, which is known last, is against it.
    """

    def __init__(self, workspace: Workspace) -> None:
        self.workspace = workspace
        self._are_placed = False
        self._decided: Decided | None = None
        if workspace.is_settled:
            take_identities(workspace)
        else:
            settle_identities(workspace)

    def decide(self) -> Decided:
        """Decide about everything that is still open."""
        if self._decided is None:
            self._place()
            compare_accounts(self.workspace)
            self._decided = _decided(self.workspace)
        return self._decided

    def parts(self) -> Iterator[SyncPlan]:
        """Yield what `read_parts` yields, each part as soon as it is decided."""
        yield read_changes_of_identities(self.workspace)
        self._place()
        yield read_links(self.workspace)
        self.decide()
        yield read_exports(self.workspace)
        yield read_new_identities(self.workspace)

    def _place(self) -> None:
        if not self._are_placed:
            place_accounts(self.workspace)
            self._are_placed = True


def _decided(workspace: Workspace) -> Decided:
    return Decided(
        counts=count_changes(workspace),
        verdict=check_limits(workspace),
        at=workspace.now,
        is_timeless=not workspace.rules.asks_the_time and not workspace.engine.value("select count(*) from gone"),
        may_join_more=may_join_more(workspace),
    )


def settle_identities(workspace: Workspace) -> None:
    """Decide the metaverse: links, values, unique values, endings, references."""
    rules = workspace.rules
    for inbound in rules.inbound:
        scope_objects(workspace, inbound)
    keep_links(workspace)
    decide(workspace)
    for position, inbound in enumerate(rules.inbound):
        join(workspace, inbound, rules.inbound[:position])
        project(workspace, inbound)
        contribute(workspace, inbound)
    _contribute_again(workspace)
    if workspace.is_remembered:
        note_contributed(workspace)
    _drop_sources(workspace)
    begin_settling(workspace)
    for identity_type in rules.types.values():
        settle_precedence(workspace, identity_type)
        end_identities(workspace, identity_type)
        generate_unique_values(workspace, identity_type)
        show_identities(workspace, identity_type)
    if workspace.is_remembered:
        note_settled(workspace)
    resolve_references(workspace)
    _diff_identities(workspace)


def _drop_sources(workspace: Workspace) -> None:
    """Let go of the values of objects that only fed the metaverse: nothing compares or writes them."""
    rules = workspace.rules
    needed = {(o.rule.system, o.rule.object_type) for o in rules.outbound}
    needed |= {(s, t) for m in rules.types.values() for u in m.uniques for s, t, _ in u.unique.taken_in}
    workspace.drop(*(staged_relation(s, t) for s, t in rules.object_types() if (s, t) not in needed))


def _contribute_again(workspace: Workspace) -> None:
    """Let rules contribute for objects that a later rule of the same object type linked."""
    inbound = workspace.rules.inbound
    for position, earlier in enumerate(inbound):
        if any(
            (later.rule.system, later.rule.object_type) == (earlier.rule.system, earlier.rule.object_type)
            for later in inbound[position + 1 :]
        ):
            contribute(workspace, earlier)


def settle_accounts(workspace: Workspace) -> None:
    """Decide what every target should hold, and the pending exports that get it there."""
    place_accounts(workspace)
    compare_accounts(workspace)


def place_accounts(workspace: Workspace) -> None:
    """Decide who keeps, gets or loses an account, and under which name."""
    engine, outbound = workspace.engine, workspace.rules.outbound
    engine.run("create table kept_elsewhere(identity_id bigint, system varchar, type varchar, slot varchar, "
               "object_id bigint)")  # fmt: skip
    engine.run("create table left_account(object_id bigint, identity_id bigint, rule varchar, action varchar)")
    engine.run("create table edge_account(object_id bigint, identity_id bigint, rule varchar)")
    engine.run("create table wanted_edge(object_id bigint, attr varchar, change varchar, dst_object bigint, "
               "dst_text varchar)")  # fmt: skip
    engine.run("create table wanted_export(object_id bigint, identity_id bigint, system varchar, type varchar, "
               "rule varchar, operation varchar, dn varchar, new_dn varchar, before varchar, after varchar, "
               "reason varchar)")  # fmt: skip
    for rule in outbound:
        provision(workspace, rule)
    for system, object_type in dict.fromkeys((o.rule.system, o.rule.object_type) for o in outbound):
        leave(workspace, system, object_type)
    forget_planned(workspace)


def compare_accounts(workspace: Workspace) -> None:
    """Decide what every account should hold, and the pending exports that get it there."""
    outbound = workspace.rules.outbound
    referring = {o.rule.system for o in outbound for f in o.flows if f.reference is not None}
    name_targets(workspace, referring, with_planned=True)
    _make_system_accounts(workspace, referring)
    for rule in outbound:
        diff_desired(workspace, rule)
        diff_leavers(workspace, rule)
    for rule in outbound:
        diff_unclaimed(workspace, rule)
    merge_pending(workspace)


def _make_system_accounts(workspace: Workspace, systems: Collection[str]) -> None:
    """Make system_account(identity_id, system, object_id): what a reference in that system to the identity names."""
    wanted = ", ".join(literal(s) for s in sorted(systems)) or "''"
    # Of one system alone numbers are all there is to group by.
    system, by = (literal(next(iter(systems))), "l.identity_id") if len(systems) == 1 else ("o.system", "all")
    slot = workspace.rules.slot_of("l.rule")
    first = f"arg_min(l.object_id, (coalesce({slot}, '') <> '', l.object_id))"
    if not any(o.rule.slot for o in workspace.rules.outbound):
        first = "min(l.object_id)"
    workspace.engine.run(
        f"create table system_account as select l.identity_id, {system} as system, {first} as object_id from link l "
        f"join object o on o.id = l.object_id and o.system in ({wanted}) "
        "anti join left_account x on x.object_id = l.object_id and x.action = 'delete' "
        f"anti join context_leaving y on y.id = l.object_id group by {by}"
    )


def _diff_identities(workspace: Workspace) -> None:
    """Make identity_change(id, type, origin, operation); the documents are put together once, for the plan."""
    engine = workspace.engine
    engine.run("create table identity_change(id bigint, type varchar, origin bigint, operation varchar)")
    for name in workspace.rules.types:
        documents, type_name = quote(f"documents:{name}"), literal(name)
        patterns = f"left join (select pattern, id from new_origin where type = {type_name}) n on n.pattern = "
        new = select_new_identities(workspace, name, with_document=False)
        engine.run(f"insert into identity_change select id, type, origin, 'add' from ({new})")
        engine.run(
            f"insert into identity_change select q.id, {type_name}, coalesce(n.id, q.stored_origin, 0), 'update' "
            f"from (select m.id, m.pattern, {identity_document(workspace, name)} as doc, s.doc as before, "
            f"i.origin as stored_origin from {merged_relation(name)} m join {documents} s on s.id = m.id "
            f"join stored_identity i on i.id = m.id) q {patterns} q.pattern where q.doc <> q.before "
            "or coalesce(n.id, q.stored_origin, 0) <> coalesce(q.stored_origin, 0)"
        )
        engine.run(
            f"insert into identity_change select e.id, e.type, null, 'remove' from ended e "
            f"semi join {documents} s on s.id = e.id where e.type = {type_name}"
        )
