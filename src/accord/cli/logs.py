"""Logs of the server: one line per event, JSON for machines or text for people, libraries' events among them."""

import logging
import os
import sys
import time
from logging.handlers import RotatingFileHandler
from pathlib import Path

import structlog

from accord.cli.options import LogFormat

_FILE_BYTES = 10_000_000
_FILES = 4
_KEPT_S = 30 * 86_400
_SHARED: tuple[structlog.typing.Processor, ...] = (
    structlog.contextvars.merge_contextvars,
    structlog.stdlib.add_log_level,
    structlog.processors.TimeStamper(fmt="iso", utc=True),
    structlog.processors.format_exc_info,
)


def configure_logs(form: LogFormat) -> None:
    """Write every event to standard output, with what is bound to it: request id, run id."""
    render: structlog.typing.Processor = (
        structlog.processors.JSONRenderer() if form == "json" else structlog.dev.ConsoleRenderer(colors=False)
    )
    structlog.configure(
        processors=[*_SHARED, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=True,
    )
    handler = logging.StreamHandler(sys.stdout)
    handler.setFormatter(_formatter(render))
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(logging.INFO)
    # They tell of every request and every statement, which is told already.
    for chatty in ("uvicorn.access", "alembic", "httpx"):
        logging.getLogger(chatty).setLevel(logging.WARNING)


def keep_logs(folder: Path, service: str) -> None:
    """Write every event to a file as well, for those who read logs over the API; what is old is written over.

    Several workers of one folder write a file each, so that none turns over the file of another.
    """
    folder.mkdir(parents=True, exist_ok=True)
    for old in folder.glob("worker-*.log*"):
        if time.time() - old.stat().st_mtime > _KEPT_S:
            old.unlink(missing_ok=True)
    name = service if service == "server" else f"{service}-{os.getpid()}"
    handler = RotatingFileHandler(
        folder / f"{name}.log", maxBytes=_FILE_BYTES, backupCount=_FILES, encoding="utf-8", delay=True
    )
    handler.setFormatter(_formatter(structlog.processors.JSONRenderer()))
    logging.getLogger().addHandler(handler)


def _formatter(render: structlog.typing.Processor) -> structlog.stdlib.ProcessorFormatter:
    return structlog.stdlib.ProcessorFormatter(
        foreign_pre_chain=_SHARED, processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, render]
    )
