"""Taking what the store holds into a workspace: everything, or what a change of rules touches."""

from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager

from accord.config.rule_parts import parts_of
from accord.engine.frames import Engine
from accord.model.frames import PendingEdges, PendingExports
from accord.runs.ahead import read_ahead
from accord.runs.context import Context, Recorder
from accord.store.store import Store
from accord.sync.compiling import CompiledRules, compile_rules
from accord.sync.taking import may_be_taken
from accord.sync.touching import Touched, narrowed, touched
from accord.sync.workspace import NextIds, Workspace

_AHEAD = 3


class Load:
    """What was read for a workspace, how it is put in, and how many objects that is."""

    def __init__(self, put: Callable[..., None], *frames: object, counts: int = 0) -> None:
        self.put = put
        self.frames = frames
        self.counts = counts


@contextmanager
def loaded_workspace(context: Context, run: Recorder | None = None) -> Iterator[Workspace]:
    """Open a workspace with everything the store holds; a run tells how far loading is."""
    compiled = compile_rules(context.rules)
    with context.engine() as engine:
        workspace = new_workspace(context, engine, compiled)
        _take_in(workspace, _everything(context.store, compiled), _advance(context, run))
        yield workspace


@contextmanager
def narrowed_workspace(context: Context, run: Recorder) -> Iterator[Workspace]:
    """Open a workspace with what today's rules may decide otherwise than those by which the store is settled.

    That is everything, unless only outbound rules have changed since; `is_settled` tells which.
    """
    compiled = compile_rules(context.rules)
    concerned = _concerned(context, compiled)
    if concerned is not None:
        rules = narrowed(compiled, concerned)
        with context.engine() as engine:
            workspace = new_workspace(context, engine, rules)
            _take_in(workspace, _accounts(context.store, rules, concerned), run.advance)
            if may_be_taken(workspace):
                workspace.is_settled = True
                yield workspace
                return
    with loaded_workspace(context, run) as workspace:
        yield workspace


def new_workspace(context: Context, engine: Engine, compiled: CompiledRules) -> Workspace:
    """Return an empty workspace that goes on with the store's ids."""
    store = context.store
    ids = NextIds(object_id=store.connector_space.next_object_id(), identity_id=store.metaverse.next_identity_id())
    return Workspace(engine, compiled, now=context.clock(), next_ids=ids)


def read_versions(context: Context) -> dict[str, int]:
    """Return the counters of everything a synchronisation reads."""
    return context.store.versions(["metaverse", *(f"system:{s}" for s in context.rules.systems)])


def _concerned(context: Context, compiled: CompiledRules) -> Touched | None:
    """Return what the rules changed since the store was settled touches; while values wait, all of those accounts."""
    earlier = context.store.settled.parts(read_versions(context))
    concerned = touched(earlier, parts_of(context.rules), compiled) if earlier is not None else None
    if concerned is None or concerned.flows is None:
        return concerned
    pending = context.store.pending
    is_waiting = any(len(pending.read_pending(s)) or len(pending.read_pending_edges(s)) for s in concerned.systems)
    return Touched(systems=concerned.systems, flows=None) if is_waiting else concerned


def _take_in(workspace: Workspace, loads: Iterator[Load], advance: Callable[[int], None]) -> None:
    """Put everything in, in order, each read in another thread while what came before it is put in."""
    with closing(read_ahead(loads, count=_AHEAD)) as ahead:
        for load in ahead:
            load.put(workspace, *load.frames)
            advance(load.counts)


def _everything(store: Store, rules: CompiledRules) -> Iterator[Load]:
    for system, object_type in rules.object_types():
        yield from _objects(store, system, object_type)
    yield Load(Workspace.add_edges, store.connector_space.read_all_edges())
    for identity_type in rules.types:
        yield Load(Workspace.add_identities, store.metaverse.read_identities(identity_type))
    yield Load(Workspace.add_links, store.metaverse.read_links())
    yield Load(Workspace.add_decisions, store.decisions.read())
    yield Load(Workspace.add_reviews, store.decisions.read_reviews())
    yield Load(Workspace.add_identity_edges, store.metaverse.read_identity_edges())
    yield from _pending(store, None)


def _accounts(store: Store, rules: CompiledRules, concerned: Touched) -> Iterator[Load]:
    systems = sorted(concerned.systems)
    for system, object_type in rules.object_types():
        if system in concerned.systems:
            yield from _objects(store, system, object_type)
    has_references = any(f.reference is not None for o in rules.outbound for f in o.flows)
    if has_references:
        for system in systems:
            yield Load(Workspace.add_edges, store.connector_space.read_edges(system))
        yield Load(Workspace.add_identity_edges, store.metaverse.read_identity_edges())
    related = {o.rule.identity_type for o in rules.outbound}
    related |= {i.rule.identity_type for i in rules.inbound if i.rule.system in concerned.systems}
    for identity_type in sorted(related):
        yield Load(Workspace.add_identities, store.metaverse.read_identities(identity_type))
    for system in systems:
        yield Load(Workspace.add_links, store.metaverse.read_links_of_system(system))
        yield Load(Workspace.add_reviews, store.decisions.read_reviews_of_system(system))
        yield from _pending(store, system)
    yield Load(Workspace.add_decisions, store.decisions.read())


def _objects(store: Store, system: str, object_type: str) -> Iterator[Load]:
    for objects in store.connector_space.stream_objects(system, object_type):
        yield Load(Workspace.add_objects, objects, counts=len(objects))


def _pending(store: Store, system: str | None) -> Iterator[Load]:
    pending = store.pending.read_pending(system).table
    yield Load(Workspace.add_pending, PendingExports(pending.select(PendingExports.SCHEMA.names)), pending["state"])
    edges = store.pending.read_pending_edges(system).table
    yield Load(Workspace.add_pending_edges, PendingEdges(edges.select(PendingEdges.SCHEMA.names)))


def _advance(context: Context, run: Recorder | None) -> Callable[[int], None]:
    return context.progress.advance if run is None else run.advance
