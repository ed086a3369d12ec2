"""A DataSync job from a sheet into a private Active Directory, beside plain python-ldap adds in the same run.

The adds go before and after the job, the same attributes over the same TLS; no other client is faster on Samba, which
has one writer. A run without changes, of `--unchanged` rows, is counted in LDAP operations.
"""

import argparse
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import ldap
import xlsxwriter
from ldap.ldapobject import SimpleLDAPObject

from accord.app import open_server
from accord.operations.datasync.jobs import create_job
from accord.operations.datasync.providers import create_provider
from accord.operations.datasync.running import run_job
from accord.runs.context import Context
from accord.store.opening import open_store
from accord.testing.private_samba import UNIT, PrivateSamba

PASSWORD = "Bench-mark-2030"  # noqa: S105 - of a domain that lives for minutes
_OPERATIONS = ("add_ext", "modify_ext", "delete_ext", "search_ext", "rename")


def measure(arguments: argparse.Namespace) -> dict[str, object]:
    """Run the benchmark."""
    with TemporaryDirectory() as folder, PrivateSamba(Path(folder) / "samba") as domain:
        book = Path(folder) / "people.xlsx"
        _fill(book, arguments.rows)
        with open_server(Path(folder) / "data") as server, server.writing("benchmark") as context:
            job = create_job(context, _job(context, domain, book))
            before = _plain_rate(domain, "before", arguments.rows // 4)
            first = _run(context, job)
            export_s = _export_seconds(Path(folder) / "data" / "datasync" / str(job))
            after = _plain_rate(domain, "after", arguments.rows // 4)
            there = max(arguments.rows, arguments.unchanged)
            if there > arguments.rows:
                _fill(book, there)
                _run(context, job)
            with _counted() as operations:
                unchanged = _run(context, job)
            if (first["counts"], unchanged["counts"]) != ({"create done": arguments.rows}, {}):
                raise RuntimeError(f"the job did not do what it should: {first}, {unchanged}")
    plain = (before + after) / 2
    return {
        "rows": arguments.rows,
        "plain_adds_per_s": {"before": round(before, 1), "after": round(after, 1)},
        "job_adds_per_s": round(arguments.rows / export_s, 1),
        "ratio": round(arguments.rows / export_s / plain, 3),
        "whole_run_s": first["seconds"],
        "unchanged_rows": there,
        "unchanged_run_s": unchanged["seconds"],
        "unchanged_ldap_operations": dict(operations),
    }


def _fill(book: Path, rows: int) -> None:
    workbook = xlsxwriter.Workbook(str(book), {"constant_memory": True})
    sheet = workbook.add_worksheet("TTSheet1")
    for number, row in enumerate([("First", "Last"), *((f"P{n}", f"L{n % 97}") for n in range(rows))]):
        sheet.write_row(number, 0, row)
    workbook.close()


def _job(context: Context, domain: PrivateSamba, book: Path) -> dict[str, Any]:
    create_provider(
        context, {"name": "Sheet", "providerTypeName": "Excel", "configurationValues": {"FilePath": str(book)}}
    )
    values = {"Server": domain.ldaps_url, "UserName": domain.admin_upn, "Password": domain.admin_password,
              "CaFile": str(domain.ca_file)}  # fmt: skip
    create_provider(context, {"name": "AD", "providerTypeName": "Active Directory", "configurationValues": values})
    name = "Join:field=First;separator=_;field=Last"
    fields = [
        ("cn", "", name, False), ("sAMAccountName", "", name, True), ("givenName", "First", "", False),
        ("sn", "Last", "", False), ("password", "", f"Static:value={PASSWORD}", False),
    ]  # fmt: skip
    return {
        "jobInfo": {"name": "benchmark", "sourceProvider": "Sheet", "destinationProvider": "AD"},
        "fieldsMap": [
            {"destinationField": d, "sourceField": s, "transform": t, "isKey": k, "forCreateOnly": True}
            for d, s, t, k in fields
        ],
        "objectsOption": [{"displayName": "User", "isCreate": True, "containerOptionValue": UNIT}],
        "syncQuery": [{"isSource": True, "query": "SELECT * FROM [TTSheet1$]", "queryType": "SQL"}],
        "settings": [{"key": "Destination.Container", "value": UNIT}],
    }


def _plain_rate(domain: PrivateSamba, prefix: str, rows: int) -> float:
    connection = ldap.initialize(domain.ldaps_url)
    connection.set_option(ldap.OPT_X_TLS_CACERTFILE, str(domain.ca_file))
    connection.set_option(ldap.OPT_X_TLS_NEWCTX, 0)
    connection.simple_bind_s(domain.admin_upn, domain.admin_password)
    container = UNIT.partition(",")[2]
    started = time.perf_counter()
    for number in range(rows):
        name = f"{prefix}{number}".encode()
        connection.add_s(
            f"CN={prefix}{number},CN=Users,{container}",
            [("objectClass", [b"user"]), ("cn", [name]), ("sAMAccountName", [name]), ("givenName", [b"P"]),
             ("sn", [b"L"]), ("userAccountControl", [b"512"]), ("unicodePwd", [f'"{PASSWORD}"'.encode("utf-16-le")])],
        )  # fmt: skip
    took = time.perf_counter() - started
    connection.unbind_s()
    return rows / took


def _run(context: Context, job: int) -> dict[str, Any]:
    started = time.perf_counter()
    run = run_job(context, job)
    return {"seconds": round(time.perf_counter() - started, 2), "counts": dict(run.counts), "state": run.state}


def _export_seconds(folder: Path) -> float:
    with open_store(folder, read_only=True) as store:
        export = next(activity for activity in store.activities.list(limit=10) if activity.kind == "export")
    began, ended = (datetime.fromisoformat(text) for text in (export.started_at, str(export.ended_at)))
    return (ended - began).total_seconds()


@contextmanager
def _counted() -> Iterator[Counter[str]]:
    """Count what is sent to directories."""
    counted: Counter[str] = Counter()
    original = SimpleLDAPObject._ldap_call  # noqa: SLF001 - the one place every operation passes

    def call(self: Any, function: Any, *given: Any, **named: Any) -> Any:
        name = getattr(function, "__name__", "")
        if name in _OPERATIONS:
            counted[name] += 1
        return original(self, function, *given, **named)

    SimpleLDAPObject._ldap_call = call  # noqa: SLF001 - the same
    try:
        yield counted
    finally:
        SimpleLDAPObject._ldap_call = original  # noqa: SLF001 - the same
