"""Writes rules back as a configuration folder: the same rules give the same bytes, and secrets stay references."""

from collections.abc import Mapping
from pathlib import Path

from pydantic import ValidationError

from accord.config.canonical import yaml_of
from accord.config.documents import documents_of
from accord.config.kinds import KindOf
from accord.config.opening import URL_REMEDY, literal_secrets, passwords_in_urls, secret_remedy, unresolved
from accord.config.reading import ACCORD_FILE
from accord.model.errors import ConfigError, UsageError
from accord.model.rules import RuleSet


def dump(rules: RuleSet, folder: Path, *, kind_of: KindOf) -> None:
    """Write the rules into a folder that is new or empty; raises UsageError when it holds anything.

    Raises ConfigError, before anything is written, when a secret stands in the settings itself.
    """
    if folder.exists() and any(folder.iterdir()):
        raise UsageError("the folder is not empty", place=str(folder), remedy="name a new folder")
    files = dumped_files(rules, kind_of=kind_of)
    for name, content in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)


def dumped_files(rules: RuleSet, *, kind_of: KindOf) -> Mapping[str, bytes]:
    """Return the content of every file by its path in the folder. Keys equal to their default are left out."""
    for system in rules.systems.values():
        _refuse_literal_secrets(system.name, system.settings, kind_of, system.connector)
    files = {f"{kind}/{name}.yaml": yaml_of(document) for (kind, name), document in documents_of(rules).items()}
    return {ACCORD_FILE: b"{}\n", **files}


def _refuse_literal_secrets(name: str, settings: Mapping[str, object], kind_of: KindOf, connector: str) -> None:
    for path in passwords_in_urls(settings):
        key = ".".join(str(step) for step in path)
        raise ConfigError(f"the URL {key} of {name!r} holds a password", remedy=URL_REMEDY)
    try:
        draft = unresolved(kind_of(connector).settings, settings, Path())
    except ValidationError as error:
        faults = "; ".join(f"{'.'.join(map(str, d['loc']))}: {d['msg']}" for d in error.errors(include_input=False))
        raise ConfigError(
            f"the settings of {name!r} are wrong: {faults}",
            remedy="correct them: what is a secret in them cannot be told",
        ) from None
    for path in literal_secrets(draft, settings):
        key = ".".join(str(step) for step in path)
        raise ConfigError(f"the secret {key} of {name!r} stands in the settings", remedy=secret_remedy(str(path[-1])))
