"""A store with the random world around it, whose last run is undone: what was before is back, or named as an error."""

from copy import deepcopy
from dataclasses import dataclass, replace
from typing import Any

from accord.model.errors import UsageError
from accord.model.rules import RuleSet
from accord.runs.export_run import run_export
from accord.runs.sync_run import apply_plan
from accord.runs.undo_run import run_undo
from properties.systems import System
from properties.twins import Half, Row, Twins, contents

_NAMED = {
    "identity": ("id",), "link": ("object_id", "identity_id"), "reference": ("src", "dst"), "object": ("id",),
    "pending export": ("object_id", "identity_id"), "pending reference": ("object_id", "dst_object"),
    "reference of an object": ("src",),
}  # fmt: skip
_AS_BEFORE = ("identity", "link", "reference", "reference of an object")
_NO_MORE_THAN_BEFORE = ("object", "pending export", "pending reference")
# Provenance of a value that was put back is told anew by the next synchronisation.
_ASIDE = {"origin", "attempts", "due_at", "code", "message"}


@dataclass(frozen=True, slots=True, kw_only=True)
class LastRun:
    """The run that can be undone at once, and what was before it; `system` is where an export went."""

    activity: int
    before: dict[str, list[Row]]
    system: str = ""
    entries: System | None = None


class Undoable(Twins):
    """The interface of `properties.world.World`, on one real store."""

    last: LastRun | None = None
    undone: int = 0

    def others(self) -> tuple[Half, ...]:
        return (self.whole,)

    def set_rules(self, rules: RuleSet) -> None:
        # What undoes an export asks what the kind of system can do.
        systems = {name: replace(system, connector="csv") for name, system in rules.systems.items()}
        super().set_rules(replace(rules, systems=systems))

    def sync(self) -> None:
        before = contents(self.whole)
        result = self.whole.sync(self.whole.context)
        self.last = LastRun(activity=result.activity.id, before=before)

    def export(self, system: str, outcomes: list[str]) -> None:
        half, before, entries = self.whole, contents(self.whole), deepcopy(self.whole.systems[system])
        half.answers = iter(outcomes * 100)
        result = run_export(half.context, system)
        half.answers = iter(())
        self.last = LastRun(activity=result.activity.id, before=before, system=system, entries=entries)

    def read(self, system: str) -> None:
        super().read(system)
        self.last = None

    def put(self, system: str, anchor: str, entry: Any) -> None:
        super().put(system, anchor, entry)
        self.last = None

    def undo(self) -> None:
        """Undo the last run, and insist that everything is as before, but for what an error names."""
        last, self.last = self.last, None
        if last is None:
            return
        excused = self._take_back(last)
        if last.entries is None:
            found = self._unlike_before(last, excused)
        else:
            found = self._unlike_entries(last, last.entries, excused)
        assert not found, "\n".join([f"undo of A{last.activity}", *found])

    def _take_back(self, last: LastRun) -> set[int]:
        """Plan and apply the undo; return the ids of everything that an error says is not undone."""
        context = self.whole.context
        try:
            planned = run_undo(context, last.activity)
        except UsageError as refused:
            if "left to undo" not in refused.message:
                raise
            return set()
        self.undone += 1
        errors = self.whole.store.plans.read_plan(str(planned.plan_id))[1].errors.table.to_pylist()
        assert all(row["code"] == "CHANGED_SINCE" and row["message"] for row in errors)
        apply_plan(context, str(planned.plan_id))
        return {i for row in errors for i in (row["object_id"], row["identity_id"]) if i is not None}

    def _unlike_before(self, last: LastRun, excused: set[int]) -> list[str]:
        now = contents(self.whole)
        found: list[str] = []
        for name in (*_AS_BEFORE, *_NO_MORE_THAN_BEFORE):
            ours, theirs = _comparable(name, last.before[name], excused), _comparable(name, now[name], excused)
            found += [f"{name} is new: {row}" for row in sorted(theirs - ours)]
            if name in _AS_BEFORE:
                found += [f"{name} is missing: {row}" for row in sorted(ours - theirs)]
        return found

    def _unlike_entries(self, last: LastRun, before: System, excused: set[int]) -> list[str]:
        """Send what the undo planned, and compare what the system holds."""
        half = self.whole
        half.answers = iter(["done"] * 1000)
        run_export(half.context, last.system)
        half.answers = iter(())
        if excused:
            return []
        ours, theirs = _entries(before), _entries(half.systems[last.system])
        return [f"expected {row}" for row in sorted(ours - theirs)] + [f"held {row}" for row in sorted(theirs - ours)]


def _comparable(name: str, rows: list[Row], excused: set[int]) -> set[str]:
    kept = (row for row in rows if not excused & {row.get(column) for column in _NAMED[name]})
    return {str(sorted((k, v) for k, v in row.items() if k not in _ASIDE)) for row in kept}


def _entries(system: System) -> set[str]:
    return {
        str((e.type, (e.dn or "").lower(), sorted(e.values.items()),
             sorted((n, sorted(r.lower() for r in refs)) for n, refs in e.references.items() if refs)))
        for e in system.values()
    }  # fmt: skip
