"""Users and groups from one real OpenLDAP into another, through a year, compared member by member.

The groups have a long tail (`long_tail`). After each step both directories are read by plain LDAP, and the target must
hold exactly the people and exactly the members it should, no one more and no one less. What it should hold is told by
a model that never saw Accord: plain sets that are changed as the directories are.
"""

import tempfile
from argparse import Namespace
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from accord.runs.context import Context
from accord.runs.export_run import run_export
from accord.runs.import_run import run_import
from accord.runs.sync_run import run_sync
from benchmarks.long_tail import Group, Person, make_groups, make_people
from benchmarks.meter import Meter
from benchmarks.two_directories import Directory, accord_at, counted_members, two_directories

_TODAY, _LATER = datetime(2026, 6, 1, tzinfo=UTC), datetime(2026, 7, 1, tzinfo=UTC)
_LAST_DAY, _NOT_YET = "2026-06-30", "2026-12-31"
_MOST_LEAVERS = 10_000


@dataclass(kw_only=True)
class Model:
    """What the two directories should hold."""

    people: dict[str, Person]
    groups: dict[str, Group]
    left: set[str] = field(default_factory=set)

    def wanted(self) -> dict[str, set[str]]:
        """Return the members that every group of the target should have."""
        return {group.name: group.members - self.left for group in self.groups.values()}


@dataclass(kw_only=True)
class Scenario:
    """The steps, each measured and then checked."""

    source: Directory
    target: Directory
    model: Model
    meter: Meter
    checked: dict[str, dict[str, int]] = field(default_factory=dict)

    def cycle(self, context: Context, step: str) -> None:
        """Import both, synchronise, export, confirm; check the target, and that nothing is left to do."""
        self._run(context, step)
        exact = self.model.wanted()
        held, people = self.target.members(), self.target.people()
        wrong = {name for name in exact.keys() | held.keys() if exact.get(name) != held.get(name)}
        if wrong or people != self.model.people.keys() - self.model.left:
            raise RuntimeError(
                f"after {step}, {len(wrong)} groups are wrong: {sorted(wrong)[:5]}; {len(people)} people"
            )
        rest = run_sync(context)
        if rest.activity.message not in ("nothing to change", "nothing changed since the last one"):
            raise RuntimeError(f"after {step} something is left to do: {rest.counts}")
        self.checked[step]["members"] = sum(len(members) for members in held.values())

    def _run(self, context: Context, step: str) -> None:
        with self.meter.phase(f"{step}: import"):
            run_import(context, "source")
            run_import(context, "target")
        with self.meter.phase(f"{step}: sync"):
            decided = run_sync(context)
        with self.meter.phase(f"{step}: export"), counted_members() as sent:
            run_export(context, "target")
        with self.meter.phase(f"{step}: confirm"):
            run_import(context, "target")
        self.checked[step] = {
            f"{c.object_type} {c.operation}": c.count for c in decided.counts if c.area in ("export", "references")
        }
        self.checked[step]["members sent"] = sent["members"]

    def change_one(self) -> None:
        """Let one person join the largest group that does not hold everybody."""
        group = self.model.groups["staff-00001"]
        joining = set(sorted(self.model.people.keys() - group.members)[-1:])
        self.source.change_members(group.name, add=joining, remove=set())
        group.members |= joining

    def change_source(self) -> None:
        """Let people join and leave a large, a middling and a small group, and get other titles."""
        for name in ("staff-00001", "department-00001", "project-00001"):
            group = self.model.groups[name]
            leaving = set(sorted(group.members)[:2])
            joining = set(sorted(self.model.people.keys() - group.members)[:3])
            self.source.change_members(name, add=joining, remove=leaving)
            group.members = (group.members | joining) - leaving

    def change_target(self) -> None:
        """Add and remove members in the target, where nobody should: the model does not change."""
        for name in ("staff-00001", "role-00001"):
            members = self.model.groups[name].members
            strangers = set(sorted(self.model.people.keys() - members)[-2:])
            self.target.change_members(name, add=strangers, remove=set(sorted(members)[:2]))

    def add_group(self) -> None:
        """Make a group in the source, of every third person."""
        members = set(sorted(self.model.people)[::3])
        group = Group(name="project-new", kind="project", description="a new one", members=members)
        self.source.add_group(group)
        self.model.groups[group.name] = group

    def delete_group(self) -> None:
        """Delete a large group in the source."""
        self.source.connection.delete_s(self.source.group_dn("division-00000"))
        del self.model.groups["division-00000"]


def measure(arguments: Namespace) -> dict[str, object]:
    """Go through the year; return phases and what each step changed. Raises when the target is not exact."""
    people, groups = make_people(arguments.people), make_groups(arguments.people)
    cohort = min(max(arguments.people // 100, 1), _MOST_LEAVERS)
    uids = sorted(people)
    leavers, control = set(uids[::97][:cohort]), set(uids[1::97][:cohort])
    for who, day in ((leavers, _LAST_DAY), (control, _NOT_YET)):
        for uid in who:
            people[uid].ends = day
    model, meter = Model(people=people, groups=groups), Meter()
    with (
        tempfile.TemporaryDirectory(prefix="accord-bench-") as name,
        two_directories(Path(name), people, groups) as two,
    ):
        scenario = Scenario(source=two[0], target=two[1], model=model, meter=meter)
        with accord_at(Path(name), _TODAY) as context:
            scenario.cycle(context, "initial")
            for step, change in (
                ("one member", scenario.change_one),
                ("forward", scenario.change_source),
                ("drift", scenario.change_target),
                ("new group", scenario.add_group),
                ("deleted group", scenario.delete_group),
            ):
                change()
                scenario.cycle(context, step)
        model.left = leavers
        with accord_at(Path(name), _LATER) as context:
            scenario.cycle(context, "leavers")
    return {
        "people": len(people),
        "groups": len(groups),
        "leavers": len(leavers),
        "phases": meter.phases,
        "steps": scenario.checked,
        "peak_mb": max(p["peak_mb"] for p in meter.phases.values()),
    }
