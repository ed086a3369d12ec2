"""Run profiles of a system: list, make, change, remove."""

from dataclasses import dataclass
from enum import StrEnum

from accord.config.canonical import Document, document_of
from accord.config.kinds import KindCapabilities
from accord.config.places import FileKind
from accord.config.timing import default_profiles, profiles_from
from accord.model.errors import Conflict, Invalid, NotFound
from accord.model.schedules import RunKind, RunProfile
from accord.operations.administration.desk import CAMEL, Desk, Draft
from accord.operations.administration.systems import system_named

_PAGE_ROWS = 100
"""What the contract says of a profile that leaves it to its system."""


class RunType(StrEnum):
    """What a run profile runs."""

    NOT_SET = "NotSet"
    FULL_IMPORT = "FullImport"
    DELTA_IMPORT = "DeltaImport"
    FULL_SYNC = "FullSynchronisation"
    DELTA_SYNC = "DeltaSynchronisation"
    EXPORT = "Export"


@dataclass(frozen=True, slots=True, kw_only=True)
class ProfileView:
    """A run profile."""

    __pydantic_config__ = CAMEL
    id: int
    name: str
    connected_system_id: int
    run_type: RunType
    page_size: int
    partition_name: str | None
    targets_deselected_partition: bool
    file_path: str | None
    verify_import_content_hashes: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class NewProfile:
    """A new run profile."""

    __pydantic_config__ = CAMEL
    name: str
    run_type: RunType
    page_size: int = 100
    partition_id: int | None = None
    file_path: str | None = None
    verify_import_content_hashes: bool = False
    change_reason: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ProfileChange:
    """What is to be different about a run profile; what it runs never changes."""

    __pydantic_config__ = CAMEL
    name: str | None = None
    page_size: int | None = None
    partition_id: int | None = None
    file_path: str | None = None
    verify_import_content_hashes: bool | None = None
    change_reason: str | None = None


def list_profiles(desk: Desk, system_number: int) -> list[ProfileView]:
    """Return the run profiles of a system; where none are declared, one for everything it can do."""
    system = system_named(desk, system_number)
    return [_view(desk, system, profile) for profile in profiles_of(desk, system).values()]


def profiles_of(desk: Desk, system: str) -> dict[str, RunProfile]:
    """Return the run profiles of a system, of a draft too."""
    found = desk.stored.configuration.profiles.get(system)
    if found is not None:
        return dict(found)
    parts = desk.read.systems[system].profiles or default_profiles(_capabilities(desk, system))
    return profiles_from(parts)


def add_profile(desk: Desk, system_number: int, new: NewProfile) -> ProfileView:
    """Make a run profile; one that is there by default takes what is asked for. Raises Conflict for one declared."""
    system = system_named(desk, system_number)
    if new.run_type is RunType.NOT_SET:
        raise Invalid("a run profile runs something", {"runType": ["choose what it runs"]})
    _require_file(desk, system, new.file_path)
    if new.name.lower() in {name.lower() for name in desk.read.systems[system].profiles}:
        raise Conflict(f"there is a run profile {new.name!r} already", remedy="choose another name")
    document: Document = {"run": str(RunKind[new.run_type.name])}
    _apply(desk, document, new.page_size, new.partition_id, new.file_path, verify=new.verify_import_content_hashes)

    def edit(draft: Draft) -> None:
        _profiles(desk, draft, system)[new.name] = document

    after = desk.change("create_run_profile", f"{system}/{new.name}", new.change_reason, edit)
    return _view(after, system, profiles_of(after, system)[new.name])


def change_profile(desk: Desk, system_number: int, number: int, change: ProfileChange) -> ProfileView:
    """Change a run profile; schedules follow its name."""
    system, name = profile_named(desk, system_number, number)
    new_name = change.name or name
    _require_file(desk, system, change.file_path)
    if new_name != name and new_name in profiles_of(desk, system):
        raise Conflict(f"there is a run profile {new_name!r} already", remedy="choose another name")

    def edit(draft: Draft) -> None:
        profiles = _profiles(desk, draft, system)
        given = profiles[name]
        document = dict(given) if isinstance(given, dict) else {"run": given}
        _apply(
            desk, document, change.page_size, change.partition_id, change.file_path,
            verify=change.verify_import_content_hashes,
        )  # fmt: skip
        renamed = {
            new_name if key == name else key: document if key == name else value for key, value in profiles.items()
        }
        profiles.clear()
        profiles.update(renamed)
        if new_name != name:
            draft.renamed["profile", f"{system}\t{name}"] = ("profile", f"{system}\t{new_name}")
            _rename_in_schedules(desk, draft, system, name, new_name)

    after = desk.change("change_run_profile", f"{system}/{name}", change.change_reason, edit)
    return _view(after, system, profiles_of(after, system)[new_name])


def remove_profile(desk: Desk, system_number: int, number: int, reason: str | None) -> None:
    """Remove a run profile; raises ConfigErrors while a schedule names it, Conflict for the last one."""
    system, name = profile_named(desk, system_number, number)
    if len(profiles_of(desk, system)) == 1:
        raise Conflict("a system has at least one run profile", remedy="make another one first")
    desk.change(
        "remove_run_profile", f"{system}/{name}", reason, lambda draft: _profiles(desk, draft, system).pop(name)
    )


def profile_named(desk: Desk, system_number: int, number: int) -> tuple[str, str]:
    """Return system and name of the run profile of a number; raise NotFound when it is none of this system."""
    system = system_named(desk, system_number)
    of, name = desk.ids.steps("profile", number, what="run profile")
    if of != system or name not in profiles_of(desk, system):
        raise NotFound(f"there is no run profile {number} in {system}", remedy="list the run profiles of the system")
    return system, name


def _profiles(desk: Desk, draft: Draft, system: str) -> Document:
    found = draft.document(FileKind.SYSTEM, system).setdefault("profiles", {})
    profiles = found if isinstance(found, dict) else {}
    if not profiles:
        for name, part in default_profiles(_capabilities(desk, system)).items():
            written = document_of(part)
            profiles[name] = written["run"]
    return profiles


def _capabilities(desk: Desk, system: str) -> KindCapabilities:
    return desk.configured.kind_of(desk.read.systems[system].connector).capabilities


def _require_file(desk: Desk, system: str, file: str | None) -> None:
    settings = desk.configured.kind_of(desk.read.systems[system].connector).settings
    if file and "path" not in settings.model_fields:
        raise Invalid(f"{system} is no file", {"filePath": ["leave it out: this kind of system has no file"]})


def _apply(  # noqa: PLR0913 - the fields of a run profile
    desk: Desk,
    document: Document,
    page_size: int | None,
    partition: int | None,
    file: str | None,
    *,
    verify: bool | None,
) -> None:
    given: Document = {
        "page_rows": page_size,
        "partition": desk.ids.steps("partition", partition)[1] if partition is not None else None,
        "file": file or None,
        "verify": verify,
    }
    document.update({key: value for key, value in given.items() if value is not None})


def _rename_in_schedules(desk: Desk, draft: Draft, system: str, name: str, new_name: str) -> None:
    for schedule, file in desk.read.schedules.items():
        if any((step.system, step.profile) == (system, name) for step in file.steps):
            steps = draft.document(FileKind.SCHEDULE, schedule)["steps"]
            for step in steps if isinstance(steps, list) else ():
                if (step.get("system"), step.get("profile")) == (system, name):
                    step["profile"] = new_name


def _view(desk: Desk, system: str, profile: RunProfile) -> ProfileView:
    narrowing = profile.narrowing
    selected = desk.read.settings.get(system, {}).get("partitions")
    chosen = {str(dn).lower() for dn in (selected if isinstance(selected, list) else [])}
    return ProfileView(
        id=desk.ids.of("profile", system, profile.name), name=profile.name,
        connected_system_id=desk.ids.of("system", system), run_type=RunType[profile.kind.name],
        page_size=narrowing.page_rows or _PAGE_ROWS, partition_name=narrowing.partition,
        targets_deselected_partition=bool(narrowing.partition and chosen and narrowing.partition.lower() not in chosen),
        file_path=narrowing.file, verify_import_content_hashes=narrowing.verifies,
    )  # fmt: skip
