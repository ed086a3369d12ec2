"""Kinds of connectors with their settings, as the administration contract describes them."""

import types
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from pathlib import Path
from typing import Annotated, Literal, Union, get_args, get_origin

from pydantic import SecretBytes, SecretStr
from pydantic.fields import FieldInfo
from pydantic_core import PydanticUndefined

from accord.connectors.base import ConnectorKind
from accord.connectors.registry import KINDS
from accord.model.errors import ConfigError, NotFound
from accord.operations.administration.desk import CAMEL, Desk
from accord.operations.administration.naming import COMPOSED_SETTINGS


class SettingType(StrEnum):
    """How a setting is given."""

    STRING = "String"
    STRING_ENCRYPTED = "StringEncrypted"
    INTEGER = "Integer"
    TEXT = "Text"
    DROP_DOWN = "DropDown"
    CHECK_BOX = "CheckBox"
    FILE = "File"


@dataclass(frozen=True, slots=True, kw_only=True)
class Setting:
    """One setting of a kind of connector. Type `Text` is YAML: a list or a mapping."""

    __pydantic_config__ = CAMEL
    id: int
    name: str
    description: str | None
    category: str
    type: SettingType
    default_checkbox_value: bool | None = None
    default_string_value: str | None = None
    default_int_value: int | None = None
    drop_down_values: tuple[str, ...] = ()
    required: bool = False
    required_group: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ConnectorHead:
    """A kind of connector as it is listed."""

    __pydantic_config__ = CAMEL
    id: int
    name: str
    description: str | None
    built_in: bool
    created: str
    last_updated: str | None
    files: int
    versions: str | None
    in_use: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class ConnectorDetail:
    """A kind of connector with its settings and what it can do."""

    __pydantic_config__ = CAMEL
    id: int
    name: str
    description: str | None
    url: str | None
    built_in: bool
    settings: tuple[Setting, ...]
    files: tuple[str, ...]
    supports_full_import: bool
    supports_delta_import: bool
    supports_export: bool
    supports_partitions: bool
    supports_partition_containers: bool
    supports_secondary_external_id: bool
    supports_user_selected_external_id: bool
    supports_user_selected_attribute_types: bool
    supports_auto_confirm_export: bool
    supports_parallel_export: bool
    supports_paging: bool
    supports_file_paths: bool
    supports_password_set: bool
    supports_password_policy_discovery: bool
    schema_standard: str


CONTRACT_NAMES: Mapping[str, str] = {
    "csv": "JIM File Connector",
    "ldap": "JIM LDAP Connector",
    "scim": "JIM SCIM 2.0 Client Connector",
    "sql": "JIM SQL Connector",
}
"""By these names existing automation asks for kinds of connectors."""

_NAMES: Mapping[tuple[str, str], str] = {
    ("csv", "path"): "File Path",
    ("csv", "object_type"): "Object Type",
    ("csv", "multi_value_delimiter"): "Multi-Value Delimiter",
    ("ldap", "bind_dn"): "Username",
    ("ldap", "connect_timeout_s"): "Connection Timeout",
    ("ldap", "operation_timeout_s"): "Search Timeout",
    ("ldap", "window"): "Export Concurrency",
}
BEGINNING = "2026-01-01T00:00:00Z"
"""When what is built in was made."""


def list_connectors(desk: Desk) -> list[ConnectorHead]:
    """Return the kinds whose libraries are installed."""
    used = {system.connector for system in desk.read.systems.values()}
    return [
        ConnectorHead(
            id=desk.ids.of("connector", kind.name), name=kind.title, description=kind.name, built_in=True,
            created=BEGINNING, last_updated=None, files=0, versions=None, in_use=kind.name in used,
        )
        for kind in _installed(desk)
    ]  # fmt: skip


def read_connector(desk: Desk, number: int) -> ConnectorDetail:
    """Return one kind; raise NotFound when there is none."""
    return _detail(desk, connector_numbered(desk, number))


def find_connector(desk: Desk, name: str) -> ConnectorDetail:
    """Return the kind of a name: its own, its title, or that of the contract; raise NotFound when there is none."""
    for kind in _installed(desk):
        if name.lower() in {kind.name, kind.title.lower(), CONTRACT_NAMES.get(kind.name, "").lower()}:
            return _detail(desk, kind)
    raise NotFound(f"there is no connector {name!r}", remedy=f"use one of: {', '.join(KINDS)}")


def connector_numbered(desk: Desk, number: int) -> ConnectorKind:
    """Return the kind of a number; raise NotFound when there is none."""
    return kind_named(desk, desk.ids.steps("connector", number)[0])


def kind_named(desk: Desk, name: str) -> ConnectorKind:
    """Return a kind of connector with everything it is; raises ConfigError when its library is missing."""
    kind = desk.configured.kind_of(name)
    if not isinstance(kind, ConnectorKind):
        raise NotFound(f"there is no connector {name!r}", remedy=f"use one of: {', '.join(KINDS)}")
    return kind


def setting_type(field: FieldInfo) -> tuple[SettingType, tuple[str, ...]]:
    """Return how a setting is given, and what there is to choose from."""
    annotation = _plain(field.annotation)
    if get_origin(annotation) is Literal:
        return SettingType.DROP_DOWN, tuple(str(choice) for choice in get_args(annotation))
    by_type: Mapping[object, SettingType] = {
        SecretStr: SettingType.STRING_ENCRYPTED, SecretBytes: SettingType.STRING_ENCRYPTED,
        bool: SettingType.CHECK_BOX, int: SettingType.INTEGER, Path: SettingType.FILE, str: SettingType.STRING,
        float: SettingType.STRING,
    }  # fmt: skip
    return by_type.get(annotation, SettingType.TEXT), ()


def _plain(annotation: object) -> object:
    if get_origin(annotation) is Annotated:
        return _plain(get_args(annotation)[0])
    if get_origin(annotation) in {Union, types.UnionType}:
        rest = [inner for inner in get_args(annotation) if inner is not type(None)]
        return _plain(rest[0]) if len(rest) == 1 else annotation
    return annotation


def _installed(desk: Desk) -> Iterator[ConnectorKind]:
    for name in KINDS:
        try:
            yield kind_named(desk, name)
        except ConfigError:
            # Its library is not installed: `accord doctor` tells which.
            continue


def _detail(desk: Desk, kind: ConnectorKind) -> ConnectorDetail:
    can, is_directory, is_file = kind.capabilities, kind.capabilities.has_dn, kind.name in {"csv", "excel"}
    return ConnectorDetail(
        id=desk.ids.of("connector", kind.name), name=kind.title, description=kind.name, url=None, built_in=True,
        settings=tuple(_settings(desk, kind)), files=(), supports_full_import=can.can_read,
        supports_delta_import=can.can_read_changes, supports_export=can.can_write, supports_partitions=is_directory,
        supports_partition_containers=is_directory, supports_secondary_external_id=is_directory,
        supports_user_selected_external_id=not can.assigns_anchor, supports_user_selected_attribute_types=True,
        supports_auto_confirm_export=False, supports_parallel_export=is_directory, supports_paging=not is_file,
        supports_file_paths=is_file, supports_password_set=is_directory, supports_password_policy_discovery=False,
        schema_standard="Ldap" if is_directory else "NotSet",
    )  # fmt: skip


def _settings(desk: Desk, kind: ConnectorKind) -> Iterator[Setting]:
    for name, field in kind.settings.model_fields.items():
        given, choices = setting_type(field)
        default = None if field.default is PydanticUndefined else field.default
        yield Setting(
            id=desk.ids.of("setting", kind.name, name), name=setting_name(kind.name, name),
            description=field.description, category="Connectivity", type=given,
            default_checkbox_value=default if isinstance(default, bool) else None,
            default_int_value=default if isinstance(default, int) and not isinstance(default, bool) else None,
            default_string_value=str(default) if isinstance(default, str | float) else None,
            drop_down_values=choices, required=field.is_required(),
        )  # fmt: skip
    for name, given in COMPOSED.get(kind.name, {}).items():
        yield Setting(
            id=desk.ids.of("setting", kind.name, name), name=name, description="A part of the setting Url.",
            category="Connectivity", type=given,
        )  # fmt: skip


COMPOSED: Mapping[str, Mapping[str, SettingType]] = {
    kind: {
        name: SettingType.CHECK_BOX
        if name.endswith("?")
        else SettingType.INTEGER
        if name == "Port"
        else SettingType.STRING
        for name in names
    }
    for kind, names in COMPOSED_SETTINGS.items()
}
"""How each is given."""


@cache
def setting_name(kind: str, field: str) -> str:
    """Return how a setting is called outside."""
    return _NAMES.get((kind, field)) or field.replace("_", " ").title()
