"""A change of outbound rules alone: only what it touches is planned, and the plan is that of everything."""

import pytest

from accord.model.plan import SyncPlan
from accord.runs.sync_run import run_plan, run_sync
from worlds import World, assert_full_finds_nothing, people

_RULE = "rules/directory-user"
_FLOWS = (
    ("title: title", "title: upper(title)"),
    ("departmentNumber: department", "departmentNumber: {expression: department, initial_only: true}"),
    ("mail: account || '@example.org'", "mail: account || '@example.com'"),
    ("telephoneNumber: phone", "telephoneNumber: coalesce(phone, title)"),
)
_MORE = (
    ("scope: status = 'active'", "scope: status = 'active' and department = 'sales'"),
    ("on_leave: disable", "on_leave: disconnect"),
    ("provision: true", "provision: true\nenforce: false"),
    ("  manager: manager", ""),
)


@pytest.fixture
def settled(world: World) -> World:
    """Return a world in which everybody has an account, one person is away, and nothing is left to do."""
    world.make(people(30))
    world.cycle()
    rows = people(30)
    rows[4]["status"] = "away"
    world.write_hr(rows)
    world.cycle()
    run_sync(world.context)
    assert "nothing changed" in run_sync(world.context).activity.message
    return world


@pytest.mark.parametrize(("old", "new"), [*_FLOWS, *_MORE])
def test_a_changed_rule_is_planned_as_if_everything_were(settled: World, old: str, new: str) -> None:
    settled.edit(_RULE, old, new)
    narrow, whole = _plan_both(settled)
    assert narrow == whole


def test_what_waits_already_is_part_of_a_changed_rules_plan(settled: World) -> None:
    settled.edit(_RULE, *_FLOWS[0])
    run_sync(settled.context)
    settled.edit(_RULE, *_FLOWS[2])
    narrow, whole = _plan_both(settled)
    assert narrow == whole
    assert {"title", "mail"} <= set(str(whole["pending_put"][0]["after"]).split('"'))


def test_a_changed_inbound_rule_is_planned_in_full(settled: World) -> None:
    settled.edit("rules/hr-person", "status: lower(status)", "status: upper(status)")
    assert run_plan(settled.context).activity.message == ""


def test_a_synchronisation_after_a_changed_rule_leaves_nothing_to_do(settled: World) -> None:
    settled.edit(_RULE, *_FLOWS[0])
    result = run_sync(settled.context)
    assert result.activity.message == "the rules changed for directory alone, so nothing else was planned anew"
    settled.export()
    settled.import_("directory")
    titles = list(settled.target("title").values())
    assert (titles.count("CLERK"), titles.count("clerk")) == (29, 1)
    assert_full_finds_nothing(settled)


def _plan_both(world: World) -> tuple[dict[str, list[dict[str, object]]], dict[str, list[dict[str, object]]]]:
    """Return what is planned of what the change touches, and of everything."""
    narrow = run_plan(world.context)
    assert "nothing else was planned anew" in narrow.activity.message
    world.accord.store.settled.save({}, "", {})
    whole = run_plan(world.context)
    assert whole.activity.message == ""
    assert (narrow.counts, narrow.breaches) == (whole.counts, whole.breaches)
    return _content(world, narrow.plan_id), _content(world, whole.plan_id)


def _content(world: World, plan_id: str | None) -> dict[str, list[dict[str, object]]]:
    _, plan = world.accord.store.plans.read_plan(plan_id or "")
    assert isinstance(plan, SyncPlan)
    # Which patterns of provenance there are is told by every plan of identities, changed or not.
    return {name: frame.table.to_pylist() for name, frame in plan.frames().items() if name != "origins"}
