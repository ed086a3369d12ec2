"""The tree of a directory's containers, made by looking at each of them once."""

from types import SimpleNamespace

import pytest

from accord.operations.administration import hierarchy
from accord.operations.administration.naming import Ids
from accord.operations.administration.naming import path as key_of

ROOT = "dc=example"
CONTAINERS = [f"ou={m},ou={n},{ROOT}" for n in range(20) for m in range(20)] + [f"ou={n},{ROOT}" for n in range(20)]


@pytest.fixture
def desk():
    numbers = {("container", key_of("ad", dn)): n for n, dn in enumerate(CONTAINERS, start=10)}
    numbers |= {("partition", key_of("ad", ROOT)): 1, ("system", "ad"): 2}
    kept = f'[{{"dn": "{ROOT}", "containers": [{",".join(f"""{{"dn": "{dn}"}}""" for dn in CONTAINERS)}]}}]'
    configurations = SimpleNamespace(discovery=lambda _name, _what: kept)
    chosen = {"containers": [{"dn": f"OU=3,{ROOT}"}, {"dn": f"ou=4,ou=3,{ROOT}", "mode": "exclude"}]}
    return SimpleNamespace(
        context=SimpleNamespace(store=SimpleNamespace(configurations=configurations)),
        ids=Ids(numbers),
        read=SimpleNamespace(settings={"ad": chosen}),
    )


def test_every_container_is_looked_at_once_and_stands_below_its_own(desk, monkeypatch):
    asked, of = [], hierarchy._parent
    monkeypatch.setattr(hierarchy, "_parent", lambda dn: asked.append(dn) or of(dn))
    [partition] = hierarchy.list_partitions(desk, "ad")
    assert sorted(asked) == sorted(CONTAINERS)
    assert [c.name for c in partition.containers] == [str(n) for n in range(20)]
    assert all(len(c.child_containers) == 20 for c in partition.containers)
    third = partition.containers[3]
    assert (third.selected, third.excluded) == (True, False)
    assert [c.name for c in third.child_containers if c.excluded] == ["4"]
