"""What a plan on a part of the world still misses: pure questions, answered by whoever can read the rest."""

from dataclasses import dataclass

import pyarrow as pa

from accord.engine.frames import literal, quote
from accord.sync.lookups import identity_hash, one_by_one, seekers
from accord.sync.relations import account_relation, contribution_relation, merged_relation, value_column
from accord.sync.workspace import Workspace

_NO_PROBES = "select 0::bigint as probe, '' as rule, 0::bigint as position, 0::bigint as positions, 0::bigint as hash"


@dataclass(frozen=True, slots=True, kw_only=True)
class Missing:
    """What must be known before the plan of a part is that of the whole.

    `seekers` are probes for objects that look for one of these identities; `owners` and `members` hashes of values by
    which identities derive references; `moved` the identities whose links, accounts or life changed, so that whoever
    refers to them counts; `names` the names that accounts newly get; `unsettled` the identities whose references must
    all be known because more than these changed.
    """

    seekers: pa.Table
    owners: pa.ChunkedArray
    members: pa.ChunkedArray
    moved: pa.ChunkedArray
    names: pa.ChunkedArray
    unsettled: pa.ChunkedArray


def find_probes(workspace: Workspace) -> pa.Table:
    """Return what the workspace's objects look for: one probe per object and join, a hash for each key."""
    parts = [
        f"select id as probe, {literal(s.name)} as rule, {s.position}::bigint as position, "
        f"{len(s.join.keys)}::bigint as positions, {s.identity_hash('v')} as hash from ({s.values()}) "
        "where v is not null and v <> ''"
        for s in seekers(workspace.rules)
    ]
    return workspace.frame(
        "select distinct * from (" + " union all ".join(parts or [f"{_NO_PROBES} where false"]) + ")"
    )


def find_missing(workspace: Workspace) -> Missing:
    """Return what the finished plan of a part gives reason to ask for."""
    workspace.engine.run(f"create or replace temp table moved as {_moved()}")
    return Missing(
        seekers=workspace.frame(_wanted_seekers(workspace)),
        owners=_hashes(workspace, is_owner=True),
        members=_hashes(workspace, is_owner=False),
        moved=workspace.frame("select distinct id from moved where id is not null")["id"],
        names=workspace.frame(_new_names(workspace))["name"],
        unsettled=workspace.frame("select id from moved union select id from identity_change")["id"],
    )


def _moved() -> str:
    """Return the query of those whose links, accounts or life changed, or who have accounts to be deleted."""
    changed_links = (
        "select identity_id as id from (select object_id, identity_id from link where object_id not in "
        "(select object_id from context_link) except select object_id, identity_id from stored_link) union "
        "select identity_id from (select object_id, identity_id from stored_link except "
        "select object_id, identity_id from link)"
    )
    return (
        f"{changed_links} union select id from ended union "
        "select s.id from stored_identity s left join gone g using (id) "
        "where g.gone_since is distinct from s.gone_since "
        "union select l.identity_id from left_account l where l.action = 'delete' "
        "union select l.identity_id from stored_link l join stored_pending p on p.object_id = l.object_id "
        "and p.operation = 'delete'"
    )


def _wanted_seekers(workspace: Workspace) -> str:
    """Return the query of probes for objects nobody loaded that would join one of the identities."""
    parts = []
    for seeker in seekers(workspace.rules):
        name, attribute = seeker.rule.rule.identity_type, seeker.join.keys[seeker.position].attribute
        value = one_by_one(value_column(attribute.name), is_multivalued=attribute.is_multivalued)
        borne = [f"select id, {value} as v from {merged_relation(name)}"]
        borne += [
            f"select identity_id, {value} from {contribution_relation(i.rule.name)}"
            for i in workspace.rules.inbound
            if i.rule.identity_type == name and any(f.target.name == attribute.name for f in i.flows)
        ]
        borne.append(f"select id, {value} from {quote(f'stored:{name}')}")
        parts.append(
            f"select id as probe, {literal(seeker.name)} as rule, {seeker.position}::bigint as position, "
            f"{len(seeker.join.keys)}::bigint as positions, {seeker.seeker_hash('v')} as hash "
            f"from ({' union all '.join(borne)}) where v is not null"
        )
    return "select distinct * from (" + " union all ".join(parts or [f"{_NO_PROBES} where false"]) + ")"


def _hashes(workspace: Workspace, *, is_owner: bool) -> pa.ChunkedArray:
    """Return the hashes of values by which others refer to our identities, or by which ours refer to others."""
    parts = []
    for name, identity_type in workspace.rules.types.items():
        for derived in identity_type.derived:
            ours, theirs = (name, derived.derived.ours), (derived.derived.type, derived.derived.theirs)
            here, there = (theirs, ours) if is_owner else (ours, theirs)
            schema = workspace.rules.types[here[0]].type.attributes[here[1]].schema
            value = one_by_one(value_column(here[1]), is_multivalued=schema.is_multivalued)
            parts.append(
                f"select {identity_hash(*there, 'v')} as hash from "
                f"(select {value} as v from {merged_relation(here[0])}) where v is not null"
            )
    nothing = "select 0::bigint as hash where false"
    return workspace.frame("select distinct hash from (" + " union all ".join(parts or [nothing]) + ")")["hash"]


def _new_names(workspace: Workspace) -> str:
    """Return the query of names that accounts are to get."""
    parts = [
        f"select coalesce(a.dn, a.anchor) as name from {account_relation(o.rule.name)} a left join object o "
        "on o.id = a.object_id left join stored_link l on l.object_id = a.object_id "
        "where a.is_new or (o.is_planned and (a.dn is distinct from o.dn or a.anchor is distinct from o.anchor))"
        for o in workspace.rules.outbound
    ]
    return (
        "select distinct name from ("
        + " union all ".join(parts or ["select '' as name where false"])
        + (") where name is not null")
    )
