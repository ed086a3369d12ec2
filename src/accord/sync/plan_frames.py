"""Reading what was decided as frames: the plan, in parts that can be committed one after the other."""

from collections.abc import Iterator, Sequence

import pyarrow as pa

from accord.engine.frames import in_order, literal, quote
from accord.engine.types import doc_of
from accord.model.frames import (
    AddedIdentities,
    GoneIdentities,
    IdentityEdges,
    Ids,
    Links,
    Origins,
    PendingEdges,
    PendingExports,
    PlanErrors,
    PlannedObjects,
    RemovedIdentities,
    ReviewKeys,
    Reviews,
    UpdatedIdentities,
)
from accord.model.plan import SyncPlan
from accord.sync.relations import merged_relation, value_column
from accord.sync.workspace import Workspace

_COLUMNS = {"id": "bigint", "origin": "bigint"}


def read_parts(workspace: Workspace) -> Iterator[SyncPlan]:
    """Yield the plan that stands decided in the workspace, each frame in one part, in the order of committing.

    What is quickly read and long in writing comes first, so that whoever writes it can have the rest read meanwhile.
    """
    yield read_changes_of_identities(workspace)
    yield read_links(workspace)
    yield read_exports(workspace)
    yield read_new_identities(workspace)


def identity_document(workspace: Workspace, identity_type: str) -> str:
    """Return SQL of the document of an identity `m` as it shall be."""
    values = workspace.identity_values(identity_type)
    return doc_of({n: (f"m.{value_column(n)}", a.is_multivalued) for n, a in values.items()})


def read_changes_of_identities(workspace: Workspace) -> SyncPlan:
    """Return what becomes of identities that are there, and of references; stands once identities are settled."""
    return SyncPlan(
        identities_updated=UpdatedIdentities(
            _identity_frame(workspace, "update", ("id", "type", "doc", "origin", "before"))
        ),
        identities_removed=RemovedIdentities(_identity_frame(workspace, "remove", ("id", "type", "before"))),
        identities_gone=GoneIdentities(workspace.frame(_gone_changes())),
        identity_edges_added=IdentityEdges(_edges_without(workspace, "new_edge", "stored_edge")),
        identity_edges_removed=IdentityEdges(_edges_without(workspace, "stored_edge", "new_edge")),
        origins=Origins(workspace.frame("select distinct id, doc from new_origin order by id")),
    )


def read_new_identities(workspace: Workspace) -> SyncPlan:
    """Return the identities that begin; stands once identities are settled."""
    added = workspace.engine.rows("select distinct type from identity_change where operation = 'add'")
    nothing = (
        "select null::bigint as id, null::varchar as type, null::varchar as doc, null::bigint as origin where false"
    )
    queries = [nothing, *(select_new_identities(workspace, name, with_document=True) for (name,) in sorted(added))]
    return SyncPlan(identities_added=AddedIdentities(in_order(workspace.frame(" union all ".join(queries)), "id")))


def select_new_identities(workspace: Workspace, identity_type: str, *, with_document: bool) -> str:
    """Return the query (id, type, [doc], origin) of the identities of a type that are not stored yet."""
    name = literal(identity_type)
    doc = f"{identity_document(workspace, identity_type)} as doc, " if with_document else ""
    return (
        f"select m.id, {name} as type, {doc}coalesce(n.id, 0) as origin from {merged_relation(identity_type)} m "
        f"anti join {quote(f'documents:{identity_type}')} s on s.id = m.id "
        f"left join (select pattern, id from new_origin where type = {name}) n on n.pattern = m.pattern"
    )


def read_links(workspace: Workspace) -> SyncPlan:
    """Return links and planned objects; stands once every account has its place."""
    frame = workspace.frame
    planned = (
        "select o.id, o.system, o.type, a.anchor, a.dn from all_account a join object o on o.id = a.object_id "
        "left join stored_link l on l.object_id = a.object_id where o.is_planned and (a.is_new "
        "or a.dn is distinct from o.dn or a.anchor is distinct from o.anchor) order by o.id"
    )
    _gather_accounts(workspace)
    return SyncPlan(
        links_added=Links(frame("select object_id, identity_id, rule, how from link where is_new order by object_id")),
        links_removed=Links(
            frame(
                "select s.object_id, s.identity_id, s.rule, s.how from stored_link s anti join link l "
                "on l.object_id = s.object_id and l.identity_id = s.identity_id and not l.is_new order by s.object_id"
            )
        ),
        objects_planned=PlannedObjects(frame(planned)),
        objects_unplanned=Ids(
            frame(
                f"select o.id from (select id from object where is_planned and id < {workspace.first_new_object}) o "
                "anti join link l on l.object_id = o.id "
                "anti join (select object_id from stored_pending where state = 'unknown') p on p.object_id = o.id "
                "anti join context_object c on c.id = o.id order by o.id"
            )
        ),
    )


def read_exports(workspace: Workspace) -> SyncPlan:
    """Return pending exports, reviews and problems; stands once everything is decided."""
    frame = workspace.frame
    return SyncPlan(
        pending_put=PendingExports(in_order(frame("from pending_put"), "object_id")),
        pending_removed=Ids(frame("select id from pending_removed order by id")),
        pending_edges_put=PendingEdges(frame("select * from pending_edge_put order by all")),
        pending_edges_removed=PendingEdges(frame("select * from pending_edge_removed order by all")),
        reviews_put=Reviews(frame("from review except from stored_review order by all")),
        reviews_removed=ReviewKeys(
            frame(
                "select object_id, identity_id from stored_review except select object_id, identity_id from review "
                "order by all"
            )
        ),
        errors=PlanErrors(frame("select * from problem order by all")),
    )


def _identity_frame(workspace: Workspace, operation: str, columns: Sequence[str]) -> pa.Table:
    """Return the identities with one operation; a column is of identity_change, or its document now or before."""
    # Where no type is declared there are columns all the same.
    nothing = ", ".join(f"null::{_COLUMNS.get(c, 'varchar')} as {c}" for c in columns)
    queries = [f"select {nothing} where false"]
    for name in workspace.rules.types:
        known = {"doc": f"{identity_document(workspace, name)} as doc", "before": "s.doc as before"}
        wanted = ", ".join(known.get(c, f"c.{c}") for c in columns)
        now = f" join {merged_relation(name)} m on m.id = c.id" if "doc" in columns else ""
        before = f" join {quote(f'documents:{name}')} s on s.id = c.id" if "before" in columns else ""
        queries.append(
            f"select {wanted} from identity_change c{now}{before} "
            f"where c.operation = {literal(operation)} and c.type = {literal(name)}"
        )
    return in_order(workspace.frame(" union all ".join(queries)), "id")


def _edges_without(workspace: Workspace, edges: str, others: str) -> pa.Table:
    return workspace.frame(
        f"select e.src, e.attr, e.dst from {edges} e anti join {others} using (src, attr, dst) order by src, attr, dst"
    )


def _gather_accounts(workspace: Workspace) -> None:
    tables = [
        f"select object_id, is_new, dn, anchor from {quote(f'account:{o.rule.name}')}" for o in workspace.rules.outbound
    ] or ["select 0::bigint as object_id, false as is_new, null::varchar as dn, null::varchar as anchor where false"]
    workspace.engine.run("create or replace view all_account as " + " union all ".join(tables))


def _gone_changes() -> str:
    return (
        "select s.id, g.gone_since from stored_identity s left join gone g using (id) anti join ended e on e.id = s.id "
        "where g.gone_since is distinct from s.gone_since order by s.id"
    )
