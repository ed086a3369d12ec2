"""Who holds what: accounts by their owners, groups within groups, cycles, names in any case."""

import json

import pyarrow as pa

from accord.engine.frames import Engine
from accord.governance.holdings import Meaning, Population, assignment_pairs, load_holdings
from accord.model.frames import Identities, Links, StagedEdges, StagedObjects


def _population() -> Population:
    objects = [(1, "user", "ann", "CN=Ann,DC=x"), (2, "user", "bob", "cn=bob,dc=x"), (3, "group", "g1", "cn=G1,dc=x"),
               (4, "group", "g2", "cn=g2,dc=x"), (5, "group", "g3", "cn=g3,dc=x")]  # fmt: skip
    # g1 is in g2, g2 in g3, g3 in g2: a cycle nobody should trip over.
    edges = [(3, "member", "cn=ann,dc=X"), (4, "member", "cn=g1,dc=x"), (5, "member", "cn=g2,dc=x"),
             (4, "member", "cn=g3,dc=x"), (4, "member", "bob"), (5, "member", "cn=nobody,dc=x")]  # fmt: skip
    return Population(
        objects=StagedObjects(
            pa.table(
                [
                    [o[0] for o in objects],
                    ["ad"] * 5,
                    [o[1] for o in objects],
                    [o[2] for o in objects],
                    [o[3] for o in objects],
                    [json.dumps({"cn": o[2].upper()}) for o in objects],
                ],
                schema=StagedObjects.SCHEMA,
            )
        ),
        edges=StagedEdges(pa.table([list(column) for column in zip(*edges, strict=True)], schema=StagedEdges.SCHEMA)),
        links=Links(pa.table([[1], [7], ["r"], ["joined"]], schema=Links.SCHEMA)),
        identities=Identities(pa.table([[7], ["person"], ["{}"], [0], [None]], schema=Identities.SCHEMA)),
    )


def test_members_of_groups_in_groups_hold_all_of_them_once_and_cycles_end() -> None:
    meaning = Meaning(account_types=frozenset({("ad", "user")}), memberships={("ad", "group", "member"): False})
    with Engine() as engine:
        load_holdings(engine, _population(), meaning)
        pairs = set(engine.rows("select distinct account, grp, via from holding"))
        assert pairs == {(1, 3, 3), (1, 4, 3), (1, 5, 3), (2, 4, 4), (2, 5, 4)}
        assert engine.value("select owner from holding where account = 1 limit 1") == 7
        assert engine.value("select owner from holding where account = 2 limit 1") == -2
        assert engine.value("select name from grp where id = 3") == "G1"
        assert assignment_pairs(engine).to_pylist()[0] == {"user": "ad/ann", "permission": "ad/g1"}
