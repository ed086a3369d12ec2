"""Decisions of a person as a step of a scenario."""

from accord.model.errors import ConfigError
from accord.operations.decisions import join_by_hand, never_match, split_by_hand, withdraw_decision
from accord.runs.context import Context
from accord.testing.scenario_given import Document, refuse_unknown

_WHY = "the scenario says so"


def decide(context: Context, wanted: Document) -> None:
    """Carry out what the step says: one of join, split, never (SYSTEM/OBJECT) or withdraw (a number)."""
    refuse_unknown(wanted, {"join", "split", "never", "with", "withdraw"}, "decide")
    if "withdraw" in wanted:
        withdraw_decision(context, int(wanted["withdraw"]), reason=_WHY)
        return
    kind = next((k for k in ("join", "split", "never") if k in wanted), None)
    if kind is None:
        raise ConfigError("decides nothing", place="decide", remedy="say join, split, never or withdraw")
    system, _, name = str(wanted[kind]).partition("/")
    identity = None if wanted.get("with") is None else str(wanted["with"])
    if kind == "split":
        split_by_hand(context, system, name, reason=_WHY)
    elif kind == "never":
        never_match(context, system, name, identity, reason=_WHY)
    else:
        join_by_hand(context, system, name, identity or "", reason=_WHY)
