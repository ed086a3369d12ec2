"""References that a system keeps up with names by itself: to what was renamed by its new name, to what is gone no more.

Pure, for imports of changes: whoever refers is not among what the system names, so nothing else would tell.
"""

import pyarrow as pa

from accord.engine.frames import Engine
from accord.model.frames import StagedEdges


def names_changed(engine: Engine) -> pa.Table:
    """Return the names (`dst`) that objects had or have, of those renamed or gone by `updated` and `removed`."""
    _note(engine)
    return engine.frame("select old as dst from renamed union select lower(new) from renamed where new is not null")


def follow_names(engine: Engine, referring: StagedEdges) -> None:
    """Add to edge_change what becomes of references to those names, but of objects that were read themselves."""
    _note(engine)
    engine.load("referring", referring.table)
    engine.run(
        "create temp table following as select f.src, f.attr, f.dst, r.new from referring f "
        "join renamed r on r.old = lower(f.dst) where f.src not in (select id from matched where id is not null) "
        "and f.src not in (select id from removed)"
    )
    engine.run("insert into edge_change select src, attr, dst, 'remove' from following")
    engine.run(
        "insert into edge_change select distinct src, attr, new, 'add' from following f where new is not null "
        "and not exists (select 1 from referring h where h.src = f.src and h.attr = f.attr and h.dst = f.new)"
    )


def _note(engine: Engine) -> None:
    engine.run(
        "create or replace temp table renamed as select lower(stored_dn) as old, dn as new from updated "
        "where stored_dn is not null and dn is not null and lower(stored_dn) <> lower(dn) "
        "union all select lower(dn), null from removed where dn is not null"
    )
