"""Candidates that are alike instead of equal: scored pair by pair, never the population with itself.

The keys of the join rule pick the candidates, by equality; only those pairs are compared. Who is alike enough to be
looked at, and not so alike that it goes without saying, waits for a person.
"""

from collections.abc import Sequence

import pyarrow as pa

from accord.engine.frames import Engine, literal
from accord.engine.similarity import similarities
from accord.sync.compiling import CompiledJoin
from accord.sync.problems import record
from accord.sync.workspace import Workspace

MOST_CANDIDATES = 200
_FOLD = "strip_accents(lower({}))"


def pick_candidates(workspace: Workspace, rule: str, join_rule: CompiledJoin, known: Sequence[str]) -> None:
    """Make matched(object_id, identity_id) of probe by equal keys; objects with too many candidates are held.

    Counted before they are listed: a key that everybody shares costs no more than any other.
    """
    engine = workspace.engine
    fold = "{}" if join_rule.rule.is_case_sensitive else "lower({})"
    names = [f"k{i}" for i in range(len(known))]
    keys = ", ".join(f"{fold.format(f'i{i}.v')} as k{i}" for i in range(len(known)))
    joins = " ".join(f"join ({q}) i{i} on i{i}.identity_id = i0.identity_id" for i, q in enumerate(known) if i)
    engine.run(
        f"create or replace temp table block as select distinct i0.identity_id, {keys} from ({known[0]}) i0 {joins} "
        "semi join suitable t on t.id = i0.identity_id"
    )
    same = " and ".join(f"b.{n} = {fold.format(f'p.{n}')}" for n in names)
    engine.run(
        "create or replace temp table crowded as select p.object_id from probe p join "
        f"(select {', '.join(names)}, count(*) as n from block group by all) b on {same} "
        f"group by 1 having sum(b.n) > {MOST_CANDIDATES}"
    )
    record(
        workspace,
        "JOIN_TOO_MANY",
        f"select object_id, null::bigint as identity_id, 'more than {MOST_CANDIDATES}' as evidence from crowded",
        rule=rule,
    )
    engine.run("insert into held select object_id from crowded")
    engine.run("delete from unlinked where id in (select object_id from crowded)")
    engine.run(
        "create or replace temp table matched as select distinct p.object_id, b.identity_id "
        f"from probe p join block b on {same} anti join crowded c on c.object_id = p.object_id "
        "anti join never n on n.object_id = p.object_id and n.identity_id = b.identity_id"
    )


def score(workspace: Workspace, rule: str, join_rule: CompiledJoin, known: Sequence[str]) -> None:
    """Leave in matched who goes without saying; put those alike enough into review, and hold their objects."""
    fuzzy, engine = join_rule.rule.fuzzy, workspace.engine
    if fuzzy is None:
        return
    score_pairs(workspace, join_rule, known)
    sure = "false" if fuzzy.join is None else f"max(score) >= {fuzzy.join}"
    engine.run(
        "create or replace temp table matched as select object_id, min(identity_id) as identity_id from scored "
        f"group by 1 having count(*) = 1 and {sure}"
    )
    engine.run(
        f"insert into review select object_id, identity_id, {literal(rule)}, score, evidence from scored "
        "anti join matched using (object_id)"
    )
    engine.run("insert into held select distinct object_id from scored anti join matched using (object_id)")
    engine.run("delete from unlinked where id in (select object_id from held)")


def score_pairs(workspace: Workspace, join_rule: CompiledJoin, known: Sequence[str]) -> None:
    """Make scored(object_id, identity_id, score, evidence) of those of matched who are alike enough to be looked at.

    `compared` holds the objects' values c0, c1, ... as lists; `known` are queries of (identity_id, v).
    """
    fuzzy = join_rule.rule.fuzzy
    if fuzzy is None:
        return
    engine = workspace.engine
    _pair_values(engine, join_rule, known)
    _measure(engine)
    whole = sum(c.weight for c in fuzzy.comparisons)
    weights = ", ".join(f"({i}, {c.weight}, {literal(c.attribute)})" for i, c in enumerate(fuzzy.comparisons))
    engine.run(
        "create or replace temp table scored as select object_id, identity_id, "
        f"round(sum(s * weight) / {whole}, 6) as score, string_agg(attribute || ': ' || theirs || ' ~ ' || ours || ' ' "
        "|| round(s, 2)::varchar, '; ' order by i) as evidence from (select v.object_id, v.identity_id, v.i, w.weight, "
        "w.attribute, max(l.s) as s, arg_max(v.theirs, (l.s, v.theirs, v.ours)) as theirs, "
        "arg_max(v.ours, (l.s, v.theirs, v.ours)) as ours from value_pair v "
        "join likeness l on l.a = v.a and l.b = v.b "
        f"join (values {weights}) w(i, weight, attribute) on w.i = v.i group by all) group by all "
        f"having round(sum(s * weight) / {whole}, 6) >= {fuzzy.review}"
    )


def _pair_values(engine: Engine, join_rule: CompiledJoin, known: Sequence[str]) -> None:
    """Make value_pair(object_id, identity_id, i, theirs, ours, a, b): what is compared, as it is and folded."""
    engine.run("create or replace temp table value_pair(object_id bigint, identity_id bigint, i integer, "
               "theirs varchar, ours varchar, a varchar, b varchar)")  # fmt: skip
    for i in range(len(join_rule.comparisons)):
        engine.run(
            f"insert into value_pair select m.object_id, m.identity_id, {i}, o.v, k.v, {_FOLD.format('o.v')}, "
            f"{_FOLD.format('k.v')} from matched m join (select object_id, unnest(c{i}) as v from compared) o "
            f"on o.object_id = m.object_id join ({known[i]}) k on k.identity_id = m.identity_id "
            "where o.v <> '' and k.v <> ''"
        )


def _measure(engine: Engine) -> None:
    """Make likeness(a, b, s): each pair of texts once, however many candidates share it."""
    pairs = engine.frame("select distinct a, b from value_pair order by all")
    found = similarities(pairs["a"].to_pylist(), pairs["b"].to_pylist())
    engine.run("create or replace temp table likeness(a varchar, b varchar, s double)")
    engine.load("likeness", pairs.append_column("s", pa.array(found, pa.float64())))
