"""Policies and managers as tables."""

from collections.abc import Iterator

from rich.console import RenderableType
from rich.text import Text

from accord.cli.tables.parts import cell, heading, number, table
from accord.operations.governance_reports import CheckedPolicies, ResolvedManagers

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
