"""Terms: what is true of owners, as policies speak of it; of everybody who is loaded, or of one owner."""

from collections.abc import Iterable

from accord.engine.frames import Engine, literal
from accord.governance.policies.rules import Policy
from accord.model.errors import NotFound
from accord.runs.context import Context
from accord.runs.governing.part import read_part
from accord.runs.governing.population import load_owners, said


def terms_of(context: Context, owner_id: int, policies: Iterable[Policy]) -> frozenset[str]:
    """Return the terms that are true of one owner, read by keys; raise NotFound."""
    with context.engine() as engine:
        load_owners(context, engine, read_part(context, [owner_id]))
        if not engine.value("select count(*) from owner"):
            raise NotFound(f"there is no owner {owner_id}", remedy="GET /api/v1/owners lists them")
        load_terms(engine, policies)
        return frozenset(str(row[0]) for row in engine.rows("select distinct term from fact where owner_id > 0"))


def load_terms(engine: Engine, policies: Iterable[Policy]) -> None:
    """Make `term_holding` (owner_id, term, path) and `fact` (owner_id, term)."""
    engine.run("""create table term_holding as
        with held as (
            select h.owner as owner_id, g.system, g.anchor, g.name, a.system || '/' || a.name
                || case when h.grp = h.via then '' else ' in ' || v.name end as path
            from holding h join account a on a.id = h.account join grp g on g.id = h.grp join grp v on v.id = h.via)
        select distinct owner_id, unnest(list_distinct(['entitlement:' || system || '/' || anchor,
            'entitlement:' || system || '/' || name, 'group:' || name, 'group:' || anchor])) as term, path from held
        union select coalesce(owner_id, -id), 'application:' || system, system || '/' || name from account""")
    attributes = sorted({t.partition(":")[2].partition("=")[0] for p in policies for t in p.terms()
                         if t.startswith("attribute:")})  # fmt: skip
    parts = [
        f"select owner_id, 'attribute:' || {literal(name)} || '=' || {said('doc', name)} as term from owner "
        f"where {said('doc', name)} is not null"
        for name in attributes
    ]
    engine.run(" union ".join([
        "create table fact as select owner_id, term from term_holding",
        "select owner_id, 'flag:inactive' from owner where not is_active",
        "select owner_id, 'flag:human' from owner where is_human",
        "select -id, 'flag:orphan' from account where owner_id is null",
        *parts,
    ]))  # fmt: skip
