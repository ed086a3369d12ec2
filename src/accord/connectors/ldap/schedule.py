"""The order of exports: which must wait for which, so that the rest may be in flight together. Pure.

A server may carry out requests of one connection at the same time, so two that depend on each other are never
sent together: same entry, ancestor and descendant, or a reference to an entry that is made, renamed or deleted.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from heapq import heapify, heappop, heappush

from accord.connectors.base import ExportOperation, Operation
from accord.connectors.ldap.dn import ancestors, name_key


class Schedule:
    """Hands out operations by their index, each once, none before those it depends on are done.

    Independent operations come in the order given. Objects that refer to each other in a circle are cut at a
    reference: the object goes first, and a directory that checks references says that one is missing.
    """

    def __init__(self, operations: Sequence[ExportOperation], references: frozenset[str]) -> None:
        steps = [_step(operation, references) for operation in operations]
        self._waits = _dependencies(steps)
        self._unsent = set(range(len(steps)))
        self._in_flight = 0
        self._ready = [index for index in self._unsent if self._waits.is_free(index)]
        self._waiting_for_references = [
            index for index in self._unsent if not self._waits.places[index] and self._waits.references[index]
        ]
        heapify(self._ready)
        heapify(self._waiting_for_references)

    def next(self) -> int | None:
        """Return an operation that may be sent now; None when all that remain wait for those in flight."""
        if not self._ready and not self._in_flight and self._unsent:
            heappush(self._ready, self._cut_circle())
        if not self._ready:
            return None
        index = heappop(self._ready)
        self._unsent.discard(index)
        self._in_flight += 1
        return index

    def done(self, index: int) -> None:
        """Say that an operation has its outcome, whichever it is."""
        self._in_flight -= 1
        for waiting in self._waits.release(index):
            if self._waits.is_free(waiting):
                heappush(self._ready, waiting)
            elif not self._waits.places[waiting]:
                heappush(self._waiting_for_references, waiting)

    def unsent(self) -> list[int]:
        """Return what was never handed out."""
        return sorted(self._unsent)

    def _cut_circle(self) -> int:
        while self._waiting_for_references:
            index = heappop(self._waiting_for_references)
            if index in self._unsent:
                break
        else:
            index = min(self._unsent)
        self._waits.forget(index)
        return index


@dataclass(frozen=True, slots=True, kw_only=True)
class _Step:
    kind: Operation
    name: str
    new_name: str = ""
    refers_to: frozenset[str] = frozenset()
    stops_referring_to: frozenset[str] = frozenset()


@dataclass(slots=True)
class _Names:
    made: dict[str, int] = field(default_factory=dict)
    left: dict[str, int] = field(default_factory=dict)
    deleted: dict[str, int] = field(default_factory=dict)

    def ends(self, name: str) -> int | None:
        """Return the operation after which no entry of the present has that name."""
        return self.deleted.get(name, self.left.get(name))


class _Waits:
    """Who waits for whom: for a place in the tree, or only for what is referred to."""

    def __init__(self, count: int) -> None:
        self.places: list[set[int]] = [set() for _ in range(count)]
        self.references: list[set[int]] = [set() for _ in range(count)]
        self._frees: list[list[int]] = [[] for _ in range(count)]

    def add(self, kind: list[set[int]], first: int | None, second: int | None) -> None:
        if first is None or second is None or first == second or first in kind[second]:
            return
        kind[second].add(first)
        self._frees[first].append(second)

    def is_free(self, index: int) -> bool:
        return not (self.places[index] or self.references[index])

    def forget(self, index: int) -> None:
        self.places[index].clear()
        self.references[index].clear()

    def release(self, done: int) -> Iterator[int]:
        for waiting in self._frees[done]:
            if done in self.places[waiting] or done in self.references[waiting]:
                self.places[waiting].discard(done)
                self.references[waiting].discard(done)
                yield waiting


def _step(operation: ExportOperation, references: frozenset[str]) -> _Step:
    changes = [change for change in operation.changes if change.name.lower() in references]
    is_rename = operation.operation is Operation.RENAME
    return _Step(
        kind=operation.operation,
        name=name_key(operation.dn or ""),
        new_name=name_key(operation.new_dn or "") if is_rename else "",
        refers_to=frozenset(name_key(value) for change in changes for value in change.added),
        stops_referring_to=frozenset(name_key(value) for change in changes for value in change.removed),
    )


def _dependencies(steps: Sequence[_Step]) -> _Waits:
    names = _names(steps)
    waits = _Waits(len(steps))
    for index, step in enumerate(steps):
        for first in _must_precede(step, names):
            waits.add(waits.places, first, index)
        for second in _must_follow(step, names):
            waits.add(waits.places, index, second)
    for first, second in _same_entry(steps):
        # Two against each other would never come free; the one that a name demands counts.
        if second not in waits.places[first]:
            waits.add(waits.places, first, second)
    for index, step in enumerate(steps):
        for reference in step.refers_to:
            waits.add(waits.references, names.made.get(reference), index)
            if reference not in names.made:
                waits.add(waits.references, index, names.ends(reference))
        for reference in step.stops_referring_to:
            waits.add(waits.references, index, names.ends(reference))
    return waits


def _names(steps: Sequence[_Step]) -> _Names:
    names = _Names()
    for index, step in enumerate(steps):
        match step.kind:
            case Operation.CREATE:
                names.made[step.name] = index
            case Operation.RENAME:
                names.left[step.name] = index
                names.made[step.new_name] = index
            case Operation.DELETE:
                names.deleted[step.name] = index
            case Operation.UPDATE:
                pass
    return names


def _must_precede(step: _Step, names: _Names) -> Iterator[int | None]:
    for ancestor in ancestors(step.new_name or step.name):
        yield names.made.get(ancestor)
    # A name must be free before it is given again.
    name = step.name if step.kind is Operation.CREATE else step.new_name
    if name:
        yield names.deleted.get(name)
        yield names.left.get(name)


def _must_follow(step: _Step, names: _Names) -> Iterator[int | None]:
    if step.kind is not Operation.CREATE:
        for ancestor in ancestors(step.name):
            yield names.deleted.get(ancestor)
            # Names in operations are those of now, so what is below goes first.
            yield names.left.get(ancestor)


def _same_entry(steps: Sequence[_Step]) -> Iterable[tuple[int, int]]:
    latest: dict[str, int] = {}
    for index, step in enumerate(steps):
        for name in {step.name, step.new_name} - {""}:
            if name in latest:
                yield latest[name], index
            latest[name] = index
