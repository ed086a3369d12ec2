"""Visual Basic scripts asked like any others: interpreted here, for the interpreter reaches nothing beyond its row."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime

from accord.datasync.asking import Answer, Call
from accord.datasync.scripts.library import ScriptFailed, Value
from accord.datasync.scripts.running import RowCancelled, Surrounding, compile_script


class VisualBasicHost:
    """Runs programs by name: columns, and events by the bodies of their handlers."""

    def __init__(self, columns: Mapping[str, str], events: Mapping[str, str], *, now: datetime) -> None:
        self._columns = {name: compile_script(code) for name, code in columns.items()}
        self._events = {name: compile_script(code) for name, code in events.items()}
        self._now = now
        self._context: dict[str, Value] = {}

    def ask(self, calls: Sequence[Call]) -> Iterator[Answer]:
        """Yield one answer for each call, in order."""
        for call in calls:
            yield self._answer(call)

    def close(self) -> None:
        """Hold nothing."""

    def _answer(self, call: Call) -> Answer:
        row = {name.casefold(): value for name, value in call.row.items()}
        around = Surrounding(
            row=row, now=self._now, context=self._context, staging=call.staging, query=call.query, error=call.error
        )
        results: dict[str, str | None] = {}
        current, error, is_cancelled = "", "", False
        try:
            for current in call.programs:
                around.variables = {}
                if current in self._columns:
                    results[current] = self._columns[current].result(around)
                elif current in self._events:
                    self._events[current].run(around)
        except RowCancelled:
            is_cancelled = True
        except ScriptFailed as failed:
            error = str(failed)
        return Answer(
            results=results, staging=around.assigned, query=around.query, is_cancelled=is_cancelled, error=error,
            program=current, notes=tuple(around.notes),
        )  # fmt: skip
