"""The audit trail: every entry seals those before it, on both databases."""

from datetime import UTC, datetime

import pytest

from accord.model.errors import ContractBroken
from accord.model.rules import RuleSet
from accord.operations.audit import verify_trail
from accord.runs.context import Context
from accord.store.audit import Deed
from accord.store.store import Store

NOW = datetime(2026, 11, 22, 8, tzinfo=UTC)


@pytest.fixture
def trail(store: Store) -> Store:
    for number in range(5):
        deed = Deed(actor="ada", action="plan.release", subject=f"P{number}", reason="because", detail={"by": "Ä"})
        store.audit.add(deed, at=NOW)
    return store


def context(store: Store) -> Context:
    nothing = RuleSet(systems={}, identity_types={}, inbound=(), outbound=())
    return Context(store=store, rules=nothing, open_system=lambda *_: pytest.fail("not asked for"), actor="eve")


def test_a_trail_that_nobody_touched_is_verified(trail: Store) -> None:
    found = trail.audit.verify()
    assert (found.entries, found.broken_seq) == (5, 0)
    assert found.last_hash == trail.audit.list()[-1].hash


def test_an_empty_trail_is_verified(store: Store) -> None:
    assert verify_trail(context(store)).entries == 0


@pytest.mark.parametrize(
    "damage",
    [
        "update audit set actor = 'eve' where seq = 3",
        "update audit set reason = '' where seq = 3",
        "update audit set at = '2020' where seq = 3",
        "delete from audit where seq = 3",
        "update audit set hash = 'x' where seq = 3",
        "update audit set seq = 33 where seq = 3",
    ],
)
def test_any_entry_that_was_changed_or_removed_is_named(trail: Store, damage: str) -> None:
    trail.control.execute(damage)
    with pytest.raises(ContractBroken, match="at entry 3"):
        verify_trail(context(trail))


def test_an_end_that_was_cut_off_is_found_by_a_hash_kept_elsewhere(trail: Store) -> None:
    kept = verify_trail(context(trail)).last_hash
    assert verify_trail(context(trail), expected=kept).entries == 5
    trail.control.execute("delete from audit where seq = 5")
    assert verify_trail(context(trail)).entries == 4
    with pytest.raises(ContractBroken, match="no longer holds"):
        verify_trail(context(trail), expected=kept)


def test_an_entry_is_lost_with_the_transaction_it_belongs_to(trail: Store) -> None:
    def fail() -> None:
        with trail.control.transaction():
            trail.audit.add(Deed(actor="ada", action="a", subject="s"), at=NOW)
            raise KeyError

    with pytest.raises(KeyError):
        fail()
    trail.audit.add(Deed(actor="ada", action="b", subject="s"), at=NOW)
    assert trail.audit.verify().entries == 6
    assert trail.audit.verify().broken_seq == 0
