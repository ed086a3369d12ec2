"""An export: pending changes are claimed, journalled, sent, and their outcomes recorded, batch by batch."""

from collections import Counter
from collections.abc import Sequence
from datetime import datetime

import pyarrow as pa

from accord.connectors.base import Connector, ExportOutcome, Operation, OutcomeState, ReadScope
from accord.model.errors import AccordError
from accord.model.plan import Count
from accord.model.schedules import Narrowing
from accord.runs.context import Context, Recorder, RunResult, leased, recorded
from accord.runs.passwords import FirstPasswords
from accord.runs.preparing import Prepared, prepare, split_by_need
from accord.store.activities import ActivityItems, ActivityState
from accord.store.export_frames import ClaimedExports, ExportResults, JournalEntries, SentEdges
from accord.store.leases import Lease
from accord.sync.retrying import due_after

CLAIM_ROWS = 50_000
_WHOLE = Narrowing()


def run_export(context: Context, system: str, narrowing: Narrowing = _WHOLE) -> RunResult:
    """Send everything that waits for the system and is due; to another file, where it is narrowed to one.

    Each operation is journalled before it is sent: after a crash it is unknown, and the next import settles it.
    One refused operation is that object's error; all others go on. Raises SystemUnavailable when the system went
    away, SystemRefused when it lets nobody in; what was not sent keeps waiting.
    """
    declared, store = context.system(system), context.store
    with (
        recorded(context, "export", system=system, profile="export") as run,
        leased(context, [system], run.activity.guid) as leases,
    ):
        waiting = store.pending.claim(system, now=context.clock(), limit=CLAIM_ROWS)
        # Of many only the first are here: then about so many, as some of those that wait are not due.
        is_all = len(waiting) < CLAIM_ROWS
        run.phase("export", len(waiting) if is_all else store.standing.states(system).get("pending"))
        tally: Counter[tuple[str, str, str]] = Counter()
        if len(waiting):
            opened = context.open_system(system, narrowing.file)
            try:
                sender = _Sender(context, run, opened.connector, ReadScope(object_types=declared.object_types), leases)
                batch_rows = opened.capabilities.write_batch_rows
                while len(waiting):
                    for start in range(0, len(waiting), batch_rows):
                        batch = waiting.table.slice(start, batch_rows)
                        tally.update(sender.send(system, ClaimedExports(batch)))
                    waiting = store.pending.claim(system, now=context.clock(), limit=CLAIM_ROWS)
            finally:
                opened.connector.close()
        return _finish(run, system, tally)


class _Sender:
    def __init__(
        self, context: Context, run: Recorder, connector: Connector, scope: ReadScope, leases: Sequence[Lease]
    ) -> None:
        self._context = context
        self._run = run
        self._connector = connector
        self._scope = scope
        self._leases = leases

    def send(self, system: str, claimed: ClaimedExports) -> Counter[tuple[str, str, str]]:
        """Send one batch; return how many objects of each type and operation ended in each state.

        What refers to objects made in the same batch goes after them, so that it is made with its references.
        """
        tally: Counter[tuple[str, str, str]] = Counter()
        waiting = claimed.table
        while waiting.num_rows:
            edges = self._context.store.pending.read_pending_edges_of(waiting["object_id"]).table
            now, waiting = split_by_need(waiting, edges)
            tally.update(self._send(system, now, edges))
        return tally

    def _send(self, system: str, claimed: pa.Table, edges: pa.Table) -> Counter[tuple[str, str, str]]:
        store = self._context.store
        prepared = prepare(claimed, edges, self._scope.object_types)
        store.pending.journal(system, _journal(prepared), activity=self._run.id)
        outcomes: dict[int, ExportOutcome] = {}
        # Added after the journal and dropped before anything is recorded: nothing that is kept has them.
        first = FirstPasswords(self._context.rules.outbound, self._context.passwords)
        operations = [first.added_to(p.operation, p.rule) for p in prepared]
        try:
            for outcome in self._connector.write(operations, self._scope):
                outcomes[outcome.row] = outcome
        except AccordError as error:
            if outcomes:
                self._record(system, prepared, outcomes)
            else:
                # Nothing of this batch went out: it waits on as before, however long the outage or the refusal.
                store.pending.unsend(system, activity=self._run.id, code=error.code, message=error.message)
            raise
        finally:
            first.deliver(outcomes)
        return self._record(system, prepared, outcomes)

    def _record(
        self, system: str, prepared: Sequence[Prepared], outcomes: dict[int, ExportOutcome]
    ) -> Counter[tuple[str, str, str]]:
        answered = [(p, outcomes.get(p.row, _silent(p.row))) for p in prepared]
        results = [_result(p, o, self._context.clock()) for p, o in answered]
        done = [p for p, o in answered if o.state is OutcomeState.DONE]
        sent = [e for p in done for e in p.sent_edges]
        sent += self._following(system, [p for p, o in answered if o.state is OutcomeState.DONE and o.names_follow])
        self._context.store.pending.record(
            system,
            ExportResults(pa.Table.from_pylist(results, schema=ExportResults.SCHEMA)),
            SentEdges(pa.Table.from_pylist(sent, schema=SentEdges.SCHEMA)),
            activity=self._run.id,
            leases=self._leases,
        )
        failed = [_item(p, o) for p, o in answered if o.state is not OutcomeState.DONE]
        if failed:
            items = ActivityItems(pa.Table.from_pylist(failed, schema=ActivityItems.SCHEMA))
            self._context.store.activities.add_items(self._run.id, items)
        self._run.advance(len(prepared))
        return Counter((p.object_type, p.verb, o.state.value) for p, o in answered)

    def _following(self, system: str, done: Sequence[Prepared]) -> list[dict[str, object]]:
        """Return the references that the system itself changed, because what they name was renamed or deleted."""
        renamed: dict[str, str | None] = {}
        for p in done:
            old = p.operation.dn
            new = None if p.operation.operation is Operation.DELETE else p.dn_after
            if old is not None and old.lower() != (new or "").lower():
                renamed[old.lower()] = new
        if not renamed:
            return []
        found: list[dict[str, object]] = []
        for edge in self._context.store.subsets.edges_to_names(system, sorted(renamed)).table.to_pylist():
            new = renamed[edge["dst"].lower()]
            row = {"object_id": edge["src"], "attr": edge["attr"], "dst_object": None, "dst_text": None}
            found.append({**row, "change": "remove", "dst": edge["dst"]})
            found += [{**row, "change": "add", "dst": new}] if new is not None else []
        return found


def _finish(run: Recorder, system: str, tally: Counter[tuple[str, str, str]]) -> RunResult:
    counts = tuple(
        Count(
            area="exported" if state == OutcomeState.DONE else f"export {state}",
            system=system,
            object_type=object_type,
            operation=verb,
            count=count,
        )
        for (object_type, verb, state), count in sorted(tally.items())
    )
    errors = sum(count for (_, _, state), count in tally.items() if state != OutcomeState.DONE)
    activity = run.finish(
        ActivityState.DONE_WITH_ERRORS if errors else ActivityState.DONE,
        message="" if tally else "nothing to export",
        counts=counts,
    )
    return RunResult(activity=activity, counts=counts, errors=errors)


def _journal(prepared: Sequence[Prepared]) -> JournalEntries:
    rows = [
        {"object_id": p.object_id, "operation": p.verb, "anchor": p.operation.anchor or p.operation.dn}
        for p in prepared
    ]
    return JournalEntries(pa.Table.from_pylist(rows, schema=JournalEntries.SCHEMA))


def _result(prepared: Prepared, outcome: ExportOutcome, now: datetime) -> dict[str, object]:
    due_at = due_after(prepared.attempts + 1, now) if outcome.is_retryable else None
    anchor = outcome.anchor or prepared.operation.anchor
    return {
        "object_id": prepared.object_id, "operation": prepared.verb, "state": outcome.state.value,
        "anchor": anchor, "dn": prepared.dn_after, "hash": 0,
        "doc": prepared.doc_after(anchor), "code": outcome.code, "message": outcome.message, "due_at": due_at,
    }  # fmt: skip


def _item(prepared: Prepared, outcome: ExportOutcome) -> dict[str, object]:
    name = prepared.operation.dn or prepared.operation.anchor or ""
    return {
        "object_type": prepared.object_type, "object_id": prepared.object_id, "identity_id": prepared.identity_id,
        "anchor": prepared.operation.anchor, "at": name, "operation": prepared.verb, "outcome": outcome.state.value,
        "code": outcome.code, "message": outcome.message,
        "remedy": "it will be tried again" if outcome.is_retryable else "correct the cause and retry",
    }  # fmt: skip


def _silent(row: int) -> ExportOutcome:
    return ExportOutcome(
        row=row, state=OutcomeState.UNKNOWN, code="NO_OUTCOME", message="the connector gave no outcome"
    )
