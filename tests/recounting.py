"""Whether the counts that stand are those of the rows, counted one by one."""

from accord.store import Store

_RECOUNTED = """
select kind, system, name, n from (
  select 'object' as kind, system, type as name, count(*) as n from object where hash is not null group by system, type
  union all select 'identity', '', type, count(*) from identity group by type
  union all select 'pending', system, state, count(*) from pending group by system, state) counted
order by kind, system, name
"""
_STANDING = "select kind, system, name, n from standing_count where n <> 0 order by kind, system, name"


def require_true_counts(store: Store) -> None:
    """Assert that what the store says of its counts is so."""
    assert store._database.rows(_STANDING) == store._database.rows(_RECOUNTED)
