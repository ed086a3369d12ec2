"""SQL databases as connected systems: SQLite, PostgreSQL, MariaDB and MySQL, and others by ODBC or SQLAlchemy.

Tables, views and queries are object types, columns are attributes. Reading is one statement per object type that
lets the database say its values as text, streamed as Arrow batches; writing is grouped statements in transactions.
"""

from accord.connectors.base import Capabilities, ConnectorKind
from accord.connectors.sql.connector import open_connector
from accord.connectors.sql.settings import SqlSettings

__all__ = ["KIND", "SqlSettings"]

KIND = ConnectorKind(
    name="sql",
    title="SQL database (SQLite, PostgreSQL, MariaDB, MySQL)",
    settings=SqlSettings,
    capabilities=Capabilities(can_write=True, can_delete=True, writes_single_values=True, can_read_changes=True),
    open=open_connector,
)
