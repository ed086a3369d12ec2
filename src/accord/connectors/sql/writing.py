"""Carrying out exports: grouped statements in transactions; one bad row fails alone.

A batch is tried as a whole first. When the database refuses any of it, the batch is undone and repeated one by
one behind savepoints; when even the commit is refused (deferred constraints), each in a transaction of its own.
"""

from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from itertools import groupby

from accord.connectors.base import ExportOperation, ExportOutcome, Operation, OutcomeState
from accord.connectors.sql.canonical import canonical_text
from accord.connectors.sql.database import Database, Effect
from accord.connectors.sql.failures import Cause, Failure
from accord.connectors.sql.reading import KEY_SEPARATOR
from accord.connectors.sql.statements import Preparation, Refusal, Work

_Attempt = Callable[[Sequence[ExportOperation]], list[ExportOutcome]]


class _Ambiguous(Exception):
    """An anchor names several rows; nothing of it may be committed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Writer:
    """Writes to one database. `preparations` by object type."""

    database: Database
    preparations: dict[str, Preparation]
    batch_rows: int

    def write(self, operations: Sequence[ExportOperation]) -> Iterator[ExportOutcome]:
        """Carry out the operations in their order; yield outcomes once their transaction is settled."""
        for start in range(0, len(operations), self.batch_rows):
            yield from self._settled(operations[start : start + self.batch_rows], self._together)

    def _settled(self, batch: Sequence[ExportOperation], attempt: _Attempt) -> list[ExportOutcome]:
        """Begin, attempt, commit. A connection lost after begin leaves the whole batch unknown."""
        try:
            self.database.execute(self.database.begin)
        except self.database.errors as error:
            # Nothing was sent.
            return [_failed(operation, self.database.failure(error)) for operation in batch]
        try:
            return attempt(batch)
        except self.database.errors as error:
            return [_unknown(operation, self.database.failure(error)) for operation in batch]

    def _together(self, batch: Sequence[ExportOperation]) -> list[ExportOutcome]:
        """Try the whole batch at once; when something is refused, one by one."""
        try:
            outcomes = self._grouped(batch)
            self.database.execute("commit")
        except self.database.errors as error:
            if self.database.failure(error).is_lost:
                raise
        except _Ambiguous:
            pass
        else:
            return outcomes
        self._undo()
        return self._settled(batch, self._one_by_one)

    def _one_by_one(self, batch: Sequence[ExportOperation]) -> list[ExportOutcome]:
        """Repeat a batch with a savepoint before each operation, so that only the bad ones fail."""
        try:
            outcomes = [self._behind_savepoint(operation) for operation in batch]
            self.database.execute("commit")
        except self.database.errors as error:
            failure = self.database.failure(error)
            if failure.is_lost:
                raise
        else:
            return outcomes
        self._undo()
        if len(batch) == 1 or failure.ends_transaction:
            return [_failed(operation, failure) for operation in batch]
        return [outcome for operation in batch for outcome in self._settled([operation], self._one_by_one)]

    def _behind_savepoint(self, operation: ExportOperation) -> ExportOutcome:
        self.database.execute("savepoint one")
        try:
            outcomes = self._grouped([operation])
        except self.database.errors as error:
            failure = self.database.failure(error)
            if failure.is_lost or failure.ends_transaction:
                raise
            outcomes = [_failed(operation, failure)]
        except _Ambiguous:
            outcomes = [_refused(operation, "AMBIGUOUS_ANCHOR", "the anchor names several rows; none was changed")]
        if outcomes[0].state is not OutcomeState.DONE:
            self.database.execute("rollback to savepoint one")
        self.database.execute("release savepoint one")
        return outcomes[0]

    def _undo(self) -> None:
        # The database may have ended the transaction by itself, and then has nothing to undo.
        with suppress(*self.database.errors):
            self.database.execute("rollback")

    def _grouped(self, batch: Sequence[ExportOperation]) -> list[ExportOutcome]:
        """Carry out operations in order, neighbours of the same shape together."""
        outcomes: list[ExportOutcome] = []
        works: list[Work] = []
        for operation in batch:
            preparation = self.preparations[operation.object_type]
            if works and preparation.reads_first(operation):
                # What it reads may be what those before it write.
                outcomes += self._run_all(works)
                works = []
            try:
                works.append(preparation.prepare(operation))
            except Refusal as refusal:
                outcomes.append(_refused(operation, refusal.code, str(refusal)))
        return outcomes + self._run_all(works)

    def _run_all(self, works: Sequence[Work]) -> list[ExportOutcome]:
        groups = (list(group) for _, group in groupby(works, key=lambda work: work.shape))
        return [outcome for group in groups for outcome in self._run(group)]

    def _run(self, works: Sequence[Work]) -> list[ExportOutcome]:
        """Run works of one shape: rows that hang on an object leave before it and come after it."""
        first = works[0]
        is_delete = first.operation.operation is Operation.DELETE
        if is_delete:
            self._change_related(works, [work.key for work in works])
        effects = self.database.execute_each(
            first.sql,
            [work.parameters for work in works],
            returning=first.key_columns if first.key is None else (),
        )
        if any(effect.count > 1 for effect in effects):
            raise _Ambiguous
        if not is_delete:
            there = [work for work, effect in zip(works, effects, strict=True) if effect.count]
            keys = [work.key or effect.key for work, effect in zip(works, effects, strict=True) if effect.count]
            self._change_related(there, keys)
        return [_done(work, effect) for work, effect in zip(works, effects, strict=True)]

    def _change_related(self, works: Sequence[Work], keys: Sequence[tuple[object, ...] | None]) -> None:
        """Change the rows of related tables, each statement once for all works that need it."""
        removals: dict[str, list[tuple[object, ...]]] = {}
        additions: dict[str, list[tuple[object, ...]]] = {}
        for work, key in zip(works, keys, strict=True):
            for change in work.related:
                table = change.table
                source = self._escaped(table.source)
                key_name, value_name = (self._escaped(self.database.quote(c.name)) for c in (table.key, table.value))
                mark = self.database.placeholder
                one = (key or ())[:1]
                if change.removed is None and work.operation.operation is not Operation.CREATE:
                    removals.setdefault(f"delete from {source} where {key_name} = {mark}", []).append(one)
                for value in change.removed or ():
                    sql = f"delete from {source} where {key_name} = {mark} and {value_name} = {mark}"
                    removals.setdefault(sql, []).append((*one, value))
                for value in change.added:
                    sql = f"insert into {source} ({key_name}, {value_name}) values ({mark}, {mark})"
                    additions.setdefault(sql, []).append((*one, value))
        for sql, rows in (*removals.items(), *additions.items()):
            self.database.execute_each(sql, rows)

    def _escaped(self, sql: str) -> str:
        return sql.replace("%", "%%") if self.database.placeholder == "%s" else sql


def _done(work: Work, effect: Effect) -> ExportOutcome:
    operation = work.operation
    if not effect.count and operation.operation is Operation.DELETE:
        message = "the row was gone already"
        return ExportOutcome(
            row=operation.row, state=OutcomeState.DONE, anchor=operation.anchor, code="NOT_FOUND", message=message
        )
    if not effect.count:
        return _refused(
            operation, "NOT_FOUND", f"{work.source.relation.title} has no row with anchor {operation.anchor!r}"
        )
    return ExportOutcome(row=operation.row, state=OutcomeState.DONE, anchor=_anchor(work, effect))


def _anchor(work: Work, effect: Effect) -> str | None:
    """Return the anchor after the operation, as the next read will show it."""
    if work.operation.operation is not Operation.CREATE:
        return work.operation.anchor
    if effect.key:
        texts = (canonical_text(text, c.type) for text, c in zip(effect.key, work.key_columns, strict=True))
        return KEY_SEPARATOR.join(text or "" for text in texts)
    if work.operation.anchor is not None:
        return work.operation.anchor
    given = {change.name: change.after for change in work.operation.changes}
    return KEY_SEPARATOR.join((given.get(column.name) or ("",))[0] for column in work.key_columns)


def _failed(operation: ExportOperation, failure: Failure) -> ExportOutcome:
    return ExportOutcome(
        row=operation.row,
        state=OutcomeState.FAILED,
        anchor=operation.anchor,
        code=failure.code(operation.operation),
        message=failure.message,
        is_retryable=failure.is_retryable and failure.code(operation.operation) != Cause.STILL_REFERENCED,
    )


def _unknown(operation: ExportOperation, failure: Failure) -> ExportOutcome:
    return ExportOutcome(
        row=operation.row,
        state=OutcomeState.UNKNOWN,
        anchor=operation.anchor,
        code=failure.cause,
        message=failure.message,
    )


def _refused(operation: ExportOperation, code: str, message: str) -> ExportOutcome:
    return ExportOutcome(
        row=operation.row, state=OutcomeState.FAILED, anchor=operation.anchor, code=code, message=message
    )
