"""Whether Accord can work here: what is looked at, what was found, and what to do where something is wrong."""

import os
import shutil
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from enum import StrEnum
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from accord.config.load import Configuration
from accord.connectors.registry import KINDS, connector_kind
from accord.model.errors import AccordError, ConfigError, DataFolderBusy, NotFound
from accord.runs.context import OpenedSystem
from accord.store.opening import open_store

MINIMUM_PYTHON = (3, 11)
_LIBRARIES = ("duckdb", "pyarrow", "adbc-driver-sqlite", "sqlalchemy", "pydantic")
_EXTRAS = {
    "ldap": ("python-ldap",),
    "postgresql": ("adbc-driver-postgresql", "psycopg"),
    "mysql": ("connectorx", "pymysql"),
}
_LEAST_FREE_BYTES = 1_000_000_000
_FREE_SHARE = 3
_SHOWN_FACTS = 2


class Finding(StrEnum):
    """How serious a finding is: `warning` lets Accord work, `failed` does not."""

    OK = "ok"
    WARNING = "warning"
    FAILED = "failed"


@dataclass(frozen=True, slots=True, kw_only=True)
class Examined:
    """One thing looked at. `remedy` is empty when it is well."""

    subject: str
    finding: Finding
    text: str
    remedy: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Patient:
    """What is to be examined; `load` and `opener` are called here, so that their failures become findings."""

    load: Callable[[], Configuration]
    opener: Callable[[Configuration], Callable[[str], OpenedSystem]]
    data: Callable[[Configuration | None], Path]
    url: str | None


def examine(patient: Patient) -> Iterator[Examined]:
    """Yield what was found, from the ground up; systems last, because they may take long to answer."""
    yield _python()
    yield from _libraries()
    yield from _extras()
    yield from _connectors()
    configuration: Configuration | None = None
    try:
        configuration = patient.load()
        yield _configuration(configuration)
    except AccordError as error:
        yield _failed("configuration", error)
    data = patient.data(configuration)
    yield _folder(data)
    yield _space(data)
    yield _store(data, patient.url)
    if configuration is not None:
        open_system = patient.opener(configuration)
        for name in sorted(configuration.rules.systems):
            yield _system(name, configuration, open_system)


def _python() -> Examined:
    found = ".".join(str(part) for part in sys.version_info[:3])
    if sys.version_info < MINIMUM_PYTHON:
        return Examined(
            subject="python", finding=Finding.FAILED, text=f"{found}, too old", remedy="use Python 3.11 or newer"
        )
    return Examined(subject="python", finding=Finding.OK, text=found)


def _libraries() -> Iterator[Examined]:
    for name in _LIBRARIES:
        found = _version(name)
        if found is None:
            yield Examined(
                subject=f"library {name}", finding=Finding.FAILED, text="missing", remedy="install accord again"
            )
        else:
            yield Examined(subject=f"library {name}", finding=Finding.OK, text=found)


def _extras() -> Iterator[Examined]:
    for extra, names in _EXTRAS.items():
        found = {name: _version(name) for name in names}
        missing = [name for name, text in found.items() if text is None]
        if missing:
            yield Examined(
                subject=f"extra {extra}",
                finding=Finding.WARNING,
                text=f"not installed: {', '.join(missing)}",
                remedy=f'if you need it: pip install "accord[{extra}]"',
            )
        else:
            text = ", ".join(f"{name} {text}" for name, text in found.items())
            yield Examined(subject=f"extra {extra}", finding=Finding.OK, text=text)


def _connectors() -> Iterator[Examined]:
    for name in KINDS:
        try:
            yield Examined(subject=f"connector {name}", finding=Finding.OK, text=connector_kind(name).title)
        except ConfigError as error:
            yield Examined(
                subject=f"connector {name}", finding=Finding.WARNING, text=error.message, remedy=error.remedy
            )


def _so_many(count: int, what: str) -> str:
    return f"{count} {what}{'' if count == 1 else 's'}"


def _configuration(configuration: Configuration) -> Examined:
    rules = configuration.rules
    text = (
        f"{configuration.folder}: {_so_many(len(rules.systems), 'system')}, "
        f"{_so_many(len(rules.identity_types), 'identity type')}, "
        f"{_so_many(len(rules.inbound) + len(rules.outbound), 'rule')}"
    )
    if configuration.warnings:
        return Examined(
            subject="configuration",
            finding=Finding.WARNING,
            text=f"{text}; {_so_many(len(configuration.warnings), 'warning')}",
            remedy="see: accord validate",
        )
    return Examined(subject="configuration", finding=Finding.OK, text=text)


def _folder(data: Path) -> Examined:
    nearest = _nearest(data)
    if not nearest.is_dir() or not os.access(nearest, os.W_OK | os.X_OK):
        return Examined(
            subject="data folder",
            finding=Finding.FAILED,
            text=f"{nearest} cannot be written",
            remedy="let the account that runs accord write there, or name another folder with --data",
        )
    text = str(data) if nearest == data else f"{data}, to be made"
    return Examined(subject="data folder", finding=Finding.OK, text=text)


def _space(data: Path) -> Examined:
    free = shutil.disk_usage(_nearest(data)).free
    used = sum(path.stat().st_size for path in data.glob("*.db*")) if data.is_dir() else 0
    text = f"{free / 1e9:,.1f} GB free, the store takes {used / 1e9:,.2f} GB"
    if free < max(_LEAST_FREE_BYTES, _FREE_SHARE * used):
        return Examined(
            subject="disk space", finding=Finding.WARNING, text=text, remedy="make room before the next large run"
        )
    return Examined(subject="disk space", finding=Finding.OK, text=text)


def _store(data: Path, url: str | None) -> Examined:
    try:
        with open_store(data, url, read_only=True) as store:
            latest = store.activities.list(limit=1)
    except NotFound:
        return Examined(subject="store", finding=Finding.OK, text="none yet: the first run makes it")
    except DataFolderBusy as error:
        return Examined(subject="store", finding=Finding.WARNING, text=error.message, remedy=error.remedy)
    except AccordError as error:
        return _failed("store", error)
    when = f"last activity A{latest[0].id}" if latest else "nothing was run yet"
    return Examined(subject="store", finding=Finding.OK, text=f"tables are up to date, {when}")


def _system(name: str, configuration: Configuration, open_system: Callable[[str], OpenedSystem]) -> Examined:
    subject = f"system {name}"
    try:
        configuration.open_settings(name)
        opened = open_system(name)
        try:
            facts = opened.connector.test().facts
        finally:
            opened.connector.close()
    except AccordError as error:
        return _failed(subject, error)
    return Examined(
        subject=subject,
        finding=Finding.OK,
        text=", ".join(["answers", *(f"{fact} {text}" for fact, text in facts[:_SHOWN_FACTS])]),
    )


def _failed(subject: str, error: AccordError) -> Examined:
    message = str(error).partition("\n  remedy:")[0]
    return Examined(
        subject=subject, finding=Finding.FAILED, text=message, remedy=error.remedy or "see: accord validate"
    )


def _nearest(folder: Path) -> Path:
    """Return the folder itself or the nearest one above it that exists."""
    return next((p for p in (folder.absolute(), *folder.absolute().parents) if p.exists()), Path("/"))


def _version(distribution: str) -> str | None:
    try:
        return version(distribution)
    except PackageNotFoundError:
        return None
