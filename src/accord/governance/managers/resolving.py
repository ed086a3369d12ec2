"""Resolves what systems say of managers to owners: by each matcher in its order, ambiguous ones to their candidates.

Set-based: one join for each matcher, over what those before left open.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from accord.engine.frames import Engine
from accord.governance.managers.hierarchy import NOBODY, Hierarchy, Numbers, find_hierarchy
from accord.governance.managers.matchers import CONFIDENCE, DEFAULT_ORDER, Matcher
from accord.governance.managers.normalising import normalise

OWNERS = pa.schema(
    [("owner_id", pa.int64()), ("name", pa.string()), ("is_active", pa.bool_()), ("is_human", pa.bool_())]
)
KEYS = pa.schema([("owner_id", pa.int64()), ("matcher", pa.string()), ("value", pa.string())])
CLAIMS = pa.schema([("owner_id", pa.int64()), ("rank", pa.int32()), ("source", pa.string()), ("raw", pa.string())])
KNOWN = pa.schema([("owner_id", pa.int64()), ("manager_id", pa.int64()), ("since", pa.int64()), ("method", pa.string()),
                   ("confidence", pa.float64())])  # fmt: skip

SETTLED = pa.schema(
    [("owner_id", pa.int64()), ("name", pa.string()), ("is_active", pa.bool_()), ("is_human", pa.bool_()),
     ("manager_id", pa.int64()), ("found", pa.int64()), ("is_said", pa.bool_()), ("is_kept", pa.bool_()),
     ("method", pa.string()), ("source", pa.string()), ("raw", pa.string()), ("confidence", pa.float64()),
     ("since", pa.int64())]
)  # fmt: skip
CANDIDATES = pa.schema([("owner_id", pa.int64()), ("candidate_id", pa.int64())])


class Status(StrEnum):
    """How it stands with somebody's manager."""

    RESOLVED = "resolved"
    ROOT = "root"
    SELF = "self"
    ORPHAN = "orphan"
    UNRESOLVED = "unresolved"
    AMBIGUOUS = "ambiguous"
    CYCLIC = "cyclic"
    INACTIVE_MANAGER = "inactive_manager"


@dataclass(frozen=True, slots=True, kw_only=True)
class Cycle:
    """Owners who report to each other in a circle, in its order, and whose tie to sever."""

    members: tuple[int, ...]
    sever: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Resolution:
    """`frame` has a row for each owner; candidates are in `candidates` (owner_id, candidate_id).

    Columns: owner_id, manager_id, status, method, source, raw, confidence, since, is_kept, level, span, approver_id,
    found (1 is a manager, more is several).
    """

    frame: pa.Table
    candidates: pa.Table
    cycles: tuple[Cycle, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Settled:
    """Owners who need no new look: as a resolution before left them, and their candidates."""

    frame: pa.Table
    candidates: pa.Table


@dataclass(frozen=True, slots=True, kw_only=True)
class Inputs:
    """Who there is, what they can be found by, what systems say of their managers, and what was known before.

    `settled` are owners, not among `owners`, who stay as they are; everybody can be a manager.
    """

    owners: pa.Table
    keys: pa.Table
    claims: pa.Table
    known: pa.Table
    settled: Settled | None = None


def resolve(
    engine: Engine, inputs: Inputs, *, now: int, order: Sequence[Matcher] = DEFAULT_ORDER, keeps_last_good: bool = True
) -> Resolution:
    """Resolve every claim; `now` (microseconds) is since when a manager is held that was not known before.

    Of several claims of one owner the first by rank that finds anybody counts. What was known stays where nothing is
    found now, marked as kept.
    """
    engine.register("owner", inputs.owners)
    engine.register("known", inputs.known)
    engine.load("claim", inputs.claims)
    engine.run("create table hit(owner_id bigint, rank integer, source varchar, raw varchar, method varchar, "
               "confidence double, manager_id bigint)")  # fmt: skip
    for matcher in order:
        _match(engine, inputs, matcher)
    _split_lists(engine, inputs, order)
    unchanged = inputs.settled or Settled(frame=SETTLED.empty_table(), candidates=CANDIDATES.empty_table())
    engine.register("_unchanged", unchanged.frame)
    engine.register("_unchanged_candidate", unchanged.candidates)
    _settle(engine, now=now, keeps_last_good=keeps_last_good)
    return _finish(engine)


def _match(engine: Engine, inputs: Inputs, matcher: Matcher, table: str = "claim") -> None:
    """Find the owners that open claims name by this matcher."""
    claims = engine.frame(f"select * from {table} anti join hit using (owner_id, rank)")
    kind = Matcher.EMPLOYEE if matcher is Matcher.EMPLOYEE_LOOSE else matcher
    keys = inputs.keys.filter(pc.equal(inputs.keys["matcher"], kind.value))
    if not claims.num_rows or not keys.num_rows:
        return
    engine.register("_asked", claims.append_column("key", normalise(claims["raw"], matcher)))
    engine.register("_offered", pa.table({"owner_id": keys["owner_id"], "key": normalise(keys["value"], matcher)}))
    engine.run(
        """insert into hit
        select distinct a.owner_id, a.rank, a.source, a.raw, ?, ?, o.owner_id
        from _asked a join _offered o on o.key = a.key""",
        [matcher.value, CONFIDENCE[matcher]],
    )
    engine.unregister("_asked")
    engine.unregister("_offered")


def _split_lists(engine: Engine, inputs: Inputs, order: Sequence[Matcher]) -> None:
    """Look into values that name several: each part by itself, so that more than one is ambiguous, not nobody."""
    engine.run("""create table part as
        select owner_id, rank, source, trim(unnest(string_split_regex(raw, '[;,|]'))) as raw
        from claim anti join hit using (owner_id, rank)
        where regexp_matches(raw, '[;,|]') and not regexp_matches(raw, '^\\s*[\\w.-]+\\s*=')""")
    for matcher in order:
        if matcher not in (Matcher.DN, Matcher.DISPLAY_NAME):
            _match(engine, inputs, matcher, "part")


def _settle(engine: Engine, *, now: int, keeps_last_good: bool) -> None:
    """Choose each owner's claim, and keep what was known where there is none that finds anybody."""
    there = "k.manager_id in (select owner_id from owner) or k.manager_id in (select owner_id from _unchanged)"
    kept = f"k.manager_id is not null and ({there})" if keeps_last_good else "false"
    engine.run(
        f"""create table settled as
        with first as (select owner_id, min(rank) as rank from hit group by 1),
            one as (select owner_id, min(manager_id) as manager_id, min(method) as method, min(source) as source,
                min(raw) as raw, min(confidence) as confidence,
                case when min(manager_id) = max(manager_id) then 1 else 2 end as found
                from hit join first using (owner_id, rank) group by 1),
            said as (select owner_id, arg_min(source, rank) as source, arg_min(raw, rank) as raw from claim
                where raw is not null group by owner_id)
        select o.owner_id, o.name, o.is_active, o.is_human,
            case when one.found = 1 then one.manager_id when {kept} then k.manager_id end as manager_id,
            coalesce(one.found, 0) as found, said.raw is not null as is_said,
            coalesce(one.found, 0) <> 1 and {kept} as is_kept,
            case when one.found = 1 then one.method when {kept} then k.method else one.method end as method,
            coalesce(one.source, said.source) as source, coalesce(one.raw, said.raw) as raw,
            case when one.found = 1 then one.confidence when {kept} then k.confidence end as confidence,
            case when one.found = 1 and one.manager_id is distinct from k.manager_id then $1
                 else coalesce(k.since, $1) end as since
        from owner o left join one using (owner_id) left join said using (owner_id) left join known k using (owner_id)
        union all by name select * from _unchanged""",
        [now],
    )


def _finish(engine: Engine) -> Resolution:
    settled = engine.frame("select * from settled order by owner_id")
    ids = settled["owner_id"].to_numpy()
    manager = _positions(ids, settled["manager_id"])
    own = np.arange(len(ids))
    is_self = manager == own
    manager = np.where(is_self, NOBODY, manager)
    is_active = settled["is_active"].to_numpy(zero_copy_only=False).astype(bool)
    shape = find_hierarchy(
        manager,
        confidence=np.nan_to_num(settled["confidence"].fill_null(0.0).to_numpy()),
        since=settled["since"].to_numpy(),
        # Who acts for somebody is a person.
        is_active=is_active & settled["is_human"].to_numpy(zero_copy_only=False).astype(bool),
    )
    engine.register("_shape", _shape_table(ids, manager, is_self, is_active, shape))
    frame = engine.frame(_RESULT)
    candidates = engine.frame("""select distinct h.owner_id, h.manager_id as candidate_id from hit h
        join _shape using (owner_id) join settled s using (owner_id)
        where s.found > 1 qualify h.rank = min(h.rank) over (partition by h.owner_id)
        union select owner_id, candidate_id from _unchanged_candidate order by all""")
    return Resolution(frame=frame, candidates=candidates, cycles=_cycles(ids, manager, shape))


_RESULT = """select s.owner_id, case when h.manager >= 0 then h.manager_id end as manager_id,
    case when h.in_cycle then 'cyclic' when h.is_self then 'self'
         when h.manager >= 0 and not h.manager_is_active then 'inactive_manager'
         when h.manager >= 0 then 'resolved'
         when s.found > 1 then 'ambiguous' when s.is_said then 'unresolved'
         when h.span > 0 then 'root' else 'orphan' end as status,
    s.method, s.source, s.raw, s.confidence, case when h.manager >= 0 then s.since end as since, s.is_kept,
    h.level, h.span, h.approver_id, s.found
    from settled s join _shape h using (owner_id) order by s.owner_id"""


def _shape_table(
    ids: Numbers, manager: Numbers, is_self: np.ndarray, is_active: np.ndarray, shape: Hierarchy
) -> pa.Table:
    there = np.append(is_active, True)
    ids_or_none = np.append(ids, 0)
    columns: Mapping[str, np.ndarray] = {
        "owner_id": ids,
        "manager": manager,
        "manager_id": ids_or_none[manager],
        "manager_is_active": there[manager],
        "is_self": is_self,
        "in_cycle": shape.cycle != NOBODY,
        "level": shape.level,
        "span": shape.span,
    }
    approver = pa.array(ids_or_none[shape.approver], mask=shape.approver == NOBODY)
    return pa.table({**columns, "approver_id": approver})


def _positions(ids: Numbers, wanted: pa.ChunkedArray) -> Numbers:
    """Return at which position of the sorted ids each wanted id is, NOBODY for none."""
    asked = wanted.fill_null(np.iinfo(np.int64).min).to_numpy()
    at = np.minimum(np.searchsorted(ids, asked), max(0, len(ids) - 1))
    return np.where(ids[at] == asked, at, NOBODY) if len(ids) else np.empty(0, dtype=np.int64)


def _cycles(ids: Numbers, manager: Numbers, shape: Hierarchy) -> tuple[Cycle, ...]:
    found = []
    for start, sever in shape.breaks.items():
        members, at = [start], int(manager[start])
        while at != start:
            members.append(at)
            at = int(manager[at])
        found.append(Cycle(members=tuple(int(ids[m]) for m in members), sever=int(ids[sever])))
    return tuple(found)
