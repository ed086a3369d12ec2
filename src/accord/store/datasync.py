"""What is kept of DataSync jobs: bodies, providers, runs and the result of each row."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import pyarrow as pa

from accord.model.errors import NotFound
from accord.store.database import Database
from accord.store.datasync_schedules import DataSyncSchedules
from accord.store.datasync_staged import StagedValues
from accord.store.sql import load_queries
from accord.store.times import iso

_SQL = load_queries("datasync")


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredJob:
    """A job, collection or template. `collection` 0: a job of its own."""

    id: int
    kind: str
    name: str
    collection: int
    body: Mapping[str, Any]
    created_at: str
    modified_at: str
    created_by: str


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredProvider:
    """A data source or identity store."""

    id: int
    name: str
    type: int
    body: Mapping[str, Any]
    created_at: str
    modified_at: str


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredRun:
    """One run or preview of a job. `state` is running or how it ended; `counts` by what happened to rows."""

    id: int
    job: int
    collection_run: int
    activity: int
    verb: str
    actor: str
    state: str
    started_at: str
    ended_at: str
    message: str
    counts: Mapping[str, int]


@dataclass(frozen=True, slots=True, kw_only=True)
class RowResult:
    """What became of one row or object: `row` is where a person finds it, `key` its key values."""

    row: str = ""
    object_type: str = ""
    key: str = ""
    action: str = ""
    outcome: str = ""
    attribute: str = ""
    code: str = ""
    message: str = ""


class DataSync:
    """The DataSync jobs of one store."""

    def __init__(self, control: Database) -> None:
        self._database = control
        self.schedules = DataSyncSchedules(control)
        self.staged = StagedValues(control)

    def add_job(  # noqa: PLR0913 - each is a column
        self,
        kind: str,
        name: str,
        body: Mapping[str, Any],
        *,
        actor: str,
        now: datetime,
        collection: int | None = None,
    ) -> int:
        """Keep a body; return its id."""
        values = {
            "kind": kind, "name": name, "collection": collection, "body": _text(body), "now": iso(now), "actor": actor,
        }  # fmt: skip
        return int(self._database.value(_SQL["add_job"], values))

    def change_job(self, job: int, name: str, body: Mapping[str, Any], *, now: datetime) -> None:
        """Keep another body under an id."""
        self._database.execute(_SQL["change_job"], {"id": job, "name": name, "body": _text(body), "now": iso(now)})

    def remove_job(self, job: int) -> None:
        """Forget a job with its runs."""
        with self._database.transaction():
            self._database.execute(_SQL["remove_results_of"], {"job": job})
            self._database.execute(_SQL["remove_runs_of"], {"job": job})
            self._database.execute(_SQL["remove_job"], {"id": job})

    def read_job(self, job: int) -> StoredJob:
        """Return a job, collection or template; raise NotFound."""
        found = self._jobs("read_job", {"id": job})
        if not found:
            raise NotFound(f"there is no job {job}", remedy="list the jobs to see which there are")
        return found[0]

    def list_jobs(self, kind: str) -> tuple[StoredJob, ...]:
        """Return everything of one kind, oldest first; `job` gives also those of collections."""
        return self._jobs("list_jobs", {"kind": kind})

    def jobs_of(self, collection: int) -> tuple[StoredJob, ...]:
        """Return the jobs of a collection."""
        return self._jobs("list_jobs_of", {"collection": collection})

    def add_provider(self, name: str, type_: int, body: Mapping[str, Any], *, now: datetime) -> int:
        """Keep a provider; return its id."""
        values = {"name": name, "key": name.casefold(), "type": type_, "body": _text(body), "now": iso(now)}
        return int(self._database.value(_SQL["add_provider"], values))

    def change_provider(self, provider: int, name: str, type_: int, body: Mapping[str, Any], *, now: datetime) -> None:
        """Keep a provider otherwise."""
        values = {
            "id": provider, "name": name, "key": name.casefold(), "type": type_, "body": _text(body), "now": iso(now),
        }  # fmt: skip
        self._database.execute(_SQL["change_provider"], values)

    def remove_provider(self, provider: int) -> None:
        """Forget a provider."""
        self._database.execute(_SQL["remove_provider"], {"id": provider})

    def read_provider(self, provider: int) -> StoredProvider:
        """Return a provider; raise NotFound."""
        found = self._providers("read_provider", {"id": provider})
        if not found:
            raise NotFound(f"there is no data source {provider}", remedy="list them to see which there are")
        return found[0]

    def find_provider(self, name: str) -> StoredProvider | None:
        """Return the provider of a name in any casing, None when there is none."""
        found = self._providers("find_provider", {"key": name.casefold()})
        return found[0] if found else None

    def list_providers(self) -> tuple[StoredProvider, ...]:
        """Return all providers, oldest first."""
        return self._providers("list_providers", {})

    def begin_run(self, job: int, verb: str, *, actor: str, now: datetime, collection_run: int | None = None) -> int:
        """Note a run that waits for its turn; return its id."""
        values = {
            "job": job, "verb": verb, "actor": actor, "now": iso(now), "collection_run": collection_run,
            "state": "queued",
        }  # fmt: skip
        return int(self._database.value(_SQL["begin_run"], values))

    def queue_run(self, run: int, activity: int) -> None:
        """Say which activity a waiting run is."""
        self._database.execute(_SQL["queue_run"], {"id": run, "activity": activity})

    def remove_run(self, run: int) -> None:
        """Forget a run that never began."""
        self._database.execute(_SQL["remove_run"], {"id": run})

    def start_run(self, run: int, *, activity: int | None, now: datetime) -> None:
        """Say that a run goes on; what an attempt before it told is forgotten."""
        self._database.execute(_SQL["remove_results"], {"run": run})
        self._database.execute(_SQL["start_run"], {"id": run, "activity": activity, "now": iso(now)})

    def end_run(  # noqa: PLR0913 - each is a column
        self,
        run: int,
        state: str,
        *,
        message: str,
        counts: Mapping[str, int],
        activity: int | None,
        now: datetime,
    ) -> None:
        """Say how a run ended."""
        values = {
            "id": run, "state": state, "message": message, "counts": _text(counts), "activity": activity,
            "now": iso(now),
        }  # fmt: skip
        self._database.execute(_SQL["end_run"], values)

    def read_run(self, run: int) -> StoredRun:
        """Return a run; raise NotFound."""
        rows = self._database.rows(_SQL["read_run"], {"id": run})
        if not rows:
            raise NotFound(f"there is no run {run}", remedy="list the runs of the job")
        return _run(rows[0])

    def list_runs(self, job: int, *, limit: int = 100) -> tuple[StoredRun, ...]:
        """Return the runs of a job, newest first."""
        return tuple(_run(row) for row in self._database.rows(_SQL["list_runs"], {"job": job, "limit": limit}))

    def add_results(self, run: int, results: list[RowResult], *, after: int = 0) -> None:
        """Keep what became of rows, in their order, behind as many as there are."""
        names = list(RowResult.__dataclass_fields__)
        columns = {name: pa.array([getattr(result, name) for result in results], pa.string()) for name in names}
        numbers = {
            "run": pa.array([run] * len(results), pa.int64()),
            "seq": pa.array(range(after + 1, after + len(results) + 1), pa.int64()),
        }
        self._database.ingest("datasync_result", pa.table(numbers | columns))

    def list_results(self, run: int, *, after: int = 0, limit: int = 1000) -> tuple[RowResult, ...]:
        """Return what became of rows, in their order."""
        rows = self._database.rows(_SQL["list_results"], {"run": run, "after": after, "limit": limit})
        return tuple(RowResult(**dict(zip(RowResult.__dataclass_fields__, row[1:], strict=True))) for row in rows)

    def add_token(self, token_hash: str, kind: str, caller: str, *, expires_at: datetime, now: datetime) -> None:
        """Keep whom a token stands for; those at their end are forgotten."""
        self._database.execute(_SQL["forget_tokens"], {"now": iso(now)})
        values = {"hash": token_hash, "kind": kind, "caller": caller, "expires_at": iso(expires_at)}
        self._database.execute(_SQL["add_token"], values)

    def find_token(self, token_hash: str, kind: str, *, now: datetime) -> str | None:
        """Return whom a token stands for, None when it is none or at its end."""
        found = self._database.value(_SQL["find_token"], {"hash": token_hash, "kind": kind, "now": iso(now)})
        return None if found is None else str(found)

    def remove_token(self, token_hash: str) -> None:
        """Forget a token."""
        self._database.execute(_SQL["remove_token"], {"hash": token_hash})

    def _jobs(self, query: str, values: Mapping[str, Any]) -> tuple[StoredJob, ...]:
        names = list(StoredJob.__dataclass_fields__)
        found = [dict(zip(names, row, strict=True)) for row in self._database.rows(_SQL[query], dict(values))]
        return tuple(StoredJob(**{**row, "body": json.loads(row["body"])}) for row in found)

    def _providers(self, query: str, values: Mapping[str, Any]) -> tuple[StoredProvider, ...]:
        names = list(StoredProvider.__dataclass_fields__)
        found = [dict(zip(names, row, strict=True)) for row in self._database.rows(_SQL[query], dict(values))]
        return tuple(StoredProvider(**{**row, "body": json.loads(row["body"])}) for row in found)


def _run(row: tuple[Any, ...]) -> StoredRun:
    values = dict(zip(StoredRun.__dataclass_fields__, row, strict=True))
    return StoredRun(**{**values, "counts": json.loads(values["counts"])})


def _text(value: Mapping[str, Any]) -> str:
    # The order of keys is the client's.
    return json.dumps(dict(value), ensure_ascii=False, separators=(",", ":"))
