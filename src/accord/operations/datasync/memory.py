"""The memory of each job: a store of its own, where the server's store is: in a folder, or a schema of its database."""

import shutil
from pathlib import Path

from accord.model.errors import UsageError
from accord.runs.context import Context
from accord.store.opening import drop_schema, open_schema, open_store
from accord.store.store import Store


def open_memory(context: Context, job: int) -> Store:
    """Open the memory of a job; raise UsageError where there is no place for one."""
    if context.database_url is not None:
        return open_schema(context.database_url, _schema(job))
    return open_store(_folder(context, job))


def drop_memory(context: Context, job: int) -> None:
    """Forget everything a job remembers; nothing happens when it never ran."""
    if context.database_url is not None:
        drop_schema(context.database_url, _schema(job))
    elif context.data_folder is not None and _folder(context, job).is_dir():
        shutil.rmtree(_folder(context, job))


def _schema(job: int) -> str:
    return f"datasync_{job:d}"


def _folder(context: Context, job: int) -> Path:
    if context.data_folder is None:
        raise UsageError("there is no data folder for the memory of jobs", remedy="open the store by a data folder")
    return Path(context.data_folder) / "datasync" / f"{job:d}"
