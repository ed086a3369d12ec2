"""Which accounts that are there belong to identities that want one: by equal keys, or by likeness of those they pick.

What cannot be told is never guessed: it is a problem, or waits for a person, and no account is made meanwhile.
"""

from accord.engine.expressions import attempt
from accord.engine.frames import literal
from accord.model.rules import OutboundRule
from accord.sync.compiling import CompiledJoin, CompiledKey, CompiledOutbound
from accord.sync.likeness import MOST_CANDIDATES, score_pairs
from accord.sync.problems import record
from accord.sync.relations import merged_relation, value_column
from accord.sync.workspace import Workspace, object_relation


def recognise(workspace: Workspace, outbound: CompiledOutbound, join_rule: CompiledJoin, *, how: str) -> None:
    """Link the identities of `wanted` to accounts that match nobody else, and put them into `kept`.

    Whoever is recognised, or cannot be decided about, is wanted no longer; for the latter no account is made.
    """
    engine, rule = workspace.engine, outbound.rule
    if not engine.value("select count(*) from wanted"):
        return
    _attempt(workspace, rule, join_rule)
    if not engine.value("select exists (from attempted)"):
        return
    _make_values(workspace, rule, join_rule)
    engine.run("create or replace temp table undecided(identity_id bigint)")
    if join_rule.rule.fuzzy is not None:
        _leave_out_crowded(workspace, rule, join_rule)
    _match(workspace, join_rule)
    if join_rule.rule.fuzzy is None:
        _judge_equal(workspace, rule)
    else:
        _judge_alike(workspace, rule, join_rule)
    engine.run(
        f"insert into link select object_id, identity_id, {literal(rule.name)}, {literal(how)}, true from recognised"
    )
    engine.run("insert into kept select identity_id, object_id from recognised")
    # What cannot be decided here must not become a second account by another rule.
    engine.run(
        f"insert into kept_elsewhere select distinct identity_id, {literal(rule.system)}, {literal(rule.object_type)}, "
        f"{literal(rule.slot)}, null::bigint from undecided"
    )
    engine.run(
        "delete from wanted where id in (select identity_id from recognised union select identity_id from undecided)"
    )


def _judge_equal(workspace: Workspace, rule: OutboundRule) -> None:
    engine = workspace.engine
    engine.run(
        "create or replace temp table verdict as select object_id, identity_id, "
        "count(*) over (partition by identity_id) = 1 and count(*) over (partition by object_id) = 1 as is_alone "
        "from matched"
    )
    record(
        workspace,
        "JOIN_AMBIGUOUS",
        "select object_id, identity_id, 'accounts ' || object_id::varchar as evidence from verdict where not is_alone",
        rule=rule.name,
    )
    engine.run("create or replace temp table recognised as select object_id, identity_id from verdict where is_alone")
    engine.run("insert into undecided select distinct identity_id from verdict where not is_alone")


def _judge_alike(workspace: Workspace, rule: OutboundRule, join_rule: CompiledJoin) -> None:
    """Recognise who has one candidate alone, sure, that is nobody else's; all others with candidates are in review."""
    engine, fuzzy = workspace.engine, join_rule.rule.fuzzy
    known = [_of_identities(rule, c) for c in join_rule.comparisons]
    score_pairs(workspace, join_rule, known)
    sure = "false" if fuzzy is None or fuzzy.join is None else f"score >= {fuzzy.join}"
    engine.run(
        f"create or replace temp table recognised as select object_id, identity_id from (select *, {sure} "
        "and count(*) over (partition by identity_id) = 1 and count(*) over (partition by object_id) = 1 as is_sure "
        "from scored) where is_sure"
    )
    engine.run(
        f"insert into review select object_id, identity_id, {literal(rule.name)}, score, evidence from scored "
        "anti join recognised using (object_id)"
    )
    engine.run("insert into undecided select distinct identity_id from scored anti join recognised using (object_id)")


def _attempt(workspace: Workspace, rule: OutboundRule, join_rule: CompiledJoin) -> None:
    """Make attempted(object_id, k0, ..., c0, ...) of free accounts: keys and comparisons, none of which failed.

    An account for which one fails matches nobody. One in review is left alone.
    """
    engine = workspace.engine
    names = {f"k{i}": k for i, k in enumerate(join_rule.keys)}
    names |= {f"c{i}": c for i, c in enumerate(join_rule.comparisons)}
    values = ", ".join(f"{attempt(k.sql)} as {name}" for name, k in names.items())
    failed = " or ".join(f"{name} is null" for name in names)
    engine.run(
        f"create or replace temp table attempted as select * from (select _id as object_id, {values} "
        f"from {object_relation(rule.system, rule.object_type)} where not _is_planned "
        "and _id not in (select object_id from link) and _id not in (select object_id from review)) "
        f"where not ({failed})"
    )


def _make_values(workspace: Workspace, rule: OutboundRule, join_rule: CompiledJoin) -> None:
    """Make probe(object_id, k0, ...) of free accounts, sought(identity_id, k0, ...) of the wanting, and `compared`."""
    engine = workspace.engine
    fold = "{}" if join_rule.rule.is_case_sensitive else "lower({})"
    probe = f"select object_id, {', '.join(f'k{i}.v as k{i}' for i in range(len(join_rule.keys)))} from attempted"
    sought = (
        f"select id as identity_id, {', '.join(_key(k, i) for i, k in enumerate(join_rule.keys))} "
        f"from {merged_relation(rule.identity_type)} where id in (select id from wanted)"
    )
    # One at a time: several in one select would be read side by side instead of each with each.
    for i, key in enumerate(join_rule.keys):
        if key.is_multivalued:
            probe = f"select * replace (unnest(k{i}) as k{i}) from ({probe})"
        if key.attribute.is_multivalued:
            sought = f"select * replace (unnest(k{i}) as k{i}) from ({sought})"
    folded = ", ".join(f"{fold.format(f'k{i}')} as k{i}" for i in range(len(join_rule.keys)))
    engine.run(f"create or replace temp table probe as select object_id, {folded} from ({probe})")
    engine.run(f"create or replace temp table sought as select identity_id, {folded} from ({sought})")
    if join_rule.comparisons:
        lists = ", ".join(
            f"c{i}.v as c{i}" if c.is_multivalued else f"[c{i}.v] as c{i}" for i, c in enumerate(join_rule.comparisons)
        )
        engine.run(f"create or replace temp table compared as select object_id, {lists} from attempted")


def _match(workspace: Workspace, join_rule: CompiledJoin) -> None:
    """Make matched(object_id, identity_id): free accounts and wanting identities with equal keys."""
    workspace.engine.run(
        "create or replace temp table matched as select distinct p.object_id, w.identity_id from probe p "
        f"join sought w on {_same(join_rule)} anti join undecided u on u.identity_id = w.identity_id "
        "anti join never n on n.object_id = p.object_id and n.identity_id = w.identity_id"
    )


def _leave_out_crowded(workspace: Workspace, rule: OutboundRule, join_rule: CompiledJoin) -> None:
    """Report who would have too many candidates: counted before they are listed."""
    engine = workspace.engine
    names = ", ".join(f"k{i}" for i in range(len(join_rule.keys)))
    engine.run(
        "create or replace temp table crowded as select w.identity_id from sought w join "
        f"(select {names}, count(*) as n from probe group by all) p on {_same(join_rule)} "
        f"group by 1 having sum(p.n) > {MOST_CANDIDATES}"
    )
    record(
        workspace,
        "JOIN_TOO_MANY",
        f"select null::bigint as object_id, identity_id, 'more than {MOST_CANDIDATES}' as evidence from crowded",
        rule=rule.name,
    )
    engine.run("insert into undecided select identity_id from crowded")


def _same(join_rule: CompiledJoin) -> str:
    return " and ".join(f"p.k{i} = w.k{i}" for i in range(len(join_rule.keys)))


def _key(key: CompiledKey, position: int) -> str:
    value = value_column(key.attribute.name)
    return f"{value if key.attribute.is_multivalued else f'{value}::varchar'} as k{position}"


def _of_identities(rule: OutboundRule, comparison: CompiledKey) -> str:
    value = value_column(comparison.attribute.name)
    value = f"unnest({value})" if comparison.attribute.is_multivalued else f"{value}::varchar"
    return f"select id as identity_id, {value} as v from {merged_relation(rule.identity_type)}"
