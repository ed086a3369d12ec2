"""Settings of the service that may be changed while it runs, as part of the configuration: `service` of accord.yaml.

What is not here is said by the environment the server is started in: where it listens, who vouches for people.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from accord.config.canonical import Document
from accord.config.places import FileKind
from accord.model.errors import Invalid, NotFound
from accord.operations.administration.desk import CAMEL, Desk, Draft

PARTITION_MODE = "Sync.PartitionValidationMode"
RATES_ENABLED = "Security.RateLimiting.Enabled"
RATE_SIGNED_IN = "Security.RateLimiting.AuthenticatedRequestsPerMinute"
RATE_ANONYMOUS = "Security.RateLimiting.UnauthenticatedRequestsPerMinute"
INSTANCE_NAME = "Instance.Name"


class SettingType(StrEnum):
    """What the value of a setting is."""

    STRING = "String"
    BOOLEAN = "Boolean"
    INTEGER = "Integer"
    ENUM = "Enum"


class SettingCategory(StrEnum):
    """What a setting is about."""

    SYNCHRONISATION = "Synchronisation"
    SECURITY = "Security"
    INSTANCE = "Instance"


@dataclass(frozen=True, slots=True, kw_only=True)
class Setting:
    """One setting. `default` is what holds until somebody sets it; empty: as the server was started."""

    title: str
    description: str
    category: SettingCategory
    type: SettingType
    default: str = ""
    words: tuple[str, ...] = ()


SETTINGS: Mapping[str, Setting] = {
    PARTITION_MODE: Setting(
        title="Partition validation", category=SettingCategory.SYNCHRONISATION, type=SettingType.ENUM,
        default="Error", words=("Error", "Warning"),
        description="Whether a run profile of a partition that is not selected is refused, or runs with a warning.",
    ),
    RATES_ENABLED: Setting(
        title="Rate limits", category=SettingCategory.SECURITY, type=SettingType.BOOLEAN, default="true",
        description="Whether requests are limited at all.",
    ),
    RATE_SIGNED_IN: Setting(
        title="Requests a minute", category=SettingCategory.SECURITY, type=SettingType.INTEGER,
        description="How many requests a minute one caller may send.",
    ),
    RATE_ANONYMOUS: Setting(
        title="Anonymous requests a minute", category=SettingCategory.SECURITY, type=SettingType.INTEGER,
        description="How many requests a minute may come from one address of which nobody says who asks.",
    ),
    INSTANCE_NAME: Setting(
        title="Name of this instance", category=SettingCategory.INSTANCE, type=SettingType.STRING,
        description="What people call this server, where there are several.",
    ),
}  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class SettingView:
    """A setting with what it is set to, and what holds."""

    __pydantic_config__ = CAMEL
    key: str
    display_name: str
    description: str | None
    category: SettingCategory
    value_type: SettingType
    default_value: str | None
    value: str | None
    effective_value: str | None
    is_read_only: bool
    is_overridden: bool


def list_settings(desk: Desk) -> list[SettingView]:
    """Return all settings."""
    return [read_setting(desk, key) for key in SETTINGS]


def read_setting(desk: Desk, key: str) -> SettingView:
    """Return one setting; raise NotFound when there is none of that key."""
    setting, value = _setting(key), _service(desk).get(key)
    return SettingView(
        key=key, display_name=setting.title, description=setting.description, category=setting.category,
        value_type=setting.type, default_value=setting.default or None, value=value,
        effective_value=value or setting.default or None, is_read_only=False, is_overridden=value is not None,
    )  # fmt: skip


def change_setting(desk: Desk, key: str, value: str, reason: str | None) -> SettingView:
    """Set a setting; raise Invalid when the value is not of its type."""
    _require_valid(_setting(key), value)

    def edit(draft: Draft) -> None:
        document = _document(desk, draft)
        service = document.get("service")
        document["service"] = {**(service if isinstance(service, dict) else {}), key: value}

    return read_setting(desk.change("change_service_setting", key, reason, edit), key)


def revert_setting(desk: Desk, key: str, reason: str | None) -> SettingView:
    """Let the default hold again."""
    _setting(key)
    if key not in _service(desk):
        return read_setting(desk, key)

    def edit(draft: Draft) -> None:
        service = _document(desk, draft).get("service")
        if isinstance(service, dict):
            service.pop(key)

    return read_setting(desk.change("revert_service_setting", key, reason, edit), key)


def value_of(desk: Desk, key: str) -> str:
    """Return what holds; empty where that is as the server was started."""
    return _service(desk).get(key) or _setting(key).default


def _service(desk: Desk) -> Mapping[str, str]:
    return desk.read.accord.service if desk.read.accord is not None else {}


def _document(desk: Desk, draft: Draft) -> Document:
    if desk.read.accord is None:
        draft.put(FileKind.ACCORD, "accord", {})
    return draft.document(FileKind.ACCORD, "accord")


def _setting(key: str) -> Setting:
    if key not in SETTINGS:
        raise NotFound(f"there is no setting {key}", remedy=f"use one of: {', '.join(SETTINGS)}")
    return SETTINGS[key]


def _require_valid(setting: Setting, value: str) -> None:
    match setting.type:
        case SettingType.BOOLEAN if value not in ("true", "false"):
            wrong = "use true or false"
        case SettingType.INTEGER if not value.isdecimal():
            wrong = "use a whole number, 0 for no limit"
        case SettingType.ENUM if value not in setting.words:
            wrong = f"use one of: {', '.join(setting.words)}"
        case _:
            return
    raise Invalid("the value does not fit", {"value": [wrong]})
