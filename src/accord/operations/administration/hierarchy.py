"""Partitions and containers of a directory: found by asking it, chosen by the administrator."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, cast

from accord.config.canonical import Document
from accord.config.places import FileKind
from accord.connectors.base import HierarchyReader
from accord.model.errors import NotFound, UsageError
from accord.operations.administration.desk import CAMEL, Desk, Draft
from accord.operations.administration.naming import wanted_ids
from accord.operations.administration.opening import opened_draft


class ContainerScope(StrEnum):
    """How deep a container is read."""

    SUBTREE = "Subtree"
    ONE_LEVEL = "OneLevel"


@dataclass(frozen=True, slots=True, kw_only=True)
class ContainerView:
    """A place in the tree."""

    __pydantic_config__ = CAMEL
    id: int
    name: str
    external_id: str
    description: str | None
    hidden: bool
    selected: bool
    excluded: bool
    scope: ContainerScope
    partition_id: int | None
    connected_system_id: int | None
    child_containers: "tuple[ContainerView, ...]"


@dataclass(frozen=True, slots=True, kw_only=True)
class PartitionView:
    """A naming context. Without any selected, all are read."""

    __pydantic_config__ = CAMEL
    id: int
    name: str
    external_id: str
    selected: bool
    connected_system_id: int
    containers: tuple[ContainerView, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class PartitionChange:
    """Whether a partition is read."""

    __pydantic_config__ = CAMEL
    selected: bool | None = None
    change_reason: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ContainerChange:
    """Whether a container is read, left out, or neither; and how deep."""

    __pydantic_config__ = CAMEL
    selected: bool | None = None
    excluded: bool | None = None
    scope: ContainerScope | None = None
    change_reason: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class HierarchyImport:
    """What was found, and what is new or gone since the last time."""

    __pydantic_config__ = CAMEL
    success: bool
    error_message: str | None
    total_partitions: int
    total_containers: int
    summary: str
    has_changes: bool
    has_selected_items_removed: bool
    added_partitions: tuple[str, ...]
    removed_partitions: tuple[str, ...]
    renamed_partitions: tuple[str, ...]
    added_containers: tuple[str, ...]
    removed_containers: tuple[str, ...]
    renamed_containers: tuple[str, ...]
    moved_containers: tuple[str, ...]


def import_hierarchy(desk: Desk, name: str) -> HierarchyImport:
    """Ask a directory for its partitions and containers; raise UsageError for a system that has none."""
    before, found = _known(desk, name), _asked(desk, name)
    context = desk.context
    context.store.configurations.keep_discovery(name, "hierarchy", json.dumps(found), at=context.clock())
    context.store.configurations.ids.settle(wanted_ids(context, desk.read, desk.configured.kind_of))
    return _difference(desk, name, before, found)


def preview_hierarchy(desk: Desk, name: str) -> HierarchyImport:
    """Ask a directory for its partitions and containers, and return what importing them would change."""
    return _difference(desk, name, _known(desk, name), _asked(desk, name))


def list_partitions(desk: Desk, name: str) -> list[PartitionView]:
    """Return the partitions with their containers as a tree."""
    return [_partition(desk, name, partition) for partition in _known(desk, name)]


def change_partition(desk: Desk, name: str, number: int, change: PartitionChange) -> PartitionView:
    """Read a partition, or read it no more."""
    dn = _named(desk, "partition", name, number)

    def edit(draft: Draft) -> None:
        partitions = [p for p in _setting(draft, name, "partitions") if str(p).lower() != dn.lower()]
        _put(draft, name, "partitions", [*partitions, dn] if change.selected else partitions)

    after = (
        desk if change.selected is None else desk.change("change_partition", f"{name}/{dn}", change.change_reason, edit)
    )
    return next(p for p in list_partitions(after, name) if p.id == number)


def change_container(desk: Desk, name: str, number: int, change: ContainerChange) -> ContainerView:
    """Read a container, leave it out, or neither."""
    dn = _named(desk, "container", name, number)
    declared = _declared(desk, name).get(dn.lower())
    is_selected = change.selected if change.selected is not None else bool(declared and declared["mode"] == "include")
    is_excluded = change.excluded if change.excluded is not None else bool(declared and declared["mode"] == "exclude")
    scope = change.scope or (ContainerScope.ONE_LEVEL if declared and declared["scope"] == "one_level" else None)

    def edit(draft: Draft) -> None:
        containers = [c for c in _setting(draft, name, "containers") if str(c["dn"]).lower() != dn.lower()]
        if is_selected or is_excluded:
            entry: Document = {"dn": dn}
            if is_excluded and not (change.selected and is_selected):
                entry["mode"] = "exclude"
            if scope is ContainerScope.ONE_LEVEL:
                entry["scope"] = "one_level"
            containers.append(entry)
        _put(draft, name, "containers", containers)

    after = desk.change("change_container", f"{name}/{dn}", change.change_reason, edit)
    return _Tree(after, name, (), None).view({"dn": dn})


def _asked(desk: Desk, name: str) -> list[dict[str, Any]]:
    opened = opened_draft(desk, name)
    try:
        if not opened.capabilities.has_dn:
            raise UsageError(f"{name} has no partitions and containers", remedy="import its schema")
        found = cast("HierarchyReader", opened.connector).hierarchy()
    finally:
        opened.connector.close()
    return [
        {"dn": p.dn, "containers": [{"dn": c.dn, "description": c.description} for c in p.containers]} for p in found
    ]


def _known(desk: Desk, name: str) -> list[dict[str, Any]]:
    found = desk.context.store.configurations.discovery(name, "hierarchy")
    return list(json.loads(found)) if found else []


def _named(desk: Desk, kind: str, name: str, number: int) -> str:
    system, dn = desk.ids.steps(kind, number)
    if system != name:
        raise NotFound(f"there is no {kind} {number} in {name}", remedy="list the partitions of the system")
    return dn


def _setting(draft: Draft, name: str, key: str) -> list[Any]:
    settings = draft.document(FileKind.SYSTEM, name).get("settings")
    found = settings.get(key) if isinstance(settings, dict) else None
    return list(found) if isinstance(found, list | tuple) else []


def _put(draft: Draft, name: str, key: str, values: list[Any]) -> None:
    settings = draft.document(FileKind.SYSTEM, name).setdefault("settings", {})
    if isinstance(settings, dict):
        settings.pop(key, None)
        if values:
            settings[key] = values


def _declared(desk: Desk, name: str) -> dict[str, dict[str, str]]:
    containers = desk.read.settings.get(name, {}).get("containers")
    return {
        str(c["dn"]).lower(): {"mode": str(c.get("mode", "include")), "scope": str(c.get("scope", "subtree"))}
        for c in (containers if isinstance(containers, list) else [])
    }


def _partition(desk: Desk, name: str, partition: dict[str, Any]) -> PartitionView:
    number = desk.ids.of("partition", name, partition["dn"])
    selected = desk.read.settings.get(name, {}).get("partitions")
    chosen = {str(dn).lower() for dn in (selected if isinstance(selected, list) else [])}
    tree = _Tree(desk, name, partition["containers"], number)
    return PartitionView(
        id=number, name=partition["dn"], external_id=partition["dn"], selected=partition["dn"].lower() in chosen,
        connected_system_id=desk.ids.of("system", name),
        containers=tree.below(partition["dn"]),
    )  # fmt: skip


class _Tree:
    """Containers by what they are in; each is looked at once, however many there are."""

    def __init__(self, desk: Desk, name: str, containers: Sequence[Mapping[str, Any]], partition: int | None) -> None:
        self._desk = desk
        self._name = name
        self._partition = partition
        self._declared = _declared(desk, name)
        self._within: dict[str, list[Mapping[str, Any]]] = {}
        for container in containers:
            self._within.setdefault(_parent(container["dn"]).lower(), []).append(container)

    def below(self, dn: str) -> tuple[ContainerView, ...]:
        """Return what is right below a place, each with what is below it."""
        return tuple(self.view(container) for container in self._within.get(dn.lower(), ()))

    def view(self, container: Mapping[str, Any]) -> ContainerView:
        """Return one container with what is below it."""
        dn = container["dn"]
        declared = self._declared.get(dn.lower(), {})
        return ContainerView(
            id=self._desk.ids.of("container", self._name, dn), name=dn.partition(",")[0].partition("=")[2],
            external_id=dn, description=container.get("description") or None, hidden=False,
            selected=declared.get("mode") == "include", excluded=declared.get("mode") == "exclude",
            scope=ContainerScope.ONE_LEVEL if declared.get("scope") == "one_level" else ContainerScope.SUBTREE,
            partition_id=self._partition, connected_system_id=self._desk.ids.of("system", self._name),
            child_containers=self.below(dn),
        )  # fmt: skip


def _parent(dn: str) -> str:
    position = 0
    while (position := dn.find(",", position)) > 0 and dn[position - 1] == "\\":
        position += 1
    return dn[position + 1 :] if position > 0 else ""


def _difference(desk: Desk, name: str, before: list[dict[str, Any]], after: list[dict[str, Any]]) -> HierarchyImport:
    old, new = {p["dn"] for p in before}, {p["dn"] for p in after}
    old_containers = {c["dn"] for p in before for c in p["containers"]}
    containers = {c["dn"] for p in after for c in p["containers"]}
    gone = old_containers - containers
    declared = _declared(desk, name)
    return HierarchyImport(
        success=True, error_message=None, total_partitions=len(new), total_containers=len(containers),
        summary=f"{len(new)} partitions, {len(containers)} containers", has_changes=before != after,
        has_selected_items_removed=any(dn.lower() in declared for dn in gone),
        added_partitions=tuple(sorted(new - old)), removed_partitions=tuple(sorted(old - new)), renamed_partitions=(),
        added_containers=tuple(sorted(containers - old_containers)), removed_containers=tuple(sorted(gone)),
        renamed_containers=(), moved_containers=(),
    )  # fmt: skip
