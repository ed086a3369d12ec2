"""Why: the pipeline run on one identity with all that touches it, and read."""

from dataclasses import dataclass

from accord.model.errors import NotFound
from accord.model.frames import Links, PendingExports, StagedObjects
from accord.runs.context import Context
from accord.sync.compiling import compile_rules
from accord.sync.explaining import AccountExplanation, ValueExplanation, explain_accounts, explain_values
from accord.sync.planning import settle_accounts, settle_identities
from accord.sync.workspace import NextIds, Workspace


@dataclass(frozen=True, slots=True, kw_only=True)
class Explanation:
    """Everything about one identity: its objects, why each value is what it is, what its accounts should hold."""

    identity_id: int
    identity_type: str
    objects: tuple[tuple[str, str, str, str, str], ...]
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
    with context.engine() as engine:
        workspace = Workspace(
            engine,
            compile_rules(context.rules),
            now=context.clock(),
            next_ids=NextIds(object_id=2**62, identity_id=2**62),
        )
        workspace.is_explained = True
        workspace.add_objects(objects)
        workspace.add_identities(identity)
        workspace.add_links(Links(links.table))
        workspace.add_decisions(store.decisions.read())
        mine = store.pending.read_pending_of(links.table["object_id"]).table
        workspace.add_pending(PendingExports(mine.select(PendingExports.SCHEMA.names)), mine["state"])
        settle_identities(workspace)
        settle_accounts(workspace)
        identity_type = str(identity.table["type"][0].as_py())
        return Explanation(
            identity_id=identity_id,
            identity_type=identity_type,
            objects=_objects(objects, links),
            values=explain_values(workspace, identity_id, identity_type),
            accounts=explain_accounts(workspace, identity_id, identity_type),
        )


def _objects(objects: StagedObjects, links: Links) -> tuple[tuple[str, str, str, str, str], ...]:
    how = {row["object_id"]: row for row in links.table.to_pylist()}
    return tuple(
        (row["system"], row["type"], row["dn"] or row["anchor"] or "", how[row["id"]]["rule"], how[row["id"]]["how"])
        for row in objects.table.to_pylist()
    )
