"""The guard stops a run before its first write, keeps the plan, and gives way to a named person with a reason."""

from collections.abc import Callable

import pytest

from accord.model.errors import Held, IncompleteRead, PlanStale, SystemRefused, UsageError
from accord.model.plan import PlanState
from accord.operations.plans import apply, release_plan
from accord.runs.sync_run import apply_plan, run_plan
from accord.store.activities import ActivityState
from worlds import HR_COLUMNS, World, counted, people, person

Damage = Callable[[World], None]


def empty(world: World) -> None:
    world.write_hr([])


def truncated_between_rows(world: World) -> None:
    lines = world.hr_file.read_bytes().splitlines(keepends=True)
    world.hr_file.write_bytes(b"".join(lines[:10]))


def a_third_missing(world: World) -> None:
    world.write_hr(people(16))


def blank_column(world: World) -> None:
    # Blank, but still named in the header.
    world.write_hr({**row, "title": ""} for row in people(25))


def blank_references(world: World) -> None:
    world.write_hr({**row, "manager": ""} for row in people(25))


def unreadable_column(world: World) -> None:
    world.write_hr({**row, "hired": "soon"} for row in people(25))


@pytest.mark.parametrize(
    ("damage", "limit"),
    [
        (empty, "source_drop"),
        (truncated_between_rows, "source_drop"),
        (a_third_missing, "source_drop"),
        (unreadable_column, "source_errors"),
    ],
)
def test_a_source_that_looks_wrong_is_held_and_nothing_is_taken_over(
    local_settled: World, damage: Damage, limit: str
) -> None:
    world = local_settled
    before = world.staged("hr")
    damage(world)
    with pytest.raises(Held) as caught:
        world.import_("hr")
    assert caught.value.plan_id in caught.value.message
    assert "accord release" in caught.value.remedy
    assert "hr" in caught.value.message
    assert world.staged("hr") == before
    header = world.accord.store.plans.read_header(caught.value.plan_id)
    assert header.state is PlanState.HELD
    assert limit in [breach.limit for breach in header.verdict.breaches]
    assert world.last_activity().plan_id == header.id


def test_a_held_run_is_recorded_as_held(local_settled: World) -> None:
    empty(local_settled)
    with pytest.raises(Held):
        local_settled.import_("hr")
    held = local_settled.last_activity()
    assert held.state is ActivityState.HELD
    assert "25 of 25" in held.message
    assert [(c.operation, c.count) for c in held.counts] == [("remove", 25)]


def test_a_file_cut_off_in_a_row_is_no_complete_read(local_settled: World) -> None:
    before = local_settled.staged("hr")
    local_settled.hr_file.write_bytes(local_settled.hr_file.read_bytes()[:-30])
    with pytest.raises(IncompleteRead, match="middle of a row") as caught:
        local_settled.import_("hr")
    assert caught.value.place == str(local_settled.hr_file)
    assert "copy it again" in caught.value.remedy
    assert local_settled.staged("hr") == before
    assert local_settled.last_activity().state is ActivityState.FAILED


@pytest.mark.parametrize("damage", [blank_column, blank_references])
def test_a_mapped_column_gone_blank_is_held(local_settled: World, damage: Damage) -> None:
    world = local_settled
    before = world.staged("hr")
    damage(world)
    with pytest.raises(Held, match=r"lost (title|manager)"):
        world.import_("hr")
    assert world.staged("hr") == before


def test_a_mapped_column_gone_missing_is_refused_by_name(local_settled: World) -> None:
    before = local_settled.staged("hr")
    local_settled.write_hr(people(25), columns=[c for c in HR_COLUMNS if c != "title"])
    with pytest.raises(SystemRefused, match="title") as caught:
        local_settled.import_("hr")
    assert caught.value.place == str(local_settled.hr_file)
    assert caught.value.remedy
    assert local_settled.staged("hr") == before


def test_a_held_import_is_applied_as_it_was_planned_once_somebody_releases_it(settled: World) -> None:
    settled.write_hr(people(10))
    with pytest.raises(Held) as caught:
        settled.import_("hr")
    plan_id = caught.value.plan_id
    with pytest.raises(Held):
        apply_plan(settled.context, plan_id)
    assert len(settled.staged("hr")) == 25
    with pytest.raises(UsageError, match="reason"):
        release_plan(settled.context, plan_id, by="Eve Boss", reason=" ")

    released = release_plan(settled.context, plan_id, by="Eve Boss", reason="the other half was sold")
    assert (released.state, released.released_by) == ("released", "Eve Boss")
    # What the file says meanwhile does not matter: the plan is applied, not the file.
    settled.write_hr(people(3))
    assert counted(apply_plan(settled.context, plan_id))["connector space", "remove"] == 15
    assert sorted(settled.staged("hr")) == [row["number"] for row in people(10)]
    header = settled.accord.store.plans.read_header(plan_id)
    assert (header.state, header.release_reason) == (PlanState.APPLIED, "the other half was sold")
    with pytest.raises((PlanStale, UsageError, Held)):
        apply_plan(settled.context, plan_id)
    with pytest.raises(PlanStale, match="was applied already"):
        apply(settled.context, plan_id)


def test_more_disabled_accounts_than_the_limit_are_held_with_nothing_written(settled: World) -> None:
    before = (settled.identities(), settled.target("active"))
    settled.write_hr([person(n, status="left" if n > 17 else "active") for n in range(1, 26)])
    settled.import_("hr")
    with pytest.raises(Held, match="to disable: 8 of 25") as caught:
        settled.sync()
    assert (settled.identities(), settled.target("active")) == before
    assert settled.pending() == []
    assert counted(settled.export()) == {}
    [breach] = settled.accord.store.plans.read_header(caught.value.plan_id).verdict.breaches
    assert (breach.system, breach.limit, breach.count, breach.out_of) == ("directory", "disable", 8, 25)
    assert breach.allowed == "10 % of 25"

    release_plan(settled.context, caught.value.plan_id, by="Eve Boss", reason="the plant closes")
    apply(settled.context, caught.value.plan_id)
    assert settled.pending_kinds() == [("disable", "pending")] * 8
    settled.export()
    assert sorted(settled.target("active").values()) == ["false"] * 8 + ["true"] * 17
    deeds = [entry.deed for entry in settled.accord.store.audit.list()]
    assert [(d.action, d.reason) for d in deeds] == [
        ("plan.release", "the plant closes"),
        ("plan.apply", "the plant closes"),
    ]
    assert deeds[0].detail["by"] == "Eve Boss"


LIMITS = """
guard:
  create: {count: 2, free: 0}
  update: {count: 2, percent: null, free: 0}
  disable: {percent: 8, free: 0}
"""


def test_each_limit_holds_above_its_number_and_lets_pass_at_it(local_settled: World) -> None:
    world = local_settled
    world.edit("systems/directory", "system: directory\n", f"system: directory{LIMITS}")

    def change(count: int) -> None:
        changed = [person(n, title="boss") for n in range(1, count + 1)]
        leaving = [person(n, status="left") for n in range(count + 1, 2 * count + 1)]
        world.write_hr([*changed, *leaving, *people(25 + count)[2 * count :]])
        world.import_("hr")

    change(3)
    with pytest.raises(Held) as caught:
        world.sync()
    assert world.pending() == []
    breaches = world.accord.store.plans.read_header(caught.value.plan_id).verdict.breaches
    assert [(b.limit, b.count, b.allowed) for b in breaches] == [
        ("create", 3, "2"),
        ("update", 3, "2"),
        ("disable", 3, "8 % of 25"),
    ]
    change(2)
    world.sync()
    operations = sorted(operation for operation, _ in world.pending_kinds())
    assert operations == ["create", "create", "disable", "disable", "update", "update"]


def test_a_rule_that_would_delete_everybody_is_held_by_default(local_settled: World) -> None:
    world = local_settled
    world.edit("rules/directory-user", "on_leave: disable\ndisable: {active: false}", "on_leave: delete")
    world.edit("rules/directory-user", "scope: status = 'active'", "scope: status = 'aktive'")
    with pytest.raises(Held, match="to delete: 25 of 25"):
        world.sync()
    assert world.pending() == []
    assert len(world.target()) == 25


def test_a_rule_that_would_blank_an_attribute_of_everybody_is_held(local_settled: World) -> None:
    world = local_settled
    world.edit("rules/directory-user", "departmentNumber: department", "departmentNumber: nullif(1, 1)::text")
    with pytest.raises(Held, match="lose departmentNumber"):
        world.sync()
    assert world.pending() == []


def test_a_plan_changes_nothing_and_apply_does_exactly_that(settled: World) -> None:
    settled.write_hr([*people(24), person(25, title="head"), person(26)])
    settled.import_("hr")
    planned = run_plan(settled.context)
    assert settled.pending() == []
    assert len(settled.identities()) == 25
    applied = apply_plan(settled.context, planned.plan_id or "")
    assert counted(applied) == counted(planned)
    assert settled.pending_kinds() == [("create", "pending"), ("update", "pending")]
    assert settled.accord.store.plans.read_header(planned.plan_id or "").state is PlanState.APPLIED
    settled.export()
    assert settled.target("title")["alee25"] == "head"
    assert "alee26" in settled.target()


def test_a_plan_whose_inputs_moved_is_refused_and_nothing_of_it_is_done(local_settled: World) -> None:
    local_settled.write_hr(people(26))
    local_settled.import_("hr")
    planned = run_plan(local_settled.context)
    local_settled.write_hr(people(27))
    local_settled.import_("hr")
    with pytest.raises(PlanStale) as caught:
        apply_plan(local_settled.context, planned.plan_id or "")
    assert "plan" in caught.value.remedy
    assert local_settled.pending() == []
    assert len(local_settled.identities()) == 25


def test_a_plan_made_under_other_rules_is_refused(local_settled: World) -> None:
    local_settled.write_hr(people(26))
    local_settled.import_("hr")
    planned = run_plan(local_settled.context)
    local_settled.edit("rules/directory-user", "title: title", "title: upper(title)")
    with pytest.raises(PlanStale, match="rules"):
        apply_plan(local_settled.context, planned.plan_id or "")
    assert local_settled.pending() == []


def test_an_import_that_changed_nothing_keeps_the_plan_good(local_settled: World) -> None:
    local_settled.write_hr(people(26))
    local_settled.import_("hr")
    planned = run_plan(local_settled.context)
    local_settled.import_all()
    apply_plan(local_settled.context, planned.plan_id or "")
    assert local_settled.pending_kinds() == [("create", "pending")]
