"""The world of one scenario: files for systems, a configuration folder, the real product, and a clock that is set."""

import csv
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any

from accord.app import Accord, open_accord
from accord.connectors.registry import connector_kind
from accord.model.errors import AccordError, ConfigError
from accord.model.plan import Breach
from accord.operations.plans import release_plan
from accord.runs.context import Context, OpenedSystem, OpenSystem, RunResult
from accord.runs.export_run import run_export
from accord.runs.import_run import run_import
from accord.runs.sync_run import apply_plan, run_plan, run_sync
from accord.testing.scenario_decisions import decide
from accord.testing.scenario_given import (
    Document,
    anchor_of,
    documents,
    first_table,
    is_tree,
    merged,
    refuse_unknown,
    write_documents,
)
from accord.testing.scenario_refusal import Refusal, RefusingConnector, read_refusal
from accord.testing.scenario_tables import read_table
from accord.testing.scenario_tree import TreeConnector

MEMORY = "256MB"
_BEGIN = datetime(2026, 3, 2, 8, 0, tzinfo=UTC)
_EDITS = {"add", "change", "remove", "rows", "text", "columns"}

Row = dict[str, str | None]
Synchronise = Callable[[Context], RunResult]


@dataclass(slots=True)
class LastRun:
    """What the last step left: the run's result, or the error it ended with; `name` says which step."""

    name: str = "nothing yet"
    result: RunResult | None = None
    error: AccordError | None = None
    breaches: tuple[Breach, ...] = ()
    plan_id: str = ""


@dataclass(slots=True)
class ScenarioWorld:
    """A folder with everything in it. `url`: the store's database instead of a file in the folder."""

    folder: Path
    given: Document
    url: str | None = None
    now: datetime = _BEGIN
    synchronise: Synchronise = run_sync
    last: LastRun = field(default_factory=LastRun)
    _refusals: dict[str, Refusal] = field(default_factory=dict)
    _opened: Accord | None = field(default=None, repr=False)

    def make(self) -> None:
        """Write the configuration and what the systems hold."""
        if "now" in self.given:
            self.now = datetime.fromisoformat(str(self.given["now"])).replace(tzinfo=UTC)
        (self.folder / "data").mkdir(parents=True, exist_ok=True)
        write_documents(self.folder, documents(self.given))
        for name in self.given["systems"]:
            table = first_table(name, self.given)
            self._write(name, table.columns, table.rows)

    def close(self) -> None:
        """Close the product; it opens again when it is needed."""
        if self._opened is not None:
            self._opened.close()
            self._opened = None

    @property
    def context(self) -> Context:
        """Return what runs take: the real wiring, with the scenario's clock and refusals, and little memory."""
        if self._opened is None:
            self._opened = open_accord(self.folder, url=self.url, actor="scenario")
        real = self._opened.context
        opened = self._opening(real)
        return replace(real, clock=lambda: self.now, open_system=opened, memory_limit=MEMORY, threads=1)

    # What steps do.

    def import_(self, system: str) -> None:
        """Import a system."""
        self._run(f"import {system}", lambda context: run_import(context, system))

    def sync(self) -> None:
        """Synchronise everything."""
        self._run("sync", self.synchronise)

    def plan(self) -> None:
        """Plan a synchronisation; nothing changes."""
        self._run("plan", run_plan)

    def export(self, system: str) -> None:
        """Export to a system; what was to be refused is refused this once."""
        self._run(f"export {system}", lambda context: run_export(context, system))
        self._refusals.pop(system, None)

    def cycle(self) -> None:
        """Import everything, synchronise, export to every target, and let the targets confirm."""
        targets = sorted({r["to"] for r in (self.given.get("rules") or {}).values() if "to" in r})
        steps: list[Callable[[], None]] = [
            *(partial(self.import_, system) for system in self.given["systems"]),
            self.sync,
            *(partial(self.export, system) for system in targets),
            *(partial(self.import_, system) for system in targets),
        ]
        for step in steps:
            self.require_no_failure()
            step()

    def release(self, name: str) -> None:
        """Let a held plan go, as a person who looked at it, and carry it out."""
        plan_id = self.last.plan_id
        release_plan(self.context, plan_id, by=name, reason="looked at")
        self._run(f"release by {name}", lambda context: apply_plan(context, plan_id))

    def wait(self, span: str) -> None:
        """Let time go by: a number and minutes, hours or days."""
        number, _, unit = str(span).partition(" ")
        self.now += timedelta(**{unit if unit.endswith("s") else f"{unit}s": int(number)})

    def refuse(self, wanted: Mapping[str, Any]) -> None:
        """Let writes of the next export to a system fail."""
        self._refusals |= {system: read_refusal(system, meant) for system, meant in wanted.items()}

    def decide(self, wanted: Document) -> None:
        """Decide by hand: `join`, `split` or `never` an object (SYSTEM/OBJECT), `with` an identity; or `withdraw`."""
        decide(self.context, wanted)

    def change(self, wanted: Document) -> None:
        """Change the configuration, key by key; null takes a key away."""
        self.given = merged(self.given, wanted)
        self.close()
        write_documents(self.folder, documents(self.given))

    def edit(self, wanted: Mapping[str, Document]) -> None:
        """Change what systems hold, by hand: add, change, remove or replace rows."""
        for system, how in wanted.items():
            refuse_unknown(how, _EDITS, f"edit.{system}")
            if "text" in how:
                self._file(system).write_text(how["text"], encoding="utf-8")
                continue
            self._edit(system, how)

    def require_no_failure(self) -> None:
        """Raise what the last run ended with, if nobody asked for it."""
        error, self.last.error = self.last.error, None
        if error is not None:
            raise error

    # What systems hold.

    def rows_of(self, system: str) -> list[Row]:
        """Return the rows of a system's file as they are."""
        return self._read(system)[1]

    def _edit(self, system: str, how: Document) -> None:
        columns, rows = self._read(system)
        anchor = anchor_of(system, self.given)
        if "rows" in how:
            table = read_table(how["rows"], f"edit.{system}.rows")
            columns, rows = list(table.columns), [dict(row) for row in table.rows]
        columns += [c for c in how.get("columns", ()) if c not in columns]
        for changed in _rows(how, "change", system):
            found = [row for row in rows if all(row[a] == changed[a] for a in anchor)]
            if not found:
                raise ConfigError("there is no such row", place=f"edit.{system}.change", remedy="add it")
            for row in found:
                row.update(changed)
        gone = {str(name) for name in how.get("remove", ())}
        rows = [row for row in rows if "|".join(row[a] or "" for a in anchor) not in gone]
        self._write(system, columns, [*rows, *_rows(how, "add", system)])

    def _run(self, name: str, run: Callable[[Context], RunResult]) -> None:
        self.require_no_failure()
        self.last = LastRun(name=name)
        context = self.context
        try:
            result = run(context)
            self.last = LastRun(name=name, result=result, breaches=result.breaches)
        except AccordError as error:
            plan_id = getattr(error, "plan_id", None)
            breaches = context.store.plans.read_header(plan_id).verdict.breaches if plan_id else ()
            self.last = LastRun(name=name, error=error, breaches=breaches, plan_id=plan_id or "")

    def _opening(self, real: Context) -> OpenSystem:
        def open_system(name: str, file: str | None = None) -> OpenedSystem:
            if is_tree(name, self.given):
                # How a directory tells changes is for real servers to prove.
                capabilities = replace(connector_kind("ldap").capabilities, can_read_changes=False)
                opened = OpenedSystem(connector=TreeConnector(self._file(name)), capabilities=capabilities)
            else:
                opened = real.open_system(name, file)
            if name not in self._refusals:
                return opened
            return replace(opened, connector=RefusingConnector(opened.connector, self._refusals[name]))

        return open_system

    def _file(self, system: str) -> Path:
        return self.folder / "data" / f"{system}.csv"

    def _read(self, system: str) -> tuple[list[str], list[Row]]:
        with self._file(system).open(encoding="utf-8", newline="") as file:
            reader = csv.DictReader(file)
            rows = [{name: cell or None for name, cell in row.items()} for row in reader]
            return list(reader.fieldnames or ()), rows

    def _write(self, system: str, columns: Sequence[str], rows: Sequence[Mapping[str, str | None]]) -> None:
        with self._file(system).open("w", encoding="utf-8", newline="") as file:
            writer = csv.DictWriter(file, columns)
            writer.writeheader()
            writer.writerows(rows)


def _rows(how: Document, key: str, system: str) -> list[Row]:
    return [dict(row) for row in read_table(how[key], f"edit.{system}.{key}").rows] if key in how else []
