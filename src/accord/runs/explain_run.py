"""Why: the pipeline run on one identity with all that touches it, and read."""

from dataclasses import dataclass, replace

from accord.model.errors import NotFound
from accord.model.frames import Links, StagedObjects
from accord.runs.changes import BIG
from accord.runs.closure import Closure, Rest
from accord.runs.context import Context
from accord.runs.sync_run import new_workspace
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


def run_explain(context: Context, identity_id: int) -> Explanation:
    """Compute everything about one identity anew, from what is stored and the rules of today; changes nothing."""
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
    with context.engine() as engine:
        workspace = new_workspace(context, engine, compiled)
        workspace.is_explained = True
        workspace.beyond = Rest(closure)
        closure.load(workspace)
        settle_identities(workspace)
        values = explain_values(workspace, identity_id, identity_type)
        is_part = identity_id in closure.in_part
        references = explain_references(workspace, identity_id, identity_type)
        settle_accounts(workspace)
        accounts = explain_accounts(workspace, identity_id, identity_type)
        account_references = explain_account_references(workspace, identity_id, identity_type)
        if is_part:
            references = tuple(_counted(store, identity_id, r) for r in references)
            account_references = tuple(_counted_account(store, workspace, a) for a in account_references)
    return Explanation(
        identity_id=identity_id,
        identity_type=identity_type,
        objects=_objects(objects, links),
        values=(*values, *references),
        accounts=(*accounts, *account_references),
    )


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
