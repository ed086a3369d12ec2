"""Two processes, one PostgreSQL: of two commits computed from one state only one is kept."""

import threading
from collections.abc import Callable

import pytest
from store_builders import add, begin, import_plan, person, rows, sync_plan

from accord.model.errors import PlanStale
from accord.store import Store, open_store
from accord.testing.private_postgres import PrivatePostgres

pytestmark = pytest.mark.postgresql


@pytest.fixture
def dialect() -> str:
    return "postgresql"


def test_the_second_of_two_commits_from_one_state_waits_and_is_refused(opener: Callable[..., Store]):
    with opener() as first, opener() as second:
        state = first.versions(["metaverse"])
        activities = begin(first), begin(second)
        refused: list[PlanStale] = []

        def commit_second() -> None:
            plan = sync_plan(identities_added=[person(1, '{"by":"second"}')])
            try:
                second.plans.commit_sync([plan], activity=activities[1], versions=state)
            except PlanStale as error:
                refused.append(error)

        other = threading.Thread(target=commit_second)
        with first.transaction():
            plan = sync_plan(identities_added=[person(1, '{"by":"first"}')])
            first.plans.commit_sync([plan], activity=activities[0], versions=state)
            other.start()
            other.join(0.3)
            assert other.is_alive(), "the second commit must wait for the first to end"
        other.join(30)
        assert len(refused) == 1
        assert [r["doc"] for r in rows(second.metaverse.read_identities())] == ['{"by":"first"}']


def test_imports_of_two_systems_reserve_ids_and_do_not_disturb_each_other(opener: Callable[..., Store]):
    with opener() as first, opener() as second:
        ids = first.connector_space.next_object_id(reserve=10), second.connector_space.next_object_id(reserve=10)
        assert ids == (1, 11)
        for store, system, id_ in ((second, "crm", ids[1]), (first, "hr", ids[0])):
            store.connector_space.commit_import(
                import_plan(system, added=[add(id_)]), activity=begin(store), versions={f"system:{system}": 0}
            )
        assert first.connector_space.next_object_id() == 21


def test_two_processes_may_open_an_empty_database_at_once(postgres: PrivatePostgres):
    url = postgres.create_database()
    stores: list[Store] = []
    threads = [threading.Thread(target=lambda: stores.append(open_store(url=url))) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert len(stores) == 3
    for store in stores:
        assert store.versions(["metaverse"]) == {"metaverse": 0}
        store.close()
