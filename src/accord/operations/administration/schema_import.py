"""Asking a system what it offers, and what becomes of what is selected and not offered any more."""

import json
from dataclasses import dataclass

from accord.config.canonical import Document, document_of
from accord.config.expressions import bare_name
from accord.config.places import FileKind
from accord.model.errors import Conflict
from accord.operations.administration.desk import CAMEL, Desk, Draft
from accord.operations.administration.naming import wanted_ids
from accord.operations.administration.schema import Offered, discover_schema, offered


@dataclass(frozen=True, slots=True, kw_only=True)
class SchemaImport:
    """What to do with rules that use what is offered no more: disable them, or remove what they use of it."""

    __pydantic_config__ = CAMEL
    disable_dependents: bool = False
    remove_dependents: bool = False
    change_reason: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class SchemaDifference:
    """What a system offers now that it did not, and the other way round."""

    __pydantic_config__ = CAMEL
    success: bool
    error_message: str | None
    total_object_types: int
    total_attributes: int
    added_object_types: tuple[str, ...]
    removed_object_types: tuple[str, ...]
    updated_object_types: tuple[str, ...]
    added_attributes: dict[str, list[str]]
    removed_attributes: dict[str, list[str]]
    attributes_in_use: dict[str, list[str]]
    discovery_warnings: tuple[str, ...]
    password_policy_discovered: bool
    has_changes: bool
    has_removals_or_definition_changes: bool
    dependents: tuple[str, ...]


def preview_schema(desk: Desk, name: str) -> SchemaDifference:
    """Return what importing the schema of a system would change, and which rules use what is gone."""
    return _difference(desk, name, discover_schema(desk, name))


def import_schema(desk: Desk, name: str, request: SchemaImport) -> Desk:
    """Keep what a system offers; raise Conflict when rules use what it offers no more, unless told what to do."""
    found = discover_schema(desk, name)
    lost = _lost(desk, name, found)
    rules = _dependents(desk, name, lost)
    if rules and not (request.disable_dependents or request.remove_dependents):
        raise Conflict(
            f"{name} does not offer any more what these rules use: {', '.join(rules)}",
            remedy="import with disableDependents or removeDependents, or change the rules first",
        )
    context = desk.context
    context.store.configurations.keep_discovery(name, "schema", json.dumps(found), at=context.clock())
    if not lost:
        context.store.configurations.ids.settle(wanted_ids(context, desk.read, desk.configured.kind_of))
        return Desk(context)

    def edit(draft: Draft) -> None:
        _drop(draft, name, lost)
        for rule in rules:
            document = draft.document(FileKind.RULE, rule)
            if request.remove_dependents:
                _without_lost(document, lost)
            else:
                document["enabled"] = False

    return desk.change("import_schema", name, request.change_reason, edit)


def _lost(desk: Desk, name: str, found: Offered) -> dict[str, list[str]]:
    """Return the attributes that are selected and offered no more, by object type; all of one that is gone."""
    lost: dict[str, list[str]] = {}
    for type_name, part in desk.read.systems[name].objects.items():
        there = found.get(type_name, {}).get("attributes", {})
        gone = [a for a in part.attributes if not isinstance(there, dict) or a not in there]
        if gone:
            lost[type_name] = gone
    return lost


def _dependents(desk: Desk, name: str, lost: dict[str, list[str]]) -> list[str]:
    found = []
    for rule, file in sorted(desk.read.rules.items()):
        if file.system == name and file.object in lost and file.enabled:
            text = json.dumps(document_of(file), ensure_ascii=False)
            if any(attribute in text for attribute in lost[file.object]):
                found.append(rule)
    return found


def _drop(draft: Draft, name: str, lost: dict[str, list[str]]) -> None:
    found = draft.document(FileKind.SYSTEM, name)["objects"]
    objects: dict[str, dict[str, Document]] = found if isinstance(found, dict) else {}
    for type_name, gone in lost.items():
        attributes = objects[type_name].get("attributes", {})
        for attribute in gone:
            attributes.pop(attribute, None)
        if not attributes:
            del objects[type_name]


def _without_lost(document: Document, lost: dict[str, list[str]]) -> None:
    """Take out flows from or into what is gone; where more depends on it, the rule is disabled."""
    gone = set(lost[str(document["object"])])
    found = document.get("flows")
    flows: Document = found if isinstance(found, dict) else {}
    for target, flow in list(flows.items()):
        text = str(flow.get("expression") if isinstance(flow, dict) else flow)
        if target in gone or bare_name(text) in gone:
            del flows[target]
    if any(attribute in json.dumps(document, ensure_ascii=False) for attribute in gone):
        document["enabled"] = False


def _difference(desk: Desk, name: str, found: Offered) -> SchemaDifference:
    before, lost = offered(desk, name), _lost(desk, name, found)
    common = before.keys() & found.keys()
    added = {t: sorted(_names(found[t]) - _names(before[t])) for t in sorted(common)}
    removed = {t: sorted(_names(before[t]) - _names(found[t])) for t in sorted(common)}
    added, removed = ({t: a for t, a in part.items() if a} for part in (added, removed))
    return SchemaDifference(
        success=True, error_message=None, total_object_types=len(found),
        total_attributes=sum(len(_names(t)) for t in found.values()),
        added_object_types=tuple(sorted(found.keys() - before.keys())),
        removed_object_types=tuple(sorted(before.keys() - found.keys())),
        updated_object_types=tuple(sorted({*added, *removed})), added_attributes=added, removed_attributes=removed,
        attributes_in_use=lost, discovery_warnings=(), password_policy_discovered=False, has_changes=before != found,
        has_removals_or_definition_changes=bool(removed or before.keys() - found.keys()),
        dependents=tuple(_dependents(desk, name, lost)),
    )  # fmt: skip


def _names(object_type: Document) -> set[str]:
    attributes = object_type.get("attributes")
    return set(attributes) if isinstance(attributes, dict) else set()
