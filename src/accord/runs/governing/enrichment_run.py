"""Enrichment as a run: the declared rules over all owners, or with the same outcome over those changes concern."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import pyarrow as pa

from accord.engine.frames import Engine
from accord.governance.enrichment.enriching import RELATED, SUBJECTS, Enriched, enrich
from accord.governance.enrichment.rules import EnrichmentRule, parse_rules
from accord.model.plan import Count
from accord.runs.context import Context, RunResult, recorded
from accord.runs.governing.enrichment_part import Part, read_changed, terms_of_rules
from accord.runs.governing.enrichment_rows import COVERAGE, ENRICHED, coverage_rows, value_rows
from accord.runs.governing.keeping import is_preview, keep, tell
from accord.runs.governing.population import attribute_names, load_owners, load_population
from accord.store.activities import ActivityState
from accord.store.analyses import Looked

RULES = "enrichment_rule"


@dataclass(frozen=True, slots=True, kw_only=True)
class _Read:
    subjects: pa.Table
    related: pa.Table


def run_enrichment(context: Context, parameters: Mapping[str, object]) -> RunResult:
    """Compute derived values and keep the difference; what a rule gave goes with the rule.

    Of everybody the first time, when rules or configuration are others than last time, when too much changed, when a
    rule asks the time, and when `whole` is asked for; else of those whom changes concern.
    """
    with recorded(context, "enrichment", profile="enrichment") as run:
        declared = [declared.doc for declared in context.store.declarations.list(RULES)]
        rules = parse_rules(declared)
        looked = Looked(position=context.store.baselines.position(), terms=terms_of_rules(context, declared, rules))
        before = context.store.analyses.read(ENRICHED)
        run.phase("1 of 3: Reading owners")
        part = None
        if before is not None and before.terms == looked.terms and parameters.get("whole") is not True:
            part = read_changed(context, before.position, rules)
        read = _read(context, part)
        run.phase("2 of 3: Enriching", read.subjects.num_rows)
        found, rows = _enrich(context, read, rules)
        run.advance(read.subjects.num_rows)
        run.phase("3 of 3: Keeping the result", rows.num_rows)
        preview = is_preview(parameters)
        counts = _keep(context, found, rows, part, activity=run.id, preview=preview)
        if not preview:
            # What time alone may change is computed anew every time.
            terms = "" if found.is_time_dependent else looked.terms
            context.store.analyses.save(ENRICHED, Looked(position=looked.position, terms=terms))
        run.advance(rows.num_rows)
        who = "" if part is None else f" of {read.subjects.num_rows} owners whom changes concern"
        message = tell(f"{rows.num_rows} values{who} by {len(rules)} rules", counts, preview=preview)
        return RunResult(activity=run.finish(ActivityState.DONE, message=message, counts=counts), counts=counts)


def _read(context: Context, part: Part | None) -> _Read:
    with context.engine() as engine:
        if part is None:
            load_population(context, engine)
        else:
            load_owners(context, engine, part.population)
        engine.register("_manager", context.store.findings.read("manager") if part is None else part.managers)
        related = engine.frame(_RELATED).cast(RELATED)
        subjects = engine.frame("select owner_id, doc from owner").cast(SUBJECTS)
        return _Read(subjects=subjects if part is None else part.only(subjects), related=related)


def _enrich(context: Context, read: _Read, rules: Sequence[EnrichmentRule]) -> tuple[Enriched, pa.Table]:
    with context.engine() as engine:
        found = enrich(
            engine, read.subjects, read.related, rules, now=context.clock(), declared=attribute_names(context)
        )
        return found, value_rows(engine, found.values)


def _keep(  # noqa: PLR0913 - what was found, of whom, and by whom
    context: Context, found: Enriched, rows: pa.Table, part: Part | None, *, activity: int, preview: bool
) -> tuple[Count, ...]:
    store, now = context.store, context.clock()
    if part is None:
        counts = keep(context, {ENRICHED: rows}, activity=activity, preview=preview)
        if not preview:
            store.findings.replace(COVERAGE, coverage_rows(found.coverage), activity=activity, now=now)
        return counts
    before = store.findings.of_owners(ENRICHED, sorted(part.affected))
    with Engine(has_attempts=False) as engine:
        engine.register("before", before)
        engine.register("found", rows)
        gone = engine.frame("select id from before anti join found using (id)")
    if preview:
        return store.findings.preview_patch(ENRICHED, rows, gone)
    coverage = part.coverage(before, rows)
    counts = store.findings.patch(ENRICHED, rows, gone, activity=activity, now=now)
    store.findings.replace(COVERAGE, coverage_rows(coverage), activity=activity, now=now)
    return counts


_RELATED = """with reporting as (
    select owner_id, cast(json_extract(doc, '$.managerId') as bigint) as manager_id from _manager
    where json_extract_string(doc, '$.managerId') is not null)
select 'accounts' as relation, owner_id, id as other_id, doc from account where owner_id is not null and doc is not null
union all select distinct 'groups', h.owner, g.id, g.doc from holding h join grp g on g.id = h.grp
    where h.owner > 0 and g.doc is not null
union all select 'manager', r.owner_id, m.owner_id, m.doc from reporting r join owner m on m.owner_id = r.manager_id
union all select 'reports', m.owner_id, o.owner_id, o.doc from reporting r
    join owner m on m.owner_id = r.manager_id join owner o on o.owner_id = r.owner_id"""
