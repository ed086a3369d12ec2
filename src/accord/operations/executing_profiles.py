"""Executing run profiles by their numbers: what is asked for is examined, queued, and answered at once."""

from dataclasses import dataclass

from pydantic import BaseModel

from accord.config.load import Configuration
from accord.config.places import FileKind
from accord.connectors.registry import connector_kind
from accord.model.errors import AccordError, UsageError
from accord.model.schedules import RunKind, RunProfile
from accord.operations.administration.desk import Desk
from accord.operations.administration.service_settings import PARTITION_MODE, value_of
from accord.operations.execution import Accepted, execute
from accord.operations.performing import Order
from accord.runs.context import Context

_ALWAYS = {
    "Full Import": RunKind.FULL_IMPORT, "Delta Import": RunKind.DELTA_IMPORT,
    "Full Synchronisation": RunKind.FULL_SYNC, "Delta Synchronisation": RunKind.DELTA_SYNC, "Export": RunKind.EXPORT,
}  # fmt: skip
"""The profiles of a system that declares none."""


@dataclass(frozen=True, slots=True, kw_only=True)
class NamedProfile:
    """A run profile of a system, by their names."""

    system: str
    profile: RunProfile


def find_profile(context: Context, system_number: int, profile_number: int) -> NamedProfile:
    """Return the run profile of these numbers; raise NotFound when there is none, or it is another system's."""
    desk = Desk(context)
    (system,) = desk.ids.steps("system", system_number, what="connected system")
    owner, name = desk.ids.steps("profile", profile_number, what="run profile")
    if owner != system:
        desk.ids.steps("profile", -1, what=f"run profile {profile_number} of connected system {system_number}, but")
    profile = _declared(desk.stored.configuration, system, name)
    return NamedProfile(system=system, profile=profile)


def execute_profile(
    context: Context, system_number: int, profile_number: int, *, reason: str = "", key: str | None = None
) -> Accepted:
    """Queue a run profile; raise NotFound, and UsageError when its system is not fit to run it.

    Costs the same whatever the size of the system: nothing is read from it.
    """
    named = find_profile(context, system_number, profile_number)
    warnings = _examine(context, named)
    order = Order(
        work=named.profile.kind.value.replace("_", "-"),
        system=named.system,
        profile=named.profile.name,
        reason=reason,
        narrowing=named.profile.narrowing,
    )
    accepted = execute(context, order, key=key)
    return Accepted(
        activity=accepted.activity,
        task=accepted.task,
        message=accepted.message,
        warnings=(*warnings, *accepted.warnings),
    )


def _declared(configuration: Configuration, system: str, name: str) -> RunProfile:
    declared = configuration.profiles.get(system, {}).get(name)
    return declared or RunProfile(name=name, kind=_ALWAYS.get(name, RunKind.FULL_IMPORT))


def _examine(context: Context, named: NamedProfile) -> tuple[str, ...]:
    """Return what is worth a warning; raise UsageError when the system is not fit to run the profile."""
    desk = Desk(context)
    unfinished = desk.stored.drafts.get((FileKind.SYSTEM, named.system))
    if unfinished is not None:
        why = "; ".join(error.message for error in unfinished) or "it cannot be read"
        raise UsageError(
            f"connected system {named.system} is not complete: {why}", remedy="complete its settings and schema"
        )
    kind, warnings = named.profile.kind, list[str]()
    capabilities = connector_kind(context.system(named.system).connector).capabilities
    is_import = kind in (RunKind.FULL_IMPORT, RunKind.DELTA_IMPORT)
    if is_import and not capabilities.can_read:
        raise UsageError(f"connected system {named.system} cannot be read", remedy="export to it")
    if kind is RunKind.EXPORT and not capabilities.can_write:
        raise UsageError(f"connected system {named.system} cannot be written to", remedy="import from it")
    if is_import or kind is RunKind.EXPORT:
        deselected = _deselected(named, _open_settings(context, named))
        if deselected and value_of(desk, PARTITION_MODE) == "Error":
            raise UsageError(deselected, remedy="select it in the connected system, or let the profile run on another")
        warnings = [deselected] if deselected else []
    return (*warnings, *_warnings(named.profile, can_read_changes=capabilities.can_read_changes))


def _open_settings(context: Context, named: NamedProfile) -> BaseModel:
    try:
        return Desk(context).stored.configuration.open_settings(
            named.system,
            secret_of=None if context.vault is None else context.vault.open,
            file=named.profile.narrowing.file,
        )
    except AccordError as error:
        raise UsageError(
            f"the settings of connected system {named.system} are not right: {error.message}", remedy=error.remedy
        ) from error


def _deselected(named: NamedProfile, settings: BaseModel) -> str:
    """Return what is wrong with the partition a profile is narrowed to: that it is not selected; else nothing."""
    partition = named.profile.narrowing.partition
    selected = {str(dn).lower() for dn in getattr(settings, "partitions", ())}
    if partition is None or not selected or partition.lower() in selected:
        return ""
    return f"the partition {partition} of run profile {named.profile.name} is not selected"


def _warnings(profile: RunProfile, *, can_read_changes: bool) -> list[str]:
    found = []
    if profile.kind is RunKind.DELTA_IMPORT and not can_read_changes:
        found.append("this kind of system cannot tell what changed: everything is read")
    if profile.narrowing.partition and profile.kind is not RunKind.FULL_IMPORT:
        found.append(f"only a full import is of one partition: this runs on more than {profile.narrowing.partition}")
    return found
