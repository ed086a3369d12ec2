"""Identity types of the metaverse and their attributes: list, make, change, remove, bind and unbind."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from accord.config.canonical import Document
from accord.config.files import IdentityTypeFile
from accord.config.places import FileKind
from accord.model.errors import Conflict, Invalid, NotFound
from accord.model.rules import DeletionTrigger
from accord.operations.administration.desk import CAMEL, Desk, Draft, free_name, titled
from accord.operations.administration.moments import made_at
from accord.operations.administration.systems import system_named
from accord.operations.administration.words import DataType, Plurality, data_type

_SPAN = re.compile(r"(?:(\d{1,4})\.)?(\d{1,6}):(\d{1,2}):(\d{1,2})(?:\.\d{1,7})?")


class DeletionRuleName(StrEnum):
    """When an identity ends."""

    MANUAL = "Manual"
    LAST_CONNECTOR = "WhenLastConnectorDisconnected"
    AUTHORITATIVE_SOURCE = "WhenAuthoritativeSourceDisconnected"


class TriggerMode(StrEnum):
    """Which of the authoritative sources must be gone: all of them, always."""

    SPECIFIC = "SpecificSourcesDisconnect"
    ALL = "AllSourcesDisconnect"


@dataclass(frozen=True, slots=True, kw_only=True)
class TypeAttribute:
    """An attribute of an identity type."""

    __pydantic_config__ = CAMEL
    id: int
    name: str
    type: DataType
    attribute_plurality: Plurality
    built_in: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class TypeView:
    """An identity type. Spans are `[d.]hh:mm:ss`."""

    __pydantic_config__ = CAMEL
    id: int
    name: str
    plural_name: str
    created: str
    attributes_count: int
    built_in: bool
    icon: str | None
    has_predefined_searches: bool
    deletion_rule: DeletionRuleName
    deletion_trigger_mode: TriggerMode
    deletion_grace_period: str | None
    deletion_trigger_connected_system_ids: tuple[int, ...]
    attributes: tuple[TypeAttribute, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class TypeTerms:
    """What an identity type is; what is not given stays, or is as it comes."""

    __pydantic_config__ = CAMEL
    name: str | None = None
    plural_name: str | None = None
    icon: str | None = None
    attribute_ids: Sequence[int] | None = None
    deletion_rule: DeletionRuleName | None = None
    deletion_grace_period: str | None = None
    deletion_trigger_mode: TriggerMode | None = None
    deletion_trigger_connected_system_ids: Sequence[int] | None = None
    change_reason: str | None = None


def list_types(desk: Desk) -> list[TypeView]:
    """Return the identity types by name."""
    return [_view(desk, name) for name in sorted(desk.read.types)]


def read_type(desk: Desk, number: int) -> TypeView:
    """Return one identity type; raise NotFound when there is none."""
    return _view(desk, identity_type_named(desk, number))


def add_type(desk: Desk, terms: TypeTerms) -> TypeView:
    """Make an identity type; raise Conflict when there is one of that name."""
    title = terms.name or ""
    _require_free(desk, title)
    name = free_name(title, desk.read.types)
    document: Document = titled({"type": name}, name, title)
    attributes: Document = {}
    for number in terms.attribute_ids or ():
        attribute = desk.ids.steps("type_attribute", number, what="metaverse attribute")[0]
        attributes[attribute] = definition_of(desk, attribute)
    document["attributes"] = attributes
    _apply(desk, document, terms)
    after = desk.change("create_type", name, terms.change_reason, lambda d: d.put(FileKind.TYPE, name, document))
    return _view(after, name)


def change_type(desk: Desk, number: int, terms: TypeTerms) -> TypeView:
    """Change an identity type."""
    name = identity_type_named(desk, number)
    if terms.name and terms.name != (desk.read.types[name].title or name):
        _require_free(desk, terms.name)

    def edit(draft: Draft) -> None:
        document = draft.document(FileKind.TYPE, name)
        if terms.name:
            document = titled(document, name, terms.name)
        _apply(desk, document, terms)
        draft.put(FileKind.TYPE, name, document)

    return _view(desk.change("change_type", name, terms.change_reason, edit), name)


def remove_type(desk: Desk, number: int, reason: str | None) -> None:
    """Remove an identity type; raise Conflict while rules name it or identities are of it."""
    from accord.store.browsing import IdentityFilter  # noqa: PLC0415 - used here alone

    name = identity_type_named(desk, number)
    rules = sorted(rule for rule, file in desk.read.rules.items() if file.identity == name)
    if rules:
        raise Conflict(f"the type is used by the rules {', '.join(rules)}", remedy="remove these rules first")
    if desk.context.store.browsing.count_identities(IdentityFilter(type=name)):
        raise Conflict("there are identities of this type", remedy="let them end first")
    desk.change("remove_type", name, reason, lambda draft: draft.remove(FileKind.TYPE, name))


def identity_type_named(desk: Desk, number: int) -> str:
    """Return the name of the identity type of a number; raise NotFound when there is none."""
    name = desk.ids.steps("type", number, what="metaverse object type")[0]
    if name not in desk.read.types:
        raise NotFound(f"there is no metaverse object type {number}", remedy="list the object types")
    return name


def definition_of(desk: Desk, attribute: str) -> Document:
    """Return how the first type that has an attribute declares its values."""
    part = next(t.attributes[attribute] for t in desk.read.types.values() if attribute in t.attributes)
    return {"type": str(part.type), "multivalued": part.multivalued, "case_sensitive": part.case_sensitive}


def span_of_days(days: int) -> str:
    """Return days as a span of the contract."""
    return f"{days}.00:00:00" if days else "00:00:00"


def _days_of(span: str) -> int:
    found = _SPAN.fullmatch(span.strip())
    if found is None:
        raise Invalid("this is no span of time", {"deletionGracePeriod": ["write [d.]hh:mm:ss, as 30.00:00:00"]})
    days, *parts = (int(part or 0) for part in found.groups())
    # Grace is counted in whole days: a part of one is one.
    return days + -(-(parts[0] * 3600 + parts[1] * 60 + parts[2]) // 86_400)


def _apply(desk: Desk, document: Document, terms: TypeTerms) -> None:
    if terms.plural_name:
        document["plural"] = terms.plural_name
    given = document.get("deletion")
    deletion: Document = dict(given) if isinstance(given, dict) else {}
    if terms.deletion_rule is not None:
        deletion["trigger"] = str(DeletionTrigger[terms.deletion_rule.name])
        if terms.deletion_rule is not DeletionRuleName.AUTHORITATIVE_SOURCE:
            deletion.pop("sources", None)
    if terms.deletion_grace_period is not None:
        deletion["grace_days"] = _days_of(terms.deletion_grace_period)
    if terms.deletion_trigger_connected_system_ids is not None:
        deletion["sources"] = [system_named(desk, n) for n in terms.deletion_trigger_connected_system_ids]
    if deletion:
        document["deletion"] = deletion


def _require_free(desk: Desk, title: str) -> None:
    if any((file.title or name).lower() == title.lower() for name, file in desk.read.types.items()):
        raise Conflict(f"there is a metaverse object type {title!r} already", remedy="choose another name")


def _view(desk: Desk, name: str) -> TypeView:
    file: IdentityTypeFile = desk.read.types[name]
    title = file.title or name
    return TypeView(
        id=desk.ids.of("type", name), name=title, plural_name=file.plural or f"{title}s",
        created=made_at(desk, FileKind.TYPE, name), attributes_count=len(file.attributes), built_in=False, icon=None,
        has_predefined_searches=True, deletion_rule=DeletionRuleName[file.deletion.trigger.name],
        deletion_trigger_mode=TriggerMode.SPECIFIC, deletion_grace_period=span_of_days(file.deletion.grace_days),
        deletion_trigger_connected_system_ids=tuple(
            number for s in file.deletion.sources if (number := desk.ids.get("system", s)) is not None
        ),
        attributes=tuple(
            TypeAttribute(
                id=desk.ids.of("type_attribute", attribute), name=attribute, type=data_type(part.type),
                attribute_plurality=Plurality.MULTI if part.multivalued else Plurality.SINGLE, built_in=False,
            )
            for attribute, part in file.attributes.items()
        ),
    )  # fmt: skip
