"""Synchronisation rules of both directions as one sequence."""

from accord.model.rules import InboundRule, OutboundRule, RuleSet

Rule = InboundRule | OutboundRule


def every_rule(rules: RuleSet) -> tuple[Rule, ...]:
    """Return the inbound rules, then the outbound ones."""
    both: list[Rule] = [*rules.inbound, *rules.outbound]
    return tuple(both)
