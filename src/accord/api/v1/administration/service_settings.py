"""Settings of the service: list, look at, set, revert."""

from dataclasses import dataclass

from fastapi import APIRouter

from accord.api.callers import AsAdministrator, AsReader
from accord.api.v1.administration.desks import Reason, changing, looking
from accord.operations.administration import service_settings as op
from accord.operations.administration.desk import CAMEL

router = APIRouter(prefix="/api/v1/service-settings", tags=["Service settings"])


@dataclass(frozen=True, slots=True, kw_only=True)
class SettingChange:
    """What a setting is to be."""

    __pydantic_config__ = CAMEL
    value: str
    change_reason: str | None = None


@router.get("")
def list_service_settings(door: AsReader) -> list[op.SettingView]:
    """List the settings that may be changed while the server runs."""
    with looking(door) as desk:
        return op.list_settings(desk)


@router.get("/{key}")
def read_service_setting(door: AsReader, key: str) -> op.SettingView:
    """Return one setting."""
    with looking(door) as desk:
        return op.read_setting(desk, key)


@router.put("/{key}")
def change_service_setting(door: AsAdministrator, key: str, body: SettingChange) -> op.SettingView:
    """Set a setting."""
    with changing(door) as desk:
        return op.change_setting(desk, key, body.value, body.change_reason)


@router.delete("/{key}")
def revert_service_setting(door: AsAdministrator, key: str, reason: Reason = None) -> op.SettingView:
    """Let the default hold again."""
    with changing(door) as desk:
        return op.revert_setting(desk, key, reason)
