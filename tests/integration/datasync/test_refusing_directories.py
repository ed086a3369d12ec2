"""Directories that refuse: a copy that is only read, and a part that another server holds. Each is its row's error."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from accord.operations.datasync import providers
from accord.testing.private_slapd import PrivateSlapd, find_slapd
from offices import Office, excel

pytestmark = [pytest.mark.ldap, pytest.mark.skipif(find_slapd() is None, reason="no slapd")]

PEOPLE = "ou=people,dc=example,dc=org"
ELSEWHERE = f"ou=elsewhere,{PEOPLE}"
REFERRAL = f"""
dn: {ELSEWHERE}
objectClass: referral
objectClass: extensibleObject
ou: elsewhere
ref: ldap://other.example.org/{ELSEWHERE}
"""


@contextmanager
def directory(office: Office, *, extra: str = "", ldif: str = "") -> Iterator[PrivateSlapd]:
    with PrivateSlapd(office.folder / "slapd", extra_configuration=extra) as server:
        if ldif:
            server.stop()
            server.load(ldif)
            server.start()
        values = {"Url": server.url, "UserName": server.admin_dn, "Password": server.admin_password,
                  "CaFile": str(server.ca_file)}  # fmt: skip
        with office.server.writing("ann") as context:
            providers.create_provider(context, excel(office.workbook))
            providers.create_provider(
                context, {"name": "Dir", "providerTypeName": "Generic LDAP", "configurationValues": values}
            )
        yield server


def job() -> dict[str, Any]:
    fields = [("uid", "No", True), ("cn", "Last", False), ("sn", "Last", False)]
    return {
        "jobInfo": {"name": "People", "sourceProvider": "ExcelOne", "destinationProvider": "Dir"},
        "fieldsMap": [
            {"destinationField": d, "sourceField": s, "transform": "", "isKey": k, "objectType": 1}
            for d, s, k in fields
        ],
        "objectsOption": [{"objectType": 1, "displayName": "User", "isCreate": True, "isSelected": True,
                           "containerOption": "2", "containerOptionValue": "Place"}],
        "syncQuery": [{"objectType": 1, "isSource": True, "queryType": "SQL", "query": "SELECT * FROM [TTSheet1$]"}],
        "settings": [{"key": "Destination.Container", "value": PEOPLE},
                     {"key": "Destination.ShouldIncludeSubTree", "value": "False"}],
    }  # fmt: skip


def refusals(office: Office) -> dict[str, str]:
    return {r.row: f"{r.code}: {r.message}" for r in office.results if r.outcome == "failed"}


HEADER = ("No", "Last", "Place")


def test_a_row_for_a_part_that_another_server_holds_is_an_error_of_its_own(office: Office) -> None:
    with directory(office, ldif=REFERRAL):
        office.fill([("1", "Lee", PEOPLE), ("2", "Ray", ELSEWHERE)], HEADER)
        run = office.run(office.create(job()))
    assert run.state == "CompletedWithErrors", run.message
    assert run.counts["create done"] == 1, office.results
    told = refusals(office)
    assert told.keys() == {"row 3"}, office.results
    assert told["row 3"].startswith("REFERRAL: another server holds this entry")
    assert "connect to the server that holds it" in told["row 3"]


def test_a_copy_that_is_only_read_refuses_each_row_and_says_why(office: Office) -> None:
    with directory(office, extra="readonly on"):
        office.fill([("1", "Lee", PEOPLE), ("2", "Ray", PEOPLE)], HEADER)
        run = office.run(office.create(job()))
    assert run.state == "CompletedWithErrors", run.message
    told = refusals(office)
    assert told.keys() == {"row 2", "row 3"}, office.results
    assert all(text.startswith("UNWILLING_TO_PERFORM") and "read-only copy" in text for text in told.values())
