"""Stored plans: what was kept is what is applied, once, and only if it may be."""

import pytest
from store_builders import (
    NOW,
    add,
    begin,
    commit_sync,
    export,
    frame,
    header,
    import_plan,
    link,
    person,
    planned,
    reference,
    rows,
    sync_plan,
)

from accord.model.errors import ContractBroken, Held, NotFound, PlanStale, RowError, UsageError
from accord.model.frames import RestampedObjects
from accord.model.plan import Breach, Count, ImportPlan, PlanKind, PlanState, SyncPlan, Verdict
from accord.store import Store

PLAN = sync_plan(
    identities_added=[person(1, '{"name":"Łukasz"}')],
    identities_updated=[person(9, "{}", before='{"a":"b"}')],
    links_added=[link(5, 1)],
    objects_planned=[planned(5)],
    pending_put=[export(5, "create")],
    pending_edges_put=[reference(5, 5), reference(5, dst_text="CN=x")],
)


def same(one: SyncPlan | ImportPlan, other: SyncPlan | ImportPlan) -> bool:
    names = one.__dataclass_fields__
    pairs = [(getattr(one, n), getattr(other, n)) for n in names]
    return all(a.table.equals(b.table) if hasattr(a, "table") else a == b for a, b in pairs)


def test_a_synchronisation_plan_comes_back_as_it_was_kept(store: Store):
    kept = store.plans.save_plan(header(), PLAN)
    assert len(kept.digest) == 64
    found, plan = store.plans.read_plan("P1")
    assert found == kept
    assert same(plan, PLAN)


def test_an_import_plan_comes_back_as_it_was_kept(store: Store):
    made = import_plan(added=[add(1)], edges_added=[(1, "boss", "x")])
    plan = ImportPlan(
        **{n: getattr(made, n) for n in made.__dataclass_fields__ if n not in ("errors", "read", "restamped")},
        read=7,
        restamped=frame(RestampedObjects, {"id": 3, "hash": 4}),
        errors=(RowError(code="BAD", message="row is bad", at="row 3", anchor=None), RowError(code="X", message="y")),
    )
    store.plans.save_plan(header(kind=PlanKind.IMPORT), plan)
    assert same(store.plans.read_plan("P1")[1], plan)


def test_an_empty_plan_can_be_kept(store: Store):
    store.plans.save_plan(header(), SyncPlan())
    assert store.plans.read_plan("P1")[1].is_empty


def test_a_plan_of_many_parts_comes_back_whole_and_in_order(store: Store):
    plan = sync_plan(identities_added=[person(n) for n in range(70_000)])
    store.plans.save_plan(header(), plan)
    assert same(store.plans.read_plan("P1")[1], plan)


def test_the_header_tells_everything_without_the_frames(store: Store):
    count = Count(area="export", system="ad", object_type="user", operation="create", count=3)
    breach = Breach(system="ad", limit="create", count=3, out_of=4, allowed="1", message="too many")
    given = header(state=PlanState.HELD)
    given = type(given)(**{**{n: getattr(given, n) for n in given.__dataclass_fields__},
                           "counts": (count,), "verdict": Verdict(breaches=(breach,))})  # fmt: skip
    kept = store.plans.save_plan(given, PLAN)
    assert store.plans.read_header("P1") == kept
    assert kept.verdict.is_held
    assert kept.counts == (count,)
    with pytest.raises(NotFound):
        store.plans.read_header("P2")


def test_plans_are_listed_newest_first(store: Store):
    for number in (2, 10, 9):
        store.plans.save_plan(header(f"P{number}"), SyncPlan())
    store.plans.save_plan(header("P11", state=PlanState.HELD), SyncPlan())
    assert [h.id for h in store.plans.list_plans()] == ["P11", "P10", "P9", "P2"]
    assert [h.id for h in store.plans.list_plans(state=PlanState.HELD)] == ["P11"]
    assert [h.id for h in store.plans.list_plans(limit=1)] == ["P11"]


@pytest.mark.parametrize(
    "tamper",
    [
        "delete from plan_frame where name = 'links_added'",
        "update plan_frame set name = 'links_removed' where name = 'links_added'",
        "update plan set digest = 'x'",
    ],
)
def test_a_plan_whose_rows_were_changed_is_refused(store: Store, tamper: str):
    store.plans.save_plan(header(), PLAN)
    if "links_removed" in tamper:
        store._database.execute("delete from plan_frame where name = 'links_removed'")
    store._database.execute(tamper)
    with pytest.raises(ContractBroken, match="digest"):
        store.plans.read_plan("P1")


def test_a_plan_is_applied_once(store: Store):
    store.plans.save_plan(header(), PLAN)
    store.plans.commit_sync([PLAN], activity=begin(store), versions={"metaverse": 0}, plan_id="P1")
    assert store.plans.read_header("P1").state is PlanState.APPLIED
    assert [r["id"] for r in rows(store.metaverse.read_identities())] == [1]
    with pytest.raises(UsageError, match="applied already"):
        store.plans.commit_sync([PLAN], activity=begin(store), versions={}, plan_id="P1")


def test_a_held_plan_is_applied_only_after_its_release(store: Store):
    store.plans.save_plan(header(state=PlanState.HELD), PLAN)
    with pytest.raises(Held) as caught:
        store.plans.commit_sync([PLAN], activity=begin(store), versions={}, plan_id="P1")
    assert caught.value.plan_id == "P1"
    assert len(store.metaverse.read_identities()) == 0
    released = store.plans.set_state("P1", PlanState.RELEASED, person="ann", reason="the merger")
    assert (released.state, released.released_by, released.release_reason) == (
        PlanState.RELEASED, "ann", "the merger"
    )  # fmt: skip
    store.plans.commit_sync([PLAN], activity=begin(store), versions={}, plan_id="P1")
    assert store.plans.read_header("P1").state is PlanState.APPLIED


def test_a_held_import_needs_its_release_too(store: Store):
    plan = import_plan(added=[add(1)])
    store.plans.save_plan(header(state=PlanState.HELD, kind=PlanKind.IMPORT), plan)
    with pytest.raises(Held):
        store.connector_space.commit_import(plan, activity=begin(store), versions={}, plan_id="P1")
    assert len(store.connector_space.read_objects("hr")) == 0


@pytest.mark.parametrize(
    ("now", "wanted"),
    [
        (PlanState.READY, PlanState.RELEASED),
        (PlanState.APPLIED, PlanState.DISCARDED),
        (PlanState.DISCARDED, PlanState.RELEASED),
        (PlanState.HELD, PlanState.APPLIED),
        (PlanState.HELD, PlanState.READY),
    ],
)
def test_a_state_is_not_reached_by_another_way(store: Store, now: PlanState, wanted: PlanState):
    store.plans.save_plan(header(state=now), SyncPlan())
    with pytest.raises(UsageError):
        store.plans.set_state("P1", wanted, person="ann", reason="because")
    assert store.plans.read_header("P1").state is now


def test_a_release_has_a_person_and_a_reason(store: Store):
    store.plans.save_plan(header(state=PlanState.HELD), SyncPlan())
    with pytest.raises(UsageError, match="reason"):
        store.plans.set_state("P1", PlanState.RELEASED, person="ann", reason="")


def test_a_discarded_plan_cannot_be_applied(store: Store):
    store.plans.save_plan(header(), PLAN)
    store.plans.set_state("P1", PlanState.DISCARDED, person="ann", reason="wrong file")
    with pytest.raises(UsageError, match="discarded"):
        store.plans.commit_sync([PLAN], activity=begin(store), versions={}, plan_id="P1")


def test_a_stale_plan_stays_as_it_was(store: Store):
    store.plans.save_plan(header(), PLAN)
    commit_sync(store, identities_added=[person(77)])
    with pytest.raises(PlanStale):
        store.plans.commit_sync([PLAN], activity=begin(store), versions={"metaverse": 0}, plan_id="P1")
    assert store.plans.read_header("P1").state is PlanState.READY


def test_a_run_that_lost_its_turn_commits_nothing(store: Store):
    mine = store.leases.acquire("ad", "me", 60, now=NOW)
    store.leases.acquire("ad", "me", 60, now=NOW)
    with pytest.raises(PlanStale, match="lost its turn"):
        store.plans.commit_sync([PLAN], activity=begin(store), versions={}, leases=[mine])
    assert len(store.metaverse.read_identities()) == 0
