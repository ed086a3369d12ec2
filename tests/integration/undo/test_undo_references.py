"""Members and other references of many values go back one by one; the file shows it, read without the product."""

from pathlib import Path

from accord.operations.plans import apply
from accord.operations.undoing import undo
from accord.runs.context import RunResult
from accord.store.history import Subject
from worlds import World, people, person

_CREW = """
system: directory
connector: csv
settings: {path: data/crew.csv, object_type: user}
objects:
  user:
    anchor: uid
    attributes:
      uid: text
      cn: text
      colleagues: {type: reference, multivalued: true}
"""
_USER = """
rule: directory-user
direction: outbound
system: directory
object: user
identity: person
scope: status = 'active'
join:
  - uid: account
provision: true
anchor: account
flows: {uid: account, cn: first || ' ' || last, colleagues: colleagues}
on_leave: delete
"""


def test_members_come_back_and_added_ones_go(world: World) -> None:
    make_crew(world)
    world.write_hr(people(5))
    world.cycle()
    before, references = crew(world), references_of(world)
    # One leaves for the other department, one leaves the company, one comes.
    world.write_hr([person(1), person(2, department="finance"), person(3), person(5), person(6)])
    world.import_("hr")
    synchronised, exported = world.sync(), world.export()
    world.import_("directory")
    assert "alee4" not in crew(world)
    assert crew(world) != before

    take_back(world, exported)
    assert not world.export().errors
    assert crew(world) == before
    world.import_("directory")
    assert world.pending() == []
    take_back(world, synchronised)
    assert references_of(world) == references


def test_a_member_added_since_stays_when_another_is_taken_back(local_world: World) -> None:
    make_crew(local_world)
    local_world.write_hr(people(4))
    local_world.cycle()
    local_world.write_hr([*people(4), person(5)])
    local_world.import_("hr")
    local_world.sync()
    exported = local_world.export()
    local_world.write_hr([*people(4), person(5), person(7)])
    local_world.import_("hr")
    local_world.sync()
    local_world.export()
    assert crew(local_world)["alee1"][1] == {"alee1", "alee3", "alee5", "alee7"}
    take_back(local_world, exported, subject="alee1")
    local_world.export()
    assert crew(local_world)["alee1"][1] == {"alee1", "alee3", "alee7"}


def test_the_history_of_who_came_back_tells_all_of_it(local_world: World) -> None:
    make_crew(local_world)
    local_world.write_hr(people(4))
    local_world.cycle()
    known = local_world.identities()["E004"]["_id"]
    local_world.write_hr(people(3))
    local_world.import_("hr")
    synchronised = local_world.sync()
    undone = take_back(local_world, synchronised)
    timeline = [c for c in local_world.accord.store.history.timeline(Subject.IDENTITY, known) if c.kind == "identity"]
    assert [c.operation for c in timeline] == ["add", "remove", "add"]
    assert timeline[-1].activity == undone
    assert timeline[-1].after == timeline[0].after


def make_crew(local_world: World) -> None:
    local_world.make(people(1))
    local_world.configure("systems/directory", _CREW)
    local_world.configure("rules/directory-user", _USER)
    local_world.edit("types/person", "  account:", "  colleagues:\n    type: reference\n    multivalued: true\n"
               "    derived: {type: person, theirs: department, ours: department}\n  account:")  # fmt: skip
    Path(local_world.folder / "data" / "crew.csv").write_text("uid,cn,colleagues\n", encoding="utf-8")


def crew(local_world: World) -> dict[str, tuple[str, set[str]]]:
    lines = Path(local_world.folder / "data" / "crew.csv").read_text(encoding="utf-8").splitlines()[1:]
    rows = [line.split(",") for line in lines]
    return {uid: (cn, set(colleagues.split("|"))) for uid, cn, colleagues in rows}


def references_of(local_world: World) -> list[str]:
    return sorted(map(str, local_world.accord.store.metaverse.read_identity_edges().table.to_pylist()))


def take_back(local_world: World, run: RunResult, **of: str) -> int:
    plan = undo(local_world.context, f"A{run.activity.id}", **of)
    report = apply(local_world.context, str(plan.activity.plan))
    assert report.errors == 0
    return int(report.activity.id.removeprefix("A"))
