"""Objects of the metaverse as the contract shows them: search, detail with provenance, deletions that wait."""

import json
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta

import pyarrow as pa

from accord.model.errors import NotFound
from accord.model.schema import ValueType
from accord.operations.administration.desk import CAMEL, Desk
from accord.operations.administration.naming import guid, number_in
from accord.operations.administration.space import moments_of
from accord.operations.administration.systems import Named
from accord.operations.administration.typed_values import TypedValue, typed
from accord.operations.administration.types import identity_type_named, span_of_days
from accord.operations.administration.words import DataType, Plurality, data_type
from accord.operations.naming import name_identities
from accord.operations.objects import ObjectPage, read_subject
from accord.operations.subjects import Subject
from accord.operations.values import values_of
from accord.store.browsing import IdentityFilter, Row, Slice


@dataclass(frozen=True, slots=True, kw_only=True)
class MetaverseHead:
    """An object as it is listed, with the attributes asked for."""

    __pydantic_config__ = CAMEL
    id: str
    created: str
    display_name: str | None
    status: str
    type: Named
    attributes: dict[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class MetaverseValue(TypedValue):
    """One value with the system and the rule it comes from."""

    id: str
    attribute_id: int | None
    attribute_name: str
    attribute_type: DataType
    attribute_plurality: Plurality
    reference_value_id: str | None = None
    reference_value_display_name: str | None = None
    contributed_by_system_id: int | None
    contributed_by_system_name: str | None
    contributed_by_sync_rule_id: int | None
    contributed_by_sync_rule_name: str | None
    null_value: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class LinkedObject:
    """An object of a system that belongs to it."""

    __pydantic_config__ = CAMEL
    id: str
    connected_system_id: int | None
    connected_system_name: str
    display_name: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class MetaverseDetail:
    """An object of the metaverse with everything known of it."""

    __pydantic_config__ = CAMEL
    id: str
    created: str
    last_updated: str | None
    display_name: str | None
    status: str
    origin: str
    last_connector_disconnected_date: str | None
    is_pending_deletion: bool
    deletion_eligible_date: str | None
    type: Named
    attribute_values: tuple[MetaverseValue, ...]
    connected_system_objects: tuple[LinkedObject, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class PendingDeletion:
    """An object that ends when its grace period does."""

    __pydantic_config__ = CAMEL
    id: str
    display_name: str | None
    type: Named
    last_connector_disconnected_date: str
    deletion_eligible_date: str
    days_until_deletion: int
    grace_period: str
    connected_system_object_count: int
    status: str


@dataclass(frozen=True, slots=True, kw_only=True)
class DeletionSummary:
    """How many deletions wait for what."""

    __pydantic_config__ = CAMEL
    total_count: int
    deprovisioning_count: int
    awaiting_grace_period_count: int
    ready_for_deletion_count: int


def page_identities(
    desk: Desk, wanted: IdentityFilter, rows: Slice, attributes: Sequence[str] = ()
) -> tuple[list[MetaverseHead], int]:
    """Return a page of the objects that fit, and how many fit."""
    browsing = desk.context.store.browsing
    found = browsing.identities(wanted, rows)
    names, moments = names_in(desk, found), moments_of(desk, (row["created_by"] for row in found))
    return [_head(desk, row, names, moments, attributes) for row in found], browsing.count_identities(wanted)


def filter_of(
    desk: Desk, *, type_number: int | None, text: str, has: str, equals: tuple[str, str] | None = None
) -> IdentityFilter:
    """Return which objects are asked for; raise NotFound for a type there is none of."""
    type_ = identity_type_named(desk, type_number) if type_number is not None else ""
    return IdentityFilter(type=type_, text=text, has=has, equals=equals)


def count_identities(desk: Desk, wanted: IdentityFilter) -> int:
    """Return how many objects fit."""
    return desk.context.store.browsing.count_identities(wanted)


def read_metaverse_object(desk: Desk, number: str) -> MetaverseDetail:
    """Return one object; raise NotFound when there is none."""
    identity_id = number_in("identity", number, what="metaverse object")
    row = desk.context.store.browsing.one_identity(identity_id)
    if row is None:
        raise NotFound(f"there is no metaverse object {number}", remedy="search for it")
    page = read_subject(desk.context, Subject(identity_id=identity_id))
    gone, is_changed = row["gone_since"], row["changed_by"] != row["created_by"]
    moments = moments_of(desk, (row["created_by"], row["changed_by"]))
    return MetaverseDetail(
        id=number, created=moments.get(row["created_by"], ""),
        last_updated=moments.get(row["changed_by"]) if is_changed else None,
        display_name=page.identity.name if page.identity else None, status="Normal", origin="Projected",
        last_connector_disconnected_date=None if gone is None else desk.moment(gone),
        is_pending_deletion=gone is not None,
        deletion_eligible_date=None if gone is None else desk.moment(gone + _grace(desk, row)),
        type=_type(desk, row["type"]),
        attribute_values=(*_values(desk, number, page), *_references(desk, number, identity_id, row)),
        connected_system_objects=tuple(
            LinkedObject(
                id=guid("object", o.id), connected_system_id=desk.ids.get("system", o.system),
                connected_system_name=_system(desk, o.system), display_name=o.dn or o.anchor,
            )
            for o in page.objects
        ),
    )  # fmt: skip


def page_deletions(desk: Desk, rows: Slice) -> tuple[list[PendingDeletion], int]:
    """Return a page of the objects whose deletion waits, and how many there are."""
    browsing, wanted = desk.context.store.browsing, IdentityFilter(is_gone=True)
    found = browsing.identities(wanted, rows)
    names = names_in(desk, found)
    links = desk.context.store.metaverse.read_links_to([row["id"] for row in found]).table
    counts = Counter(links["identity_id"].to_pylist())
    return [_deletion(desk, row, names, counts[row["id"]]) for row in found], browsing.count_identities(wanted)


def summarise_deletions(desk: Desk) -> DeletionSummary:
    """Return how many deletions wait, and how many of them could be done now."""
    browsing, wanted = desk.context.store.browsing, IdentityFilter(is_gone=True)
    total = browsing.count_identities(wanted)
    now = int(desk.context.clock().timestamp() * 1_000_000)
    found = browsing.identities(wanted, Slice(limit=total)) if total else []
    ready = sum(row["gone_since"] + _grace(desk, row) <= now for row in found)
    return DeletionSummary(
        total_count=total, deprovisioning_count=0, awaiting_grace_period_count=total - ready,
        ready_for_deletion_count=ready,
    )  # fmt: skip


def _deletion(desk: Desk, row: Row, names: dict[int, str], objects: int) -> PendingDeletion:
    ends = row["gone_since"] + _grace(desk, row)
    now = int(desk.context.clock().timestamp() * 1_000_000)
    declared = desk.read.types.get(row["type"])
    return PendingDeletion(
        id=guid("identity", row["id"]), display_name=names.get(row["id"]), type=_type(desk, row["type"]),
        last_connector_disconnected_date=desk.moment(row["gone_since"]), deletion_eligible_date=desk.moment(ends),
        days_until_deletion=max(0, -(-(ends - now) // 86_400_000_000)),
        grace_period=span_of_days(declared.deletion.grace_days if declared else 0),
        connected_system_object_count=objects,
        status="ReadyForDeletion" if ends <= now else "AwaitingGracePeriod",
    )  # fmt: skip


def _grace(desk: Desk, row: Row) -> int:
    declared = desk.read.types.get(row["type"])
    return int(timedelta(days=declared.deletion.grace_days if declared else 0).total_seconds() * 1_000_000)


def names_in(desk: Desk, rows: Sequence[Row]) -> dict[int, str]:
    """Return how the identities of these rows (id, type, doc) are called."""
    table = pa.table(
        {
            "id": pa.array([r["id"] for r in rows], pa.int64()),
            "type": pa.array([r["type"] for r in rows], pa.string()),
            "doc": pa.array([r["doc"] for r in rows], pa.string()),
        }
    )
    return dict(name_identities(desk.context, table))


def _head(
    desk: Desk, row: Row, names: dict[int, str], moments: Mapping[int, str], attributes: Sequence[str]
) -> MetaverseHead:
    document = json.loads(row["doc"])
    wanted = document.keys() if "*" in attributes else [a for a in attributes if a in document]
    return MetaverseHead(
        id=guid("identity", row["id"]), created=moments.get(row["created_by"], ""),
        display_name=names.get(row["id"]), status="Normal", type=_type(desk, row["type"]),
        attributes={a: "; ".join(values_of(document[a])) for a in wanted},
    )  # fmt: skip


def _values(desk: Desk, number: str, page: ObjectPage) -> list[MetaverseValue]:
    if page.identity is None:
        return []
    declared = desk.read.types.get(page.identity.type)
    views = []
    for attribute in page.identity.attributes:
        part = declared.attributes.get(attribute.name) if declared else None
        rule = desk.read.rules.get(attribute.rule)
        type_ = part.type if part else ValueType.TEXT
        for position, value in enumerate(attribute.values):
            views.append(
                MetaverseValue(
                    id=f"{number}/{attribute.name}/{position}",
                    attribute_id=desk.ids.get("type_attribute", attribute.name), attribute_name=attribute.name,
                    attribute_type=data_type(type_),
                    attribute_plurality=Plurality.MULTI if part and part.multivalued else Plurality.SINGLE,
                    contributed_by_system_id=desk.ids.get("system", rule.system) if rule else None,
                    contributed_by_system_name=_system(desk, rule.system) if rule else None,
                    contributed_by_sync_rule_id=desk.ids.get("rule", attribute.rule) if rule else None,
                    contributed_by_sync_rule_name=(rule.title or attribute.rule) if rule else None,
                    **typed(value, type_),
                )
            )  # fmt: skip
    return views


def _references(desk: Desk, number: str, identity_id: int, row: Row) -> list[MetaverseValue]:
    edges = desk.context.store.metaverse.read_identity_edges_of([identity_id]).table.to_pylist()
    names, declared = names_of(desk, [edge["dst"] for edge in edges]), desk.read.types.get(row["type"])
    views = []
    for edge in edges:
        part = declared.attributes.get(edge["attr"]) if declared else None
        views.append(
            MetaverseValue(
                id=f"{number}/{edge['attr']}/{edge['dst']}", attribute_name=edge["attr"],
                attribute_id=desk.ids.get("type_attribute", edge["attr"]), attribute_type=DataType.REFERENCE,
                attribute_plurality=Plurality.MULTI if part and part.multivalued else Plurality.SINGLE,
                reference_value_id=guid("identity", edge["dst"]),
                reference_value_display_name=names.get(edge["dst"]),
                contributed_by_system_id=None, contributed_by_system_name=None,
                contributed_by_sync_rule_id=None, contributed_by_sync_rule_name=None,
            )
        )  # fmt: skip
    return sorted(views, key=lambda view: (view.attribute_name, view.reference_value_display_name or ""))


def names_of(desk: Desk, identities: Sequence[int]) -> Mapping[int, str]:
    """Return how identities are called; those that have ended are left out."""
    if not identities:
        return {}
    found = desk.context.store.metaverse.read_identities_by_id(list(dict.fromkeys(identities))).table
    return dict(name_identities(desk.context, found)) if found.num_rows else {}


def _type(desk: Desk, name: str) -> Named:
    declared = desk.read.types.get(name)
    return Named(id=desk.ids.get("type", name) or 0, name=(declared.title if declared else None) or name)


def _system(desk: Desk, name: str) -> str:
    declared = desk.read.systems.get(name)
    return (declared.title if declared else None) or name
