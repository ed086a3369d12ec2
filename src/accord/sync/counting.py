"""The table of a plan: how many objects of each kind it touches."""

from collections.abc import Iterable

from accord.engine.frames import literal
from accord.model.plan import Count
from accord.model.rules import InboundRule, OutboundRule
from accord.sync.workspace import Workspace

_COUNTS = (
    ("metaverse", "select '' as system, type, operation, count(*) from identity_change group by all"),
    (
        "links",
        (
            "select r.system, r.type, case when l.how like 'joined%' then 'join' else l.how end, sum(n) "
            "from (select rule, how, count(*) as n from link where is_new group by all) l "
            "join (values {rules}) r(rule, system, type) on r.rule = l.rule group by all"
        ),
    ),
    ("export", "select system, type, operation, count(*) from pending_put group by all"),
    (
        "references",
        (
            "select o.system, o.type, e.change, count(*) from pending_edge_put e "
            "join object o on o.id = e.object_id group by all"
        ),
    ),
    (
        "withdrawn",
        (
            "select p.system, p.type, p.operation, count(*) from pending_removed r "
            "join stored_pending p on p.object_id = r.id group by all"
        ),
    ),
    (
        "review",
        (
            "select o.system, o.type, 'wait', count(distinct r.object_id) "
            "from (from review except from stored_review) r join object o on o.id = r.object_id group by all"
        ),
    ),
    ("errors", "select coalesce(system, ''), coalesce(object_type, ''), code, count(*) from problem group by all"),
)


def count_changes(workspace: Workspace) -> tuple[Count, ...]:
    """Return how many objects of each kind the finished plan touches, and how."""
    return tuple(_counts(workspace))


def _counts(workspace: Workspace) -> Iterable[Count]:
    # Whose link is new is told by its rule: what a rule links is of its system and type.
    every: list[InboundRule | OutboundRule] = [i.rule for i in workspace.rules.inbound]
    every += [o.rule for o in workspace.rules.outbound]
    rules = ", ".join(f"({literal(r.name)}, {literal(r.system)}, {literal(r.object_type)})" for r in every)
    for area, query in _COUNTS:
        asked = query.replace("{rules}", rules or "('', '', '')")
        for system, object_type, operation, count in sorted(workspace.engine.rows(asked)):
            yield Count(area=area, system=system, object_type=object_type, operation=operation, count=int(count))
