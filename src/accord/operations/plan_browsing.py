"""A plan looked at page by page: filtered, riskiest first, as fast at a million changes as at ten.

A plan is read once, and its rows are laid out on disk in the order of looking, where pages map them into memory:
what is not looked at takes none. Plans are immutable, so what is laid out stays right. Laying out a million changes
takes some seconds: it is done beside, and who asks is told that it is under way.
"""

import shutil
import threading
from collections import OrderedDict
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import AbstractContextManager
from dataclasses import dataclass, replace
from pathlib import Path

import pyarrow as pa

from accord.model.plan import ImportPlan, SyncPlan
from accord.operations.plan_attributes import AttributeCount, count_attributes
from accord.operations.plan_changes import Kind, PlannedChange, kinds_of
from accord.operations.plan_errors import PlannedError, errors_of
from accord.operations.plan_searching import ROWS_AT_ONCE, search, take, walk
from accord.operations.plans import read_header
from accord.runs.context import Context

_KEPT = 4
_AT_ONCE = 20_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """Which changes to show; empty text: all. `text` is looked for in names and values, without regard to case."""

    area: str = ""
    system: str = ""
    object_type: str = ""
    operation: str = ""
    text: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class KindCount:
    """How many changes of one kind a plan holds."""

    area: str
    system: str
    object_type: str
    operation: str
    count: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangePage:
    """Changes in order. `next` continues after them, None at the end; `total` is None where counting would read all.

    `looked` of the `held` changes were looked at up to here: a search may end before it has seen all.
    """

    changes: tuple[PlannedChange, ...]
    next: int | None
    total: int | None
    looked: int
    held: int


@dataclass(frozen=True, slots=True, kw_only=True)
class _LaidOut:
    plan: SyncPlan | ImportPlan
    kinds: tuple[Kind, ...]


class Shelf:
    """The plans that were looked at lately, laid out in a folder of this process.

    `reading` lends a context to who lays out beside; without it, whoever asks for a big plan waits.
    """

    def __init__(self, folder: Path, reading: Callable[[], AbstractContextManager[Context]] | None = None) -> None:
        self._folder = folder
        self._reading = reading
        self._lock = threading.Lock()
        self._plans: OrderedDict[str, Future[_LaidOut]] = OrderedDict()
        self._counted: OrderedDict[str, Future[tuple[AttributeCount, ...]]] = OrderedDict()
        self._aside = ThreadPoolExecutor(max_workers=1, thread_name_prefix="plans")
        shutil.rmtree(folder, ignore_errors=True)

    def is_ready(self, context: Context, plan_id: str) -> bool:
        """Tell whether a plan can be paged through at once; if not, it is laid out from now on. Raises NotFound."""
        header = read_header(context, plan_id)
        if sum(count.count for count in header.counts) <= _AT_ONCE or self._reading is None:
            return True
        return self._begin(header.id).done()

    def is_counted(self, context: Context, plan_id: str) -> bool:
        """Tell whether the attributes of a plan can be told at once; if not, they are being counted from now on."""
        if not self.is_ready(context, plan_id):
            return False
        header = read_header(context, plan_id)
        if sum(count.count for count in header.counts) <= _AT_ONCE or self._reading is None:
            return True
        return self._begin_counting(header.id).done()

    def kinds(self, context: Context, plan_id: str) -> tuple[KindCount, ...]:
        """Return what a plan holds, riskiest first; raise NotFound."""
        return tuple(_count(kind) for kind in self._open(context, plan_id).kinds)

    def page(  # noqa: PLR0913 - what is looked at, from where, and how much of it
        self, context: Context, plan_id: str, wanted: Wanted, *, after: int = 0, limit: int = 50,
        window: int | None = None,
    ) -> ChangePage:  # fmt: skip
        """Return the changes that follow the first `after` ones of the kinds that are wanted.

        A search of a text looks at no more than a `window` of changes, where one is given: it may find fewer than the
        limit, or none, and still have a `next`.
        """
        laid_out = self._open(context, plan_id)
        kinds = [kind for kind in laid_out.kinds if _is_wanted(kind, wanted)]
        held = sum(kind.table.num_rows for kind in kinds)
        end = held if window is None or not wanted.text else min(held, after + window)
        pieces = walk(kinds, after, end)
        found, position = take(search(pieces, wanted.text) if wanted.text else pieces, limit)
        following = position if position is not None or end == held else end
        return ChangePage(
            changes=tuple(c for kind, rows in found for c in replace(kind, context=context).changes_of(rows)),
            next=following,
            total=None if wanted.text else held,
            looked=held if following is None else following,
            held=held,
        )

    def attributes(self, context: Context, plan_id: str) -> tuple[AttributeCount, ...]:
        """Return the attributes that change most, of all kinds; takes seconds per million changes, once."""
        name = read_header(context, plan_id).id
        with self._lock:
            counting = self._counted.get(name)
        if counting is not None:
            return counting.result()
        found = self._open(context, plan_id).kinds
        with context.plain_engine() as engine:
            return count_attributes(engine, found)

    def errors(self, context: Context, plan_id: str, *, after: int = 0, limit: int = 50) -> tuple[PlannedError, ...]:
        """Return objects the plan could not decide about."""
        plan = self._open(context, plan_id).plan
        if isinstance(plan, SyncPlan):
            plan = replace(plan, errors=type(plan.errors)(plan.errors.table.slice(after, limit)))
            return tuple(errors_of(context, plan))
        return tuple(errors_of(context, replace(plan, errors=plan.errors[after : after + limit])))

    def _open(self, context: Context, plan_id: str) -> _LaidOut:
        name = read_header(context, plan_id).id
        with self._lock:
            known = self._plans.get(name)
            begun: Future[_LaidOut] | None = None
            if known is None:
                known = begun = self._keep(name, Future())
        if begun is not None:
            # Small plans are laid out by who asks: they never wait for a big one.
            try:
                begun.set_result(self._lay_out(context, name))
            except BaseException as error:
                begun.set_exception(error)
                self._forget(name)
                raise
        return known.result()

    def _forget(self, name: str) -> None:
        with self._lock:
            self._plans.pop(name, None)

    def _begin(self, name: str) -> "Future[_LaidOut]":
        with self._lock:
            known = self._plans.get(name)
            if known is None or (known.done() and known.exception() is not None):
                known = self._keep(name, self._aside.submit(self._lay_out_aside, name))
            return known

    def _begin_counting(self, name: str) -> "Future[tuple[AttributeCount, ...]]":
        with self._lock:
            if name not in self._counted:
                self._counted[name] = self._aside.submit(self._count_aside, name)
            while len(self._counted) > _KEPT:
                self._counted.popitem(last=False)
            return self._counted[name]

    def _keep(self, name: str, laid_out: "Future[_LaidOut]") -> "Future[_LaidOut]":
        self._plans[name] = laid_out
        self._plans.move_to_end(name)
        while len(self._plans) > _KEPT:
            old, _ = self._plans.popitem(last=False)
            shutil.rmtree(self._folder / old, ignore_errors=True)
        return laid_out

    def _lay_out_aside(self, name: str) -> _LaidOut:
        if self._reading is None:
            raise RuntimeError("nobody lends a context")
        with self._reading() as context:
            return self._lay_out(context, name)

    def _count_aside(self, name: str) -> tuple[AttributeCount, ...]:
        if self._reading is None:
            raise RuntimeError("nobody lends a context")
        with self._reading() as context:
            with self._lock:
                laid_out = self._plans.get(name)
            kinds = (laid_out.result() if laid_out is not None else self._lay_out(context, name)).kinds
            with context.plain_engine() as engine:
                return count_attributes(engine, kinds)

    def _lay_out(self, context: Context, name: str) -> _LaidOut:
        _, plan = context.store.plans.read_plan(name)
        folder = self._folder / name
        folder.mkdir(parents=True, exist_ok=True)
        kinds = [
            replace(kind, table=_mapped(kind.table, folder / f"kind{number}.arrow"))
            for number, kind in enumerate(kinds_of(context, plan))
        ]
        kept = _mapped_plan(plan, folder)
        return _LaidOut(plan=kept, kinds=tuple(replace(kind, plan=kept) for kind in kinds))


def _count(kind: Kind) -> KindCount:
    return KindCount(
        area=kind.area,
        system=kind.system,
        object_type=kind.object_type,
        operation=kind.operation,
        count=kind.table.num_rows,
    )


def _is_wanted(kind: Kind, wanted: Wanted) -> bool:
    pairs = (
        (wanted.area, kind.area),
        (wanted.system, kind.system),
        (wanted.object_type, kind.object_type),
        (wanted.operation, kind.operation),
    )
    return all(not asked or asked == had for asked, had in pairs)


def _mapped_plan(plan: SyncPlan | ImportPlan, folder: Path) -> SyncPlan | ImportPlan:
    """Return the plan with only what naming and errors need, mapped."""
    if isinstance(plan, ImportPlan):
        return ImportPlan(
            system=plan.system,
            added=type(plan.added).empty(),
            updated=type(plan.updated).empty(),
            removed=type(plan.removed).empty(),
            edges_added=type(plan.edges_added)(_mapped(plan.edges_added.table, folder / "added.arrow")),
            edges_removed=type(plan.edges_removed)(_mapped(plan.edges_removed.table, folder / "removed.arrow")),
            errors=plan.errors,
        )
    edges, planned, errors = plan.pending_edges_put, plan.objects_planned, plan.errors
    return SyncPlan(
        pending_edges_put=type(edges)(_mapped(edges.table, folder / "edges.arrow")),
        objects_planned=type(planned)(_mapped(planned.table, folder / "planned.arrow")),
        errors=type(errors)(_mapped(errors.table, folder / "errors.arrow")),
    )


def _mapped(table: pa.Table, path: Path) -> pa.Table:
    with pa.OSFile(str(path), "wb") as sink, pa.ipc.new_file(sink, table.schema) as writer:
        writer.write_table(table, max_chunksize=ROWS_AT_ONCE)
    return pa.ipc.open_file(pa.memory_map(str(path))).read_all()
