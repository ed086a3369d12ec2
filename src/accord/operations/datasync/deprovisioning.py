"""Writes what a plan wants of leavers as a directory takes it: to the groups, to the account, then its move."""

from collections.abc import Iterator, Sequence
from dataclasses import replace

from accord.connectors.base import (
    ConnectionReport,
    Connector,
    ExportOperation,
    ExportOutcome,
    Operation,
    OutcomeState,
    ReadBatch,
    ReadScope,
)
from accord.datasync.leavers import (
    GROUP_TYPE,
    GroupChange,
    group_schema,
    groups_joined,
    groups_left,
    in_place,
    is_moved_later,
    without_groups,
)
from accord.model.schema import SystemSchema

Refused = dict[int, ExportOutcome]
"""By an account's row, the answer of a group that refused it."""


class LeavingDestination:
    """A directory whose accounts can be taken out of groups, and are disabled even where they cannot be moved."""

    def __init__(self, connector: Connector) -> None:
        self._connector = connector

    def test(self) -> ConnectionReport:
        """Return what the system says of itself."""
        return self._connector.test()

    def discover(self) -> SystemSchema:
        """Return what the system offers."""
        return self._connector.discover()

    def read(self, scope: ReadScope) -> Iterator[ReadBatch]:
        """Yield the objects."""
        return self._connector.read(scope)

    def write(self, operations: Sequence[ExportOperation], scope: ReadScope) -> Iterator[ExportOutcome]:
        """Carry the operations out; whoever a group refuses is written all the same, but not moved, and told."""
        refused = self._change(groups_left(operations), adds=False)
        outcomes = self._write_accounts(operations, scope, refused)
        there = [o for o in operations if outcomes[o.row].state is OutcomeState.DONE]
        refused |= self._change(groups_joined(there), adds=True)
        for row, outcome in outcomes.items():
            is_refused = row in refused and outcome.state is OutcomeState.DONE
            yield replace(refused[row], row=row, anchor=outcome.anchor) if is_refused else outcome

    def close(self) -> None:
        """Release what is held."""
        self._connector.close()

    def _write_accounts(
        self, operations: Sequence[ExportOperation], scope: ReadScope, refused: Refused
    ) -> dict[int, ExportOutcome]:
        first, later = [], []
        outcomes: dict[int, ExportOutcome] = {}
        for operation in map(without_groups, operations):
            moves_later = is_moved_later(operation)
            ready = in_place(operation) if moves_later or operation.row in refused else operation
            if moves_later and operation.row not in refused:
                later.append(replace(operation, changes=()))
            if ready.changes or ready.operation is not Operation.UPDATE:
                first.append(ready)
            else:
                outcomes[ready.row] = ExportOutcome(row=ready.row, state=OutcomeState.DONE, anchor=ready.anchor)
        outcomes |= {outcome.row: outcome for outcome in self._connector.write(first, scope)}
        moving = [o for o in later if outcomes[o.row].state is OutcomeState.DONE]
        return outcomes | {o.row: o for o in self._connector.write(moving, scope)} if moving else outcomes

    def _change(self, groups: Sequence[GroupChange], *, adds: bool) -> Refused:
        if not groups:
            return {}
        operations = [group.operation(row, adds=adds) for row, group in enumerate(groups)]
        scope = ReadScope(object_types={GROUP_TYPE: group_schema()})
        refused: Refused = {}
        for outcome in self._connector.write(operations, scope):
            if outcome.state is not OutcomeState.DONE:
                group = groups[outcome.row]
                told = replace(outcome, message=f"{group.dn}: {outcome.message}")
                refused |= dict.fromkeys(group.members, told)
        return refused
