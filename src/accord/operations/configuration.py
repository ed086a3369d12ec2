"""The configuration folder: begin one, check one, and the schemas by which editors complete and explain."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from accord.config.init import init
from accord.config.load import Configuration
from accord.config.places import FileKind
from accord.config.rules import every_rule
from accord.config.schema import json_schemas, schema_text
from accord.connectors.base import ConnectorKind
from accord.connectors.registry import KINDS, connector_kind
from accord.model.errors import ConfigError, NotFound


@dataclass(frozen=True, slots=True, kw_only=True)
class Begun:
    """A new configuration folder with the files written into it."""

    folder: str
    files: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Warned:
    """Something declared that has no effect, or another than one may expect."""

    place: str
    message: str
    remedy: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Checked:
    """A configuration that is right in itself: what it declares, and what one may want to look at."""

    folder: str
    systems: tuple[str, ...]
    identity_types: tuple[str, ...]
    rules: tuple[str, ...]
    lookups: tuple[str, ...]
    digest: str
    warnings: tuple[Warned, ...]


def begin(folder: Path) -> Begun:
    """Write a small example that works into a new folder; raise UsageError when one of its files exists."""
    return Begun(folder=str(folder), files=tuple(str(path) for path in init(folder)))


def check(load: Callable[[], Configuration]) -> Checked:
    """Return what a configuration declares; raise ConfigErrors with everything that is wrong. Touches no system."""
    configuration = load()
    rules = configuration.rules
    return Checked(
        folder=str(configuration.folder),
        systems=tuple(sorted(rules.systems)),
        identity_types=tuple(sorted(rules.identity_types)),
        rules=tuple(sorted(rule.name for rule in every_rule(rules))),
        lookups=tuple(sorted(rules.lookups)),
        digest=rules.digest,
        warnings=tuple(Warned(place=w.place, message=w.message, remedy=w.remedy) for w in configuration.warnings),
    )


def schema_texts() -> Mapping[str, str]:
    """Return the JSON Schema of every kind of file, as text, by kind."""
    schemas = json_schemas({name: kind.settings for name, kind in installed_kinds().items()})
    return {str(kind): schema_text(schema) for kind, schema in schemas.items()}


def schema_of(kind: str) -> str:
    """Return the JSON Schema of one kind of file; raise NotFound naming the kinds there are."""
    texts = schema_texts()
    if kind not in texts:
        raise NotFound(f"there is no kind of file {kind!r}", remedy=f"use one of: {', '.join(FileKind)}")
    return texts[kind]


def installed_kinds() -> Mapping[str, ConnectorKind]:
    """Return the connectors whose libraries are there."""
    kinds: dict[str, ConnectorKind] = {}
    for name in KINDS:
        try:
            kinds[name] = connector_kind(name)
        except ConfigError:
            # Its library is not installed: `accord doctor` tells which.
            continue
    return kinds
