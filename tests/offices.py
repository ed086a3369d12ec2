"""A server with an Active Directory and a workbook, for tests of DataSync jobs."""

import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path
from threading import Event, Thread
from typing import Any

import xlsxwriter

from accord.app import Context, Server
from accord.model.errors import AccordError
from accord.operations.datasync import jobs, providers, running, taking_back
from accord.operations.execution import perform
from accord.store.datasync import RowResult, StoredRun
from accord.testing.private_samba import PrivateSamba

PASSWORD = "a-long-Passw0rd"
HERE = Path(__file__).parent / "integration" / "datasync"
SPECIFIED: dict[str, Any] = json.loads((HERE / "create-job-request.json").read_text(encoding="utf-8"))


@dataclass(slots=True)
class Office:
    """Where a job runs: a server, a folder for workbooks, and perhaps a domain."""

    server: Server
    folder: Path
    domain: PrivateSamba | None = None
    results: tuple[RowResult, ...] = field(default=())

    @property
    def workbook(self) -> Path:
        return self.folder / "people.xlsx"

    def fill(self, rows: Sequence[Sequence[str]], header: Sequence[str] = ("First", "Last")) -> None:
        book = xlsxwriter.Workbook(str(self.workbook))
        sheet = book.add_worksheet("TTSheet1")
        for number, row in enumerate([header, *rows]):
            sheet.write_row(number, 0, row)
        book.close()

    def register(self) -> None:
        assert self.domain is not None
        with self.server.writing("ann") as context:
            providers.create_provider(context, excel(self.workbook))
            providers.create_provider(context, active_directory(self.domain))

    def create(self, body: dict[str, Any]) -> int:
        with self.server.writing("ann") as context:
            return jobs.create_job(context, body)

    def run(self, job: int) -> StoredRun:
        return self._performed(running.run_job, job)

    def preview(self, job: int) -> StoredRun:
        return self._performed(running.preview_job, job)

    def undo(self, job: int, run: int) -> StoredRun:
        return self._performed(partial(taking_back.undo_run, run=run, reason="a test"), job)

    def _performed(self, perform: Any, job: int) -> StoredRun:
        with self.server.writing("ann") as context:
            run = perform(context, job)
            self.results = context.store.datasync.list_results(run.id)
        return run


@contextmanager
def working(server: Server) -> Iterator[None]:
    """Do every job that is queued meanwhile, as a worker would, in a thread beside."""
    over = Event()

    def work() -> None:
        while not over.wait(0.02):
            with server.writing("worker") as context:
                for waiting in context.store.jobs.ready():
                    _do(context, waiting.guid)

    thread = Thread(target=work)
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join()


def _do(context: Context, guid: str) -> None:
    activity = context.store.activities.read_by_guid(guid)
    started = context.store.jobs.start(activity.id, session=context.store.session.name, now=context.clock())
    if started is not None:
        # The record tells how it ended.
        with suppress(AccordError):
            perform(replace(context, activity=started, actor=started.actor), started)


def excel(path: Path) -> dict[str, Any]:
    values = {"FileServer": "LocalServer", "FilePath": str(path)}
    return {"name": "ExcelOne", "providerTypeName": "Microsoft Excel", "type": 1, "configurationValues": values}


def active_directory(domain: PrivateSamba) -> dict[str, Any]:
    values = {
        "Server": domain.ldaps_url,
        "UserName": domain.admin_upn,
        "Password": domain.admin_password,
        "CaFile": str(domain.ca_file),
    }
    return {"name": "ADEnt", "providerTypeName": "Active Directory", "configurationValues": values}


def text_file(path: Path) -> dict[str, Any]:
    return {"name": "Out", "providerTypeName": "Text", "type": 4, "configurationValues": {"File": str(path)}}


def table_job(*, is_delete: bool = False) -> dict[str, Any]:
    """A job from the workbook's columns First, Last and No to a table with No and Name; No is the key."""
    fields = [("No", "No", "", True), ("Name", "", "Join:field=First;separator= ;field=Last", False)]
    return {
        "jobInfo": {"name": "ToTable", "sourceProvider": "ExcelOne", "destinationProvider": "Out"},
        "fieldsMap": [
            {"destinationField": d, "sourceField": s, "transform": t, "isKey": k, "objectType": 9}
            for d, s, t, k in fields
        ],
        "objectsOption": [
            {"objectType": 9, "displayName": "Object", "isCreate": True, "isDelete": is_delete, "isSelected": True}
        ],
        "syncQuery": [{"objectType": 9, "isSource": True, "queryType": "SQL", "query": "SELECT * FROM [TTSheet1$]"}],
        "settings": [],
    }


def set_script(body: dict[str, Any], language: int, code: str) -> dict[str, Any]:
    """Return the body with a global script in one of the two languages."""
    body["settings"] += [
        {"key": "Destination.ScriptingLanguage", "value": str(language)},
        {"key": "Destination.ExposedScriptCode", "value": code},
    ]
    return body
