"""Who runs an activity: a process, told so that its death can be noticed.

On SQLite there is one writing process; whoever opens next knows that the former is gone. On PostgreSQL the server
knows which of its connections live, on whatever machine the process was.
"""

import os
import socket

from accord.store.database import Database

_BACKEND = "pid::text || ' ' || backend_start::text"


def new_session(database: Database) -> str:
    """Return the name of this session: host, process, and the server's own name of it (PostgreSQL)."""
    here = f"{socket.gethostname()} {os.getpid()}"
    if database.dialect.name == "sqlite":
        return here
    backend = database.value(f"select {_BACKEND} from pg_stat_activity where pid = pg_backend_pid()")
    return f"{here}|{backend}"


def live_sessions(database: Database) -> frozenset[str]:
    """Return the part after `|` of every session that lives; on SQLite there is none but our own."""
    if database.dialect.name == "sqlite":
        return frozenset()
    rows = database.rows(f"select {_BACKEND} from pg_stat_activity where datname = current_database()")
    return frozenset(row[0] for row in rows if row[0])
