"""Whom a manager resolution must look at again after changes, found by the names that owners and claims meet by."""

from dataclasses import dataclass

import pyarrow as pa
import pyarrow.compute as pc

from accord.engine.frames import Engine
from accord.governance.managers.arrivals import names_asked, names_had
from accord.governance.managers.resolving import KEYS, OWNERS, Settled
from accord.runs.context import Context
from accord.runs.governing.manager_claims import read_claims, read_keys
from accord.runs.governing.manager_rows import known_managers, settled_managers
from accord.runs.governing.part import MOST, changes_since, owners_of, read_part
from accord.runs.governing.population import load_owners
from accord.store.baselines import Position
from accord.store.reporting import MANAGERS, OWN


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """The owners that changes concern, with what is said of them; whom they may mean is among the `keys`.

    `had` and `asked` are the hashes of their names and of those they call their managers by. `kept` is all there was.
    """

    affected: frozenset[int]
    owners: pa.Table
    keys: pa.Table
    claims: pa.Table
    known: pa.Table
    settled: Settled
    had: pa.Table
    asked: pa.Table
    kept: pa.Table

    def everybody(self) -> pa.Table:
        """Return all owners there are."""
        return pa.concat_tables([self.owners, self.settled.frame.select(OWNERS.names)])

    def differences(self, rows: pa.Table) -> tuple[pa.Table, pa.Table]:
        """Return which of all rows are new or others than kept, and which of the kept ones are gone (`id`)."""
        columns = ["id", "owner_id", "name", "state", "doc"]
        with Engine(has_attempts=False) as engine:
            engine.register("found", rows.select(columns))
            engine.register("kept", self.kept.select(columns))
            changed = engine.frame("select * from found except select * from kept").cast(rows.select(columns).schema)
            gone = engine.frame("select id from kept anti join found using (id)")
        return changed, gone


def read_changed(context: Context, position: Position) -> Part | None:
    """Return whom the changes since a position concern; None where they are too many for a part."""
    store = context.store
    changes = changes_since(context, position)
    if len(changes.objects) + len(changes.identities) > MOST:
        return None
    touched, has_more = owners_of(context, changes)
    with context.engine() as engine:
        known = known_managers(context, engine)
        kept = engine.frame("select * from kept_manager")
        if has_more:
            touched |= _inheriting(engine)
        had = _names_had(context, touched)
        hashes = store.reporting.names_of(OWN, sorted(touched)) | set(had["hash"].to_pylist())
        affected = touched | store.reporting.bearers(MANAGERS, sorted(hashes)) | _reporting_to(known, touched)
        if len(affected) > MOST:
            return None
        ids = pa.table({"owner_id": pa.array(sorted(affected), pa.int64())})
        settled = settled_managers(engine, ids)
    with context.engine() as engine:
        load_owners(context, engine, read_part(context, affected))
        owners = engine.frame("select owner_id, name, is_active, is_human from owner").cast(OWNERS)
        keys, claims = read_keys(context, engine), read_claims(context, engine)
        asked = names_asked(engine, claims)
        meant = store.reporting.bearers(OWN, sorted(set(asked["hash"].to_pylist()))) - affected
        return Part(
            affected=frozenset(affected), owners=owners, claims=claims, settled=settled, had=had, asked=asked,
            keys=pa.concat_tables([keys, _keys_of(context, meant)]), kept=kept,
            known=known.filter(pc.is_in(known["owner_id"], ids["owner_id"].combine_chunks())),
        )  # fmt: skip


def _inheriting(engine: Engine) -> set[int]:
    """Return who is no person: they inherit from groups, and which of these changed is not asked."""
    rows = engine.rows("select owner_id from kept_manager where json_extract_string(doc, '$.isHuman') = 'false'")
    return {int(row[0]) for row in rows}


def _reporting_to(known: pa.Table, managers: set[int]) -> set[int]:
    wanted = pa.array(sorted(managers), pa.int64())
    return set(known.filter(pc.is_in(known["manager_id"], wanted))["owner_id"].to_pylist())


def _names_had(context: Context, owners: set[int]) -> pa.Table:
    with context.engine() as engine:
        return names_had(engine, _keys_of(context, owners))


def _keys_of(context: Context, owners: set[int]) -> pa.Table:
    if not owners:
        return KEYS.empty_table()
    with context.engine() as engine:
        load_owners(context, engine, read_part(context, owners))
        return read_keys(context, engine)
