"""The guard: whether a plan keeps its limits. Pure counting; what happens to a held plan is decided elsewhere."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import cache

from accord.engine.frames import literal
from accord.model.plan import Breach, Verdict
from accord.model.rules import Guard, Limit
from accord.sync.workspace import Workspace

_OPERATIONS = ("create", "update", "rename", "disable", "delete")


@dataclass(frozen=True, slots=True, kw_only=True)
class Counted:
    """How many objects, out of how many, in words for a person."""

    count: int
    out_of: int
    what: str


def breach(system: str, name: str, limit: Limit, counted: Counted) -> Breach | None:
    """Return the breach of one limit by one count, None when it is kept."""
    count, out_of, what = counted.count, counted.out_of, counted.what
    if count <= limit.free:
        return None
    allowed = []
    broken = False
    if limit.count is not None:
        allowed.append(f"{limit.count}")
        broken |= count > limit.count
    if limit.percent is not None and out_of:
        allowed.append(f"{limit.percent:g} % of {out_of}")
        broken |= count * 100 > limit.percent * out_of
    if not broken:
        return None
    share = f" ({count * 100 / out_of:.1f} %)" if out_of else ""
    return Breach(
        system=system,
        limit=name,
        count=count,
        out_of=out_of,
        allowed=" and ".join(allowed),
        message=f"{what}: {count} of {out_of}{share}, allowed {' and '.join(allowed)}",
    )


def check_limits(workspace: Workspace) -> Verdict:
    """Return the guard's verdict on everything the plan would leave waiting for export, and on ended identities.

    Changes already waiting count along, so that a large change in small steps is noticed as well.
    """
    systems = workspace.rules.rules.systems
    found: list[Breach | None] = []
    # Of a part of the world both must be counted elsewhere, so only where a limit could break.
    population = cache(lambda: _population(workspace))
    waiting = cache(lambda: _waiting(workspace))
    added = {(s, o) for s, o in workspace.engine.rows("select distinct system, operation from pending_put")}
    for name, system in systems.items():
        for operation in _OPERATIONS:
            limit: Limit = getattr(system.guard, operation)
            if (name, operation) not in added or (limit.count is None and limit.percent is None):
                continue
            count = waiting().get((name, operation), 0)
            if count > limit.free and (operation != "create" or population().get(name)):
                out_of = population().get(name, 0)
                what = f"objects of {name} to {operation}"
                found.append(breach(name, operation, limit, Counted(count=count, out_of=out_of, what=what)))
        found += _membership_drop(workspace, name, system.guard)
        found += _attribute_wipes(workspace, name, system.guard, population)
    found += _ended(workspace, _strictest(s.guard for s in systems.values()))
    return Verdict(breaches=tuple(b for b in found if b is not None))


def _population(workspace: Workspace) -> Mapping[str, int]:
    if workspace.beyond is not None:
        return workspace.beyond.count_objects()
    return _counts(workspace, "select system, count(*) from object where not is_planned group by 1")


def _waiting(workspace: Workspace) -> Mapping[tuple[str, str], int]:
    rows = workspace.engine.rows(
        "select system, operation, count(*) from (select object_id, system, operation from wanted_export "
        "union all select p.object_id, p.system, p.operation from stored_pending p "
        "anti join wanted_export w on w.object_id = p.object_id "
        "anti join pending_removed r on r.id = p.object_id where p.state <> 'exported') group by all"
    )
    counts = {(system, operation): int(count) for system, operation, count in rows}
    elsewhere = workspace.beyond.count_waiting() if workspace.beyond is not None else {}
    return {key: counts.get(key, 0) + elsewhere.get(key, 0) for key in counts.keys() | elsewhere.keys()}


def _membership_drop(workspace: Workspace, system: str, guard: Guard) -> Iterable[Breach | None]:
    removed = _counts(
        workspace,
        "select o.system, count(*) from wanted_edge e join object o on o.id = e.object_id "
        "where e.change = 'remove' group by 1",
    ).get(system, 0)
    if not removed:
        return
    if workspace.beyond is not None:
        removed += workspace.beyond.count_waiting_removals().get(system, 0)
        there = workspace.beyond.count_references().get(system, 0) if removed > guard.membership_drop.free else 0
    else:
        there = int(
            workspace.engine.value(
                f"select count(*) from edge e join object o on o.id = e.src where o.system = {literal(system)}"
            )
        )
    yield breach(
        system,
        "membership_drop",
        guard.membership_drop,
        Counted(count=removed, out_of=there, what="references to remove"),
    )


def _attribute_wipes(
    workspace: Workspace, system: str, guard: Guard, population: Callable[[], Mapping[str, int]]
) -> Iterable[Breach | None]:
    engine = workspace.engine
    if workspace.beyond is not None and engine.rows(_wiped(system)):
        # Only now: what waits elsewhere may be much.
        engine.load("wanted_elsewhere", workspace.beyond.waiting().table)
        wiped = _wiped(system, "(from wanted_export union all by name from wanted_elsewhere)")
        rows = engine.rows(wiped)
        engine.run("drop table wanted_elsewhere")
    else:
        rows = engine.rows(_wiped(system))
    for attribute, count in rows:
        if count <= guard.attribute_wipe.free:
            continue
        yield breach(
            system,
            "attribute_wipe",
            guard.attribute_wipe,
            Counted(count=count, out_of=population().get(system, 0), what=f"objects of {system} to lose {attribute}"),
        )


def _wiped(system: str, wanted: str = "wanted_export") -> str:
    """Return the query of (attribute, how many objects of the system are to lose it)."""
    return (
        f"select attribute, count(*) from (select unnest(json_keys(before)) as attribute, after from {wanted} "
        f"where system = {literal(system)} and before is not null and operation <> 'disable') "
        "where not list_contains(json_keys(after), attribute) group by 1 order by 1"
    )


def _ended(workspace: Workspace, guard: Guard) -> Iterable[Breach | None]:
    ended = _counts(workspace, "select type, count(*) from ended group by 1")
    if max(ended.values(), default=0) <= guard.identity_delete.free:
        return
    everyone = _counts(workspace, "select type, count(*) from stored_identity group by 1")
    if workspace.beyond is not None:
        everyone = workspace.beyond.count_identities()
    for identity_type, count in ended.items():
        yield breach(
            "metaverse",
            "identity_delete",
            guard.identity_delete,
            Counted(
                count=count, out_of=everyone.get(identity_type, 0), what=f"identities of type {identity_type} to end"
            ),
        )


def _strictest(guards: Iterable[Guard]) -> Guard:
    return min(guards, key=lambda g: g.identity_delete.percent or 100.0, default=Guard())


def _counts(workspace: Workspace, query: str) -> Mapping[str, int]:
    return {name: int(count) for name, count in workspace.engine.rows(query)}
