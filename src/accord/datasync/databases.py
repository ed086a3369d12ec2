"""Databases as registered: a URL, or the fields of the contract for SQL Server, Oracle and ODBC, as one URL. Pure."""

import re

from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError, NoSuchModuleError

from accord.datasync.loose import Loose, wrong

_URL = re.compile(r"^[a-z][a-z0-9+]*://", re.IGNORECASE)
_SERVER_DRIVER = "ODBC Driver 18 for SQL Server"
_OURS = ("postgres", "odbc")
"""Names of databases that only we know."""
_PORTS = {"mssql": 1433, "oracle": 1521}


def database_url(values: Loose, kind: str) -> str:
    """Return the URL of a database; `kind` is sqlserver, oracle, odbc or another name of a provider, as letters.

    No password is in it: `Password` is a field of its own, which is sealed.
    """
    said = values.text("ConnectionString").strip()
    if _URL.match(said):
        return _checked(said, values)
    if kind in ("sqlserver", "microsoftsqlserver"):
        return _sql_server(said, values)
    if kind == "oracle":
        return _oracle(said, values)
    if kind == "odbc":
        return _odbc(said, values)
    raise wrong(
        values.at("ConnectionString"),
        "a database is named by a URL",
        "write postgresql://user@host:5432/database, mysql://..., sqlite:///file.db, or any URL of SQLAlchemy",
    )


def _checked(said: str, values: Loose) -> str:
    place = values.at("ConnectionString")
    try:
        url = make_url(said)
        if url.get_backend_name() not in _OURS:
            url.get_dialect()
    except NoSuchModuleError as error:
        raise wrong(
            place,
            "this kind of database is not spoken to",
            "use postgresql, mysql, mariadb, sqlite, mssql, oracle, odbc or another dialect of SQLAlchemy that is "
            "installed, or export its tables to Excel or CSV",
        ) from error
    except (ArgumentError, ValueError) as error:
        raise wrong(place, "this is no URL of a database", "escape @ : / in its parts") from error
    return said


def _sql_server(said: str, values: Loose) -> str:
    if values.text("WindowsAuthentication").casefold() == "true":
        raise wrong(values.at("WindowsAuthentication"), "there is no Windows account here", "use one of SQL Server's")
    host, port = _place(said, values, "mssql")
    database = values.text("Database")
    if not database:
        raise wrong(values.at("Database"), "SQL Server needs the name of a database")
    driver = values.text("Driver", _SERVER_DRIVER)
    return _shown(URL.create("mssql+pyodbc", host=host, port=port, database=database, query={"driver": driver}), values)


def _oracle(said: str, values: Loose) -> str:
    host, port = _place(values.text("HostName") or said, values, "oracle")
    service = values.text("Database")
    if not service:
        raise wrong(values.at("Database"), "Oracle needs the name of a service")
    return _shown(URL.create("oracle+oracledb", host=host, port=port, query={"service_name": service}), values)


def _odbc(said: str, values: Loose) -> str:
    keywords: dict[str, str] = {}
    for part in filter(None, (each.strip() for each in said.split(";"))):
        key, _, value = part.partition("=")
        keywords[key.strip()] = value.strip().removeprefix("{").removesuffix("}")
    if any(key.casefold() in ("pwd", "password") for key in keywords):
        raise wrong(values.at("ConnectionString"), "a password here would be shown", "give it as Password")
    source = values.text("Server")
    if source:
        keywords["FILEDSN" if values.text("DsnType").casefold() == "filedsn" else "DSN"] = source
    if not keywords:
        raise wrong(values.at("Server"), "an ODBC source needs the name of its DSN, or a ConnectionString")
    return _shown(URL.create("odbc", query=keywords), values)


def _place(said: str, values: Loose, kind: str) -> tuple[str, int]:
    host, _, port = said.replace(",", ":").partition(":")
    if not host:
        raise wrong(values.at("ConnectionString"), "a database server needs its address", "write HOST or HOST:PORT")
    if "\\" in host:
        raise wrong(values.at("ConnectionString"), "an instance is reached by its port", "write HOST:PORT")
    return host, int(port) if port.isdigit() else values.number("PortNumber", _PORTS[kind])


def _shown(url: URL, values: Loose) -> str:
    return url.set(username=values.text("UserName") or None).render_as_string(hide_password=False)
