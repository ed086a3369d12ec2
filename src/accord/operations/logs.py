"""Reading the logs of this service: what server and workers of one data folder wrote, the latest first.

Each worker on another machine keeps its own; what collects standard output has them all.
"""

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from itertools import islice
from pathlib import Path

from accord.operations.administration.desk import CAMEL
from accord.runs.context import Context

_KNOWN = ("event", "level", "timestamp", "exception")


class LogLevel(StrEnum):
    """How grave an event is."""

    DEBUG = "Debug"
    INFORMATION = "Information"
    WARNING = "Warning"
    ERROR = "Error"
    FATAL = "Fatal"


_LEVELS = {
    "debug": LogLevel.DEBUG, "info": LogLevel.INFORMATION, "warning": LogLevel.WARNING, "error": LogLevel.ERROR,
    "critical": LogLevel.FATAL,
}  # fmt: skip
_SHORT = {
    LogLevel.DEBUG: "DBG", LogLevel.INFORMATION: "INF", LogLevel.WARNING: "WRN", LogLevel.ERROR: "ERR",
    LogLevel.FATAL: "FTL",
}  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class LogFilter:
    """Which events are meant: of a service, of a day (UTC), of these levels, with a text in any case."""

    service: str = ""
    day: str = ""
    levels: tuple[LogLevel, ...] = ()
    text: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class LogEntry:
    """One event: its name as the message, and what it told of, as text."""

    __pydantic_config__ = CAMEL
    timestamp: str
    level: LogLevel
    level_short: str
    message: str
    exception: str | None
    service: str
    properties: dict[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class LogFile:
    """One file of events."""

    __pydantic_config__ = CAMEL
    file_name: str
    service: str
    date: str
    size_bytes: int


def log_folder(data: Path) -> Path:
    """Return where the events of a data folder are kept."""
    return data / "logs"


def list_log_files(context: Context) -> list[LogFile]:
    """Return the files there are, the latest first."""
    return [
        LogFile(
            file_name=file.name, service=_service(file), size_bytes=file.stat().st_size,
            date=datetime.fromtimestamp(file.stat().st_mtime, UTC).date().isoformat(),
        )
        for file in _files(context)
    ]  # fmt: skip


def list_log_services(context: Context) -> list[str]:
    """Return who wrote events."""
    return sorted({_service(file) for file in _files(context)})


def list_log_entries(context: Context, wanted: LogFilter, *, limit: int, skip: int = 0) -> list[LogEntry]:
    """Return events, the latest first within each file, the file that was written to last first."""
    return list(islice(_wanted(context, wanted), skip, skip + limit))


def _wanted(context: Context, wanted: LogFilter) -> Iterator[LogEntry]:
    text = wanted.text.lower()
    for file in _files(context):
        if wanted.service and _service(file) != wanted.service:
            continue
        # A file is bounded (`cli.logs`), its lines are read at once.
        for line in reversed(file.read_text(encoding="utf-8", errors="replace").splitlines()):
            if text not in line.lower():
                continue
            entry = _entry(line, _service(file))
            if (
                entry is not None
                and entry.timestamp.startswith(wanted.day)
                and (entry.level in (wanted.levels or LogLevel))
            ):
                yield entry


def _entry(line: str, service: str) -> LogEntry | None:
    """Return the event of a line, None for one that is torn: the file was just turned over, or the disk full."""
    try:
        event = json.loads(line)
    except ValueError:
        return None
    if not isinstance(event, dict):
        return None
    level = _LEVELS.get(str(event.get("level")), LogLevel.INFORMATION)
    return LogEntry(
        timestamp=str(event.get("timestamp", "")), level=level, level_short=_SHORT[level],
        message=str(event.get("event", "")), exception=event.get("exception"), service=service,
        properties={key: _told(value) for key, value in event.items() if key not in _KNOWN},
    )  # fmt: skip


def _told(value: object) -> str:
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def _files(context: Context) -> Sequence[Path]:
    if context.data_folder is None:
        return ()
    found = [file for file in log_folder(Path(context.data_folder)).glob("*.log*") if file.is_file()]
    return sorted(found, key=lambda file: file.stat().st_mtime_ns, reverse=True)


def _service(file: Path) -> str:
    return file.name.partition(".")[0]
