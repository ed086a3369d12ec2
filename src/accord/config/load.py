"""Loads a configuration: files, rules, checks. All errors of all files are reported together."""

import os
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

from pydantic import BaseModel, ValidationError

from accord.config.build import guard_from, identity_type_from, inbound_from, matches_of, outbound_from, system_from
from accord.config.check_schedules import check_schedules
from accord.config.digest import digest_of
from accord.config.files import IdentityTypeFile, InboundRuleFile, OutboundRuleFile, RuleFile
from accord.config.findings import ConfigWarning, Findings
from accord.config.folder import folder_files
from accord.config.kinds import Kind, KindOf
from accord.config.opening import (
    URL_REMEDY,
    SecretOf,
    literal_secrets,
    passwords_in_urls,
    resolved,
    secret_remedy,
    unresolved,
)
from accord.config.places import FileKind, Places
from accord.config.reading import Files, FilesRead, read_files
from accord.config.shape import Source, note_mistakes
from accord.config.timing import default_profiles, profiles_from, schedule_from
from accord.config.validate import validate
from accord.model.errors import ConfigError, NotFound
from accord.model.joins import JoinRule
from accord.model.rules import ConnectedSystem, Guard, RuleSet
from accord.model.schedules import RunProfile, Schedule


@dataclass(frozen=True, slots=True, kw_only=True)
class Configuration:
    """A configuration that is known to be right in itself. `data_folder` is None where the folder does not say.

    `rules` hold what is in force: nothing that is disabled or, in a store, unfinished. `files` hold all that is there.
    """

    folder: Path
    rules: RuleSet
    kind_of: KindOf
    files: FilesRead
    data_folder: Path | None = None
    warnings: tuple[ConfigWarning, ...] = ()
    profiles: Mapping[str, Mapping[str, RunProfile]] = field(default_factory=dict)
    schedules: Mapping[str, Schedule] = field(default_factory=dict)

    def open_settings(
        self,
        system: str,
        *,
        environ: Mapping[str, str] = os.environ,
        secret_of: SecretOf | None = None,
        file: str | None = None,
    ) -> BaseModel:
        """Return the settings of a system for its connector, secrets looked up now; of a file, another `file`.

        `secret_of` returns the secret kept in the store under a name. Raises ConfigError when a secret is missing,
        NotFound when there is no such system.
        """
        declared = self.rules.systems.get(system)
        if declared is None:
            raise NotFound(f"there is no system {system!r}", remedy=f"use one of: {', '.join(self.rules.systems)}")
        model = self.kind_of(declared.connector).settings
        settings = declared.settings if file is None else {**declared.settings, "path": file}
        return resolved(model, settings, self.folder, environ=environ, place=declared.place, secret_of=secret_of)


def load(folder: Path, *, kind_of: KindOf) -> Configuration:
    """Return the configuration of a folder; raises ConfigErrors with everything that is wrong in it.

    No system is touched and no secret is read.
    """
    folder, findings = folder.resolve(), Findings()
    return load_files(folder_files(folder, findings), folder, kind_of=kind_of, findings=findings)


def load_files(files: Files, base: Path, *, kind_of: KindOf, findings: Findings | None = None) -> Configuration:
    """Return the configuration of the files, relative paths in which begin at `base`; raises ConfigErrors."""
    findings = findings or Findings()
    places = Places()
    read = read_files(files, places, findings)
    rules, checked = checked_rules(read, base, kind_of=kind_of, places=places)
    findings.errors += checked.errors
    findings.raise_errors()
    return configuration_of(read, rules, base, kind_of=kind_of, warnings=checked.sorted_warnings())


def configuration_of(
    read: FilesRead, rules: RuleSet, base: Path, *, kind_of: KindOf, warnings: tuple[ConfigWarning, ...]
) -> Configuration:
    """Return the configuration of rules that were checked."""
    data_folder = read.accord.data_folder
    kinds = _kinds(read, kind_of)
    return Configuration(
        folder=base,
        rules=replace(rules, digest=digest_of(rules)),
        kind_of=kind_of,
        files=read,
        data_folder=base / data_folder if data_folder is not None else None,
        warnings=warnings,
        profiles={
            name: profiles_from(
                file.profiles
                or default_profiles(kinds[file.connector].capabilities if file.connector in kinds else None)
            )
            for name, file in read.systems.items()
        },
        schedules={name: schedule_from(file) for name, file in read.schedules.items()},
    )


def checked_rules(read: FilesRead, base: Path, *, kind_of: KindOf, places: Places) -> tuple[RuleSet, Findings]:
    """Return the rules in force and everything that is wrong with them."""
    kinds, findings = _kinds(read, kind_of), Findings()
    rules = _rules(read, kinds, places)
    for system in rules.systems.values():
        if system.connector in kinds:
            _check_settings(system, kinds[system.connector].settings, base, places, findings)
    check_schedules(read, findings, places, frozenset(places.broken))
    checked = validate(rules, kind_of=kind_of, place=places, broken=frozenset(places.broken))
    findings.errors += checked.errors
    findings.warnings += checked.warnings
    return rules, findings


def _kinds(files: FilesRead, kind_of: KindOf) -> Mapping[str, Kind]:
    kinds: dict[str, Kind] = {}
    for connector in {system.connector for system in files.systems.values()}:
        try:
            kinds[connector] = kind_of(connector)
        except ConfigError:
            # Reported with its line when the rules are validated.
            continue
    return kinds


def _rules(files: FilesRead, kinds: Mapping[str, Kind], places: Places) -> RuleSet:
    guard = guard_from(files.accord.guard, Guard())
    systems = {
        name: system_from(
            file,
            files.settings[name],
            kinds[file.connector].capabilities if file.connector in kinds else None,
            guard,
            places,
        )
        for name, file in sorted(files.systems.items())
    }
    enabled = {name: rule for name, rule in files.rules.items() if rule.enabled}
    types = {name: _without_idle(file, files.rules) for name, file in sorted(files.types.items())}

    def matches(rule: RuleFile) -> tuple[JoinRule, ...]:
        return matches_of(files.systems.get(rule.system), rule.object, rule.identity, places)

    inbound = [inbound_from(f, matches(f), places) for f in enabled.values() if isinstance(f, InboundRuleFile)]
    outbound = [outbound_from(f, matches(f), places) for f in enabled.values() if isinstance(f, OutboundRuleFile)]
    return RuleSet(
        systems=systems,
        identity_types={name: identity_type_from(file, places) for name, file in types.items()},
        inbound=tuple(sorted(inbound, key=lambda rule: (rule.order, rule.name))),
        outbound=tuple(sorted(outbound, key=lambda rule: (rule.order, rule.name))),
        lookups=dict(sorted(files.lookups.items())),
    )


def _without_idle(file: IdentityTypeFile, rules: Mapping[str, InboundRuleFile | OutboundRuleFile]) -> IdentityTypeFile:
    """Return the type without the rules in its precedence that are written but give nothing now."""

    def is_idle(rule: str, attribute: str) -> bool:
        written = rules.get(rule)
        if written is None:
            return False
        flow = written.flows.get(attribute)
        return not written.enabled or (flow is not None and not flow.enabled)

    attributes = {
        name: part.model_copy(update={"precedence": tuple(r for r in part.precedence if not is_idle(r, name))})
        if part.precedence
        else part
        for name, part in file.attributes.items()
    }
    return file.model_copy(update={"attributes": attributes})


def _check_settings(
    system: ConnectedSystem, model: type[BaseModel], folder: Path, places: Places, findings: Findings
) -> None:
    file, tree = places.trees[FileKind.SYSTEM, system.name]
    source = Source(file, tree, findings)
    for path in passwords_in_urls(system.settings):
        source.error("the URL holds a password", ("settings", *path), URL_REMEDY)
    try:
        draft = unresolved(model, system.settings, folder)
    except ValidationError as error:
        note_mistakes(error, model, source, under=("settings",))
        return
    for path in literal_secrets(draft, system.settings):
        key = ".".join(str(step) for step in path)
        remedy = secret_remedy(str(path[-1]))
        source.error(f"the secret {key} stands in the file", ("settings", *path), remedy)
