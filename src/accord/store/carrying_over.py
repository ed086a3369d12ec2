"""From a store of one file to one of two: activities and audit trail move to the control database, once."""

from accord.store.database import Database

_TABLES = ("activity", "activity_item", "audit")


def carry_over(data: Database, control: Database) -> None:
    """Copy the record of work to a control database that has none yet; what stays behind is no longer looked at."""
    if _has_any(control) or not _has_any(data):
        return
    control.execute("attach database :place as old", {"place": data.place})
    try:
        with control.transaction():
            for table in _TABLES:
                # Both files were made by the same migrations: their columns are the same in the same order.
                control.execute(f"insert into {table} select * from old.{table}")
    finally:
        control.execute("detach database old")


def _has_any(database: Database) -> bool:
    return bool(database.value("select exists (select 1 from activity) or exists (select 1 from audit)"))
