"""Taking a run back: afterwards everything is as before it, and what was changed since is told, not overwritten."""

from typing import Any

import pytest

from accord.model.errors import Held, NotFound, PlanStale, UsageError
from accord.operations.plans import apply, read_plan_summary, release_plan
from accord.operations.runs import RunReport
from accord.operations.undoing import undo
from accord.runs.context import RunResult
from worlds import World, people, person

FEW = 4
SQL_COLUMNS = (
    "cn",
    "sn",
    "mail",
    "employeeNumber",
    "departmentNumber",
    "title",
    "telephoneNumber",
    "manager",
    "active",
)


def memory(world: World) -> dict[str, Any]:
    """Return what the product holds of people: identities, links, references, what it remembers of the target."""
    store = world.accord.store
    return {
        "identities": world.identities(),
        "gone": store.metaverse.read_identities().table.select(["id", "gone_since"]).sort_by("id").to_pylist(),
        "links": store.metaverse.read_links().table.sort_by("object_id").to_pylist(),
        "references": sorted(map(str, store.metaverse.read_identity_edges().table.to_pylist())),
        "staged": world.staged("directory"),
        "staged references": sorted(map(str, store.connector_space.read_edges("directory").table.to_pylist())),
        "planned": sorted(
            row["id"] for row in store.connector_space.read_objects("directory").table.to_pylist() if row["doc"] is None
        ),
    }


def held_by_target(world: World) -> object:
    return world.entries() if world.server is not None else world.target(*SQL_COLUMNS)


def plan_undo(world: World, run: RunResult | str, **of: str) -> RunReport:
    name = run if isinstance(run, str) else f"A{run.activity.id}"
    return undo(world.context, name, **of)


def take_back(world: World, run: RunResult | str, **of: str) -> RunReport:
    """Plan the undoing of a run and apply it, released when it is held."""
    plan = plan_undo(world, run, **of).activity.plan
    assert plan is not None
    if read_plan_summary(world.context, plan).state == "held":
        release_plan(world.context, plan, by="tester", reason="meant so")
    return apply(world.context, plan)


def codes(world: World, plan: RunReport) -> list[tuple[str, str | None]]:
    """Return code and attribute of a plan's errors."""
    assert plan.activity.plan is not None
    _, kept = world.accord.store.plans.read_plan(plan.activity.plan)
    return sorted((row["code"], row["attribute"]) for row in kept.errors.table.to_pylist())


def test_after_export_and_synchronisation_are_undone_everything_is_as_before(settled: World) -> None:
    in_target = held_by_target(settled)
    rows = people(25)
    rows[4] = person(5, last="Okafor", title="head", manager="E002")
    rows[6] = person(7, manager="")
    rows[9] = person(10, status="left")
    settled.write_hr([*rows[:-1], person(40), person(41, manager="E040")])
    settled.import_("hr")
    before = memory(settled)
    synchronised, exported = settled.sync(), settled.export()
    settled.import_("directory")
    assert held_by_target(settled) != in_target

    take_back(settled, exported)
    settled.export()
    assert held_by_target(settled) == in_target
    settled.import_("directory")
    assert settled.pending() == []

    assert take_back(settled, synchronised).errors == 0
    assert memory(settled) == before
    assert settled.pending() == []


def test_a_first_cycle_can_be_undone_down_to_nothing(world: World) -> None:
    world.make(people(FEW))
    world.import_all()
    before = memory(world)
    synchronised, exported = world.sync(), world.export()
    world.import_("directory")
    take_back(world, exported)
    world.export()
    assert world.target() == {}
    world.import_("directory")
    take_back(world, synchronised)
    assert memory(world) == before
    assert before["identities"] == {}


@pytest.mark.ldap
def test_a_directory_is_as_before_down_to_names_and_references(local_ldap_world: World) -> None:
    world = local_ldap_world.make(people(8))
    world.cycle()
    entries = {dn: {n: v for n, v in e.items() if n != "entryUUID"} for dn, e in world.entries().items()}
    world.edit("rules/directory-user", "'uid=' || dn_escape(account)", "'uid=' || dn_escape(coalesce(phone, account))")
    world.write_phones({"E003": ("x3", None)})
    world.write_hr([person(1), person(2, title="head"), *people(7)[2:], person(9, manager="E002")])
    world.import_("phones")
    world.import_("hr")
    before = memory(world)
    synchronised, exported = world.sync(), world.export()
    assert not exported.errors
    assert "uid=x3,ou=people,dc=example,dc=org" in world.entries()
    assert "uid=alee8,ou=people,dc=example,dc=org" not in world.entries()
    world.import_("directory")

    take_back(world, exported)
    sent_back = world.export()
    assert not sent_back.errors
    assert {dn: {n: v for n, v in e.items() if n != "entryUUID"} for dn, e in world.entries().items()} == entries
    world.import_("directory")
    take_back(world, synchronised)
    after = memory(world)
    # The account made anew has a new entryUUID, which only the directory can give.
    assert {k: after[k] for k in ("identities", "gone", "links", "references", "planned")} == {
        k: before[k] for k in ("identities", "gone", "links", "references", "planned")
    }


def test_undoing_plans_only_until_it_is_applied(local_settled: World) -> None:
    synchronised, _ = renamed_and_sent(local_settled)
    before, waiting = memory(local_settled), local_settled.pending()
    plan = plan_undo(local_settled, synchronised)
    assert (memory(local_settled), local_settled.pending()) == (before, waiting)
    assert "a later synchronisation wants the same again" in plan.activity.message
    assert read_plan_summary(local_settled.context, str(plan.activity.plan)).state == "ready"


def test_what_was_not_sent_is_withdrawn(local_settled: World) -> None:
    local_settled.write_hr([*people(4), person(5, title="head"), *people(25)[5:], person(30)])
    local_settled.import_("hr")
    before = memory(local_settled)
    synchronised = local_settled.sync()
    assert local_settled.pending_kinds() == [("create", "pending"), ("update", "pending")]
    take_back(local_settled, synchronised)
    assert local_settled.pending() == []
    assert memory(local_settled) == before


def test_a_value_changed_again_since_is_a_conflict_and_the_others_are_undone(local_settled: World) -> None:
    synchronised, exported = renamed_and_sent(local_settled)
    local_settled.write_hr([*people(4), person(5, last="Okafor", title="chief"), *people(25)[5:]])
    local_settled.turn()
    local_settled.import_("directory")

    plan = plan_undo(local_settled, exported)
    assert codes(local_settled, plan) == [("CHANGED_SINCE", "title")]
    apply(local_settled.context, str(plan.activity.plan))
    local_settled.export()
    assert local_settled.target("cn", "title")["alee5"] == ("Ann5 Lee5", "chief")

    plan = plan_undo(local_settled, synchronised)
    assert codes(local_settled, plan) == [("CHANGED_SINCE", "title")]
    apply(local_settled.context, str(plan.activity.plan))
    known = local_settled.identities()["E005"]
    assert (known["last"], known["title"]) == ("Lee5", "chief")


def test_an_account_changed_since_it_was_made_is_not_deleted(local_settled: World) -> None:
    local_settled.write_hr([*people(25), person(30), person(31)])
    local_settled.import_("hr")
    synchronised, exported = local_settled.sync(), local_settled.export()
    local_settled.write_hr([*people(25), person(30), person(31, title="head")])
    local_settled.turn()
    plan = plan_undo(local_settled, exported)
    assert codes(local_settled, plan) == [("CHANGED_SINCE", None)]
    apply(local_settled.context, str(plan.activity.plan))
    local_settled.export()
    assert {"alee30", "alee31"} & local_settled.target().keys() == {"alee31"}

    plan = plan_undo(local_settled, synchronised)
    assert codes(local_settled, plan) == [("CHANGED_SINCE", None)]
    apply(local_settled.context, str(plan.activity.plan))
    assert {"E030", "E031"} & local_settled.identities().keys() == {"E031"}


def test_a_synchronisation_whose_accounts_exist_says_to_undo_the_export_first(local_settled: World) -> None:
    local_settled.write_hr([*people(25), person(30)])
    local_settled.import_("hr")
    synchronised, _ = local_settled.sync(), local_settled.export()
    plan = plan_undo(local_settled, synchronised)
    _, kept = local_settled.accord.store.plans.read_plan(str(plan.activity.plan))
    [told] = kept.errors.table.to_pylist()
    assert "undo that export first" in told["message"]
    assert kept.is_empty


def test_one_object_or_one_attribute_alone_can_be_undone(settled: World) -> None:
    settled.write_hr([person(n, last="Okafor", title="head") if n in (5, 6) else person(n) for n in range(1, 26)])
    settled.import_("hr")
    synchronised, exported = settled.sync(), settled.export()
    settled.import_("directory")

    take_back(settled, exported, subject="alee5", attribute="title")
    settled.export()
    assert settled.target("sn", "title")["alee5"] == ("Okafor", "clerk")
    assert settled.target("sn", "title")["alee6"] == ("Okafor", "head")
    take_back(settled, exported, subject="alee6")
    settled.export()
    assert settled.target("sn", "title")["alee6"] == ("Lee6", "clerk")

    take_back(settled, synchronised, attribute="last")
    known = settled.identities()
    assert [(known[n]["last"], known[n]["title"]) for n in ("E005", "E006")] == [("Lee5", "head"), ("Lee6", "head")]
    take_back(settled, synchronised, subject="E006")
    known = settled.identities()
    assert [known[n]["title"] for n in ("E005", "E006")] == ["head", "clerk"]
    with pytest.raises(UsageError, match="is left to undo"):
        plan_undo(settled, synchronised, subject="E007")
    with pytest.raises(NotFound, match="nobody"):
        plan_undo(settled, synchronised, subject="nobody")


def test_who_was_removed_comes_back_alone_under_the_old_number_and_login(settled: World) -> None:
    settled.edit("rules/directory-user", "on_leave: disable\ndisable: {active: false}", "on_leave: delete")
    before, in_target = settled.identities(), settled.target(*SQL_COLUMNS)
    settled.write_hr(people(25)[:-2])
    settled.import_("hr")
    synchronised, exported = settled.sync(), settled.export()
    assert "alee25" not in settled.target()
    take_back(settled, exported, subject="alee25")
    take_back(settled, synchronised, subject="E025")
    settled.export()
    assert settled.identities() == {n: v for n, v in before.items() if n != "E024"}
    assert settled.target(*SQL_COLUMNS) == {n: v for n, v in in_target.items() if n != "alee24"}


def test_the_guard_holds_a_large_undo(local_settled: World) -> None:
    local_settled.write_hr([*people(25), *(person(n) for n in range(30, 40))])
    local_settled.import_("hr")
    synchronised, exported = local_settled.sync(), local_settled.export()
    plan = plan_undo(local_settled, exported)
    assert [(b.system, b.limit, b.count) for b in plan.breaches] == [("directory", "delete", 10)]
    with pytest.raises(Held):
        apply(local_settled.context, str(plan.activity.plan))
    assert local_settled.pending_kinds() == [("create", "exported")] * 10

    take_back(local_settled, exported)
    local_settled.export()
    assert len(local_settled.target()) == 25
    plan = plan_undo(local_settled, synchronised)
    assert [(b.system, b.limit, b.count) for b in plan.breaches] == [("metaverse", "identity_delete", 10)]


def test_imports_and_runs_that_changed_nothing_are_refused_with_the_reason(local_settled: World) -> None:
    imported = local_settled.import_("hr")
    with pytest.raises(UsageError, match="an import cannot be undone: the source says what it says"):
        plan_undo(local_settled, imported)
    with pytest.raises(UsageError, match=r"nothing of what A\d+ did is left to undo"):
        plan_undo(local_settled, local_settled.sync())
    synchronised, _ = renamed_and_sent(local_settled)
    plan = plan_undo(local_settled, synchronised)
    with pytest.raises(UsageError, match=f"changed nothing, it only made plan {plan.activity.plan}"):
        plan_undo(local_settled, plan.activity.id)
    with pytest.raises(NotFound):
        plan_undo(local_settled, "A999")


def test_what_is_undone_is_not_undone_twice_and_undoing_is_undone_like_any_run(local_settled: World) -> None:
    synchronised, exported = renamed_and_sent(local_settled)
    after, in_target = memory(local_settled), held_by_target(local_settled)
    take_back(local_settled, exported)
    sent_back = local_settled.export()
    undone = take_back(local_settled, synchronised)
    assert memory(local_settled) != after
    for run in (synchronised, exported):
        with pytest.raises(UsageError, match="is left to undo"):
            plan_undo(local_settled, run)

    take_back(local_settled, sent_back)
    local_settled.export()
    take_back(local_settled, undone.activity.id)
    local_settled.import_("directory")
    assert held_by_target(local_settled) == in_target
    assert memory(local_settled) == after


def test_removing_is_undone_and_its_undoing_too(settled: World) -> None:
    settled.write_hr(people(25)[:-1])
    settled.import_("hr")
    before = memory(settled)
    synchronised = settled.sync()
    removed = memory(settled)
    undone = take_back(settled, synchronised)
    assert memory(settled) == before
    take_back(settled, undone.activity.id)
    assert memory(settled) == removed


def test_a_later_synchronisation_wants_the_same_again(local_settled: World) -> None:
    synchronised, exported = renamed_and_sent(local_settled)
    in_target = held_by_target(local_settled)
    take_back(local_settled, exported)
    local_settled.export()
    take_back(local_settled, synchronised)
    assert held_by_target(local_settled) != in_target
    local_settled.sync()
    local_settled.export()
    assert held_by_target(local_settled) == in_target
    assert local_settled.identities()["E005"]["last"] == "Okafor"


def test_an_undo_is_refused_when_the_world_moved_after_it_was_planned(local_settled: World) -> None:
    _, exported = renamed_and_sent(local_settled)
    plan = plan_undo(local_settled, exported)
    local_settled.write_hr(people(24))
    local_settled.import_("hr")
    with pytest.raises(PlanStale):
        apply(local_settled.context, str(plan.activity.plan))


def renamed_and_sent(world: World) -> tuple[RunResult, RunResult]:
    """Give a person another name, title and manager, and send it; return synchronisation and export."""
    world.write_hr([*people(4), person(5, last="Okafor", title="head", manager="E002"), *people(25)[5:]])
    world.import_("hr")
    synchronised, exported = world.sync(), world.export()
    world.import_("directory")
    return synchronised, exported
