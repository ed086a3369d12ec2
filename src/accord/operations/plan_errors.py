"""What could not be decided: whom it concerns, by the name people know, and what to do about it."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

import pyarrow as pa
import pyarrow.compute as pc

from accord.model.errors import AccordError
from accord.model.plan import ImportPlan, SyncPlan
from accord.operations.naming import name_identities
from accord.runs.context import Context
from accord.sync.problems import REMEDIES


@dataclass(frozen=True, slots=True, kw_only=True)
class PlannedError:
    """One object a plan could not decide about, why, and what to do."""

    system: str
    object_type: str
    name: str
    rule: str
    attribute: str
    code: str
    message: str
    remedy: str


def remedy_of(code: str | None) -> str:
    """Return what to do about a problem of a synchronisation; empty for other codes, which bring their own."""
    return REMEDIES.get(code or "", "")


def errors_of(context: Context, plan: SyncPlan | ImportPlan) -> Iterator[PlannedError]:
    """Yield the objects a plan could not decide about."""
    if isinstance(plan, ImportPlan):
        for error in plan.errors:
            yield PlannedError(
                system=plan.system, object_type=error.object_type, name=error.anchor or error.at, rule="",
                attribute=error.attribute or "", code=error.code, message=error.message, remedy=error.remedy,
            )  # fmt: skip
        return
    rows = plan.errors.table.to_pylist()
    names = name_subjects(context, rows, plan.identities_added.table)
    for row in rows:
        yield PlannedError(
            system=row["system"] or "", object_type=row["object_type"] or "",
            name=row["anchor"] or names.get(row["identity_id"], ""), rule=row["rule"] or "",
            attribute=row["attribute"] or "", code=row["code"], message=row["message"], remedy=remedy_of(row["code"]),
        )  # fmt: skip


def name_subjects(
    context: Context, rows: Iterable[Mapping[str, object]], planned: pa.Table | None = None
) -> Mapping[int, str]:
    """Return how the identities are called of rows that name no object; `planned` are some that are not there yet."""
    wanted = sorted({int(str(r["identity_id"])) for r in rows if not r["anchor"] and r["identity_id"] is not None})
    if not wanted:
        return {}
    tables = [context.store.metaverse.read_identities_by_id(wanted).table.select(["id", "type", "doc"])]
    if planned is not None:
        some = planned.filter(pc.is_in(planned["id"], pa.array(wanted, pa.int64())))
        tables.append(some.select(["id", "type", "doc"]))
    try:
        return name_identities(context, pa.concat_tables(tables))
    except AccordError:
        # Today's rules may not fit the documents of an old plan; a plan must be readable all the same.
        return {}
