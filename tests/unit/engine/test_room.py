"""Too little memory or disk for the set engine is told with place and remedy, whoever runs the statement."""

import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

import pytest

from accord.engine.frames import Engine
from accord.engine.room import Room, room_from
from accord.model.errors import ConfigError, SystemUnavailable

SORTED = "select * from (select i, md5(i::varchar) a, md5((3 * i)::varchar) b from range(400000) t(i)) order by a, b"


def test_the_environment_says_how_much_room_there_is() -> None:
    assert room_from({}, spill_folder="s") == Room(memory_limit="2GB", threads=2, spill_folder="s")
    said = {"ACCORD_MEMORY": "1.5 GiB", "ACCORD_THREADS": "8"}
    assert room_from(said, spill_folder="s") == Room(memory_limit="1.5 GiB", threads=8, spill_folder="s")
    with Engine(memory_limit="1.5 GiB", threads=8) as engine:
        assert engine.value("select 1") == 1


@pytest.mark.parametrize(
    "wrong",
    [{"ACCORD_MEMORY": t} for t in ("lots", "2", "0GB", "-1GB", "2GB;")] + [{"ACCORD_THREADS": t} for t in ("0", "-2")],
)
def test_what_is_no_room_is_named_with_an_example(wrong: Mapping[str, str]) -> None:
    ((name, value),) = wrong.items()
    with pytest.raises(ConfigError) as caught:
        room_from(wrong, spill_folder="s")
    assert caught.value.place == name
    assert repr(value) in caught.value.message
    assert caught.value.remedy.startswith(f"set it like {name}=")


def test_too_little_memory_names_what_to_give_more_of(tmp_path: Path) -> None:
    with (
        Engine(memory_limit="4MB", threads=2, spill_folder=str(tmp_path)) as engine,
        pytest.raises(SystemUnavailable, match="4MB of memory for 2 threads are too little") as caught,
    ):
        engine.frame(SORTED)
    assert caught.value.place == "ACCORD_MEMORY"


FULL = f"""
import resource, sys
from accord.engine.frames import Engine
from accord.model.errors import SystemUnavailable
resource.setrlimit(resource.RLIMIT_FSIZE, (500_000, 500_000))
with Engine(memory_limit="30MB", threads=1, spill_folder=sys.argv[1]) as engine:
    try:
        engine.frame({SORTED!r})
    except SystemUnavailable as error:
        print(error)
"""


def test_a_full_disk_beside_the_memory_is_named(tmp_path: Path) -> None:
    said = subprocess.run(
        [sys.executable, "-c", FULL, tmp_path], capture_output=True, text=True, check=True, timeout=60
    ).stdout
    assert said.startswith(f"{tmp_path}: what does not fit into 30MB of memory cannot be written here")
    assert "remedy: free space on this disk" in said


def test_a_folder_nobody_may_write_to_is_named() -> None:
    with (
        Engine(memory_limit="30MB", threads=1, spill_folder="/proc/spill") as engine,
        pytest.raises(SystemUnavailable, match="cannot be written here") as caught,
    ):
        engine.frame(SORTED)
    assert caught.value.place == "/proc/spill"
