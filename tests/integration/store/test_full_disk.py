"""A full disk: nothing of the step is kept, the message says so, and the store works again once there is room."""

import subprocess
import sys
from pathlib import Path

import pytest
from store_builders import add, begin, commit_import, import_plan

from accord.model.errors import SystemUnavailable
from accord.store import open_store

BIG = '{"x":"' + "y" * 2000 + '"}'


def test_a_full_disk_undoes_the_whole_import(tmp_path: Path):
    with open_store(tmp_path) as store:
        commit_import(store, added=[add(1)])
        activity = begin(store)
        pages = store._database.value("pragma page_count")
        store._database.fetch(f"pragma max_page_count={pages + 20}")
        plan = import_plan(
            added=[add(n, BIG) for n in range(2, 500)],
            updated=[{**add(1, '{"changed":"yes"}'), "before": "{}"}],
        )
        with pytest.raises(SystemUnavailable, match="disk is full") as caught:
            store.connector_space.commit_import(plan, activity=activity, versions={"system:hr": 1})
        assert "free space" in caught.value.remedy
        assert store.connector_space.read_objects("hr").table.to_pylist()[0]["doc"] == "{}"
        assert len(store.connector_space.read_objects("hr")) == 1
        assert store.versions(["system:hr"]) == {"system:hr": 1}
        assert store.history.changes_of(activity).num_rows == 0
        store._database.fetch("pragma max_page_count=1000000")
        store.connector_space.commit_import(plan, activity=activity, versions={"system:hr": 1})
        assert len(store.connector_space.read_objects("hr")) == 499


LIMITED = """
import resource, signal, sys
from pathlib import Path
from store_builders import add, begin, commit_import, import_plan
from accord.model.errors import SystemUnavailable
from accord.store import open_store

with open_store(Path(sys.argv[1])) as store:
    commit_import(store, added=[add(1)])
    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (4_000_000, 4_000_000))
    try:
        commit_import(store, added=[add(n, "y" * 2000) for n in range(2, 9000)])
    except SystemUnavailable as error:
        print("refused:", error.message)
"""


def test_a_file_that_may_not_grow_is_told_and_the_store_opens_again(tmp_path: Path):
    done = subprocess.run(
        [sys.executable, "-c", LIMITED, str(tmp_path)],
        capture_output=True, text=True, check=False, cwd=Path(__file__).parent, timeout=60,
    )  # fmt: skip
    assert "refused: the store cannot write" in done.stdout, done.stderr
    with open_store(tmp_path) as store:
        assert len(store.connector_space.read_objects("hr")) == 1
