"""Policies and managers as tables."""

from collections.abc import Iterator, Sequence

from rich.console import RenderableType
from rich.text import Text

from accord.cli.tables.parts import cell, heading, number, table
from accord.operations.governance import Declared, Finding
from accord.operations.governance_reports import CheckedPolicies, KeptPolicies, ResolvedManagers
from accord.operations.violations import Prevented

_SHOWN = 50
_SETTLED = ("resolved", "root")


def policies_page(found: CheckedPolicies) -> Iterator[RenderableType]:
    """Yield violations, what is wrong with policies, and what would mend it."""
    yield heading(
        f"{len(found.violations):,} violations", f"{found.policies:,} policies, {found.owners:,} owners",
        f"{found.coverage:.0%} of entitlements under a policy",
    )  # fmt: skip
    made = table("policy", "severity", "who", "state", "holds", wraps=("holds",))
    for violation in found.violations[:_SHOWN]:
        held = [f"{e.term} ({', '.join(e.paths)})" if e.paths else e.term for e in violation.evidence]
        held += [f"lacks {term}" for term in violation.lacking]
        made.add_row(
            cell(violation.policy), cell(violation.severity), cell(violation.owner), cell(violation.state),
            cell("\n".join(held)),
        )  # fmt: skip
    if found.violations:
        yield made
    if len(found.violations) > _SHOWN:
        yield Text(f"and {len(found.violations) - _SHOWN:,} more; --json gives all", style="dim")
    for finding in found.findings:
        yield Text(finding, style="yellow")
    if found.remedies:
        spared = sum(len(remedy.revoke) for remedy in found.remedies)
        yield Text(f"{spared:,} revocations from {len(found.remedies):,} owners would clear them")


def managers_page(found: ResolvedManagers) -> Iterator[RenderableType]:
    """Yield how many are in which state, and those that need a person."""
    yield heading(f"{found.owners:,} owners", ", ".join(f"{n:,} {state}" for state, n in sorted(found.states.items())))
    wanting = [m for m in found.managers if m.status not in _SETTLED or m.is_kept]
    made = table("who", "state", "says", "source", "candidates", "span", numbers=("span",), wraps=("says",))
    for view in wanting[:_SHOWN]:
        made.add_row(
            cell(view.owner), cell(view.status), cell(view.raw), cell(view.source),
            cell(", ".join(map(str, view.candidates))), number(view.span),
        )  # fmt: skip
    if wanting:
        yield made
    names = {view.owner_id: view.owner for view in found.managers}
    for cycle in found.cycles:
        circle = " -> ".join(names.get(member, str(member)) for member in cycle.members)
        yield Text(f"circle: {circle}; sever whom {names.get(cycle.sever, cycle.sever)} reports to", style="yellow")


def kept_page(kept: KeptPolicies) -> Iterator[RenderableType]:
    """Yield which policies are kept now."""
    yield heading(f"{len(kept.policies):,} policies kept", "accord policies check judges them")
    made = table("policy", "name", "kind", "severity", wraps=("name",))
    for policy in kept.policies:
        made.add_row(cell(policy.id), cell(policy.name), cell(policy.kind), cell(policy.severity))
    yield made


def asked_page(found: Sequence[Prevented]) -> Iterator[RenderableType]:
    """Yield what a change would violate."""
    if not found:
        yield Text("no policy would be violated", style="green")
        return
    made = table("policy", "severity", "by", wraps=("by",))
    for prevented in found:
        made.add_row(cell(prevented.policy), cell(prevented.severity), cell(", ".join(prevented.evidence)))
    yield made


def violations_page(found: Sequence[Finding]) -> Iterator[RenderableType]:
    """Yield violations with their ids."""
    yield heading(f"{len(found):,} violations")
    made = table("violation", "policy", "who", "state", "first seen")
    for violation in found[:_SHOWN]:
        made.add_row(
            cell(violation.id), cell(str(violation.doc["policy"])), cell(violation.name), cell(violation.state),
            cell(violation.first_seen[:19]),
        )  # fmt: skip
    yield made


def excepted_page(kept: Declared) -> Iterator[RenderableType]:
    """Yield what was decided about a violation."""
    until = kept.doc.get("validUntil") or "until it is ended"
    yield Text(f"{kept.id} is {kept.doc['status']} ({until}): {kept.doc['reason']}")
