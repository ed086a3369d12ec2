"""Resolved managers as they are kept, and what was kept as an input again."""

import json

import pyarrow as pa

from accord.engine.frames import Engine
from accord.governance.managers.resolving import CANDIDATES, KNOWN, SETTLED, Resolution, Settled
from accord.runs.context import Context
from accord.store.governance import FOUND

MANAGER, CYCLE = "manager", "manager_cycle"


def manager_rows(engine: Engine, found: Resolution, owners: pa.Table) -> pa.Table:
    """Return the finding of each owner; `owners` are all, with their names."""
    engine.register("_result", found.frame)
    engine.register("_candidate", found.candidates)
    engine.register("_named", owners)
    return engine.frame("""select lpad(r.owner_id::varchar, 12, '0') as id, r.owner_id, o.name, r.status as state,
        json_object('managerId', r.manager_id, 'managerName', m.name, 'method', r.method, 'source', r.source,
            'raw', r.raw, 'confidence', r.confidence, 'since', r.since, 'isKept', r.is_kept, 'level', r.level,
            'span', r.span, 'approverId', r.approver_id, 'isHuman', o.is_human, 'isActive', o.is_active,
            'found', r.found, 'candidates', coalesce(c.ids, []))::varchar as doc
        from _result r join _named o using (owner_id) left join _named m on m.owner_id = r.manager_id
        left join (select owner_id, list(candidate_id order by candidate_id) as ids from _candidate group by 1) c
            on c.owner_id = r.owner_id""").cast(FOUND)


def cycle_rows(found: Resolution) -> pa.Table:
    """Return the finding of each cycle."""
    rows = [
        {
            "id": f"{min(c.members):012d}", "owner_id": c.sever, "name": f"{len(c.members)} in a circle",
            "state": "open", "doc": json.dumps({"members": list(c.members), "sever": c.sever}),
        }
        for c in found.cycles
    ]  # fmt: skip
    return pa.Table.from_pylist(rows, schema=FOUND)


def known_managers(context: Context, engine: Engine) -> pa.Table:
    """Return who was known to report to whom; makes the relation `kept_manager` of all that was kept."""
    engine.load("kept_manager", context.store.findings.read(MANAGER))
    return engine.frame("""select owner_id, cast(json_extract(doc, '$.managerId') as bigint) as manager_id,
        cast(json_extract(doc, '$.since') as bigint) as since, json_extract_string(doc, '$.method') as method,
        cast(json_extract(doc, '$.confidence') as double) as confidence
        from kept_manager where json_extract_string(doc, '$.managerId') is not null""").cast(KNOWN)


def settled_managers(engine: Engine, affected: pa.Table) -> Settled:
    """Return what was kept of all others than these owners (`owner_id`), as a resolution takes it."""
    engine.register("_affected", affected)
    frame = engine.frame("""select owner_id, name, cast(json_extract(doc, '$.isActive') as boolean) as is_active,
        cast(json_extract(doc, '$.isHuman') as boolean) as is_human,
        case when state = 'self' then owner_id else cast(json_extract(doc, '$.managerId') as bigint) end as manager_id,
        cast(json_extract(doc, '$.found') as bigint) as found, json_extract_string(doc, '$.raw') is not null as is_said,
        cast(json_extract(doc, '$.isKept') as boolean) as is_kept, json_extract_string(doc, '$.method') as method,
        json_extract_string(doc, '$.source') as source, json_extract_string(doc, '$.raw') as raw,
        cast(json_extract(doc, '$.confidence') as double) as confidence,
        coalesce(cast(json_extract(doc, '$.since') as bigint), 0) as since
        from kept_manager anti join _affected using (owner_id)""")
    candidates = engine.frame("""select owner_id, unnest(cast(json_extract(doc, '$.candidates') as bigint[])) as
        candidate_id from kept_manager anti join _affected using (owner_id)""")
    return Settled(frame=frame.cast(SETTLED), candidates=candidates.cast(CANDIDATES))
