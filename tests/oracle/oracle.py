"""The whole synchronisation, top to bottom."""

from accord.model.rules import RuleSet
from oracle.accounts import is_unanswered, settle_accounts
from oracle.decisions import carry_out_decisions
from oracle.exports import settle_exports
from oracle.inbound import find_scopes, join_and_project, keep_links
from oracle.meaning import set_time
from oracle.metaverse import settle_identities
from oracle.run import Run
from oracle.state import Decided, State


def synchronise(state: State, rules: RuleSet, *, now: int) -> Decided:
    """Return how everything shall be; `now` in microseconds of the epoch. The state given does not change."""
    set_time(now)
    run = Run(
        given=state, rules=rules, now=now, objects=dict(state.objects), links={},
        kinds={i: identity.type for i, identity in state.identities.items()},
        next_object=state.next_object, next_identity=state.next_identity,
    )  # fmt: skip
    find_scopes(run)
    keep_links(run)
    carry_out_decisions(run)
    join_and_project(run)
    settle_identities(run)
    accounts = settle_accounts(run)
    decided = Decided(identities=run.identities, identity_edges=run.identity_edges, links=run.links)
    decided.objects = {
        object_id: staged
        for object_id, staged in run.objects.items()
        if not staged.is_planned or object_id in run.links or is_unanswered(run, object_id)
    }
    settle_exports(run, accounts, decided)
    undeclared = {i: m for i, m in state.identities.items() if m.type not in rules.identity_types}
    decided.identities |= undeclared
    decided.identity_edges |= {e for e in state.identity_edges if e.src in undeclared and e.dst in decided.identities}
    decided.reviews = run.reviews
    decided.problems = run.problems
    return decided
