"""What an administrator declares of a database: where it is, how to sign in, which tables are which objects."""

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Self

from pydantic import Field, SecretStr, ValidationInfo, field_validator, model_validator
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError, NoSuchModuleError

from accord.connectors.base import Settings, SettingsPath

_DATABASES = {
    "sqlite": "sqlite",
    "postgresql": "postgresql",
    "postgres": "postgresql",
    "mysql": "mysql",
    "mariadb": "mysql",
}
ODBC = "odbc"
_DRIVERS = {"oracle": "oracle+oracledb", "mssql": "mssql+pyodbc"}
_LOOPBACK = re.compile(r"localhost|127(\.\d+){3}|::1|\[::1\]")


class Multivalued(Settings):
    """Where the values of a multi-valued attribute are: parts of one column, or rows of a related table.

    `key` is the column of the related table that holds the object's anchor, `value` the one with the value.
    """

    delimiter: str | None = Field(default=None, min_length=1)
    table: str | None = Field(default=None, min_length=1)
    key: str | None = None
    value: str | None = None

    @model_validator(mode="after")
    def _is_one_of_both(self) -> Self:
        related = (self.table, self.key, self.value)
        if (self.delimiter is None) == (self.table is None) or (self.table is not None and None in related):
            raise ValueError("give either `delimiter`, or `table`, `key` and `value`")
        if self.delimiter is not None and any(related):
            raise ValueError("`key` and `value` belong to `table`, not to `delimiter`")
        return self


class Changes(Settings):
    """How to find what changed: a column that grows with every change, or a table that logs every change.

    `column` is a number or a timestamp; alone it does not show what was deleted. In `log`, `anchor` names the
    object and `sequence` grows with every row; what the log names is read anew, and is gone when it is not there.
    `overlap` reads that much before the watermark again (seconds of a timestamp, else numbers), for what was
    committed late.
    """

    column: str | None = Field(default=None, min_length=1)
    log: str | None = Field(default=None, min_length=1)
    anchor: str | None = Field(default=None, min_length=1)
    sequence: str | None = Field(default=None, min_length=1)
    overlap: int = Field(default=300, ge=0)

    @model_validator(mode="after")
    def _is_one_of_both(self) -> Self:
        logged = (self.log, self.anchor, self.sequence)
        if (self.column is None) == (self.log is None) or (self.log is not None and None in logged):
            raise ValueError("give either `column`, or `log`, `anchor` and `sequence`")
        if self.column is not None and any(logged):
            raise ValueError("`anchor` and `sequence` belong to `log`, not to `column`")
        return self


class ObjectSource(Settings):
    """Where the objects of one type are: a table, a view, or the rows of a query (both of these are only read)."""

    table: str | None = Field(default=None, min_length=1)
    view: str | None = Field(default=None, min_length=1)
    query: str | None = Field(default=None, min_length=1)
    schema_name: str | None = Field(default=None, alias="schema", min_length=1)
    multivalued: Mapping[str, Multivalued] = Field(default_factory=dict)
    changes: Changes | None = None

    @field_validator("query")
    @classmethod
    def _ends_without_semicolon(cls, query: str | None) -> str | None:
        return None if query is None else query.strip().rstrip(";").rstrip()

    @model_validator(mode="after")
    def _is_one_source(self) -> Self:
        if sum(source is not None for source in (self.table, self.view, self.query)) != 1:
            raise ValueError("give exactly one of `table`, `view`, `query`")
        if self.query is not None and any(each.table is not None for each in self.multivalued.values()):
            raise ValueError("a query has no related tables: aggregate the values in the query")
        return self


class SqlSettings(Settings):
    """Settings of one database.

    `objects` names the source of each object type; without an entry, a type is the table of its name.
    `odbc://user@DSN/database?Keyword=value` names an ODBC driver's source, any other URL a dialect of SQLAlchemy.
    A server on another machine must show a certificate that `ca_file` (or this machine's store) signed, one on this
    machine only when `ca_file` is given; `insecure` asks for neither TLS nor certificate.
    A password in `url` works too, but is no secret there.
    `operation_timeout_s` bounds the wait for one answer while writing and discovering; reading takes what it takes.
    """

    url: str = Field(repr=False)
    password: SecretStr | None = None
    schema_name: str | None = Field(default=None, alias="schema", min_length=1)
    objects: Mapping[str, ObjectSource] = Field(default_factory=dict)
    insecure: bool = False
    ca_file: SettingsPath | None = None
    connect_timeout_s: int = Field(default=10, ge=1, le=600)
    operation_timeout_s: int = Field(default=60, ge=1, le=3600)
    write_batch_rows: int = Field(default=500, ge=1, le=10_000)

    @field_validator("url")
    @classmethod
    def _is_a_known_database(cls, text: str, info: ValidationInfo) -> str:
        try:
            url = make_url(text)
        except (ArgumentError, ValueError) as error:
            # The text itself is not repeated: it may hold a password.
            raise ValueError("not a URL like postgresql://user@host:5432/database") from error
        database = _DATABASES.get(url.get_backend_name())
        if any(key.casefold() in ("pwd", "password") for key in url.query):
            raise ValueError("a password in the query of the URL would be shown: give it as `password`")
        if database is None:
            return _of_a_dialect(url)
        if not url.database:
            raise ValueError("the URL names no database (for SQLite: sqlite:///folder/file.db)")
        if database == "sqlite":
            url = url.set(database=str(_under_base(Path(url.database), info)))
        return url.set(drivername=database).render_as_string(hide_password=False)

    @property
    def address(self) -> URL:
        """Return the URL in parts, with the password."""
        url = make_url(self.url)
        return url if self.password is None else url.set(password=self.password.get_secret_value())

    @property
    def place(self) -> str:
        """Return the URL as it may be shown."""
        return make_url(self.url).set(password=None).render_as_string()

    @property
    def is_sealed(self) -> bool:
        """Tell whether the connection must be TLS with a checked certificate."""
        if self.insecure or self.ca_file is not None:
            return not self.insecure
        host = self.address.host or ""
        # libpq takes a folder as host: a socket on this machine.
        return bool(host) and not host.startswith("/") and _LOOPBACK.fullmatch(host) is None


def _of_a_dialect(url: URL) -> str:
    """Return the URL with the driver to use; raise ValueError where SQLAlchemy knows no such database."""
    if url.get_backend_name() != ODBC:
        if "+" not in url.drivername:
            url = url.set(drivername=_DRIVERS.get(url.drivername, url.drivername))
        try:
            dialect = url.get_dialect()
        except NoSuchModuleError as error:
            known = ", ".join((*_DATABASES, *_DRIVERS, ODBC))
            raise ValueError(f"unknown database {url.get_backend_name()!r}; use one of {known}") from error
        if dialect.is_async:
            raise ValueError(f"{url.drivername} is for asynchronous programs: name another driver")
    return url.render_as_string(hide_password=False)


def _under_base(path: Path, info: ValidationInfo) -> Path:
    base = (info.context or {}).get("base")
    return path if base is None or path.is_absolute() else Path(base) / path
