"""Opening a store: lock the folder, bring the tables up to date, tidy up after a crash."""

from contextlib import ExitStack
from pathlib import Path
from urllib.parse import parse_qsl, quote, urlencode, urlsplit, urlunsplit

from accord.model.errors import ConfigError, NotFound, UsageError
from accord.store.carrying_over import carry_over
from accord.store.checkpoints import Checkpoints
from accord.store.database import Database
from accord.store.dialect import POSTGRESQL, SQLITE
from accord.store.folder_lock import FolderLock
from accord.store.recovery import recover
from accord.store.revisions import newest_revision, read_revision
from accord.store.sessions import BackendSession, FileSession, NoSession, Session
from accord.store.store import Store

_FILE = "accord.db"
_CONTROL_FILE = "control.db"
_SQLITE_PRAGMAS = (
    # First, since the others may have to wait for readers. Children of a server wait for each other's bulk commits,
    # which take as long as they take.
    "busy_timeout=1800000",
    "journal_mode=wal",
    "synchronous=normal",
    "foreign_keys=off",
    "cache_size=-262144",
    "journal_size_limit=67108864",
)
# Only should `Checkpoints` fall behind: pages of 4 KB.
_DATA_PRAGMAS = ("wal_autocheckpoint=500000",)
_READER_PRAGMAS = ("busy_timeout=10000", "cache_size=-65536")


def open_store(data: Path | None = None, url: str | None = None, *, read_only: bool = False) -> Store:
    """Open the store in the data folder, or the PostgreSQL database of the URL, making its tables when needed.

    One process and its children write to a data folder; a stranger gets DataFolderBusy. `read_only` needs no lock,
    changes nothing, and wants tables that are up to date. After a crash of a writer, opening marks its activities as
    failed or queues them again, and its exports without answer as unknown.
    """
    if url is not None:
        return _open_postgresql(url, mode="read" if read_only else "write")
    if data is None:
        raise UsageError("neither a data folder nor a database URL was given", remedy="name one of them")
    return _open_reading(data) if read_only else _open_writing(data)


def open_control(data: Path | None = None, url: str | None = None) -> Store:
    """Open a store to ask whoever works on it for something: its data for reading, its control tables for writing.

    Needs no lock, and wants tables that are up to date.
    """
    if url is not None:
        return _open_postgresql(url, mode="control")
    if data is None:
        raise UsageError("neither a data folder nor a database URL was given", remedy="name one of them")
    return _open_reading(data, control_mode="rw")


def open_schema(url: str, schema: str) -> Store:
    """Open a store of its own in a schema of a PostgreSQL database, making both when needed."""
    with _for_schemas(url) as database:
        database.execute(f'create schema if not exists "{schema}"')
    return _open_postgresql(_within(url, schema), mode="write")


def drop_schema(url: str, schema: str) -> None:
    """Drop the store in a schema of a PostgreSQL database, if there is one."""
    with _for_schemas(url) as database:
        database.execute(f'drop schema if exists "{schema}" cascade')


def _for_schemas(url: str) -> Database:
    return Database(POSTGRESQL, url, place=_without_password(url))


def _within(url: str, schema: str) -> str:
    parts = urlsplit(url)
    given = dict(parse_qsl(parts.query, keep_blank_values=True))
    # libpq hands this to the server for the connection: every name means one in the schema.
    options = f"{given.get('options', '')} -csearch_path={schema}".strip()
    return urlunsplit(parts._replace(query=urlencode({**given, "options": options}, quote_via=quote)))


def _open_writing(folder: Path) -> Store:
    with ExitStack() as undo:
        lock = FolderLock(folder)
        undo.callback(lock.release)
        databases: list[Database] = []
        for file in (folder / _FILE, folder / _CONTROL_FILE):
            if not file.exists() or _is_behind_sqlite(file):
                _migrate(f"sqlite:///{file}")
            databases.append(undo.enter_context(_connect_sqlite(file)))
        database, control = databases
        carry_over(database, control)
        session = FileSession(folder)
        undo.callback(session.close)
        recover(database, control, session)
        undo.pop_all()
    _set(database, _DATA_PRAGMAS)
    checkpoints = Checkpoints(folder / _FILE, lambda: _connect_sqlite(folder / _FILE))
    database.committed, database.closing = checkpoints.wanted, checkpoints.close
    return Store(database, control, session=session, lock=lock)


def _open_reading(folder: Path, *, control_mode: str = "ro") -> Store:
    if not (folder / _FILE).exists():
        raise NotFound("there is no store here", place=str(folder), remedy="run an import first")
    with ExitStack() as undo:
        database = undo.enter_context(_connect_reading(folder / _FILE))
        if not (folder / _CONTROL_FILE).exists():
            raise _older(database.place)
        control = undo.enter_context(_connect_reading(folder / _CONTROL_FILE, mode=control_mode))
        undo.pop_all()
    return Store(database, control, session=NoSession(), lock=None)


def _open_postgresql(url: str, *, mode: str) -> Store:
    scheme, _, rest = url.partition("://")
    if scheme not in ("postgresql", "postgres"):
        raise ConfigError(
            f"a store cannot be opened by a URL that begins with {scheme}://",
            remedy="give a URL like postgresql://user@host/database, or a data folder for SQLite",
        )
    with ExitStack() as undo:
        place = _without_password(url)
        database = undo.enter_context(Database(POSTGRESQL, url, place=place, is_read_only=mode != "write"))
        # Its own connection: what a run tells of itself is not part of what it commits, and does not wait for it.
        control = undo.enter_context(Database(POSTGRESQL, url, place=place, is_read_only=mode == "read"))
        session: Session = NoSession()
        if mode == "write":
            if read_revision(database) != newest_revision():
                _migrate(f"postgresql+psycopg://{rest}")
            session = BackendSession(control)
            recover(database, control, session)
        else:
            _require_newest(database)
        undo.pop_all()
    return Store(database, control, session=session, lock=None)


def _migrate(url: str) -> None:
    # Loading what migrates takes longer than everything else a short command does.
    from accord.store.migrate import migrate  # noqa: PLC0415

    migrate(url)


def _connect_sqlite(file: Path) -> Database:
    with ExitStack() as undo:
        database = undo.enter_context(Database(SQLITE, f"file:{quote(str(file))}", place=str(file)))
        _set(database, _SQLITE_PRAGMAS)
        undo.pop_all()
    return database


def _set(database: Database, pragmas: tuple[str, ...]) -> None:
    for pragma in pragmas:
        database.fetch(f"pragma {pragma}")


def _connect_reading(file: Path, mode: str = "ro") -> Database:
    with ExitStack() as undo:
        uri = f"file:{quote(str(file))}?mode={mode}"
        database = undo.enter_context(Database(SQLITE, uri, place=str(file), is_read_only=mode == "ro"))
        _set(database, _READER_PRAGMAS)
        _require_newest(database)
        undo.pop_all()
    return database


def _is_behind_sqlite(file: Path) -> bool:
    with _connect_sqlite(file) as database:
        return read_revision(database) != newest_revision()


def _require_newest(database: Database) -> None:
    if read_revision(database) != newest_revision():
        raise _older(database.place)


def _older(place: str) -> UsageError:
    return UsageError(
        "the store was made by an older version of Accord",
        place=place,
        remedy="open it once for writing with this version, which brings it up to date",
    )


def _without_password(url: str) -> str:
    scheme, _, rest = url.partition("://")
    credentials, at, host = rest.rpartition("@")
    user = credentials.split(":", 1)[0]
    return f"{scheme}://{user}{at}{host}".split("?", 1)[0]
