"""The events of one run, in the documented order, and the scripts of its rows.

Startup, BuildSourceQuery; RowStarting for every source row; BuildDestinationQuery; for every row that is written
RowChanging and RowChanged, RowAdding and RowAdded, RowDeleting and RowDeleted; RowFinishing and RowFinished, or
RowFailed; Shutdown. Rows go through each of these together, and each row through all of them in this order.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import pyarrow as pa

from accord.connectors.base import ANCHOR
from accord.datasync.asking import Answer, Call, ScriptHost
from accord.datasync.compiled import GlobalScript, SourcePlan
from accord.datasync.rows import ORDER, PLACE, Scripted
from accord.model.errors import RowError, SystemRefused

CANCELLED = "ROW_CANCELLED"
SCRIPT_FAILED = "SCRIPT_FAILED"
_OURS = frozenset({PLACE, ORDER, ANCHOR})


@dataclass(frozen=True, slots=True, kw_only=True)
class Note:
    """What a script wrote to the run's log, or how one failed that has no row to fail."""

    event: str
    row: str
    text: str
    is_error: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Subject:
    """One row that an event is about: where it stands, what the source says, what is about to be written."""

    place: str
    row: Mapping[str, str | None]
    staging: Mapping[str, str | None]
    error: str = ""


class JobEvents:
    """Fires events where the job's script has something to do, and keeps what it said."""

    def __init__(self, host: ScriptHost, script: GlobalScript) -> None:
        self._host = host
        self._events = frozenset(script.events)
        self.notes: list[Note] = []

    def has(self, *events: str) -> bool:
        """Tell whether the script does something at one of these events."""
        return not self._events.isdisjoint(events)

    def fire(self, event: str) -> None:
        """Fire an event of the job; what goes wrong is noted, and the job goes on."""
        if not self.has(event):
            return
        for answer in self._ask([Call(programs=(event,))]):
            self._note(event, "", answer)
            if answer.error:
                self.notes.append(Note(event=event, row="", text=answer.error, is_error=True))

    def query(self, event: str, query: str, place: str) -> str:
        """Return the query that the script makes of one; raise SystemRefused when it fails: nothing is known then."""
        if not self.has(event):
            return query
        answer = next(iter(self._ask([Call(programs=(event,), query=query)])))
        self._note(event, "", answer)
        if answer.error:
            raise SystemRefused(f"{event}: {answer.error}", place=place, remedy="correct the script")
        return answer.query

    def about(self, event: str, subjects: Sequence[Subject]) -> list[Answer]:
        """Return what the script says of each row at an event; nothing where it does nothing there."""
        if not self.has(event) or not subjects:
            return [Answer() for _ in subjects]
        calls = [Call(programs=(event,), row=s.row, staging=s.staging, error=s.error) for s in subjects]
        answers = self._ask(calls)
        for subject, answer in zip(subjects, answers, strict=True):
            self._note(event, subject.place, answer)
        return answers

    def told(self, event: str, subjects: Sequence[Subject]) -> None:
        """Fire an event after the fact: what goes wrong is noted with its row, which stays as it is."""
        for subject, answer in zip(subjects, self.about(event, subjects), strict=True):
            if answer.error:
                self.notes.append(Note(event=event, row=subject.place, text=answer.error, is_error=True))

    def apply(self, plan: SourcePlan, rows: pa.Table) -> Scripted:
        """Return the rows with the columns that scripts compute, those that were cancelled, and why others failed."""
        names = [script.column for script in plan.scripts]
        programs = (("RowStarting",) if plan.has_row_starting else ()) + tuple(program_of(plan, n) for n in names)
        if not programs or not rows.num_rows:
            empty = pa.nulls(rows.num_rows, pa.string())
            for name in names:
                rows = rows.append_column(name, empty)
            return Scripted(rows=rows, cancelled=rows.slice(0, 0))
        places = rows[PLACE].to_pylist()
        answers = self._ask([Call(programs=programs, row=row) for row in rows_as_calls(rows)])
        errors = []
        for place, answer in zip(places, answers, strict=True):
            self._note("RowStarting", str(place), answer)
            if answer.error:
                errors.append(_failed(plan, str(place), answer))
        for name in names:
            values = [answer.results.get(program_of(plan, name)) for answer in answers]
            rows = rows.append_column(name, pa.array(values, pa.string()))
        kept = pa.array([not (a.error or a.is_cancelled) for a in answers], pa.bool_())
        cancelled = pa.array([a.is_cancelled and not a.error for a in answers], pa.bool_())
        return Scripted(rows=rows.filter(kept), cancelled=rows.filter(cancelled), errors=tuple(errors))

    def close(self) -> None:
        """End what runs the scripts."""
        self._host.close()

    def _ask(self, calls: Sequence[Call]) -> list[Answer]:
        return list(self._host.ask(calls))

    def _note(self, event: str, place: str, answer: Answer) -> None:
        self.notes += [Note(event=event, row=place, text=text) for text in answer.notes]


def program_of(plan: SourcePlan, column: str) -> str:
    """Return the name of the program that computes a column: two object types may have columns of one name."""
    return f"{plan.object_type}: {column}"


def rows_as_calls(rows: pa.Table) -> list[dict[str, str | None]]:
    """Return rows as scripts see them: single values as text."""
    shown = rows.drop_columns([name for name in rows.column_names if name in _OURS])
    texts = [name for name in shown.column_names if pa.types.is_string(shown[name].type)]
    found: list[dict[str, str | None]] = shown.select(texts).to_pylist()
    return found


def script_of_columns(plans: Mapping[str, SourcePlan]) -> dict[str, str]:
    """Return the code of every computed column by its program's name."""
    return {program_of(plan, script.column): script.code for plan in plans.values() for script in plan.scripts}


def _failed(plan: SourcePlan, place: str, answer: Answer) -> RowError:
    current = answer.program.removeprefix(f"{plan.object_type}: ")
    return RowError(
        code=SCRIPT_FAILED,
        message=f"{current}: {answer.error}",
        at=place,
        object_type=plan.object_type,
        attribute=current,
        remedy="correct the script, or the values it reads",
    )
