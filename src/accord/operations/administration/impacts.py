"""What removing something of the metaverse would do, and whether a name is free: asked before anything is done."""

from dataclasses import dataclass

from accord.model.errors import ConfigErrors, Conflict
from accord.operations.administration import attributes, types
from accord.operations.administration.desk import CAMEL, Desk
from accord.operations.administration.previews import Change, worked_out
from accord.store.browsing import IdentityFilter


@dataclass(frozen=True, slots=True, kw_only=True)
class NameAvailability:
    """Whether something new may have a name."""

    __pydantic_config__ = CAMEL
    name: str
    is_available: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class RemovalImpact:
    """What a removal would touch: objects of the type, or with a value; `blockers` is what keeps it from being done."""

    __pydantic_config__ = CAMEL
    id: int
    name: str
    can_remove: bool
    object_count: int
    blockers: tuple[str, ...]


def type_name_availability(desk: Desk, name: str) -> NameAvailability:
    """Return whether a new object type may have a name."""
    taken = {title.lower() for known, file in desk.read.types.items() for title in (known, file.title or known)}
    return NameAvailability(name=name, is_available=name.lower() not in taken)


def attribute_name_availability(desk: Desk, name: str) -> NameAvailability:
    """Return whether a new attribute may have a name."""
    return NameAvailability(name=name, is_available=desk.ids.get("type_attribute", name) is None)


def removal_of_type(desk: Desk, number: int) -> RemovalImpact:
    """Return what removing an object type would do; raise NotFound."""
    view = types.read_type(desk, number)
    wanted = IdentityFilter(type=types.identity_type_named(desk, number))
    return _impact(desk, (number, view.name), wanted, lambda dry: types.remove_type(dry, number, None))


def removal_of_attribute(desk: Desk, number: int) -> RemovalImpact:
    """Return what removing an attribute from every type would do; raise NotFound."""
    name = attributes.read_attribute(desk, number).name
    wanted = IdentityFilter(has=name)
    return _impact(desk, (number, name), wanted, lambda dry: attributes.remove_attribute(dry, number, None))


def unbinding(desk: Desk, number: int, type_number: int) -> RemovalImpact:
    """Return what taking an attribute from an object type would do; raise NotFound."""
    name = attributes.read_attribute(desk, number).name
    wanted = IdentityFilter(type=types.identity_type_named(desk, type_number), has=name)
    return _impact(desk, (number, name), wanted, lambda dry: attributes.unbind(dry, number, type_number, None))


def _impact(desk: Desk, what: tuple[int, str], wanted: IdentityFilter, removal: Change) -> RemovalImpact:
    blockers: tuple[str, ...] = ()
    try:
        worked_out(desk.context, removal)
    except ConfigErrors as found:
        blockers = tuple(error.message for error in found.errors)
    except Conflict as refused:
        blockers = (refused.message,)
    return RemovalImpact(
        id=what[0], name=what[1], can_remove=not blockers, blockers=blockers,
        object_count=desk.context.store.browsing.count_identities(wanted),
    )  # fmt: skip
