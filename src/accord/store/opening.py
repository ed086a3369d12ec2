"""Opening a store: lock the folder, bring the tables up to date, tidy up after a crash."""

from contextlib import ExitStack
from pathlib import Path
from urllib.parse import quote

from accord.model.errors import ConfigError, NotFound, UsageError
from accord.store.database import Database
from accord.store.dialect import POSTGRESQL, SQLITE
from accord.store.folder_lock import FolderLock
from accord.store.recovery import recover
from accord.store.revisions import newest_revision, read_revision
from accord.store.sessions import new_session
from accord.store.store import Store

_FILE = "accord.db"
_SQLITE_PRAGMAS = (
    "journal_mode=wal",
    "synchronous=normal",
    "busy_timeout=10000",
    "foreign_keys=off",
    "cache_size=-262144",
    "journal_size_limit=67108864",
)
_READER_PRAGMAS = ("busy_timeout=10000", "cache_size=-65536")


def open_store(data: Path | None = None, url: str | None = None, *, read_only: bool = False) -> Store:
    """Open the store in the data folder, or the PostgreSQL database of the URL, making its tables when needed.

    One process writes to a data folder; a second one gets DataFolderBusy. `read_only` needs no lock, changes
    nothing, and wants tables that are up to date. After a crash of the writer, opening marks its activities as
    failed and its exports without answer as unknown.
    """
    if url is not None:
        return _open_postgresql(url, read_only=read_only)
    if data is None:
        raise UsageError("neither a data folder nor a database URL was given", remedy="name one of them")
    return _open_reading(data) if read_only else _open_writing(data)


def _open_writing(folder: Path) -> Store:
    with ExitStack() as undo:
        lock = FolderLock(folder)
        undo.callback(lock.release)
        file = folder / _FILE
        if not file.exists() or _is_behind_sqlite(file):
            _migrate(f"sqlite:///{file}")
        database = undo.enter_context(_connect_sqlite(file))
        session = new_session(database)
        recover(database)
        undo.pop_all()
    return Store(database, session=session, lock=lock)


def _open_reading(folder: Path) -> Store:
    file = folder / _FILE
    if not file.exists():
        raise NotFound("there is no store here", place=str(folder), remedy="run an import first")
    with ExitStack() as undo:
        uri = f"file:{quote(str(file))}?mode=ro"
        database = undo.enter_context(Database(SQLITE, uri, place=str(file), is_read_only=True))
        _set(database, _READER_PRAGMAS)
        _require_newest(database)
        undo.pop_all()
    return Store(database, session="", lock=None)


def _open_postgresql(url: str, *, read_only: bool) -> Store:
    scheme, _, rest = url.partition("://")
    if scheme not in ("postgresql", "postgres"):
        raise ConfigError(
            f"a store cannot be opened by a URL that begins with {scheme}://",
            remedy="give a URL like postgresql://user@host/database, or a data folder for SQLite",
        )
    with ExitStack() as undo:
        place = _without_password(url)
        database = undo.enter_context(Database(POSTGRESQL, url, place=place, is_read_only=read_only))
        session = "" if read_only else _prepare_postgresql(database, f"postgresql+psycopg://{rest}")
        if read_only:
            _require_newest(database)
        undo.pop_all()
    return Store(database, session=session, lock=None)


def _prepare_postgresql(database: Database, migration_url: str) -> str:
    if read_revision(database) != newest_revision():
        _migrate(migration_url)
    session = new_session(database)
    recover(database)
    return session


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


def _is_behind_sqlite(file: Path) -> bool:
    with _connect_sqlite(file) as database:
        return read_revision(database) != newest_revision()


def _require_newest(database: Database) -> None:
    if read_revision(database) != newest_revision():
        raise UsageError(
            "the store was made by an older version of Accord",
            place=database.place,
            remedy="open it once for writing with this version, which brings it up to date",
        )


def _without_password(url: str) -> str:
    scheme, _, rest = url.partition("://")
    credentials, at, host = rest.rpartition("@")
    user = credentials.split(":", 1)[0]
    return f"{scheme}://{user}{at}{host}".split("?", 1)[0]
