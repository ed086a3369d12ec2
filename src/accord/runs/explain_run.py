"""Why: the pipeline run on one identity with all that touches it, and read."""

from dataclasses import dataclass

from accord.model.errors import NotFound
from accord.model.frames import Links, StagedObjects
from accord.runs.closure import Closure, Rest
from accord.runs.context import Context
from accord.runs.sync_run import new_workspace
from accord.sync.compiling import compile_rules
from accord.sync.explaining import AccountExplanation, ValueExplanation, explain_accounts, explain_values
from accord.sync.explaining_references import explain_account_references, explain_references
from accord.sync.planning import settle_accounts, settle_identities


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
        references = explain_references(workspace, identity_id, identity_type)
        settle_accounts(workspace)
        accounts = explain_accounts(workspace, identity_id, identity_type)
        accounts += explain_account_references(workspace, identity_id, identity_type)
    return Explanation(
        identity_id=identity_id,
        identity_type=identity_type,
        objects=_objects(objects, links),
        values=(*values, *references),
        accounts=accounts,
    )


def _objects(objects: StagedObjects, links: Links) -> tuple[tuple[int, str, str, str, str, str], ...]:
    link = {row["object_id"]: (row["rule"], row["how"]) for row in links.table.to_pylist()}
    return tuple(
        (row["id"], row["system"], row["type"], row["dn"] or row["anchor"] or "", *link[row["id"]])
        for row in objects.table.to_pylist()
    )
