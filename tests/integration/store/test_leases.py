"""Leases: one run per system, and none that lost its turn."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from store_builders import LATER, NOW

from accord.model.errors import PlanStale, UsageError
from accord.store import Store


def test_a_system_has_one_run_at_a_time(store: Store):
    store.leases.acquire("ad", "run 1", 60, now=NOW)
    with pytest.raises(UsageError, match="run 1 is working on system ad"):
        store.leases.acquire("ad", "run 2", 60, now=NOW + timedelta(seconds=59))
    store.leases.acquire("hr", "run 2", 60, now=NOW)


def test_a_turn_that_ran_out_is_taken_over_and_its_owner_is_fenced(store: Store):
    first = store.leases.acquire("ad", "run 1", 60, now=NOW)
    second = store.leases.acquire("ad", "run 2", 60, now=NOW + timedelta(seconds=60))
    assert second.epoch == first.epoch + 1
    store.leases.check(second)
    for use in (
        lambda: store.leases.check(first),
        lambda: store.leases.renew(first, 60, now=LATER),
    ):
        with pytest.raises(PlanStale, match="run 1 lost its turn on system ad"):
            use()
    store.leases.release(first)
    with pytest.raises(UsageError, match="run 2"):
        store.leases.acquire("ad", "run 3", 60, now=NOW + timedelta(seconds=61))


def test_the_same_owner_fences_its_own_ghost(store: Store):
    ghost = store.leases.acquire("ad", "run 1", 60, now=NOW)
    again = store.leases.acquire("ad", "run 1", 60, now=NOW)
    store.leases.check(again)
    with pytest.raises(PlanStale):
        store.leases.check(ghost)


def test_a_renewed_turn_lasts_longer(store: Store):
    lease = store.leases.acquire("ad", "run 1", 60, now=NOW)
    store.leases.renew(lease, 7200, now=NOW)
    with pytest.raises(UsageError):
        store.leases.acquire("ad", "run 2", 60, now=LATER)


def test_a_released_turn_is_free_at_once(store: Store):
    store.leases.release(store.leases.acquire("ad", "run 1", 60, now=NOW))
    store.leases.acquire("ad", "run 2", 60, now=NOW)


def test_a_turn_is_kept_across_a_restart(opener: Callable[..., Store]):
    with opener() as store:
        store.leases.acquire("ad", "run 1", 60, now=NOW)
    with opener() as store, pytest.raises(UsageError):
        store.leases.acquire("ad", "run 2", 60, now=NOW)


def test_lease_times_have_a_zone(store: Store):
    with pytest.raises(ValueError, match="no time zone"):
        store.leases.acquire("ad", "run 1", 60, now=NOW.replace(tzinfo=None))
