"""What the contract's fields of a database become."""

from typing import Any

import pytest

from accord.datasync.providers import ProviderKind, provider_from
from accord.model.errors import Invalid


def _registered(kind: str, **values: str) -> dict[str, Any]:
    provider = provider_from({"name": "x", "providerTypeName": kind, "configurationValues": values})
    assert provider.kind is ProviderKind.SQL
    return dict(provider.settings)


@pytest.mark.parametrize(
    ("kind", "values", "expected"),
    [
        (
            "SQL Server",
            {"ConnectionString": "db.example.org,1450", "Database": "hr", "UserName": "ann"},
            "mssql+pyodbc://ann@db.example.org:1450/hr?driver=ODBC+Driver+18+for+SQL+Server",
        ),
        (
            "Oracle",
            {"HostName": "db.example.org", "PortNumber": "1530", "Database": "hr", "UserName": "ann"},
            "oracle+oracledb://ann@db.example.org:1530?service_name=hr",
        ),
        ("ODBC", {"Server": "Hr Data", "UserName": "ann"}, "odbc://ann@?DSN=Hr+Data"),
        ("ODBC", {"Server": "/etc/hr.dsn", "DsnType": "FileDsn"}, "odbc://?FILEDSN=%2Fetc%2Fhr.dsn"),
        ("ODBC", {"ConnectionString": "Driver={SQLite3};Database=/x.db"}, "odbc://?Database=%2Fx.db&Driver=SQLite3"),
        ("Oracle", {"ConnectionString": "oracle://ann@db/?service_name=hr"}, "oracle://ann@db/?service_name=hr"),
    ],
)
def test_fields_of_the_contract_become_a_url(kind: str, values: dict[str, str], expected: str) -> None:
    assert _registered(kind, **values)["url"] == expected


def test_the_password_is_kept_apart_from_the_url() -> None:
    settings = _registered("ODBC", Server="Hr", Password="secret")
    assert "secret" not in settings["url"]
    assert settings["password"] == "secret"


@pytest.mark.parametrize(
    ("kind", "values", "reason"),
    [
        ("ODBC", {"ConnectionString": "DSN=x;PWD=secret"}, "would be shown"),
        ("ODBC", {}, "DSN"),
        ("SQL Server", {"ConnectionString": "db", "WindowsAuthentication": "true", "Database": "x"}, "Windows"),
        ("SQL Server", {"ConnectionString": "db"}, "name of a database"),
        ("SQL Server", {"ConnectionString": "db\\instance", "Database": "x"}, "port"),
        ("Oracle", {"HostName": "db"}, "name of a service"),
        ("SQLite", {"ConnectionString": "file.db"}, "URL"),
    ],
)
def test_what_is_lacking_is_said(kind: str, values: dict[str, str], reason: str) -> None:
    with pytest.raises(Invalid, match=reason):
        provider_from({"name": "x", "providerTypeName": kind, "configurationValues": values})
