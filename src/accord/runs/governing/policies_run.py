"""Policy analysis as a run: violations with their evidence, policies and roles without sense, what would mend it."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256

import pyarrow as pa

from accord.engine.frames import Engine
from accord.governance.policies.analysing import Finding, analyse, coverage
from accord.governance.policies.evaluating import FACTS, Violation, find_violations, load_facts
from accord.governance.policies.remedying import Remedy, find_remedies
from accord.governance.policies.rules import Policy, parse_policies
from accord.runs.context import Context, RunResult, recorded
from accord.runs.governing.keeping import is_preview, keep, tell
from accord.runs.governing.population import load_population
from accord.runs.governing.terms import load_terms
from accord.store.activities import ActivityState
from accord.store.governance import FOUND

POLICIES = "policy"
EXCEPTIONS = "exception"


@dataclass(frozen=True, slots=True, kw_only=True)
class Judged:
    """What an analysis of policies found."""

    policies: tuple[Policy, ...]
    violations: tuple[Violation, ...]
    paths: Mapping[tuple[int, str], tuple[str, ...]]
    names: Mapping[int, str]
    findings: tuple[Finding, ...]
    remedies: tuple[Remedy, ...]
    coverage: float
    owners: int


def run_policies(context: Context, parameters: Mapping[str, object]) -> RunResult:
    """Judge the declared policies over all owners; keep what is found unless only a preview is asked for."""
    with recorded(context, "policy_analysis", profile="policy_analysis") as run:
        policies = parse_policies([declared.doc for declared in context.store.declarations.list(POLICIES)])
        run.phase("1 of 3: Reading holdings")
        with context.engine() as engine:
            load_population(context, engine)
            run.phase("2 of 3: Judging policies", len(policies))
            judged = judge(context, engine, policies)
            run.advance(len(policies))
        run.phase("3 of 3: Keeping the result", len(judged.violations))
        preview = is_preview(parameters)
        violations = _violations(judged, decided_states(context, context.clock()))
        others = {"policy_finding": _findings(judged), "remedy": _remedies(judged)}
        counts = (
            *keep(context, {"violation": violations}, activity=run.id, preview=preview, closes=True),
            *keep(context, others, activity=run.id, preview=preview),
        )
        run.advance(len(judged.violations))
        told = f"{len(judged.violations)} violations of {len(policies)} policies by {judged.owners} owners"
        message = tell(told, counts, preview=preview)
        return RunResult(activity=run.finish(ActivityState.DONE, message=message, counts=counts), counts=counts)


def decided_states(context: Context, now: datetime) -> dict[str, str]:
    """Return the state that exceptions give violations, by id; one that has expired gives none."""
    decided = {}
    for declared in context.store.declarations.list(EXCEPTIONS):
        until = str(declared.doc.get("validUntil") or "")
        if not until or datetime.fromisoformat(until) > now:
            decided[declared.id] = str(declared.doc.get("status") or "accepted")
    return decided


def judge(context: Context, engine: Engine, policies: Sequence[Policy]) -> Judged:
    """Return everything an analysis of these policies finds, over a population that is loaded."""
    active = tuple(policy for policy in policies if policy.counts_at(context.clock()))
    load_terms(engine, active)
    roles = {
        str(row["name"]): tuple(f"entitlement:{p}" for p in json.loads(row["doc"]).get("permissions", ()))
        for row in context.store.findings.read("role").to_pylist()
    }
    owners = engine.frame("select owner_id from owner union select -id from account where owner_id is null")
    known = {row[0] for row in engine.rows("select distinct term from fact")}
    facts = load_facts(engine, owners, engine.frame("select owner_id, term from fact").cast(FACTS), active)
    violations = tuple(find_violations(active, facts))
    return Judged(
        policies=active,
        violations=violations,
        paths=_paths(engine, violations),
        names=_names(engine, violations),
        findings=analyse(active, roles, known),
        remedies=find_remedies(active, violations),
        coverage=coverage(active, known),
        owners=owners.num_rows,
    )


def _paths(engine: Engine, violations: Sequence[Violation]) -> Mapping[tuple[int, str], tuple[str, ...]]:
    pairs = sorted({(v.owner_id, term) for v in violations for term in v.evidence})
    engine.register("_evidence", pa.table([[o for o, _ in pairs], [t for _, t in pairs]], schema=FACTS))
    rows = engine.rows("""select owner_id, term, list(path order by path) from term_holding
        semi join _evidence using (owner_id, term) group by 1, 2""")
    return {(owner, term): tuple(paths) for owner, term, paths in rows}


def _names(engine: Engine, violations: Sequence[Violation]) -> Mapping[int, str]:
    ids = sorted({v.owner_id for v in violations})
    engine.register("_violator", pa.table({"owner_id": pa.array(ids, pa.int64())}))
    rows = engine.rows("""select owner_id, name from owner semi join _violator using (owner_id)
        union all select -id, system || '/' || name from account where -id in (select owner_id from _violator)""")
    return dict(rows)


def _violations(judged: Judged, decided: Mapping[str, str]) -> pa.Table:
    policies = {policy.id: policy for policy in judged.policies}
    rows = []
    for v in judged.violations:
        policy = policies[v.policy]
        evidence = [{"term": t, "paths": list(judged.paths.get((v.owner_id, t), ()))} for t in v.evidence]
        doc = {"policy": v.policy, "policyName": policy.name, "severity": policy.severity, "kind": policy.kind,
               "evidence": evidence, "lacking": list(v.lacking), "mitigation": policy.mitigation}  # fmt: skip
        rows.append({
            "id": v.id, "owner_id": v.owner_id, "name": judged.names.get(v.owner_id, v.policy),
            "state": decided.get(v.id, "mitigated" if policy.mitigation else "open"),
            "doc": json.dumps(doc, ensure_ascii=False, sort_keys=True),
        })  # fmt: skip
    return pa.Table.from_pylist(rows, schema=FOUND)


def _findings(judged: Judged) -> pa.Table:
    rows = [
        {
            "id": "f-" + sha256("\x1f".join((f.kind, *f.subjects)).encode()).hexdigest()[:16], "owner_id": 0,
            "name": f.message, "state": f.kind, "doc": json.dumps({"subjects": list(f.subjects)}, ensure_ascii=False),
        }
        for f in judged.findings
    ]  # fmt: skip
    rows.append({
        "id": "coverage", "owner_id": 0, "name": "share of entitlements under a policy", "state": "coverage",
        "doc": json.dumps({"share": round(judged.coverage, 4)}),
    })  # fmt: skip
    return pa.Table.from_pylist(rows, schema=FOUND)


def _remedies(judged: Judged) -> pa.Table:
    return pa.Table.from_pylist(
        [
            {
                "id": f"{r.owner_id:012d}", "owner_id": r.owner_id, "name": judged.names.get(r.owner_id, ""),
                "state": "stuck" if r.open else "proposed",
                "doc": json.dumps({"revoke": list(r.revoked), "cost": r.cost, "bound": r.bound,
                                   "gap": r.cost - r.bound, "open": list(r.open)}, ensure_ascii=False),
            }
            for r in judged.remedies
        ],
        schema=FOUND,
    )  # fmt: skip
