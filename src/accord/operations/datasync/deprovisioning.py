"""After a run: what a job does with the accounts it disabled, beyond disabling them, all in a few requests."""

from collections.abc import Sequence
from contextlib import closing
from datetime import datetime

import pyarrow as pa

from accord.connectors.base import AT, Connector, ExportOutcome, OutcomeState, ReadScope
from accord.datasync.leavers import Leaver, Leaving, leaving_of, operations_of, stamp_at
from accord.model.schema import AttributeSchema, ObjectTypeSchema
from accord.operations.datasync.opening import ReadyJob
from accord.operations.datasync.watching import Sent
from accord.store.datasync import RowResult

_TYPES = {
    "user": ("user", {"description": False, "memberOf": True}),
    "group": ("group", {"member": True}),
}
"""What is read and written of leavers and their groups: class, and attributes with whether they hold several."""

_SEVERAL = 200


def deprovision(job: ReadyJob, sent: Sequence[Sent], now: datetime) -> list[RowResult]:
    """Stamp, move and take out of groups the accounts that were disabled; return what became of each."""
    leaving = leaving_of(job.body)
    disabled = [one for one in sent if one.is_disabling and one.outcome.state is OutcomeState.DONE]
    if not leaving.is_wanted or not disabled:
        return []
    settings = {"objects": {name: {"object_class": kind} for name, (kind, _) in _TYPES.items()}}
    results: list[RowResult] = []
    with closing(job.opens.open(job.destination, settings)) as connector:
        names = [one.name for one in disabled]
        leavers = _read(connector, names) if leaving.strips_groups else [Leaver(dn=name) for name in names]
        for start in range(0, len(leavers), _SEVERAL):
            results += _send(connector, leaving, leavers[start : start + _SEVERAL], now)
    return results


def _send(connector: Connector, leaving: Leaving, leavers: Sequence[Leaver], now: datetime) -> list[RowResult]:
    operations = list(operations_of(leaving, leavers, stamp_at(leaving.stamp, now)))
    failed: dict[str, ExportOutcome] = {}
    for outcome in connector.write(operations, ReadScope(object_types={name: _schema(name) for name in _TYPES})):
        operation = operations[outcome.row]
        if outcome.state is not OutcomeState.DONE:
            members = [value for change in operation.changes for value in change.removed] or [operation.dn or ""]
            failed |= dict.fromkeys(members, outcome)
    return [_result(leaver, failed.get(leaver.dn)) for leaver in leavers]


def _result(leaver: Leaver, failed: ExportOutcome | None) -> RowResult:
    return RowResult(
        row=leaver.dn, object_type="user", key=leaver.dn, action="deprovision",
        outcome="done" if failed is None else "failed",
        code="" if failed is None else failed.code, message="" if failed is None else failed.message,
    )  # fmt: skip


def _read(connector: Connector, names: Sequence[str]) -> list[Leaver]:
    """Return the accounts with their groups, from one paged search of those in any."""
    wanted = {name.casefold(): name for name in names}
    groups: dict[str, tuple[str, ...]] = {}
    for batch in connector.read(ReadScope(object_types={"user": _schema("user")})):
        rows = pa.Table.from_batches([batch.rows])
        for dn, held in zip(rows[AT].to_pylist(), rows["memberOf"].to_pylist(), strict=True):
            if str(dn).casefold() in wanted:
                groups[str(dn).casefold()] = tuple(held or ())
    return [Leaver(dn=name, groups=groups.get(folded, ())) for folded, name in wanted.items()]


def _schema(name: str) -> ObjectTypeSchema:
    _, attributes = _TYPES[name]
    return ObjectTypeSchema(
        name=name,
        anchor=("objectGUID",),
        has_dn=True,
        attributes={
            attribute: AttributeSchema(name=attribute, is_multivalued=is_several)
            for attribute, is_several in attributes.items()
        },
    )
