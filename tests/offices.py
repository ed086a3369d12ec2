"""A server with an Active Directory and a workbook, for tests of DataSync jobs."""

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import xlsxwriter

from accord.app import Server
from accord.operations.datasync import jobs, providers, running
from accord.store.datasync import RowResult, StoredRun
from accord.testing.private_samba import PrivateSamba

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

    def _performed(self, perform: Any, job: int) -> StoredRun:
        with self.server.writing("ann") as context:
            run = perform(context, job)
            self.results = context.store.datasync.list_results(run.id)
        return run


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
