"""By which names owners and claims meet, as hashes: whoever arrives under a name is found by those who wait for it.

Equal names have equal hashes; that different ones may have them too only makes too many be looked at.
"""

from collections.abc import Sequence

import pyarrow as pa

from accord.engine.frames import Engine
from accord.governance.managers.matchers import DEFAULT_ORDER, Matcher
from accord.governance.managers.normalising import normalise

_NAMED = pa.schema([("owner_id", pa.int64()), ("hash", pa.int64())])
_PARTS = r"""select owner_id, trim(unnest(string_split_regex(raw, '[;,|]'))) as raw from _raw
    where regexp_matches(raw, '[;,|]')"""


def names_had(engine: Engine, keys: pa.Table) -> pa.Table:
    """Return `owner_id` and `hash` of every name that owners can be found by."""
    found = []
    for matcher in Matcher:
        if matcher is Matcher.EMPLOYEE_LOOSE:
            continue
        own = keys.filter(pa.compute.equal(keys["matcher"], matcher.value))
        forms = (matcher, Matcher.EMPLOYEE_LOOSE) if matcher is Matcher.EMPLOYEE else (matcher,)
        found += [_normal(own["owner_id"], own["value"], form) for form in forms if own.num_rows]
    return _hashed(engine, found)


def names_asked(engine: Engine, claims: pa.Table) -> pa.Table:
    """Return `owner_id` and `hash` of every name that a claim could mean, by any matcher, also of parts of lists."""
    engine.register("_raw", claims)
    parts = engine.frame(_PARTS)
    engine.unregister("_raw")
    asked = [(claims["owner_id"], claims["raw"]), (parts["owner_id"], parts["raw"])]
    found = [_normal(ids, raw, matcher) for ids, raw in asked for matcher in DEFAULT_ORDER if len(ids)]
    return _hashed(engine, found)


def _normal(ids: pa.ChunkedArray, values: pa.ChunkedArray, matcher: Matcher) -> pa.Table:
    return pa.table({"owner_id": ids, "name": normalise(values, matcher)})


def _hashed(engine: Engine, found: Sequence[pa.Table]) -> pa.Table:
    if not found:
        return _NAMED.empty_table()
    engine.register("_named", pa.concat_tables(found))
    hashed = engine.frame("""select distinct owner_id, cast(md5_number_lower(name) >> 1 as bigint) as hash
        from _named where name is not null""")
    engine.unregister("_named")
    return hashed.cast(_NAMED)
