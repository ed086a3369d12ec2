"""Why: the pipeline run on one identity with all that touches it, and read."""

from dataclasses import dataclass

from accord.model.errors import NotFound, UsageError
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


def find_identity(context: Context, text: str) -> int:
    """Return the identity meant by an id, an anchor or dn of one of its objects, or one of its values.

    Raises NotFound when there is none, UsageError naming candidates when there are several.
    """
    store = context.store
    if text.isdecimal() and len(found := store.metaverse.read_identities_by_id([int(text)])):
        return int(found.table["id"][0].as_py())
    objects = store.connector_space.find_objects(text)
    linked = store.metaverse.read_links_of(objects.table["id"]).table["identity_id"].unique().to_pylist()
    if not linked:
        linked = store.metaverse.find_identities(text, limit=6).table["id"].to_pylist()
    if not linked:
        raise NotFound(
            f"nothing is known as {text!r}",
            remedy="give an identity's id, an anchor or dn of one of its objects, or one of its values exactly",
        )
    if len(linked) > 1:
        some = ", ".join(str(i) for i in linked[:5])
        raise UsageError(f"{text!r} means several identities: {some}", remedy="give the id of the one you mean")
    return int(linked[0])


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
