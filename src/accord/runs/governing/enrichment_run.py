"""Enrichment as a run: the declared rules over all owners, with how far each target is covered."""

import json
from collections.abc import Mapping

import pyarrow as pa

from accord.governance.enrichment.enriching import RELATED, SUBJECTS, Enriched, enrich
from accord.governance.enrichment.rules import parse_rules
from accord.model.plan import Count
from accord.runs.context import Context, RunResult, recorded
from accord.runs.governing.population import load_population
from accord.store.activities import ActivityState
from accord.store.governance import FOUND

RULES = "enrichment_rule"


def run_enrichment(context: Context, parameters: Mapping[str, object]) -> RunResult:
    """Compute every derived value anew and keep the difference; what a rule gave goes with the rule."""
    with recorded(context, "enrichment", profile="enrichment") as run:
        rules = parse_rules([declared.doc for declared in context.store.declarations.list(RULES)])
        run.phase("1 of 3: Reading owners")
        with context.engine() as engine:
            load_population(context, engine)
            subjects = engine.frame("select owner_id, doc from owner").cast(SUBJECTS)
            engine.register("_manager", context.store.findings.read("manager"))
            related = engine.frame(_RELATED).cast(RELATED)
        run.phase("2 of 3: Enriching", subjects.num_rows)
        with context.engine() as engine:
            found = enrich(engine, subjects, related, rules, now=context.clock())
            engine.register("_values", found.values)
            rows = engine.frame("""select lpad(owner_id::varchar, 12, '0') || ':' || target as id, owner_id,
                target as name, 'filled' as state,
                json_object('value', value, 'rule', rule, 'confidence', confidence)::varchar as doc
                from _values""")
        run.advance(subjects.num_rows)
        run.phase("3 of 3: Keeping the result", rows.num_rows)
        counts: tuple[Count, ...] = ()
        if parameters.get("preview") is not True:
            now, findings = context.clock(), context.store.findings
            counts = findings.replace("enriched", rows, activity=run.id, now=now)
            findings.replace("coverage", _coverage(found), activity=run.id, now=now)
        run.advance(rows.num_rows)
        message = f"{rows.num_rows} values by {len(rules)} rules"
        return RunResult(activity=run.finish(ActivityState.DONE, message=message, counts=counts), counts=counts)


def _coverage(found: Enriched) -> pa.Table:
    return pa.Table.from_pylist(
        [
            {
                "id": c.target, "owner_id": 0, "name": c.target, "state": "known",
                "doc": json.dumps({"filled": c.filled, "owners": c.owners, "conflicts": c.conflicts,
                                   "byRule": dict(c.by_rule)}, sort_keys=True),
            }
            for c in found.coverage
        ],
        schema=FOUND,
    )  # fmt: skip


_RELATED = """with reporting as (
    select owner_id, cast(json_extract(doc, '$.managerId') as bigint) as manager_id from _manager
    where json_extract_string(doc, '$.managerId') is not null)
select 'accounts' as relation, owner_id, id as other_id, doc from account where owner_id is not null and doc is not null
union all select distinct 'groups', h.owner, g.id, g.doc from holding h join grp g on g.id = h.grp
    where h.owner > 0 and g.doc is not null
union all select 'manager', r.owner_id, m.owner_id, m.doc from reporting r join owner m on m.owner_id = r.manager_id
union all select 'reports', m.owner_id, o.owner_id, o.doc from reporting r
    join owner m on m.owner_id = r.manager_id join owner o on o.owner_id = r.owner_id"""
