import random

from accord.connectors.base import AttributeChange, ExportOperation, Operation
from accord.connectors.ldap.schedule import Schedule


def make(kind, dn, new_dn=None, manager=(), no_manager=()):
    changes = (AttributeChange(name="manager", added=tuple(manager), removed=tuple(no_manager), after=None),)
    return ExportOperation(
        row=0, operation=kind, object_type="person", anchor=None, dn=dn, new_dn=new_dn, changes=changes
    )


def create(dn, **refs):
    return make(Operation.CREATE, dn, **refs)


def update(dn, **refs):
    return make(Operation.UPDATE, dn, **refs)


def delete(dn):
    return make(Operation.DELETE, dn)


def rename(dn, new_dn):
    return make(Operation.RENAME, dn, new_dn)


def waves(*operations):
    """What may be in flight together, wave after wave, when each wave is finished before the next."""
    schedule = Schedule(operations, frozenset({"manager"}))
    found = []
    while True:
        wave = []
        while (index := schedule.next()) is not None:
            wave.append(index)
        if not wave:
            assert schedule.unsent() == []
            return found
        found.append(wave)
        for index in wave:
            schedule.done(index)


def test_independent_operations_are_in_flight_together_in_the_order_given():
    assert waves(create("cn=b,dc=x"), update("cn=a,dc=x"), delete("cn=c,dc=x")) == [[0, 1, 2]]


def test_parents_are_made_before_children_whatever_the_order_given():
    assert waves(create("cn=a,ou=b,OU=C,dc=x"), create("ou=b,ou=c,dc=x"), create("ou=c, dc=x")) == [[2], [1], [0]]


def test_children_are_deleted_or_moved_away_before_their_parent():
    operations = (delete("ou=o,dc=x"), delete("cn=a,ou=o,dc=x"), rename("cn=b,ou=o,dc=x", "cn=b,dc=x"))
    assert waves(*operations) == [[1, 2], [0]]


def test_what_is_below_a_renamed_entry_goes_first_and_what_is_below_its_new_name_after():
    operations = (rename("ou=o,dc=x", "ou=n,dc=x"), update("cn=a,ou=o,dc=x"), create("cn=b,ou=n,dc=x"))
    assert waves(*operations) == [[1], [0], [2]]


def test_a_name_is_free_before_it_is_given_again():
    assert waves(create("cn=a,dc=x"), delete("CN=A,dc=x")) == [[1], [0]]
    assert waves(rename("cn=b,dc=x", "cn=a,dc=x"), rename("cn=a,dc=x", "cn=c,dc=x")) == [[1], [0]]


def test_operations_on_one_entry_keep_their_order():
    assert waves(create("cn=a,dc=x"), update("cn=a,dc=x"), update("cn=A,dc=x")) == [[0], [1], [2]]


def test_references_follow_what_they_refer_to():
    assert waves(create("cn=a,dc=x", manager=["cn=B,dc=x"]), create("cn=b,dc=x")) == [[1], [0]]
    assert waves(update("cn=a,dc=x", manager=["cn=n,dc=x"]), rename("cn=b,dc=x", "cn=n,dc=x")) == [[1], [0]]


def test_references_are_taken_away_before_what_they_refer_to_goes():
    assert waves(delete("cn=b,dc=x"), update("cn=a,dc=x", no_manager=["cn=b,dc=x"])) == [[1], [0]]


def test_a_circle_of_references_is_cut_at_a_reference_and_never_at_a_parent():
    a = create("cn=a,ou=o,dc=x", manager=["cn=b,ou=o,dc=x"])
    b = create("cn=b,ou=o,dc=x", manager=["cn=a,ou=o,dc=x"])
    assert waves(a, b, create("ou=o,dc=x", manager=["cn=a,ou=o,dc=x"])) == [[2], [0], [1]]


def test_a_swap_of_names_still_comes_to_an_end():
    found = waves(rename("cn=a,dc=x", "cn=b,dc=x"), rename("cn=b,dc=x", "cn=a,dc=x"))
    assert sorted(index for wave in found for index in wave) == [0, 1]


def test_any_mixture_is_handed_out_once_each():
    chance = random.Random(7)  # noqa: S311 - the same mixtures in every run
    names = [f"cn={n},{parent}dc=x" for n in range(8) for parent in ("", "ou=a,", "ou=b,ou=a,")] + ["ou=a,dc=x"]
    for _ in range(200):
        kinds = (
            lambda: create(chance.choice(names), manager=[chance.choice(names)]),
            lambda: update(chance.choice(names), no_manager=[chance.choice(names)]),
            lambda: delete(chance.choice(names)),
            lambda: rename(chance.choice(names), chance.choice(names)),
        )
        operations = [chance.choice(kinds)() for _ in range(20)]
        assert sorted(index for wave in waves(*operations) for index in wave) == list(range(20))
