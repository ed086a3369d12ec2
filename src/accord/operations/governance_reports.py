"""The analyses as one answer each, for whoever asks at the command line."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from accord.governance.policies.evaluating import Violation
from accord.governance.policies.rules import Policy, parse_policies, policy_docs
from accord.model.errors import ConfigError, NotFound
from accord.model.plan import Count
from accord.operations.governance import keep_policy
from accord.runs.context import Context
from accord.runs.governing.managers_run import run_managers
from accord.runs.governing.policies_run import Judged, decided_states, judge, run_policies
from accord.runs.governing.population import load_population

_MOST = 1_000_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """A term that is held, and the accounts and groups it is held by."""

    term: str
    paths: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ViolationView:
    """One owner who violates a policy. `lacking` are the terms that a requirement misses."""

    id: str
    policy: str
    severity: str
    owner_id: int
    owner: str
    state: str
    evidence: tuple[Evidence, ...]
    lacking: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class RemedyView:
    """The least to revoke from one owner; nothing that costs less than `bound` clears all."""

    owner_id: int
    revoke: tuple[str, ...]
    cost: float
    bound: float


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckedPolicies:
    """What checking policies found; `findings` are policies and roles without sense."""

    policies: int
    owners: int
    violations: tuple[ViolationView, ...]
    findings: tuple[str, ...]
    remedies: tuple[RemedyView, ...]
    coverage: float


@dataclass(frozen=True, slots=True, kw_only=True)
class ManagerView:
    """How it stands with an owner's manager: by which matcher, from which source and value, how sure."""

    owner_id: int
    owner: str
    status: str
    manager_id: int | None
    manager: str | None
    method: str | None
    source: str | None
    raw: str | None
    confidence: float | None
    is_kept: bool
    level: int
    span: int
    approver_id: int | None
    candidates: tuple[int, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class CycleView:
    """Owners who report to each other in a circle, and whose tie to sever."""

    members: tuple[int, ...]
    sever: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ResolvedManagers:
    """What resolving managers found; `changed` counts what was written."""

    owners: int
    states: Mapping[str, int]
    changed: tuple[Count, ...]
    managers: tuple[ManagerView, ...]
    cycles: tuple[CycleView, ...]


def check_policies(context: Context, file: Path | None) -> CheckedPolicies:
    """Judge the kept policies and keep what is found; or those of a file, and keep nothing. Raises ConfigError."""
    if file is None:
        run_policies(context, {})
        kept = [declared.doc for declared in context.store.declarations.list("policy")]
        states = decided_states(context, context.clock())
        policies = parse_policies(kept)
    else:
        policies, states = parse_policies(_yaml(file), place=file.name), {}
    with context.engine() as engine:
        load_population(context, engine)
        judged = judge(context, engine, policies)
    declared = {policy.id: policy for policy in policies}
    violations = tuple(_violation(v, declared[v.policy], judged, states) for v in judged.violations)
    return CheckedPolicies(
        policies=len(policies),
        owners=judged.owners,
        violations=violations,
        findings=tuple(finding.message for finding in judged.findings),
        remedies=tuple(
            RemedyView(owner_id=r.owner_id, revoke=r.revoked, cost=r.cost, bound=r.bound) for r in judged.remedies
        ),
        coverage=round(judged.coverage, 4),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class KeptPolicy:
    """A policy that is kept."""

    id: str
    name: str
    kind: str
    severity: str


@dataclass(frozen=True, slots=True, kw_only=True)
class KeptPolicies:
    """The policies of a file that are kept now."""

    policies: tuple[KeptPolicy, ...]


def keep_policies(context: Context, file: Path) -> KeptPolicies:
    """Keep the policies of a file, all or none; raise ConfigError, NotFound."""
    content = _yaml(file)
    policies = parse_policies(content, place=file.name)
    for doc in policy_docs(content, place=file.name):
        keep_policy(context, _plain(doc))
    return KeptPolicies(
        policies=tuple(KeptPolicy(id=p.id, name=p.name, kind=str(p.kind), severity=str(p.severity)) for p in policies)
    )


def resolve_managers(context: Context, matchers: Sequence[str] | None = None) -> ResolvedManagers:
    """Resolve all managers and keep the result; raise UsageError for a matcher there is none of."""
    parameters: dict[str, object] = {"matchers": list(matchers)} if matchers else {}
    result = run_managers(context, parameters)
    findings = context.store.findings
    found = findings.list("manager", limit=_MOST)
    return ResolvedManagers(
        owners=len(found),
        states=findings.count("manager"),
        changed=result.counts,
        managers=tuple(_manager(f.owner_id, f.name, f.state, f.doc) for f in found),
        cycles=tuple(_cycle(f.doc) for f in findings.list("manager_cycle", limit=_MOST)),
    )


def _violation(v: Violation, policy: Policy, judged: Judged, states: Mapping[str, str]) -> ViolationView:
    return ViolationView(
        id=v.id,
        policy=v.policy,
        severity=str(policy.severity),
        owner_id=v.owner_id,
        owner=judged.names.get(v.owner_id, ""),
        state=states.get(v.id, "mitigated" if policy.mitigation else "open"),
        lacking=v.lacking,
        evidence=tuple(Evidence(term=t, paths=judged.paths.get((v.owner_id, t), ())) for t in v.evidence),
    )


def _manager(owner_id: int, name: str, state: str, doc: Mapping[str, Any]) -> ManagerView:
    return ManagerView(
        owner_id=owner_id,
        owner=name,
        status=state,
        manager_id=doc["managerId"],
        manager=doc["managerName"],
        method=doc["method"],
        source=doc["source"],
        raw=doc["raw"],
        confidence=doc["confidence"],
        is_kept=bool(doc["isKept"]),
        level=int(doc["level"]),
        span=int(doc["span"]),
        approver_id=doc["approverId"],
        candidates=tuple(doc["candidates"]),
    )


def _cycle(doc: Mapping[str, Any]) -> CycleView:
    return CycleView(members=tuple(doc["members"]), sever=int(doc["sever"]))


def _plain(value: Any) -> Any:
    """Return a value of YAML as JSON has it: moments as text."""
    if isinstance(value, Mapping):
        return {str(key): _plain(inner) for key, inner in value.items()}
    if isinstance(value, list):
        return [_plain(inner) for inner in value]
    return value.isoformat() if isinstance(value, date) else value


def _yaml(file: Path) -> object:
    from ruamel.yaml import YAML  # noqa: PLC0415 - only where a file is read
    from ruamel.yaml.error import YAMLError  # noqa: PLC0415

    try:
        return YAML(typ="safe", pure=True).load(file.read_text(encoding="utf-8"))
    except FileNotFoundError as error:
        raise NotFound(f"there is no file {file}", remedy="name a file of policies") from error
    except (OSError, UnicodeDecodeError, YAMLError) as error:
        raise ConfigError(f"it cannot be read: {error}", place=str(file), remedy="correct the file") from error
