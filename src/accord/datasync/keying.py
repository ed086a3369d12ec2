"""What identifies each row of a source: the values of the job's key fields, computed as the rules compute them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import pyarrow as pa

from accord.connectors.base import ANCHOR
from accord.datasync.compiled import SourcePlan
from accord.datasync.rows import Scripted
from accord.engine.expressions import Column, Compiler, Expression, attempt
from accord.engine.frames import Engine, quote
from accord.model.errors import RowError
from accord.model.schema import ValueType

_MOST_REPORTED = 10_000

DUPLICATE_KEY = "DUPLICATE_KEY"
"""The code of a row whose key an earlier row has: the one error that leaves no doubt which keys the source holds."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Keyed:
    """Rows that can be told apart, and why the others cannot be used. `places` is where each key stands.

    `cancelled` are the keys of rows that a script passed over, None for one whose key nobody can compute.
    """

    rows: pa.Table
    errors: tuple[RowError, ...]
    places: Mapping[str, str]
    cancelled: tuple[str | None, ...] = ()


def key_rows(engine: Engine, compiler: Compiler, plan: SourcePlan, read: Scripted, errors: Sequence[RowError]) -> Keyed:
    """Return the rows with their anchors; of rows with one key the first counts, the others are errors."""
    lists = {f.name for f in read.rows.schema if pa.types.is_list(f.type)}
    columns = {name: Column(type=ValueType.TEXT, is_multivalued=name in lists) for name in read.rows.column_names}
    keys = {name: compiler.compile(text, columns, place=plan.place) for name, text in plan.keys}
    _make_keyed(engine, plan, keys, read.cancelled)
    cancelled = engine.frame(f"select distinct {ANCHOR} from keyed")[ANCHOR].to_pylist()
    _make_keyed(engine, plan, keys, read.rows)
    engine.run(
        f"create or replace temp table numbered as select *, row_number() over (partition by {ANCHOR} order by _order) "
        f"as _nth, first_value(_place) over (partition by {ANCHOR} order by _order) as _first from keyed"
    )
    missing = _missing(engine, plan, keys)
    doubled = [
        RowError(
            code=DUPLICATE_KEY,
            message=f"{_names(plan)} is {anchor!r} as in {first}; that row counts",
            at=place,
            # Not the key itself: the row that counts must not be taken for this one.
            anchor=f"{anchor} in {place}",
            object_type=plan.object_type,
            attribute=plan.keys[0][0],
            remedy="remove one of the rows, or add a key field that tells them apart",
        )
        for anchor, place, first in engine.rows(
            f"select {ANCHOR}, _place, _first from numbered where {ANCHOR} is not null and _nth > 1 "
            f"order by _order limit {_MOST_REPORTED}"
        )
    ]
    good = engine.frame(f"select * exclude (_nth, _first) from numbered where {ANCHOR} is not null and _nth = 1 "
                        "order by _order")  # fmt: skip
    places = dict(zip(good[ANCHOR].to_pylist(), good["_place"].to_pylist(), strict=True))
    return Keyed(
        rows=good,
        errors=(*errors, *read.errors, *missing, *doubled),
        places=places,
        cancelled=tuple(anchor for anchor in cancelled if anchor not in places),
    )


def _make_keyed(engine: Engine, plan: SourcePlan, keys: Mapping[str, Expression], rows: pa.Table) -> None:
    """Make keyed(columns, anchor)."""
    parts = [_key_sql(expression, plan) for expression in keys.values()]
    engine.register("keyless", rows)
    engine.run(f"create or replace temp table keyed as select *, {_joined(parts)} as {ANCHOR} from keyless")
    engine.unregister("keyless")


def _key_sql(expression: Expression, plan: SourcePlan) -> str:
    text = f"({attempt(f'({expression.sql})::varchar')}).v"
    folded = text if plan.is_case_sensitive else f"lower({text})"
    return f"case when {folded} <> '' then {folded} end"


def _joined(parts: Sequence[str]) -> str:
    return " || '|' || ".join(parts)


def _missing(engine: Engine, plan: SourcePlan, keys: Mapping[str, Expression]) -> list[RowError]:
    used = sorted({name for expression in keys.values() for name in expression.uses})
    shown = ", ".join([f"{quote(name)} is null" for name in used] or ["false"])
    found = []
    for place, *empty in engine.rows(
        f"select _place, {shown} from numbered where {ANCHOR} is null order by _order limit {_MOST_REPORTED}"
    ):
        blank = [name for name, is_empty in zip(used, empty, strict=False) if is_empty]
        why = f"{' and '.join(blank)} {'is' if len(blank) == 1 else 'are'} empty" if blank else "it fails"
        found.append(
            RowError(
                code="NO_KEY",
                message=f"{_names(plan)} cannot be computed: {why}",
                at=str(place),
                object_type=plan.object_type,
                attribute=plan.keys[0][0],
                remedy="fill the cells in, or leave the row out by the source query",
            )
        )
    return found


def _names(plan: SourcePlan) -> str:
    return " and ".join(name for name, _ in plan.keys)
