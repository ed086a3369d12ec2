"""Connected systems: list, make, change, remove; what removing one would take along."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from accord.config.canonical import Document
from accord.config.files import SystemFile
from accord.config.places import FileKind
from accord.model.errors import Conflict, NotFound
from accord.operations.administration.connectors import connector_numbered, kind_named
from accord.operations.administration.desk import CAMEL, Desk, Draft, free_name, titled
from accord.operations.administration.drift import ConfigurationDrift, drift_of
from accord.operations.administration.moments import changed_at, made_at
from accord.operations.administration.schema import object_types_of
from accord.operations.administration.schema_views import ObjectTypeView
from accord.operations.administration.setting_values import SettingValue, put_settings


class SystemStatus(StrEnum):
    """Whether a system takes part."""

    ACTIVE = "Active"
    DISABLED = "Disabled"
    DELETING = "Deleting"


class UnresolvedReferences(StrEnum):
    """What becomes of a reference that leads nowhere."""

    ERROR = "Error"
    WARN = "Warn"
    IGNORE = "Ignore"


@dataclass(frozen=True, slots=True, kw_only=True)
class SystemHead:
    """A system as it is listed."""

    __pydantic_config__ = CAMEL
    id: int
    name: str
    description: str | None
    created: str
    status: SystemStatus
    object_count: int
    connectors_count: int
    pending_export_objects_count: int
    connector_name: str
    connector_id: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Named:
    """A thing by number and name."""

    __pydantic_config__ = CAMEL
    id: int
    name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SystemDetail:
    """A system. Its settings are not among it; `problems` says why it is a draft still."""

    __pydantic_config__ = CAMEL
    id: int
    name: str
    description: str | None
    created: str
    last_updated: str | None
    status: SystemStatus
    setting_values_valid: bool
    connector: Named
    object_types: tuple[ObjectTypeView, ...]
    object_count: int
    pending_export_count: int
    max_export_parallelism: int | None = None
    initial_password_time_to_live: str | None = None
    require_secure_transport: bool = True
    unresolved_reference_handling: UnresolvedReferences = UnresolvedReferences.WARN
    configuration_drift: ConfigurationDrift
    problems: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class NewSystem:
    """What a new system is."""

    __pydantic_config__ = CAMEL
    name: str
    connector_definition_id: int
    description: str | None = None
    change_reason: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class SystemChange:
    """What is to be different about a system; what is not given stays. Settings by the number of their definition."""

    __pydantic_config__ = CAMEL
    name: str | None = None
    description: str | None = None
    setting_values: Mapping[str, SettingValue] | None = None
    max_export_parallelism: int | None = None
    initial_password_time_to_live: str | None = None
    require_secure_transport: bool | None = None
    unresolved_reference_handling: UnresolvedReferences | None = None
    change_reason: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class DeletionPreview:
    """What goes with a system."""

    __pydantic_config__ = CAMEL
    connected_system_id: int
    connected_system_name: str
    connected_system_object_count: int
    joined_metaverse_object_count: int
    sync_rule_count: int
    run_profile_count: int
    partition_count: int
    container_count: int
    pending_export_count: int
    warnings: tuple[str, ...]
    estimated_deletion_time: str
    will_run_as_background_job: bool
    has_running_sync_operation: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Deletion:
    """That a system is gone."""

    __pydantic_config__ = CAMEL
    success: bool
    outcome: str
    error_message: str | None = None
    worker_task_id: str | None = None
    activity_id: str | None = None


def list_systems(desk: Desk) -> list[SystemHead]:
    """Return the systems by name."""
    return [_head(desk, name, file) for name, file in sorted(desk.read.systems.items())]


def read_system(desk: Desk, number: int) -> SystemDetail:
    """Return one system; raise NotFound when there is none."""
    name = system_named(desk, number)
    file, browsing = desk.read.systems[name], desk.context.store.browsing
    problems = desk.stored.drafts.get((FileKind.SYSTEM, name), ())
    kind = kind_named(desk, file.connector)
    return SystemDetail(
        id=number, name=file.title or name, description=file.description or None,
        created=made_at(desk, FileKind.SYSTEM, name), last_updated=changed_at(desk, FileKind.SYSTEM, name),
        status=SystemStatus.ACTIVE, setting_values_valid=not problems,
        connector=Named(id=desk.ids.of("connector", file.connector), name=kind.title),
        object_types=object_types_of(desk, name, with_attributes=False),
        object_count=browsing.count_objects(name), pending_export_count=browsing.count_pending(name),
        configuration_drift=drift_of(desk, name), problems=tuple(error.message for error in problems),
    )  # fmt: skip


def add_system(desk: Desk, new: NewSystem) -> SystemDetail:
    """Make a system, a draft until it has settings and object types; raise Conflict when there is one of that name."""
    _require_free(desk, new.name)
    kind = connector_numbered(desk, new.connector_definition_id)
    name = free_name(new.name, desk.read.systems)
    document: Document = titled({"system": name, "connector": kind.name}, name, new.name)
    if new.description:
        document["description"] = new.description
    after = desk.change(
        "create_system", name, new.change_reason, lambda draft: draft.put(FileKind.SYSTEM, name, document)
    )
    return read_system(after, after.ids.of("system", name))


def change_system(desk: Desk, number: int, change: SystemChange) -> SystemDetail:
    """Change a system; secrets among its settings are kept in the vault and never shown."""
    name = system_named(desk, number)
    if change.name is not None and change.name != (desk.read.systems[name].title or name):
        _require_free(desk, change.name)
    kind = kind_named(desk, desk.read.systems[name].connector)
    secrets: dict[str, str] = {}

    def edit(draft: Draft) -> None:
        document = draft.document(FileKind.SYSTEM, name)
        if change.name is not None:
            document = titled(document, name, change.name)
        if change.description is not None:
            document["description"] = change.description
        if change.setting_values:
            secrets.update(put_settings(desk, kind, document, change.setting_values))
        draft.put(FileKind.SYSTEM, name, document)

    after = desk.change("change_system", name, change.change_reason, edit)
    vault = desk.context.vault
    for secret, value in secrets.items():
        if vault is not None:
            vault.keep(secret, value, at=desk.context.clock())
    return read_system(after, number)


def preview_deletion(desk: Desk, number: int) -> DeletionPreview:
    """Return what would go with a system."""
    name = system_named(desk, number)
    browsing, rules = desk.context.store.browsing, _rules_of(desk, name)
    linked = browsing.count_linked(name)
    return DeletionPreview(
        connected_system_id=number, connected_system_name=desk.read.systems[name].title or name,
        connected_system_object_count=browsing.count_objects(name), joined_metaverse_object_count=linked,
        sync_rule_count=len(rules), run_profile_count=len(desk.stored.configuration.profiles.get(name, {})),
        partition_count=len(desk.ids.below("partition", name)), container_count=len(desk.ids.below("container", name)),
        pending_export_count=browsing.count_pending(name),
        warnings=(f"{linked} identities lose an object; the next synchronisation decides",) if linked else (),
        estimated_deletion_time="00:00:01", will_run_as_background_job=False, has_running_sync_operation=False,
    )  # fmt: skip


def remove_system(desk: Desk, number: int, reason: str | None) -> Deletion:
    """Remove a system with its rules; raises Conflict while a schedule or an identity type still names it.

    What its objects gave to identities goes by the next synchronisation, within the guard.
    """
    name = system_named(desk, number)

    def edit(draft: Draft) -> None:
        draft.remove(FileKind.SYSTEM, name)
        rules = _rules_of(desk, name)
        for rule in rules:
            draft.remove(FileKind.RULE, rule)
        _forget_rules(desk, draft, rules)

    desk.change("remove_system", name, reason, edit)
    desk.context.store.configurations.drop_discoveries(name)
    vault = desk.context.vault
    for secret in vault.names() if vault is not None else ():
        if vault is not None and secret.startswith(f"{name}-"):
            vault.drop(secret)
    return Deletion(success=True, outcome="CompletedImmediately")


def system_named(desk: Desk, number: int) -> str:
    """Return the name of the system of a number; raise NotFound when there is none."""
    name = desk.ids.steps("system", number, what="connected system")[0]
    if name not in desk.read.systems:
        raise NotFound(f"there is no connected system {number}", remedy="list the connected systems")
    return name


def _forget_rules(desk: Desk, draft: Draft, rules: list[str]) -> None:
    """Take rules that go out of the precedence of attributes."""
    for name, identity_type in desk.read.types.items():
        if any(set(part.precedence) & set(rules) for part in identity_type.attributes.values()):
            attributes = draft.document(FileKind.TYPE, name).get("attributes")
            for attribute in attributes.values() if isinstance(attributes, dict) else ():
                if isinstance(attribute, dict) and "precedence" in attribute:
                    attribute["precedence"] = [rule for rule in attribute["precedence"] if rule not in rules]


def _rules_of(desk: Desk, name: str) -> list[str]:
    return sorted(rule for rule, file in desk.read.rules.items() if file.system == name)


def _require_free(desk: Desk, title: str) -> None:
    if any((file.title or name).lower() == title.lower() for name, file in desk.read.systems.items()):
        raise Conflict(f"there is a connected system {title!r} already", remedy="choose another name")


def _head(desk: Desk, name: str, file: SystemFile) -> SystemHead:
    browsing = desk.context.store.browsing
    return SystemHead(
        id=desk.ids.of("system", name), name=file.title or name, description=file.description or None,
        created=made_at(desk, FileKind.SYSTEM, name), status=SystemStatus.ACTIVE,
        object_count=browsing.count_objects(name), connectors_count=browsing.count_linked(name),
        pending_export_objects_count=browsing.count_pending(name),
        connector_name=kind_named(desk, file.connector).title, connector_id=desk.ids.of("connector", file.connector),
    )  # fmt: skip
