"""What the object types of the contract are called and made of in each kind of destination."""

from collections.abc import Mapping
from dataclasses import dataclass

from accord.datasync.body import GROUP, USER, ObjectOption
from accord.datasync.loose import wrong
from accord.datasync.providers import ProviderKind


@dataclass(frozen=True, slots=True, kw_only=True)
class ObjectKind:
    """One object type of a destination: our name, its classes in a directory, what names and finds its entries."""

    name: str
    classes: tuple[str, ...] = ()
    naming: tuple[str, ...] = ()
    required: tuple[str, ...] = ()
    can_sign_in: bool = False


_ACTIVE_DIRECTORY: Mapping[str, ObjectKind] = {
    "user": ObjectKind(
        name="user", classes=("user",), naming=("cn",), required=("cn", "sAMAccountName"), can_sign_in=True
    ),
    "group": ObjectKind(name="group", classes=("group",), naming=("cn",), required=("cn", "sAMAccountName")),
    "contact": ObjectKind(name="contact", classes=("contact",), naming=("cn",), required=("cn",)),
}
_LDAP: Mapping[str, ObjectKind] = {
    "user": ObjectKind(
        name="user", classes=("inetOrgPerson",), naming=("uid", "cn"), required=("cn", "sn"), can_sign_in=True
    ),
    "group": ObjectKind(name="group", classes=("groupOfNames",), naming=("cn",), required=("cn",)),
}
_SCIM: Mapping[str, ObjectKind] = {
    "user": ObjectKind(name="user", required=("userName",), can_sign_in=True),
    "group": ObjectKind(name="group", required=("displayName",)),
}
_ROW = ObjectKind(name="object")


def object_kind(option: ObjectOption, provider: ProviderKind) -> ObjectKind:
    """Return what the object type is there; raise Invalid when that kind of destination has no such objects."""
    if not provider.assigns_anchor:
        return _ROW
    known = {ProviderKind.ACTIVE_DIRECTORY: _ACTIVE_DIRECTORY, ProviderKind.LDAP: _LDAP}.get(provider, _SCIM)
    found = known.get(_word(option))
    if found is None:
        raise wrong(
            f"{option.place}.objectType",
            f"there is no object type {option.object_type} ({option.display_name}) in this destination",
            f"use one of: {', '.join(known)}",
        )
    return found


def _word(option: ObjectOption) -> str:
    said = option.display_name.casefold()
    for word in ("contact", "group"):
        if word in said:
            return word
    if "user" in said or "person" in said:
        return "user"
    return {USER: "user", GROUP: "group"}.get(option.object_type, said)
