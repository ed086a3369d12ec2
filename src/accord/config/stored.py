"""Loads a configuration that may hold drafts: what is unfinished does not run, and never blocks what is complete."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from accord.config.findings import ConfigWarning, Findings
from accord.config.kinds import KindOf
from accord.config.load import Configuration, checked_rules, configuration_of
from accord.config.places import FileKind, Places
from accord.config.reading import ACCORD_FILE, Files, FilesRead, read_files
from accord.model.errors import ConfigError, ConfigErrors

Name = tuple[FileKind, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Stored:
    """A configuration with, by kind and name, what is wrong with each unfinished thing in it."""

    configuration: Configuration
    drafts: Mapping[Name, tuple[ConfigError, ...]]

    @property
    def warnings(self) -> tuple[ConfigWarning, ...]:
        """Return what one may want to look at."""
        return self.configuration.warnings


def load_stored(files: Files, base: Path, *, kind_of: KindOf) -> Stored:
    """Return the configuration in force and the drafts; relative paths in it begin at `base`.

    What names a draft is none itself, but rests with it. Raises ConfigErrors when accord.yaml itself is wrong:
    without its limits nothing may run.
    """
    findings, places = Findings(), Places()
    written = read_files(files, places, findings)
    drafts: dict[Name, list[ConfigError]] = {}
    _collect(drafts, findings.errors)
    for name in places.broken:
        drafts.setdefault(name, [])
    kept = _without(written, set(drafts))
    while True:
        rules, found = checked_rules(kept, base, kind_of=kind_of, places=places)
        if not found.errors:
            break
        _collect(drafts, found.errors)
        kept = _without(kept, set(drafts))
    configuration = configuration_of(kept, rules, base, kind_of=kind_of, warnings=found.sorted_warnings())
    return Stored(
        configuration=replace(configuration, files=written),
        drafts={name: tuple(errors) for name, errors in drafts.items()},
    )


def name_at(place: str) -> Name:
    """Return which thing a place is in."""
    file = place.partition(":")[0]
    if file == ACCORD_FILE or "/" not in file:
        return FileKind.ACCORD, "accord"
    kind, _, name = file.partition("/")
    return FileKind(kind), name.rpartition(".")[0] or name


def _collect(drafts: dict[Name, list[ConfigError]], errors: Iterable[ConfigError]) -> None:
    for error in errors:
        name = name_at(error.place)
        if name[0] is FileKind.ACCORD:
            raise ConfigErrors([error])
        drafts.setdefault(name, []).append(error)


def _without(read: FilesRead, drafts: set[Name]) -> FilesRead:
    """Return what is left when drafts rest, and with them the rules and steps that need them."""
    systems = {name: file for name, file in read.systems.items() if (FileKind.SYSTEM, name) not in drafts}
    types = {name: file for name, file in read.types.items() if (FileKind.TYPE, name) not in drafts}
    rules = {
        name: rule
        if rule.system in systems and rule.identity in types and (FileKind.RULE, name) not in drafts
        else rule.model_copy(update={"enabled": False})
        for name, rule in read.rules.items()
    }
    schedules = {
        name: file
        for name, file in read.schedules.items()
        if (FileKind.SCHEDULE, name) not in drafts
        and all(step.job is not None or step.system in systems for step in file.steps)
    }
    return replace(read, systems=systems, types=types, rules=rules, schedules=schedules)
