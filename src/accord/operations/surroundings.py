"""What an identity stands in: its managers up to the top, who reports to it, groups of its accounts, proposed roles."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from accord.governance.holdings import meaning_of
from accord.operations.naming import name_identities
from accord.runs.context import Context

_HIGHEST = 20
_DEEPEST = 8
_MOST = 500
_MANAGER = "manager"


@dataclass(frozen=True, slots=True, kw_only=True)
class Relative:
    """Another identity."""

    identity_id: int
    name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Membership:
    """One group an account is in. `through` names the group that it is in by way of, empty when it is in it itself."""

    system: str
    account: str
    group: str
    group_id: int
    through: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RoleHeld:
    """One proposed role that the identity is in."""

    id: str
    name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Surroundings:
    """`managers` from the own manager upwards; `is_circular` when they come round to one of them again."""

    managers: tuple[Relative, ...]
    is_circular: bool
    reports: int
    memberships: tuple[Membership, ...]
    roles: tuple[RoleHeld, ...]


def read_surroundings(context: Context, identity_id: int) -> Surroundings:
    """Return what an identity stands in, as it was last synchronised and imported; groups to eight levels."""
    chain, is_circular = _managers(context, identity_id)
    names = name_identities(context, context.store.metaverse.read_identities_by_id(chain).table) if chain else {}
    to_it = context.store.metaverse.read_identity_edges_to([identity_id]).table
    return Surroundings(
        managers=tuple(Relative(identity_id=i, name=names.get(i, f"identity {i}")) for i in chain),
        is_circular=is_circular,
        reports=to_it["attr"].to_pylist().count(_MANAGER),
        memberships=_memberships(context, identity_id),
        roles=_roles(context, identity_id),
    )


def _managers(context: Context, identity_id: int) -> tuple[list[int], bool]:
    chain: list[int] = []
    at = identity_id
    for _ in range(_HIGHEST):
        edges = context.store.metaverse.read_identity_edges_of([at]).table.to_pylist()
        above = next((int(e["dst"]) for e in edges if e["attr"] == _MANAGER), None)
        if above is None:
            return chain, False
        if above in chain or above == identity_id:
            return chain, True
        chain.append(above)
        at = above
    return chain, False


def _memberships(context: Context, identity_id: int) -> tuple[Membership, ...]:
    """Walk from the accounts to their groups, and on to the groups these are in, level by level."""
    links = context.store.metaverse.read_links_to([identity_id]).table["object_id"].to_pylist()
    rows = _objects(context, links)
    upward = {key for key, is_up in meaning_of(context.rules).memberships.items() if is_up}
    downward = {key for key, is_up in meaning_of(context.rules).memberships.items() if not is_up}
    found: dict[tuple[str, int], Membership] = {}
    level = [(row, _called(row), "") for row in rows]
    for _ in range(_DEEPEST):
        following = []
        for row, account, through in level:
            for group in (*_named_by(context, row, upward), *_naming(context, row, downward)):
                key = (account, int(group["id"]))
                if key in found or len(found) >= _MOST:
                    continue
                found[key] = Membership(
                    system=group["system"], account=account, group=_called(group), group_id=group["id"], through=through
                )
                following.append((group, account, _called(group)))
        level = following
    return tuple(sorted(found.values(), key=lambda m: (m.system, m.account, m.through, m.group)))


_Row = Mapping[str, Any]
_Kinds = set[tuple[str, str, str]]


def _named_by(context: Context, row: _Row, upward: _Kinds) -> list[_Row]:
    """Return the groups that an object says it is in."""
    attributes = {a for system, type_, a in upward if (system, type_) == (row["system"], row["type"])}
    if not attributes:
        return []
    edges = context.store.connector_space.read_edges_of([row["id"]]).table.to_pylist()
    names = [e["dst"] for e in edges if e["attr"] in attributes]
    return [g for n in names for g in _found(context, n, row["system"])]


def _naming(context: Context, row: _Row, downward: _Kinds) -> list[_Row]:
    """Return the groups that say an object is in them."""
    attributes = {a for system, _, a in downward if system == row["system"]}
    names = [n for n in (row["anchor"], row["dn"], (row["dn"] or "").lower()) if n]
    if not attributes or not names:
        return []
    edges = context.store.connector_space.read_edges_to(names).table.to_pylist()
    groups = _objects(context, sorted({e["src"] for e in edges if e["attr"] in attributes}))
    return [g for g in groups if g["system"] == row["system"]]


def _found(context: Context, name: str, system: str) -> list[_Row]:
    return list(context.store.connector_space.find_objects(name, system=system).table.to_pylist())


def _objects(context: Context, ids: Sequence[int]) -> list[_Row]:
    return list(context.store.connector_space.read_objects_by_id(ids).table.to_pylist()) if ids else []


def _called(row: _Row) -> str:
    return str(row["dn"] or row["anchor"] or row["id"])


def _roles(context: Context, identity_id: int) -> tuple[RoleHeld, ...]:
    found = context.store.findings.list("role", limit=_MOST)
    return tuple(RoleHeld(id=f.id, name=f.name) for f in found if identity_id in _owners(f.doc))


def _owners(doc: Mapping[str, Any]) -> set[int]:
    return {int(owner) for owner in doc.get("owners", ())}
