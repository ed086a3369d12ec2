"""Attributes by name in SCIM's JSON: `name.givenName`, `emails[work]`, `urn:...:User:department`. Pure."""

import re
from collections.abc import Mapping
from typing import Any

from accord.model.schema import AttributeSchema, ValueType

_TYPED = re.compile(r"(\w+)\[(\w+)\]")
_MULTIVALUED = ("members",)

USER = (
    "userName", "externalId", "displayName", "name.givenName", "name.familyName", "name.formatted", "nickName",
    "title", "userType", "preferredLanguage", "locale", "timezone", "profileUrl", "emails[work]", "emails[home]",
    "phoneNumbers[work]", "phoneNumbers[mobile]",
    "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:employeeNumber",
    "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:costCenter",
    "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:organization",
    "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:division",
    "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:department",
)  # fmt: skip
GROUP = ("displayName", "externalId")


def known_attributes(resource: str) -> dict[str, AttributeSchema]:
    """Return the attributes that the standard gives users or groups."""
    names = USER if resource == "Users" else GROUP
    found = {name: AttributeSchema(name=name) for name in ("id", *names)}
    if resource == "Users":
        found["active"] = AttributeSchema(name="active", type=ValueType.BOOLEAN)
    else:
        found["members"] = AttributeSchema(name="members", is_multivalued=True)
    return found


def read_value(content: Mapping[str, Any], name: str) -> str | list[str] | None:
    """Return the value under a name as text, None where there is none; members are their ids."""
    extension, attribute = _split(name)
    held: Any = _get(content, extension) if extension else content
    typed = _TYPED.fullmatch(attribute)
    if typed:
        items = _get(held, typed[1])
        held = next((i for i in items or [] if isinstance(i, Mapping) and _get(i, "type") == typed[2]), None)
        return _text(_get(held, "value"))
    for part in attribute.split("."):
        held = _get(held, part)
    if isinstance(held, list):
        return [str(_get(item, "value") if isinstance(item, Mapping) else item) for item in held] or None
    return _text(held)


def put_value(content: dict[str, Any], name: str, values: tuple[str, ...]) -> None:
    """Put values under a name into the content of a new object; members are ids."""
    extension, attribute = _split(name)
    held = content.setdefault(extension, {}) if extension else content
    typed = _TYPED.fullmatch(attribute)
    if typed:
        held.setdefault(typed[1], []).append({"type": typed[2], "value": values[0]})
    elif attribute in _MULTIVALUED:
        held[attribute] = [{"value": value} for value in values]
    else:
        *above, last = attribute.split(".")
        for part in above:
            held = held.setdefault(part, {})
        held[last] = _said(attribute, values[0])


def patches(name: str, *, after: tuple[str, ...] | None, added: tuple[str, ...], removed: tuple[str, ...]) -> list[Any]:
    """Return the patch operations (RFC 7644 section 3.5.2) that bring one attribute to its new values."""
    extension, attribute = _split(name)
    if attribute in _MULTIVALUED:
        gone = [{"op": "remove", "path": f'{attribute}[value eq "{value}"]'} for value in removed]
        more = [{"op": "add", "path": attribute, "value": [{"value": value} for value in added]}] if added else []
        return [*gone, *more]
    typed = _TYPED.fullmatch(attribute)
    path = f'{typed[1]}[type eq "{typed[2]}"].value' if typed else attribute
    if extension:
        path = f"{extension}:{path}"
    if not after:
        return [{"op": "remove", "path": path}]
    return [{"op": "replace", "path": path, "value": _said(attribute, after[0])}]


def schemas_of(content: Mapping[str, Any], resource: str) -> list[str]:
    """Return the schemas that an object with this content is of."""
    core = f"urn:ietf:params:scim:schemas:core:2.0:{resource.removesuffix('s')}"
    return [core, *(name for name in content if name.startswith("urn:"))]


def _split(name: str) -> tuple[str, str]:
    extension, colon, attribute = name.rpartition(":")
    return (extension, attribute) if colon and extension.startswith("urn:") else ("", name)


def _get(held: Any, name: str) -> Any:
    """Return a member; names of attributes are case-insensitive (RFC 7643 section 2.1)."""
    if not isinstance(held, Mapping):
        return None
    return next((value for key, value in held.items() if key.casefold() == name.casefold()), None)


def _text(value: Any) -> str | None:
    if isinstance(value, bool):
        return "true" if value else "false"
    return None if value is None or value == "" else str(value)


def _said(attribute: str, text: str) -> object:
    return text == "true" if attribute == "active" else text
