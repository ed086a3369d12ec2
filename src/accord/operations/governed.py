"""Owners, accounts, groups and applications as governance lists them, page by page in order of id."""

import json
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass
from heapq import merge
from typing import Any

import pyarrow as pa

from accord.governance.holdings import OWNER_TYPES, meaning_of
from accord.model.errors import NotFound
from accord.operations.governed_risk import Bounds, Within, find_all_risks, find_risks, total_of, within
from accord.operations.naming import name_identities
from accord.runs.context import Context

_PIECE = 1_000
_ABSENT = ("inactive", "terminated", "disabled", "left", "leaver", "false", "0")


@dataclass(frozen=True, slots=True, kw_only=True)
class Entity:
    """One owner, account, group or application; what is not known is empty.

    `risk_score` counts the open violations of an owner, or of an account's owner, by their severity, up to 100.
    `member_count` is that of a group, as its system says it; None of others. `total_accounts` and
    `average_risk_score` are those of an application that a connected system is called like.
    """

    id: str
    name: str
    type: str
    email: str
    display_name: str
    department: str
    title: str
    status: str
    system: str
    owner_id: str
    created_at: str
    risk_score: int
    member_count: int | None
    total_accounts: int | None
    average_risk_score: float | None
    values: Mapping[str, object]


@dataclass(frozen=True, slots=True, kw_only=True)
class EntityPage:
    """Some entities; `end_key` reads on behind the last."""

    entities: tuple[Entity, ...]
    has_next: bool
    end_key: int | None


def list_entities(  # noqa: PLR0913 - each is one part of the question
    context: Context,
    noun: str,
    wanted: Mapping[str, str],
    *,
    bounds: Bounds | None = None,
    after: int = 0,
    limit: int = 50,
) -> EntityPage:
    """Return owners, accounts, groups or applications that contain the `search` and have the other values exactly.

    `bounds` leaves owners, and accounts of owners, whose risk is within them.
    """
    told = wanted.get("search") or wanted.get("department") or ""
    risky = None if bounds is None else within(context, noun, bounds)
    rows = merge(*(source(after) for source in _sources(context, noun, told, risky)), key=lambda row: int(row["id"]))
    found: list[dict[str, Any]] = []
    for row in rows:
        if (risky is None or int(row["id"]) not in risky.never) and _fits(row, wanted):
            found.append(row)
            if len(found) > limit:
                break
    shown = found[:limit]
    return EntityPage(
        entities=_entities(context, noun, shown),
        has_next=len(found) > limit,
        end_key=int(shown[-1]["id"]) if shown else None,
    )


def read_entity(context: Context, noun: str, entity_id: str) -> Entity:
    """Return one owner, account, group or application; raise NotFound."""
    if entity_id.isdecimal():
        page = list_entities(context, noun, {}, after=int(entity_id) - 1, limit=1)
        if page.entities and page.entities[0].id == entity_id:
            return page.entities[0]
    raise NotFound(f"there is no {noun.removesuffix('s')} {entity_id}", remedy=f"GET /api/v1/{noun} lists them")


def accounts_of(context: Context, owner_id: str) -> tuple[Entity, ...]:
    """Return the accounts of an owner; raise NotFound."""
    read_entity(context, "owners", owner_id)
    links = context.store.metaverse.read_links_to([int(owner_id)]).table
    objects = context.store.connector_space.read_objects_by_id(links["object_id"]).table
    return _entities(context, "accounts", [row for row in objects.to_pylist() if row["doc"]])


def _sources(
    context: Context, noun: str, told: str, risky: Within | None
) -> list[Callable[[int], Iterator[dict[str, Any]]]]:
    only = None if risky is None else risky.only
    if noun in ("owners", "applications"):
        types = OWNER_TYPES if noun == "owners" else ("application",)
        if only is not None:
            return [_named(context.store.governed.identities_of(sorted(only)), types)]
        return [_identities(context, name, told) for name in types if name in context.rules.identity_types]
    meaning = meaning_of(context.rules)
    grouped = {(system, object_type) for system, object_type, _ in meaning.memberships} - meaning.account_types
    grouped |= {(r.system, r.object_type) for r in context.rules.inbound if r.identity_type == "group"}
    grouped |= {(r.system, r.object_type) for r in context.rules.outbound if r.identity_type == "group"}
    chosen = meaning.account_types if noun == "accounts" else grouped
    if only is not None:
        kinds = {object_type for _, object_type in chosen}
        return [_named(context.store.governed.objects_of(sorted(only)), kinds)]
    return [_objects(context, system, object_type, told) for system, object_type in sorted(chosen)]


def _named(rows: pa.Table, types: Collection[str]) -> Callable[[int], Iterator[dict[str, Any]]]:
    return lambda after: (row for row in rows.to_pylist() if row["id"] > after and row["type"] in types)


def _identities(context: Context, name: str, told: str) -> Callable[[int], Iterator[dict[str, Any]]]:
    read = context.store.governed.identities
    return _pieces(lambda at: read(name, after=at, limit=_PIECE, told=told).to_pylist())


def _objects(context: Context, system: str, object_type: str, told: str) -> Callable[[int], Iterator[dict[str, Any]]]:
    read = context.store.governed.objects
    return _pieces(lambda at: read(system, object_type, after=at, limit=_PIECE, told=told).to_pylist())


def _pieces(read: Callable[[int], list[dict[str, Any]]]) -> Callable[[int], Iterator[dict[str, Any]]]:
    def source(after: int) -> Iterator[dict[str, Any]]:
        while rows := read(after):
            yield from rows
            after = int(rows[-1]["id"])

    return source


def _fits(row: Mapping[str, Any], wanted: Mapping[str, str]) -> bool:
    search = wanted.get("search", "").casefold()
    if search and search not in str(row["doc"]).casefold() and search not in str(row.get("anchor") or "").casefold():
        return False
    content = json.loads(row["doc"])
    told = {
        "department": _said(content, "department", "dept"),
        "status": _status(row, content),
        "owner_type": _owner_type(row, content),
        "system": str(row.get("system") or ""),
    }
    return all(told.get(name, "").casefold() == value.casefold() for name, value in wanted.items() if name != "search")


def _entities(context: Context, noun: str, rows: list[dict[str, Any]]) -> tuple[Entity, ...]:
    if not rows:
        return ()
    is_identity = noun in ("owners", "applications")
    columns = [{k: row[k] for k in ("id", "type", "doc")} for row in rows]
    names = name_identities(context, pa.Table.from_pylist(columns)) if is_identity else {}
    ids = [int(row["id"]) for row in rows]
    owners = {i: i for i in ids} if is_identity else _owners(context, ids)
    risks = find_all_risks(context) if noun == "applications" else find_risks(context, sorted(set(owners.values())))
    born = _born(context, [int(row["created_by"]) for row in rows if row.get("created_by")])
    members = _members(context, ids) if noun == "groups" else {}
    found = []
    for row in rows:
        content = json.loads(row["doc"])
        called = (names.get(row["id"]), _said(content, "name"), _said(content, "application_id", "code"))
        totals = total_of(context, (c or "" for c in called), risks) if noun == "applications" else None
        found.append(
            Entity(
                id=str(row["id"]),
                name=names.get(row["id"])
                or _said(content, "name", "cn")
                or str(row.get("anchor") or row.get("dn") or ""),
                type=_owner_type(row, content) if noun == "owners" else str(row["type"]),
                email=_said(content, "mail", "email"),
                display_name=_said(content, "display_name", "displayName", "cn"),
                department=_said(content, "department", "dept"),
                title=_said(content, "title", "job_title"),
                status=_status(row, content),
                system=str(row.get("system") or ""),
                owner_id="" if is_identity else str(owners.get(int(row["id"]), "")),
                created_at=born.get(int(row.get("created_by") or 0), ""),
                risk_score=round(totals.average_risk) if totals else risks.get(owners.get(int(row["id"]), 0), 0),
                total_accounts=totals.accounts if totals else None,
                average_risk_score=totals.average_risk if totals else None,
                member_count=members.get(int(row["id"]), 0) if noun == "groups" else None,
                values=content,
            )
        )
    return tuple(found)


def _owners(context: Context, ids: list[int]) -> dict[int, int]:
    links = context.store.metaverse.read_links_of(ids).table
    return dict(zip(links["object_id"].to_pylist(), links["identity_id"].to_pylist(), strict=True))


def _born(context: Context, activities: list[int]) -> dict[int, str]:
    """Return when these activities began; those that are forgotten are left out."""
    found = {}
    for activity in sorted(set(activities)):
        try:
            found[activity] = context.store.activities.read(activity).started_at
        except NotFound:
            continue
    return found


def _members(context: Context, groups: list[int]) -> dict[int, int]:
    attributes = {a for (_, _, a), is_upward in meaning_of(context.rules).memberships.items() if not is_upward}
    return context.store.subsets.count_edges_of_attributes(groups, sorted(attributes))


def _said(content: Mapping[str, Any], *names: str) -> str:
    for name in names:
        value = content.get(name)
        if value:
            return str(value[0] if isinstance(value, list) else value)
    return ""


def _status(row: Mapping[str, Any], content: Mapping[str, Any]) -> str:
    told = _said(content, "status", "state", "active", "enabled").casefold()
    return "inactive" if told in _ABSENT or row.get("gone_since") else "active"


def _owner_type(row: Mapping[str, Any], content: Mapping[str, Any]) -> str:
    return _said(content, "owner_type") or ("human" if row["type"] == "person" else str(row["type"]))
