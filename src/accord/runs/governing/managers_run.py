"""Manager resolution as a run: of everybody, or of those whom changes concern, with the outcome of a whole one."""

import json
from collections.abc import Mapping
from dataclasses import dataclass

import pyarrow as pa

from accord.governance.managers.arrivals import names_asked, names_had
from accord.governance.managers.matchers import DEFAULT_ORDER, Matcher
from accord.governance.managers.resolving import OWNERS, Inputs, Resolution, resolve
from accord.model.errors import UsageError
from accord.model.plan import Count
from accord.runs.context import Context, Recorder, RunResult, recorded
from accord.runs.governing.keeping import is_preview, keep, tell
from accord.runs.governing.manager_claims import read_claims, read_keys
from accord.runs.governing.manager_part import Part, read_changed
from accord.runs.governing.manager_rows import CYCLE, MANAGER, cycle_rows, known_managers, manager_rows
from accord.runs.governing.population import load_population
from accord.store.activities import ActivityState
from accord.store.analyses import Looked
from accord.store.reporting import MANAGERS, NAMES, OWN

_VERSION = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class _Found:
    """`rows` and `cycles` to be kept; `part` None: of everybody, and `names` are all there are."""

    rows: pa.Table
    cycles: pa.Table
    names: pa.Table
    states: Mapping[str, int]
    part: Part | None = None


def run_managers(context: Context, parameters: Mapping[str, object]) -> RunResult:
    """Resolve the managers that may have changed; keep the result unless only a preview is asked for.

    Everybody is looked at the first time, when configuration or parameters are others than last time, when too much
    changed, and when `whole` is asked for.
    """
    order = matchers_of(parameters.get("matchers"))
    keeps = parameters.get("keep_last_good", True) is True
    with recorded(context, "manager_resolution", profile="manager_resolution") as run:
        terms = json.dumps([_VERSION, context.rules.digest, list(order), keeps])
        looked = Looked(position=context.store.baselines.position(), terms=terms)
        before = context.store.analyses.read(MANAGER)
        run.phase("1 of 3: Reading owners")
        part = None
        if before is not None and before.terms == terms and parameters.get("whole") is not True:
            part = read_changed(context, before.position)
        now = int(context.clock().timestamp() * 1_000_000)
        wanted = _Wanted(order=order, keeps=keeps, now=now)
        found = _resolve_all(context, run, wanted) if part is None else _resolve_part(context, run, wanted, part)
        run.phase("3 of 3: Keeping the result", found.rows.num_rows)
        preview = is_preview(parameters)
        counts = _keep(context, found, looked, activity=run.id, preview=preview)
        run.advance(found.rows.num_rows)
        told = ", ".join(f"{count} {state}" for state, count in sorted(found.states.items())) or "there are no owners"
        looked_at = "" if part is None else f"; looked at {len(part.affected)} whom changes concern"
        message = tell(told + looked_at, counts, preview=preview)
        return RunResult(activity=run.finish(ActivityState.DONE, message=message, counts=counts), counts=counts)


def matchers_of(given: object) -> tuple[Matcher, ...]:
    """Return the matchers by name, in their order; raise UsageError for one there is none of."""
    if given is None:
        return DEFAULT_ORDER
    try:
        return (
            tuple(Matcher(str(name)) for name in given) if isinstance(given, list | tuple) else (Matcher(str(given)),)
        )
    except ValueError as error:
        raise UsageError(str(error), remedy=f"use of: {', '.join(Matcher)}") from error


@dataclass(frozen=True, slots=True, kw_only=True)
class _Wanted:
    order: tuple[Matcher, ...]
    keeps: bool
    now: int


def _resolve_all(context: Context, run: Recorder, wanted: _Wanted) -> _Found:
    with context.engine() as engine:
        load_population(context, engine)
        owners = engine.frame("select owner_id, name, is_active, is_human from owner").cast(OWNERS)
        keys, claims = read_keys(context, engine), read_claims(context, engine)
        inputs = Inputs(owners=owners, keys=keys, claims=claims, known=known_managers(context, engine))
        run.advance(owners.num_rows)
        run.phase("2 of 3: Resolving managers", owners.num_rows)
        found = resolve(engine, inputs, now=wanted.now, order=wanted.order, keeps_last_good=wanted.keeps)
        run.advance(owners.num_rows)
        names = _sided(names_had(engine, keys), names_asked(engine, claims))
        return _Found(
            rows=manager_rows(engine, found, owners), cycles=cycle_rows(found), names=names, states=_states(found)
        )


def _resolve_part(context: Context, run: Recorder, wanted: _Wanted, part: Part) -> _Found:
    with context.engine() as engine:
        run.phase("2 of 3: Resolving managers", len(part.affected))
        inputs = Inputs(owners=part.owners, keys=part.keys, claims=part.claims, known=part.known, settled=part.settled)
        found = resolve(engine, inputs, now=wanted.now, order=wanted.order, keeps_last_good=wanted.keeps)
        run.advance(len(part.affected))
        rows = manager_rows(engine, found, part.everybody())
        return _Found(
            rows=rows, cycles=cycle_rows(found), names=_sided(part.had, part.asked), states=_states(found), part=part
        )


def _keep(context: Context, found: _Found, looked: Looked, *, activity: int, preview: bool) -> tuple[Count, ...]:
    store, now = context.store, context.clock()
    if found.part is None:
        if preview:
            return keep(context, {MANAGER: found.rows, CYCLE: found.cycles}, activity=activity, preview=True)
        with store.transaction():
            counts = keep(context, {MANAGER: found.rows, CYCLE: found.cycles}, activity=activity, preview=False)
            store.reporting.replace(found.names)
            store.analyses.save(MANAGER, looked)
        return counts
    changed, gone = found.part.differences(found.rows)
    if preview:
        counts = store.findings.preview_patch(MANAGER, changed, gone)
        return (*counts, *keep(context, {CYCLE: found.cycles}, activity=activity, preview=True))
    with store.transaction():
        counts = store.findings.patch(MANAGER, changed, gone, activity=activity, now=now)
        counts = (*counts, *keep(context, {CYCLE: found.cycles}, activity=activity, preview=False))
        store.reporting.add(found.names)
        store.analyses.save(MANAGER, looked)
    return counts


def _sided(had: pa.Table, asked: pa.Table) -> pa.Table:
    tables = [
        pa.table([pa.repeat(pa.scalar(side, pa.int64()), t.num_rows), t["hash"], t["owner_id"]], schema=NAMES)
        for side, t in ((OWN, had), (MANAGERS, asked))
    ]
    return pa.concat_tables(tables)


def _states(found: Resolution) -> dict[str, int]:
    return {entry["values"]: entry["counts"] for entry in found.frame["status"].value_counts().to_pylist()}
