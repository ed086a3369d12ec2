"""Stored plans: kept whole, checked by digest, released or discarded by a person, applied once."""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

import pyarrow as pa

from accord.model.errors import ContractBroken, NotFound, UsageError
from accord.model.plan import ImportPlan, PlanHeader, PlanKind, PlanState, SyncPlan
from accord.store.codec import (
    PARTS,
    Digest,
    counts_from_json,
    counts_to_json,
    decode,
    encode,
    import_plan,
    plan_tables,
    sync_plan,
    verdict_from_json,
    verdict_to_json,
)
from accord.store.counters import Counters
from accord.store.database import Database
from accord.store.leases import Lease, Leases
from accord.store.plan_states import MOVES, read_state, require_committable
from accord.store.sql import load_queries
from accord.store.sync_commit import SyncCommit
from accord.store.versions import Versions

_SQL = load_queries("plans")


class Plans:
    """The plans of one store."""

    def __init__(self, database: Database, versions: Versions, counters: Counters) -> None:
        self._database = database
        self._versions = versions
        self._counters = counters

    def save_plan(self, header: PlanHeader, plan: SyncPlan | ImportPlan) -> PlanHeader:
        """Keep a plan under the header's id; return the header with the digest of what was kept."""
        digest = Digest()
        with self._database.transaction():
            for name, table in sorted(plan_tables(plan).items()):
                for part, data in encode(name, table, digest):
                    self._add_part(header.id, name, part, data)
            kept = replace(header, digest=digest.text())
            self._database.execute(_SQL["add_plan"], _values(kept))
        return kept

    def read_plan(self, plan_id: str) -> tuple[PlanHeader, SyncPlan | ImportPlan]:
        """Return a plan exactly as it was kept; raise NotFound, ContractBroken when its rows were changed."""
        header = self.read_header(plan_id)
        digest = Digest()
        pieces: dict[str, list[pa.Table]] = {}
        for name, part in self._database.rows(_SQL["list_parts"], {"id": plan_id}):
            row = {"id": plan_id, "name": name, "part": part}
            data = self._database.fetch(_SQL["read_part"], row, schema=PARTS)["data"][0].as_py()
            pieces.setdefault(name, []).append(decode(name, part, data, digest))
        if digest.text() != header.digest:
            raise ContractBroken(
                f"plan {plan_id} is not what was kept: its digest differs", remedy="discard it and plan again"
            )
        tables = {name: pa.concat_tables(parts) for name, parts in pieces.items()}
        return header, sync_plan(tables) if header.kind is PlanKind.SYNC else import_plan(tables)

    def read_header(self, plan_id: str) -> PlanHeader:
        """Return what is known of a plan without reading it; raise NotFound."""
        rows = self._database.rows(_SQL["read_header"], {"id": plan_id})
        if not rows:
            raise NotFound(f"there is no plan {plan_id}", remedy="list the plans to see which there are")
        return _header(rows[0])

    def list_plans(self, *, state: PlanState | None = None, limit: int = 100) -> tuple[PlanHeader, ...]:
        """Return the headers of plans, newest first."""
        rows = self._database.rows(_SQL["list_plans"], {"state": state.value if state else "", "limit": limit})
        return tuple(_header(row) for row in rows)

    def set_state(self, plan_id: str, state: PlanState, *, person: str, reason: str) -> PlanHeader:
        """Release a held plan or discard one; raise UsageError when the plan's state does not allow it."""
        if state not in (PlanState.RELEASED, PlanState.DISCARDED):
            raise UsageError(f"nobody makes a plan {state} by hand", remedy="release or discard it")
        if not person or not reason:
            raise UsageError(f"a plan is {state} by somebody for a reason", remedy="give the person and the reason")
        with self._database.transaction():
            now = read_state(self._database, plan_id)
            if state not in MOVES[now]:
                raise UsageError(f"plan {plan_id} is {now} and cannot be {state}", remedy="make a new plan")
            self._database.execute(
                _SQL["set_state"], {"id": plan_id, "state": state.value, "person": person, "reason": reason}
            )
            return self.read_header(plan_id)

    def commit_sync(
        self,
        parts: Iterable[SyncPlan],
        *,
        activity: int,
        versions: Mapping[str, int],
        leases: Sequence[Lease] = (),
        plan_id: str | None = None,
    ) -> None:
        """Do exactly what a plan says, whole or in parts as `read_parts` orders them, in one transaction.

        Raises PlanStale when a counter in `versions` moved or a lease was lost, Held when the stored plan
        `plan_id` was not released. References from and to removed identities go with them, links and pending
        exports of unplanned objects too; beyond that only what the frames name is touched.
        """
        with self._database.transaction():
            self._versions.require(versions)
            for lease in leases:
                Leases(self._database).check(lease)
            if plan_id is not None:
                require_committable(self._database, plan_id, activity)
            scopes = [SyncCommit(self._database, self._counters, part, activity).run() for part in parts]
            self._versions.bump(scope for part in scopes for scope in part)

    def _add_part(self, plan_id: str, name: str, part: int, data: bytes) -> None:
        row = {"plan_id": [plan_id], "name": [name], "part": [part], "data": pa.array([data], pa.binary())}
        self._database.ingest("plan_frame", pa.table(row))


def _values(header: PlanHeader) -> dict[str, object]:
    return {
        "id": header.id, "kind": header.kind.value, "state": header.state.value, "system": header.system,
        "created_at": header.created_at, "created_by": header.created_by, "digest": header.digest,
        "rules_digest": header.rules_digest, "versions": json.dumps(dict(header.versions), sort_keys=True),
        "counts": counts_to_json(header.counts), "verdict": verdict_to_json(header.verdict),
        "released_by": header.released_by, "release_reason": header.release_reason,
    }  # fmt: skip


def _header(row: tuple[object, ...]) -> PlanHeader:
    values = dict(zip(PlanHeader.__dataclass_fields__, row, strict=True))
    values["kind"] = PlanKind(str(values["kind"]))
    values["state"] = PlanState(str(values["state"]))
    values["versions"] = json.loads(str(values["versions"]))
    values["counts"] = counts_from_json(str(values["counts"]))
    values["verdict"] = verdict_from_json(str(values["verdict"]))
    return PlanHeader(**values)  # type: ignore[arg-type]  # the query's columns are the fields in order
