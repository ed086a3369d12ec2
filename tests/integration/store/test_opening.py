"""Opening: one writer per folder, tables brought up to date, the remains of a crash named."""

import os
import signal
import subprocess
import sys
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from store_builders import NOW, add, begin, commit_import, commit_sync, export, frame, planned, rows

from accord.model.errors import ConfigError, DataFolderBusy, NotFound, SystemRefused, UsageError
from accord.store import Store, open_store
from accord.store.activities import ActivityState
from accord.store.audit import Deed
from accord.store.export_frames import JournalEntries
from accord.store.folder_lock import FolderLock

CRASH = """
import os, signal, sys
from store_builders import NOW, frame
from accord.store import open_store
from accord.store.activities import NewActivity
from accord.store.audit import Deed
from accord.store.export_frames import JournalEntries
from accord.store.folder_lock import FolderLock
from pathlib import Path

where = sys.argv[1]
store = open_store(url=where) if "://" in where else open_store(Path(where))
activity = store.activities.begin(NewActivity(kind="export", actor="tester"), now=NOW)
store.leases.acquire("ad", activity.guid, 3600, now=NOW)
store.pending.journal("ad", frame(JournalEntries, {"object_id": 11, "operation": "create"}), activity=activity.id)
print(os.getpid(), flush=True)
sys.stdin.readline()
os.kill(os.getpid(), signal.SIGKILL)
"""


def start_crashing(where: str) -> subprocess.Popen:
    process = subprocess.Popen(
        [sys.executable, "-c", CRASH, where],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, cwd=Path(__file__).parent,
    )  # fmt: skip
    assert int(process.stdout.readline()) == process.pid
    return process


def end(process: subprocess.Popen) -> None:
    process.communicate("\n", timeout=60)
    assert process.returncode == -signal.SIGKILL


def test_a_second_writer_is_told_who_holds_the_folder(tmp_path: Path):
    with open_store(tmp_path):
        with pytest.raises(DataFolderBusy, match=f"process {os.getpid()} ") as caught:
            open_store(tmp_path)
        assert f"process {os.getpid()}" in caught.value.remedy
        assert caught.value.place == str(tmp_path)
    open_store(tmp_path).close()


def test_another_process_holds_the_folder_until_it_dies_however_it_dies(tmp_path: Path):
    open_store(tmp_path).close()
    process = start_crashing(str(tmp_path))
    with pytest.raises(DataFolderBusy, match=f"process {process.pid} "):
        open_store(tmp_path)
    end(process)
    open_store(tmp_path).close()


ORPHAN = """
import os, sys
from pathlib import Path
from accord.store.folder_lock import FolderLock

lock = FolderLock(Path(sys.argv[1]))
os.set_inheritable(lock.for_child()[0], True)
if os.fork() == 0:
    sys.stdin.readline()
    os._exit(0)
os._exit(0)
"""


def test_who_finds_the_holder_dead_waits_for_its_children(tmp_path: Path):
    process = subprocess.Popen([sys.executable, "-c", ORPHAN, str(tmp_path)], stdin=subprocess.PIPE, text=True)
    process.wait(60)
    with ThreadPoolExecutor(1) as pool:
        opening = pool.submit(open_store, tmp_path)
        with pytest.raises(TimeoutError):
            opening.result(0.5)
        process.communicate("\n")
        opening.result(60).close()


def test_children_that_do_not_end_keep_the_folder(tmp_path: Path, monkeypatch):
    monkeypatch.setattr("accord.store.folder_lock.ORPHANS_END_S", 0.2)
    process = subprocess.Popen([sys.executable, "-c", ORPHAN, str(tmp_path)], stdin=subprocess.PIPE, text=True)
    process.wait(60)
    with pytest.raises(DataFolderBusy, match=f"process {process.pid} "):
        open_store(tmp_path)
    process.communicate("\n")


CHILD = """
import sys
from pathlib import Path
from store_builders import begin
from accord.store import open_store

with open_store(Path(sys.argv[1])) as store:
    print(begin(store), flush=True)
    sys.stdin.readline()
"""


def start_child(folder: Path, lock: FolderLock | None) -> subprocess.Popen:
    file, environment = lock.for_child() if lock else (None, {})
    return subprocess.Popen(
        [sys.executable, "-c", CHILD, str(folder)], pass_fds=[file] if file else [],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, cwd=Path(__file__).parent,
        env={**os.environ, **environment},
    )  # fmt: skip


def test_a_process_lets_its_own_children_write_and_no_strangers(tmp_path: Path):
    with open_store(tmp_path) as store:
        child = start_child(tmp_path, store.lock)
        number = int(child.stdout.readline())
        assert store.activities.read(number).state is ActivityState.RUNNING
        assert store.recover() == ()
        stranger = start_child(tmp_path, None)
        assert "DataFolderBusy" in stranger.communicate(timeout=60)[1]
        begin(store)
        child.kill()
        child.communicate()
        assert store.recover() == (number,)
        assert store.activities.read(number).state is ActivityState.FAILED


def test_the_folder_stays_locked_until_the_last_child_is_gone(tmp_path: Path):
    store = open_store(tmp_path)
    child = start_child(tmp_path, store.lock)
    child.stdout.readline()
    store.close()
    with pytest.raises(DataFolderBusy):
        open_store(tmp_path)
    child.communicate("\n", timeout=60)
    open_store(tmp_path).close()


def test_a_lock_of_another_folder_is_no_help(tmp_path: Path):
    with open_store(tmp_path / "one") as one, open_store(tmp_path / "two"):
        child = start_child(tmp_path / "two", one.lock)
        assert "DataFolderBusy" in child.communicate(timeout=60)[1]


def test_asking_whoever_works_on_a_store_needs_no_lock_and_leaves_the_data_alone(
    store: Store, control_opener: Callable[..., Store]
):
    with control_opener() as asking:
        asking.audit.add(Deed(actor="ann", action="ask", subject="A1"), at=NOW)
        with pytest.raises(UsageError, match="opened for reading"), asking.transaction():
            pass
    assert [entry.deed.actor for entry in store.audit.list()] == ["ann"]


def test_what_a_run_tells_of_itself_does_not_wait_for_its_commit(store: Store):
    with store.transaction():
        number = begin(store)
        with ThreadPoolExecutor() as pool:
            assert pool.submit(store.activities.read, number).result(timeout=30).id == number


def test_a_store_of_one_file_becomes_one_of_two(tmp_path: Path):
    with open_store(tmp_path) as store:
        first = begin(store)
        store.audit.add(Deed(actor="ann", action="ask", subject="A1"), at=NOW)
    (tmp_path / "control.db").rename(tmp_path / "accord.db")
    (tmp_path / "control.db-wal").unlink(missing_ok=True)
    with open_store(tmp_path) as store:
        assert store.activities.read(first).actor == "tester"
        assert len(store.audit.list()) == 1
        assert begin(store) == first + 1
    with open_store(tmp_path) as store:
        assert len(store.activities.list()) == 2


def test_readers_need_no_lock(tmp_path: Path):
    with open_store(tmp_path) as writer, open_store(tmp_path, read_only=True) as reader:
        commit_import(writer, added=[add(1)])
        assert len(reader.connector_space.read_objects("hr")) == 1


def test_reading_a_folder_without_a_store_makes_none(tmp_path: Path):
    with pytest.raises(NotFound):
        open_store(tmp_path / "nothing", read_only=True)
    assert not (tmp_path / "nothing").exists()


def test_a_url_of_another_database_is_refused():
    with pytest.raises(ConfigError, match="mysql://"):
        open_store(url="mysql://root@localhost/x")


def test_neither_folder_nor_url_is_a_usage_error():
    with pytest.raises(UsageError, match="neither"):
        open_store()


def test_a_store_of_a_newer_version_is_left_alone(opener: Callable[..., Store]):
    with opener() as store:
        store._database.execute("update alembic_version set version_num = '9999'")
    for options in ({}, {"read_only": True}):
        with pytest.raises(UsageError, match="newer version"):
            opener(**options)


def test_closing_twice_is_fine(opener: Callable[..., Store]):
    store = opener()
    store.close()
    store.close()


def test_after_a_crash_what_was_open_is_named(dialect: str, opener: Callable[..., Store]):
    with opener() as store:
        commit_sync(store, objects_planned=[planned(11), planned(12)],
                    pending_put=[export(11, "create"), export(12, "create")])  # fmt: skip
        where = store._database.place
    process = start_crashing(str(Path(where).parent) if dialect == "sqlite" else where)
    if dialect == "postgresql":
        with opener() as store:
            assert store.activities.list()[0].state is ActivityState.RUNNING
    end(process)
    with opener() as store:
        crashed = store.activities.list()[0]
        assert (crashed.state, crashed.ended_at) == (ActivityState.FAILED, None)
        assert "ended without finishing" in crashed.message
        states = {row["object_id"]: (row["state"], row["code"]) for row in rows(store.pending.read_pending())}
        assert states == {11: ("unknown", "INTERRUPTED"), 12: ("pending", "")}
        assert store._database.rows("select state from journal") == [("unknown",)]
        assert rows(store.pending.claim("ad", now=NOW))[0]["object_id"] == 12
        store.leases.acquire("ad", "somebody else", 60, now=NOW)


def test_an_activity_of_this_process_is_not_taken_for_dead(store: Store):
    activity = begin(store)
    store.pending.journal("ad", frame(JournalEntries, {"object_id": 1, "operation": "create"}), activity=activity)
    assert store.recover() == ()
    assert store.activities.read(activity).state is ActivityState.RUNNING


def test_a_file_that_is_no_store_is_named_and_left_alone(tmp_path: Path):
    (tmp_path / "accord.db").write_bytes(b"not a database " * 100)
    with pytest.raises(SystemRefused, match="no store at all") as caught:
        open_store(tmp_path)
    assert caught.value.place == str(tmp_path / "accord.db")
    assert (tmp_path / "accord.db").read_bytes().startswith(b"not a database")


def test_a_folder_that_cannot_be_made_is_named(tmp_path: Path):
    (tmp_path / "file").write_text("")
    with pytest.raises(SystemRefused, match="cannot be written") as caught:
        open_store(tmp_path / "file" / "data")
    assert caught.value.place == str(tmp_path / "file" / "data")
