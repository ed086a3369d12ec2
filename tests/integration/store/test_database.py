"""The database layer: what is promised to the rest of the store, on either database."""

import threading
from collections.abc import Callable

import pyarrow as pa
import pytest

from accord.model.errors import SystemUnavailable, UsageError
from accord.store import Store, open_store
from accord.testing.private_postgres import PrivatePostgres

TEXTS = pa.schema([("a", pa.string()), ("n", pa.int64())])


@pytest.fixture
def database(store: Store):
    return store._database


def put(database, key: str, value: str = "v") -> None:
    database.execute("insert into meta (key, value) values (:key, :value)", {"key": key, "value": value})


def keys(store: Store) -> set[str]:
    return {row[0] for row in store._database.rows("select key from meta where key like 't-%'")}


def test_a_committed_transaction_is_there_after_reopening(opener: Callable[..., Store]):
    with opener() as store, store.transaction():
        put(store._database, "t-1")
        store._database.ingest("meta", pa.table({"key": ["t-2"], "value": ["v"]}))
    with opener() as store:
        assert keys(store) == {"t-1", "t-2"}


def test_a_statement_outside_a_transaction_is_kept(opener: Callable[..., Store]):
    with opener() as store:
        put(store._database, "t-1")
        store._database.ingest("meta", pa.table({"key": ["t-2"], "value": ["v"]}))
    with opener() as store:
        assert keys(store) == {"t-1", "t-2"}


def test_many_rows_are_kept_as_they_were_given_whatever_their_columns_have_in_common(database):
    count = 2_500
    texts = {
        "place": ["a'b;--"] * count,
        "told": [None] * count,
        "half": [None, "x"] * (count // 2),
        "long": ["é" * 5_000] * count,
        "ends": ["same", *["other"] * (count - 2), "same"],
        "zero": ["a\tb"] * count,
    }
    whole = {"n": range(count), "least": [-(1 << 63)] * count, "minus": [-5] * count}
    given = pa.table(
        {
            **{n: pa.array(v, pa.int64()) for n, v in whole.items()},
            **{n: pa.array(v, pa.string()) for n, v in texts.items()},
        }
    )
    columns = ", ".join([*(f"{n} bigint" for n in whole), *(f"{n} text" for n in texts), "left_out text default 'd'"])
    database.execute(f"create table many({columns})")

    database.ingest("many", given)

    wanted = given.schema.append(pa.field("left_out", pa.string()))
    kept = database.fetch("select * from many order by n", schema=wanted)
    assert kept.drop_columns("left_out") == given
    assert kept["left_out"].unique().to_pylist() == ["d"]


def put_all_then(store: Store, error: Exception | None = None, *, names: tuple[str, ...] = ("t-1", "t-2")) -> None:
    with store.transaction():
        for name in names:
            put(store._database, name)
        store._database.ingest("meta", pa.table({"key": ["t-bulk"], "value": ["v"]}))
        store._database.stage("x", pa.table({"id": [1]}))
        if error is not None:
            raise error


def test_a_failing_transaction_leaves_nothing_and_the_store_goes_on(opener: Callable[..., Store]):
    with opener() as store:
        with pytest.raises(KeyError):
            put_all_then(store, KeyError("stop"))
        assert keys(store) == set()
        put(store._database, "t-3")
    with opener() as store:
        assert keys(store) == {"t-3"}


def test_a_refused_statement_undoes_its_whole_transaction(store: Store):
    put(store._database, "t-1")
    with pytest.raises(Exception, match=r"(?i)unique"):
        put_all_then(store, names=("t-2", "t-1"))
    assert keys(store) == {"t-1"}


def test_a_transaction_closed_without_its_end_is_lost(opener: Callable[..., Store]):
    with opener() as store:
        transaction = store.transaction()
        transaction.__enter__()
        put(store._database, "t-1")
    with opener() as store:
        assert keys(store) == set()


def put_outer_and_inner(store: Store, *, swallows: bool) -> None:
    with store.transaction():
        put(store._database, "t-outer")
        try:
            put_all_then(store, KeyError("stop"))
        except KeyError:
            if not swallows:
                raise


def test_an_inner_transaction_is_part_of_the_outer(store: Store):
    with pytest.raises(KeyError):
        put_outer_and_inner(store, swallows=False)
    assert keys(store) == set()
    with store.transaction():
        put_all_then(store)
    assert keys(store) == {"t-1", "t-2", "t-bulk"}


def test_swallowing_the_failure_of_an_inner_transaction_keeps_nothing(store: Store):
    with pytest.raises(RuntimeError, match="none of it was kept"):
        put_outer_and_inner(store, swallows=True)
    assert keys(store) == set()


def test_columns_have_their_types_whatever_the_first_rows_hold(database):
    many = 70_000
    rows = pa.table(
        {
            "activity": pa.array([9] * many, pa.int64()),
            "seq": pa.array(range(many), pa.int64()),
            "anchor": pa.array([None] * (many - 1) + ["late"], pa.string()),
            "object_id": pa.array([None] * (many - 1) + [5], pa.int64()),
        }
    )
    database.ingest("activity_item", rows)
    schema = pa.schema([("seq", pa.int64()), ("anchor", pa.string()), ("object_id", pa.int64())])
    sql = "select seq, anchor, object_id from activity_item where activity = 9"
    whole = database.fetch(sql, schema=schema).sort_by("seq")
    assert whole.schema == schema
    assert whole.num_rows == many
    assert whole.slice(many - 1).to_pylist() == [{"seq": many - 1, "anchor": "late", "object_id": 5}]
    streamed = pa.Table.from_batches(database.fetch_batches(sql, schema=schema), schema)
    assert streamed.sort_by("seq").equals(whole)


@pytest.mark.parametrize("sql", ["select 'x' as a, 1 as n where 1 = 0", "select null as a, null as n where 1 = 0"])
def test_an_empty_result_has_the_types_asked_for(database, sql: str):
    assert database.fetch(sql, schema=TEXTS).schema == TEXTS
    assert pa.Table.from_batches(database.fetch_batches(sql, schema=TEXTS), TEXTS).num_rows == 0


def test_parameters_are_bound_by_name_and_may_be_used_twice(database):
    sql = "select :a || '-' || :b || '-' || :a as t"
    assert database.value(sql, {"b": "it's :b", "a": "1"}) == "1-it's :b-1"


def test_text_of_any_kind_comes_back_as_it_was(database):
    odd = "Łódź ß \U0001f600 \\ ' \" % \t\n:name ?1 $1"
    put(database, "t-odd", odd)
    assert database.value("select value from meta where key = :k", {"k": "t-odd"}) == odd


def test_a_stream_sees_the_state_of_its_beginning(database):
    for number in range(3):
        put(database, f"t-{number}")
    schema = pa.schema([("key", pa.string())])
    stream = database.fetch_batches("select key from meta where key like 't-%'", schema=schema)
    first = stream.read_next_batch()
    put(database, "t-later")
    assert first.num_rows + sum(batch.num_rows for batch in stream) == 3


def test_staged_rows_live_until_the_transaction_ends(database):
    with database.transaction():
        database.stage("x", pa.table({"id": [1, 2]}))
        database.stage("x", pa.table({"id": [3]}))
        assert database.rows("select id from staged_x") == [(3,)]
        database.stage("nothing", pa.table({"id": pa.array([], pa.int64())}))
        assert database.rows("select id from staged_nothing") == []
    with database.reading():
        database.stage("x", pa.table({"id": [4]}))
        assert database.rows("select id from staged_x") == [(4,)]
    with database.transaction():
        database.stage("x", pa.table({"id": [5]}))
        assert database.rows("select id from staged_x") == [(5,)]
    with pytest.raises(RuntimeError, match="inside transaction"):
        database.stage("x", pa.table({"id": [6]}))


def test_writing_while_only_reading_was_announced_is_refused(database):
    with database.reading(), pytest.raises(RuntimeError, match="inside reading"), database.transaction():
        pass


def test_threads_take_turns(store: Store):
    started = threading.Barrier(4)

    def work(name: int) -> None:
        started.wait()
        for number in range(20):
            with store.transaction():
                put(store._database, f"t-{name}-{number}")

    threads = [threading.Thread(target=work, args=(name,)) for name in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(keys(store)) == 80


def test_a_store_opened_for_reading_refuses_to_write_and_can_look_up(opener: Callable[..., Store]):
    opener().close()
    with opener(read_only=True) as store:
        with pytest.raises(UsageError, match="opened for reading"), store.transaction():
            pass
        with pytest.raises(UsageError, match="opened for reading"):
            put(store._database, "t-1")
        assert len(store.connector_space.read_objects_by_id([1, 2])) == 0


@pytest.mark.postgresql
def test_a_lost_server_connection_is_named_with_a_remedy(postgres: PrivatePostgres):
    url = postgres.create_database(template="migrated")
    with open_store(url=url) as store, open_store(url=url) as other:
        pid = store._database.value("select pg_backend_pid()::bigint")
        other._database.rows(f"select pg_terminate_backend({pid})")
        with pytest.raises(SystemUnavailable) as caught:
            put_all_then(store)
        assert "start the database server" in caught.value.remedy
        assert "127.0.0.1" in caught.value.place


@pytest.mark.postgresql
def test_an_absent_server_is_named_without_its_password(free_tcp_port: int):
    with pytest.raises(SystemUnavailable) as caught:
        open_store(url=f"postgresql://me:secret@127.0.0.1:{free_tcp_port}/db")
    assert "secret" not in str(caught.value)
    assert caught.value.place == f"postgresql://me@127.0.0.1:{free_tcp_port}/db"
