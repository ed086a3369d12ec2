from accord.connectors.ldap.client import Scope
from accord.connectors.ldap.containers import Container, Containers, SearchBase


def read(containers, entries, partitions=("dc=x",)):
    """The entries that the searches find and keep, as often as they come."""
    chosen = Containers(containers, partitions)
    kept = []
    for base in chosen.bases:
        for dn in entries:
            parent = dn.partition(",")[2].lower()
            is_found = dn.lower() == base.dn or dn.lower().endswith("," + base.dn)
            if base.scope is Scope.ONE_LEVEL:
                is_found = parent == base.dn
            if is_found and (chosen.takes_all or chosen.covers(dn, base)):
                kept.append(dn)
    return sorted(kept)


TREE = ["dc=x", "ou=a,dc=x", "cn=1,ou=a,dc=x", "ou=b,ou=a,dc=x", "cn=2,OU=B,ou=a,dc=x", "ou=c,dc=x", "cn=3,ou=c,dc=x"]


def test_everything_in_the_partitions_by_default_without_looking_at_names():
    chosen = Containers([], ["DC=x"])
    assert chosen.bases == (SearchBase(dn="DC=x", scope=Scope.SUBTREE),)
    assert chosen.takes_all


def test_only_included_containers_are_read():
    assert read([Container(dn="ou=c,dc=x")], TREE) == ["cn=3,ou=c,dc=x", "ou=c,dc=x"]


def test_excluded_containers_are_left_out_of_the_partition():
    kept = read([Container(dn="ou=a,dc=x", is_included=False)], TREE)
    assert kept == ["cn=3,ou=c,dc=x", "dc=x", "ou=c,dc=x"]


def test_the_deepest_container_decides():
    containers = [
        Container(dn="ou=a,dc=x", is_included=False),
        Container(dn="ou=b,ou=a,dc=x"),
        Container(dn="dc=x"),
    ]
    kept = read(containers, TREE)
    assert kept == ["cn=2,OU=B,ou=a,dc=x", "cn=3,ou=c,dc=x", "dc=x", "ou=b,ou=a,dc=x", "ou=c,dc=x"]


def test_one_level_reads_only_what_is_directly_below():
    assert read([Container(dn="ou=a,dc=x", is_one_level=True)], TREE) == ["cn=1,ou=a,dc=x", "ou=b,ou=a,dc=x"]


def test_overlapping_containers_read_no_entry_twice():
    containers = [Container(dn="ou=a,dc=x", is_one_level=True), Container(dn="ou=b,ou=a,dc=x")]
    assert read(containers, TREE) == ["cn=1,ou=a,dc=x", "cn=2,OU=B,ou=a,dc=x", "ou=b,ou=a,dc=x"]
    nested = [Container(dn="dc=x"), Container(dn="ou=a,dc=x")]
    assert read(nested, TREE) == sorted(TREE)
