"""Why: the pipeline run on one identity with all that touches it, and read."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace

from accord.model.errors import NotFound
from accord.model.frames import Links, StagedObjects
from accord.runs.changes import BIG
from accord.runs.closure import Closure, Rest
from accord.runs.context import Context
from accord.runs.loading import new_workspace
from accord.store.store import Store
from accord.sync.compiling import compile_rules
from accord.sync.explaining import AccountExplanation, ValueExplanation, explain_accounts, explain_values
from accord.sync.explaining_references import (
    SHOWN,
    count_waiting_references,
    explain_account_references,
    explain_references,
    listed,
)
from accord.sync.planning import settle_accounts, settle_identities
from accord.sync.workspace import Workspace

ONE_BY_ONE = f"more than {BIG:,} references are explained one by one: ask about one of them"


@dataclass(frozen=True, slots=True, kw_only=True)
class Explanation:
    """Everything about one identity: its objects, why each value is what it is, what its accounts should hold."""

    identity_id: int
    identity_type: str
    objects: tuple[tuple[int, str, str, str, str, str], ...]
    values: tuple[ValueExplanation, ...]
    accounts: tuple[AccountExplanation, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Asked:
    """One identity with all that touches it, gone through the stages up to its values."""

    identity_id: int
    identity_type: str
    objects: tuple[tuple[int, str, str, str, str, str], ...]
    workspace: Workspace
    is_part: bool


def run_explain(context: Context, identity_id: int) -> Explanation:
    """Compute everything about one identity anew, from what is stored and the rules of today; changes nothing."""
    with _asked(context, identity_id) as asked:
        values = _values(context.store, asked)
        settle_accounts(asked.workspace)
        return Explanation(
            identity_id=identity_id, identity_type=asked.identity_type, objects=asked.objects, values=values,
            accounts=_accounts(context.store, asked),
        )  # fmt: skip


def run_explain_values(context: Context, identity_id: int) -> tuple[ValueExplanation, ...]:
    """Compute why the values of one identity are what they are, and nothing about its accounts: half the work."""
    with _asked(context, identity_id) as asked:
        return _values(context.store, asked)


@contextmanager
def _asked(context: Context, identity_id: int) -> Iterator[_Asked]:
    store = context.store
    identity = store.metaverse.read_identities_by_id([identity_id])
    if not len(identity):
        raise NotFound(f"there is no identity {identity_id}", remedy="search for it by one of its values")
    links = store.metaverse.read_links_to([identity_id])
    objects = store.connector_space.read_objects_by_id(links.table["object_id"])
    identity_type = str(identity.table["type"][0].as_py())
    compiled = compile_rules(context.rules)
    closure = Closure(store=store, rules=compiled)
    closure.grow((), {identity_id})
    with context.small_engine() as engine:
        workspace = new_workspace(context, engine, compiled)
        workspace.is_explained = True
        workspace.beyond = Rest(closure)
        closure.load(workspace)
        settle_identities(workspace)
        yield _Asked(
            identity_id=identity_id, identity_type=identity_type, objects=_objects(objects, links),
            workspace=workspace, is_part=identity_id in closure.in_part,
        )  # fmt: skip


def _values(store: Store, asked: _Asked) -> tuple[ValueExplanation, ...]:
    values = explain_values(asked.workspace, asked.identity_id, asked.identity_type)
    references = explain_references(asked.workspace, asked.identity_id, asked.identity_type)
    if asked.is_part:
        references = tuple(_counted(store, asked.identity_id, r) for r in references)
    return (*values, *references)


def _accounts(store: Store, asked: _Asked) -> tuple[AccountExplanation, ...]:
    accounts = explain_accounts(asked.workspace, asked.identity_id, asked.identity_type)
    references = explain_account_references(asked.workspace, asked.identity_id, asked.identity_type)
    if asked.is_part:
        references = tuple(_counted_account(store, asked.workspace, a) for a in references)
    return (*accounts, *references)


def _counted(store: Store, identity_id: int, found: ValueExplanation) -> ValueExplanation:
    """Return how many references there are, where there are so many that the plan held none but a few of them."""
    first, count = store.subsets.first_identity_edges(identity_id, found.attribute, most=SHOWN)
    contributions = tuple(
        replace(c, inputs=(), value=None, verdict="won" if count and c.verdict != "out of scope" else c.verdict)
        for c in found.contributions
    )
    value = listed([f"identity:{i}" for i in first], count)
    reason = ONE_BY_ONE if contributions else f"{found.reason}; {ONE_BY_ONE}"
    return replace(found, value=value, reason=reason, contributions=contributions)


def _counted_account(store: Store, workspace: Workspace, found: AccountExplanation) -> AccountExplanation:
    held = store.subsets.count_edges_of_attributes([found.object_id], [found.attribute]).get(found.object_id, 0)
    changes = count_waiting_references(workspace, found.object_id, found.attribute)
    wanted = held + changes.get("add", 0) - changes.get("remove", 0)
    return replace(
        found, held=f"{held} references" if held else None, wanted=f"{wanted} references" if wanted else None,
        pending="; ".join(f"{change} {count}" for change, count in sorted(changes.items())),
    )  # fmt: skip


def _objects(objects: StagedObjects, links: Links) -> tuple[tuple[int, str, str, str, str, str], ...]:
    link = {row["object_id"]: (row["rule"], row["how"]) for row in links.table.to_pylist()}
    return tuple(
        (row["id"], row["system"], row["type"], row["dn"] or row["anchor"] or "", *link[row["id"]])
        for row in objects.table.to_pylist()
    )
