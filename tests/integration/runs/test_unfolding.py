"""A plan that is written while it is still being decided about: the same in the end, and nothing where it is held."""

from dataclasses import replace

import pytest

from accord.model.errors import Held
from accord.model.plan import PlanState
from accord.model.rules import Guard, Limit
from accord.runs import sync_run
from accord.runs.context import Context
from accord.runs.sync_run import apply_plan, run_sync
from accord.store.history import Subject
from worlds import World, assert_full_finds_nothing, counted, people


@pytest.fixture
def unfolding(world: World, monkeypatch: pytest.MonkeyPatch) -> World:
    """Return a world that was read, where the smallest plan is written as it unfolds."""
    monkeypatch.setattr(sync_run, "_LONG", 1)
    world.make(people(30))
    world.import_all()
    return world


def test_a_plan_written_as_it_unfolds_is_written_whole(unfolding: World) -> None:
    result = run_sync(unfolding.context)
    assert counted(result)["metaverse", "add"] == 30
    assert (len(unfolding.identities()), len(unfolding.pending())) == (30, 30)
    assert {p["after"]["mail"] for p in unfolding.pending()} >= {"alee1@example.org", "alee30@example.org"}
    assert unfolding.export().counts[0].count == 30
    unfolding.import_("directory")
    assert_full_finds_nothing(unfolding)


def test_what_begins_is_told_by_its_beginning_alone(unfolding: World) -> None:
    run_sync(unfolding.context)
    clerk = unfolding.identities()["E002"]["_id"]
    assert unfolding.accord.store.metaverse.read_identity_edges_of([clerk]).table.num_rows == 1
    told = [c.operation for c in unfolding.accord.store.history.timeline(Subject.IDENTITY, clerk)]
    assert told == ["add"]


def test_nothing_stays_of_a_plan_that_is_held_at_its_end(unfolding: World) -> None:
    unfolding.change_target("insert into users (uid, cn, sn) values ('old', 'Old', 'Old')")
    unfolding.import_("directory")
    context = _with_guard(unfolding, Guard(create=Limit(count=3, free=0)))
    with pytest.raises(Held) as held:
        run_sync(context)
    assert (unfolding.identities(), unfolding.pending(), len(unfolding.accord.store.metaverse.read_links())) == (
        {},
        [],
        0,
    )

    header, plan = unfolding.accord.store.plans.read_plan(held.value.plan_id)
    assert (header.state, len(plan.frames()["identities_added"]), len(plan.frames()["pending_put"])) == (
        PlanState.HELD, 30, 30,
    )  # fmt: skip
    unfolding.accord.store.plans.set_state(header.id, PlanState.RELEASED, person="ann", reason="new company")
    apply_plan(context, header.id)
    assert len(unfolding.identities()) == 30


def _with_guard(world: World, guard: Guard) -> Context:
    rules = world.context.rules
    directory = replace(rules.systems["directory"], guard=guard)
    return replace(world.context, rules=replace(rules, systems={**rules.systems, "directory": directory}))
