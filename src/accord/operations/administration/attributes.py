"""Attributes of the metaverse: one name, one meaning, bound to one identity type or several."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from accord.config.canonical import Document
from accord.config.places import FileKind
from accord.model.errors import Conflict, Invalid, NotFound
from accord.operations.administration.desk import CAMEL, Desk, Draft
from accord.operations.administration.moments import made_at
from accord.operations.administration.types import definition_of, identity_type_named
from accord.operations.administration.words import DataType, Plurality, data_type, value_type


@dataclass(frozen=True, slots=True, kw_only=True)
class KeyAndName:
    """A type by number and name, as lists of attributes show it."""

    __pydantic_config__ = CAMEL
    key: int
    value: str


@dataclass(frozen=True, slots=True, kw_only=True)
class AttributeType:
    """A type by number and name."""

    __pydantic_config__ = CAMEL
    id: int
    name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class MetaverseAttribute:
    """An attribute of the metaverse."""

    __pydantic_config__ = CAMEL
    id: int
    created: str
    name: str
    type: DataType
    attribute_plurality: Plurality
    built_in: bool
    rendering_hint: str
    metaverse_object_types: tuple[KeyAndName, ...]
    object_types: tuple[AttributeType, ...]
    standard_mappings: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class NewMetaverseAttribute:
    """A new attribute and the types that have it; at least one."""

    __pydantic_config__ = CAMEL
    name: str
    type: DataType = DataType.TEXT
    attribute_plurality: Plurality = Plurality.SINGLE
    object_type_ids: Sequence[int] = field(default_factory=tuple)
    change_reason: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class MetaverseAttributeChange:
    """What is to be different about an attribute."""

    __pydantic_config__ = CAMEL
    type: DataType | None = None
    attribute_plurality: Plurality | None = None
    object_type_ids: Sequence[int] | None = None
    change_reason: str | None = None


def list_attributes(desk: Desk) -> list[MetaverseAttribute]:
    """Return the attributes by name."""
    names = {name for identity_type in desk.read.types.values() for name in identity_type.attributes}
    return [_view(desk, name) for name in sorted(names)]


def read_attribute(desk: Desk, number: int) -> MetaverseAttribute:
    """Return one attribute; raise NotFound when there is none."""
    return _view(desk, _named(desk, number))


def add_attribute(desk: Desk, new: NewMetaverseAttribute) -> MetaverseAttribute:
    """Make an attribute; raise Conflict when there is one of that name."""
    if desk.ids.get("type_attribute", new.name) is not None:
        raise Conflict(f"there is a metaverse attribute {new.name!r} already", remedy="assign it to the object type")
    if not new.object_type_ids:
        raise Invalid("an attribute belongs to an object type", {"objectTypeIds": ["name at least one"]})
    types = [identity_type_named(desk, number) for number in new.object_type_ids]
    definition: Document = {
        "type": str(value_type(new.type)), "multivalued": new.attribute_plurality is Plurality.MULTI
    }  # fmt: skip

    def edit(draft: Draft) -> None:
        for name in types:
            _attributes(draft, name)[new.name] = dict(definition)

    return _view(desk.change("create_attribute", new.name, new.change_reason, edit), new.name)


def change_attribute(desk: Desk, number: int, change: MetaverseAttributeChange) -> MetaverseAttribute:
    """Change what values an attribute holds, in every type that has it, or which types these are."""
    name = _named(desk, number)
    definition = definition_of(desk, name)
    wanted = None if change.object_type_ids is None else [identity_type_named(desk, n) for n in change.object_type_ids]

    def edit(draft: Draft) -> None:
        for of in desk.read.types:
            attributes = _attributes(draft, of)
            if wanted is not None and of in wanted and name not in attributes:
                attributes[name] = dict(definition)
            elif wanted is not None and of not in wanted:
                attributes.pop(name, None)
            if name not in attributes:
                continue
            given = attributes[name]
            full = dict(given) if isinstance(given, dict) else {"type": given}
            if change.type is not None:
                full["type"] = str(value_type(change.type))
            if change.attribute_plurality is not None:
                full["multivalued"] = change.attribute_plurality is Plurality.MULTI
            attributes[name] = full

    return _view(desk.change("change_attribute", name, change.change_reason, edit), name)


def remove_attribute(desk: Desk, number: int, reason: str | None) -> MetaverseAttribute:
    """Remove an attribute from every type; raises ConfigErrors while a rule uses it."""
    name = _named(desk, number)
    before = _view(desk, name)

    def edit(draft: Draft) -> None:
        for of in desk.read.types:
            _attributes(draft, of).pop(name, None)

    desk.change("remove_attribute", name, reason, edit)
    return before


def bind(desk: Desk, number: int, type_number: int, reason: str | None) -> MetaverseAttribute:
    """Let a type have an attribute."""
    name, of = _named(desk, number), identity_type_named(desk, type_number)
    definition = definition_of(desk, name)

    def edit(draft: Draft) -> None:
        _attributes(draft, of).setdefault(name, definition)

    return _view(desk.change("bind_attribute", f"{of}.{name}", reason, edit), name)


def unbind(desk: Desk, number: int, type_number: int, reason: str | None) -> MetaverseAttribute:
    """Take an attribute from a type; raises ConfigErrors while a rule uses it, Conflict for the last type."""
    name, of = _named(desk, number), identity_type_named(desk, type_number)
    if sum(name in t.attributes for t in desk.read.types.values()) == 1:
        raise Conflict("no other object type has this attribute", remedy="remove the attribute itself")
    after = desk.change(
        "unbind_attribute", f"{of}.{name}", reason, lambda draft: _attributes(draft, of).pop(name, None)
    )
    return _view(after, name)


def _named(desk: Desk, number: int) -> str:
    name = desk.ids.steps("type_attribute", number, what="metaverse attribute")[0]
    if not any(name in identity_type.attributes for identity_type in desk.read.types.values()):
        raise NotFound(f"there is no metaverse attribute {number}", remedy="list the attributes")
    return name


def _attributes(draft: Draft, type_name: str) -> Document:
    found = draft.document(FileKind.TYPE, type_name).setdefault("attributes", {})
    return found if isinstance(found, dict) else {}


def _view(desk: Desk, name: str) -> MetaverseAttribute:
    types = {n: t for n, t in sorted(desk.read.types.items()) if name in t.attributes}
    first = next(iter(types))
    part = types[first].attributes[name]
    owners = [(desk.ids.of("type", n), t.title or n) for n, t in types.items()]
    return MetaverseAttribute(
        id=desk.ids.of("type_attribute", name), created=made_at(desk, FileKind.TYPE, first), name=name,
        type=data_type(part.type), attribute_plurality=Plurality.MULTI if part.multivalued else Plurality.SINGLE,
        built_in=False, rendering_hint="Default",
        metaverse_object_types=tuple(KeyAndName(key=number, value=title) for number, title in owners),
        object_types=tuple(AttributeType(id=number, name=title) for number, title in owners),
    )  # fmt: skip
