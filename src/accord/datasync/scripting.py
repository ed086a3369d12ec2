"""Scripts of a job at its rows: computed columns, rows cancelled, errors that are the row's own."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

import pyarrow as pa

from accord.datasync.body import JobBody
from accord.datasync.compiled import ScriptColumn, SourcePlan
from accord.datasync.loose import wrong
from accord.datasync.rows import ORDER, PLACE
from accord.datasync.scripts.events import handlers
from accord.datasync.scripts.expressions import ScriptRefused
from accord.datasync.scripts.library import ScriptFailed, Value
from accord.datasync.scripts.running import Program, RowCancelled, Surrounding, compile_script
from accord.model.errors import RowError

_RUN = "RowStarting"
_PYTHON = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class VisualBasic:
    """Runs the scripts of a job, row by row, each confined to its row."""

    now: datetime

    def apply(self, plan: SourcePlan, rows: pa.Table) -> tuple[pa.Table, tuple[RowError, ...]]:
        """Return the rows with the columns that scripts compute, without those that were cancelled or failed."""
        if not plan.scripts and not plan.row_starting:
            return rows, ()
        starting = compile_script(plan.row_starting) if plan.row_starting else None
        programs = {script.column: compile_script(script.code) for script in plan.scripts}
        computed: dict[str, list[str | None]] = {name: [] for name in programs}
        kept: list[bool] = []
        errors: list[RowError] = []
        context: dict[str, Value] = {}
        for row in rows.to_pylist():
            values = self._values(plan, row, (starting, programs), context)
            kept.append(isinstance(values, dict))
            if isinstance(values, RowError):
                errors.append(values)
            for name, column in computed.items():
                column.append(values.get(name) if isinstance(values, dict) else None)
        for name, column in computed.items():
            rows = rows.append_column(name, pa.array(column, pa.string()))
        return rows.filter(pa.array(kept, pa.bool_())), tuple(errors)

    def _values(
        self,
        plan: SourcePlan,
        row: Mapping[str, object],
        programs: tuple[Program | None, Mapping[str, Program]],
        context: dict[str, Value],
    ) -> dict[str, str | None] | RowError | None:
        seen = {
            name.casefold(): None if value is None else str(value)
            for name, value in row.items()
            if name not in (PLACE, ORDER)
        }
        starting, columns = programs
        current = _RUN
        try:
            if starting is not None:
                starting.run(Surrounding(row=seen, now=self.now, context=context))
            found: dict[str, str | None] = {}
            for name, program in columns.items():
                current = name
                found[name] = program.result(Surrounding(row=seen, now=self.now, context=context))
        except RowCancelled:
            return None
        except ScriptFailed as failed:
            return RowError(
                code="SCRIPT_FAILED",
                message=f"{current}: {failed}",
                at=str(row[PLACE]),
                object_type=plan.object_type,
                attribute=current,
                remedy="correct the script, or the values it reads",
            )
        return found


def check_script(script: ScriptColumn) -> None:
    """Raise Invalid with line and reason when a script cannot be run here."""
    if script.language == _PYTHON:
        raise wrong(script.place, "Python scripts are not run", "write the script in Visual Basic, or use a transform")
    try:
        compile_script(script.code)
    except ScriptRefused as refused:
        raise wrong(script.place, str(refused), "use what the reference of scripts lists") from refused


def row_starting_of(body: JobBody) -> str:
    """Return the body of the RowStarting handler, empty when it does nothing; raise Invalid for other handlers.

    The untouched skeleton of the fourteen events does nothing.
    """
    code = body.settings.get("Destination.ExposedScriptCode")
    if not code.strip():
        return ""
    place = "settings.Destination.ExposedScriptCode"
    if body.settings.get("Destination.ScriptingLanguage") == str(_PYTHON):
        raise wrong(place, "Python scripts are not run", "write the script in Visual Basic")
    try:
        found = handlers(code)
        line, text = found.get(_RUN, (1, ""))
        compile_script("\n" * (line - 1) + text)
    except ScriptRefused as refused:
        raise wrong(place, str(refused), "use transforms, or the event RowStarting") from refused
    others = [
        f"line {first}: the event {event} is not run here" for event, (first, _) in found.items() if event != _RUN
    ]
    if others:
        raise wrong(place, others[0], "use transforms, or the event RowStarting")
    return text
