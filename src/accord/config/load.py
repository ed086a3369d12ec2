"""Loads a configuration folder: files, rules, checks. All errors of all files are reported together."""

import os
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from pydantic import BaseModel, ValidationError

from accord.config.build import guard_from, identity_type_from, inbound_from, outbound_from, system_from
from accord.config.digest import digest_of
from accord.config.files import InboundRuleFile, OutboundRuleFile
from accord.config.findings import ConfigWarning, Findings
from accord.config.kinds import Kind, KindOf
from accord.config.opening import (
    URL_REMEDY,
    literal_secrets,
    passwords_in_urls,
    resolved,
    secret_remedy,
    unresolved,
)
from accord.config.places import FileKind, Places
from accord.config.reading import FilesRead, read_files
from accord.config.shape import Source, note_mistakes
from accord.config.validate import validate
from accord.model.errors import ConfigError, NotFound
from accord.model.rules import ConnectedSystem, Guard, RuleSet


@dataclass(frozen=True, slots=True, kw_only=True)
class Configuration:
    """A configuration that is known to be right in itself. `data_folder` is None where the folder does not say."""

    folder: Path
    rules: RuleSet
    kind_of: KindOf
    data_folder: Path | None = None
    warnings: tuple[ConfigWarning, ...] = ()

    def open_settings(self, system: str, *, environ: Mapping[str, str] = os.environ) -> BaseModel:
        """Return the settings of a system for its connector, secrets looked up now.

        Raises ConfigError when a secret is missing, NotFound when there is no such system.
        """
        declared = self.rules.systems.get(system)
        if declared is None:
            raise NotFound(f"there is no system {system!r}", remedy=f"use one of: {', '.join(self.rules.systems)}")
        model = self.kind_of(declared.connector).settings
        return resolved(model, declared.settings, self.folder, environ=environ, place=declared.place)


def load(folder: Path, *, kind_of: KindOf) -> Configuration:
    """Return the configuration of a folder; raises ConfigErrors with everything that is wrong in it.

    No system is touched and no secret is read.
    """
    folder = folder.resolve()
    findings, places = Findings(), Places()
    files = read_files(folder, places, findings)
    kinds = _kinds(files, kind_of)
    rules = _rules(files, kinds, places)
    for system in rules.systems.values():
        if system.connector in kinds:
            _check_settings(system, kinds[system.connector].settings, folder, places, findings)
    checked = validate(rules, kind_of=kind_of, place=places, broken=frozenset(places.broken))
    findings.errors += checked.errors
    findings.raise_errors()
    data_folder = files.accord.data_folder
    return Configuration(
        folder=folder,
        rules=replace(rules, digest=digest_of(rules)),
        kind_of=kind_of,
        data_folder=folder / data_folder if data_folder is not None else None,
        warnings=checked.sorted_warnings(),
    )


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
    inbound = [inbound_from(f, places) for f in files.rules.values() if isinstance(f, InboundRuleFile)]
    outbound = [outbound_from(f, places) for f in files.rules.values() if isinstance(f, OutboundRuleFile)]
    return RuleSet(
        systems=systems,
        identity_types={name: identity_type_from(file, places) for name, file in sorted(files.types.items())},
        inbound=tuple(sorted(inbound, key=lambda rule: (rule.order, rule.name))),
        outbound=tuple(sorted(outbound, key=lambda rule: (rule.order, rule.name))),
        lookups=dict(sorted(files.lookups.items())),
    )


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
